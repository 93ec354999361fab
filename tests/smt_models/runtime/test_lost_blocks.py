"""Blocks that nothing leads to any more are gone between actions; what is lent, or in another block, is not lost."""

from __future__ import annotations

from smt_models.runtime.relocation import unreachable_blocks
from smt_models.runtime.roots import LENT, OPERATION, STORAGE
from smt_models.runtime.state import State
from smt_models.runtime.template import Template
from smt_models.runtime.values import MOVED, Aggregate, Opaque, Pointer, Value, some

OUTER, INNER, LOST, LOCAL = 100, 101, 102, 103
NAMES = {OPERATION: "operation", LENT: "lent", STORAGE: "block of the caller"}
BYTES = Opaque("bytes")


def _lost(operation: Value, lent: Value) -> list[int]:
    state = State()
    blocks = {one: f"block of src/lib.rs:{one}" for one in (OUTER, INNER, LOST)}
    state.names = {**NAMES, **blocks, LOCAL: "a slice"}
    holds: dict[int, Value] = {OUTER: Aggregate("a box", (Pointer(INNER),)), INNER: BYTES, LOST: BYTES, STORAGE: BYTES}
    state.objects = {**holds, OPERATION: operation, LENT: lent, LOCAL: Aggregate("a slice", (Pointer(STORAGE),))}
    return unreachable_blocks(state, Template(NAMES, {}, {}, {}))


def test_what_the_operation_has_and_what_is_lent_is_not_lost() -> None:
    operation = Aggregate("an operation", (Pointer(OUTER),))
    assert _lost(operation, some(Pointer(STORAGE))) == [LOST]


def test_what_only_a_local_of_the_action_pointed_at_is_lost() -> None:
    assert _lost(MOVED, MOVED) == [STORAGE, OUTER, INNER, LOST]

"""Counted loops in closed form against running them: exactly one count of iterations fits, and it leaves the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
import wasmtime
from wasm_runs import Engine, exported, program

from smt_models.system.operators import BitVec
from smt_models.system.terms import conjunction, variables_of
from smt_models.wasm.build import number
from smt_models.wasm.concrete import values_of
from smt_models.wasm.execute import SPIN, execute
from smt_models.wasm.outcomes import Returned, Unmodelled
from smt_models.wasm.paths import Bounds, Execution
from smt_models.wasm.program import symbolic_start
from smt_models.wasm.regions import Layout, Wanted, cells_of, regions

DOWN = "(loop $l (br_if $out (i32.eqz (local.get 1))) %s (local.set 1 (i32.sub (local.get 1) (i32.const 1))) (br $l))"
UP = (
    "(loop $l (br_if $out (i32.ge_u (local.get 2) (local.get 1))) %s"
    " (local.set 2 (i32.add (local.get 2) (i32.const 1))) (br $l))"
)
AT_THE_END = "(loop $l %s (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))"
BY_FOUR = (
    "(local.set 1 (i32.and (local.get 1) (i32.const -4)))"
    "(loop $l %s (br_if $l (i32.ne (local.get 1) (local.tee 2 (i32.add (local.get 2) (i32.const 4))))))"
)
STEP = "(local.set 0 (i32.add (local.get 0) (i32.const 3)))"


def module(loop: str, step: str = STEP) -> str:
    return (
        '(module (memory 1) (func (export "f") (param i32 i32) (result i32) (local i32) '
        f"(block $out {loop % step}) (local.get 0)))"
    )


def closed(text: str) -> Execution:
    one = program(text)
    function = exported(one, "f")
    layout = Layout(((4096, 8192),), cells_of([(1024, 4)]), (), ())
    start = replace(symbolic_start(one, function), memories=(regions(layout, number(1, 32), Wanted()),))
    return execute(one, function, start, Bounds(iterations=4, closed_forms=True))


@pytest.mark.parametrize("loop", [DOWN, UP, AT_THE_END, BY_FOUR], ids=["down", "up", "at the end", "by four"])
@pytest.mark.parametrize("count", [1, 4, 5, 8, 64])
def test_one_count_fits_and_leaves_the_same(loop: str, count: int) -> None:
    if loop == BY_FOUR and count % 4:
        count *= 4
    text = module(loop)
    execution = closed(text)
    assert not [
        path for path in execution.paths if isinstance(path.outcome, Unmodelled) and "iterations" in path.outcome.name
    ]
    results = set()
    for path in execution.paths:
        if not isinstance(path.outcome, Returned):
            continue
        condition = conjunction(path.condition)
        names = {one.name: one for term in (condition, *path.outcome.values) for one in variables_of(term)}
        counters = [name for name in names if name.startswith("iteration")]
        assert len(counters) == 1
        for tried in range(100):
            values = {name: 0 for name, one in names.items() if one.sort == BitVec(32)}
            values |= {"argument0": 7, "argument1": count, counters[0]: tried}
            holds, result = values_of((condition, path.outcome.values[0]), values)
            if holds:
                results.add(result)
    ran = Engine(bytes(wasmtime.wat2wasm(text))).call("f", (7, count))
    assert results == set(ran.ended)


def test_what_a_loop_copies() -> None:
    copy = "(i32.store8 (i32.add (local.get 2) (i32.const 5000)) (i32.load8_u (i32.add (local.get 2) (local.get 0))))"
    execution = closed(module(UP, copy))
    assert len(execution.copies) == 1
    assert number(5000, 32) in (execution.copies[0].target,)


def test_a_loop_that_copies_only_sometimes_is_no_copy() -> None:
    copy = (
        "(if (i32.and (local.get 2) (i32.const 1)) (then "
        "(i32.store8 (i32.add (local.get 2) (i32.const 5000)) (i32.load8_u (i32.add (local.get 2) (local.get 0))))))"
    )
    assert closed(module(UP, copy)).copies == ()


def test_a_loop_that_changes_a_cell_has_no_closed_form() -> None:
    count = "(i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1)))"
    names = {path.outcome.name for path in closed(module(UP, count)).paths if isinstance(path.outcome, Unmodelled)}
    assert "more than 4 iterations of a loop" in names


def test_a_store_in_a_loop_is_held_against_the_cells() -> None:
    store = "(i32.store8 (local.get 2) (i32.const 1))"
    names = {path.outcome.name for path in closed(module(UP, store)).paths if isinstance(path.outcome, Unmodelled)}
    assert names == {"a store that may touch the metadata"}


def test_a_loop_that_goes_nowhere_is_a_spin() -> None:
    names = {
        path.outcome.name
        for path in closed(module("(loop $l %s (br $l))", "")).paths
        if isinstance(path.outcome, Unmodelled)
    }
    assert names == {SPIN}


def _ends(loop: str) -> list[Returned | Unmodelled]:
    """Of loops that store to a cell, and so have no closed form."""
    execution = closed(module(loop, "(i32.store (i32.const 1024) (local.get 1))"))
    return [path.outcome for path in execution.paths if isinstance(path.outcome, Returned | Unmodelled)]


def test_a_loop_that_constants_end_is_run_to_its_end() -> None:
    [end] = _ends(f"(local.set 1 (i32.const 64)) {AT_THE_END}")
    assert isinstance(end, Returned)


@pytest.mark.parametrize(
    "loop",
    [
        f"(local.set 1 (i32.const 300)) {AT_THE_END}",
        "(local.set 2 (i32.const 40)) (loop $o (local.set 1 (i32.const 40))"
        f" {AT_THE_END} (br_if $o (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))",
    ],
    ids=["one", "nested"],
)
def test_such_loops_are_run_for_so_many_rounds_in_all(loop: str) -> None:
    [end] = _ends(loop)
    assert isinstance(end, Unmodelled)
    assert end.name == "more than 4 iterations of a loop"


def test_a_loop_that_an_argument_ends_is_run_for_few_rounds() -> None:
    assert "more than 4 iterations of a loop" in {end.name for end in _ends(AT_THE_END) if isinstance(end, Unmodelled)}

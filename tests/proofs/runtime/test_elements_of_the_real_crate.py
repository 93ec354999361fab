"""One element of the real crate's buffer, through `AbiBuffer::into_vec`: lifted once, unless `lift` unwinds.

What the client can do within a few steps is asked of the whole operation, and run natively.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from native_steps import FEATURES, missing_registry, shared_cache
from test_real_versions import NEW, crate

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime.engine import Budget
from proofs.runtime.judge import OperationUnderProof, Spending, judge
from proofs.runtime.native.from_trace import confirm_trace
from proofs.runtime.native.scenario import Confirmed, Crate
from proofs.runtime.near import refuted_within
from proofs.runtime.solve import satisfiable
from proofs.verdicts import Refuted, Violation
from smt_models.host.variants import Peer
from smt_models.runtime.actions import TAKE_BACK, Actions
from smt_models.runtime.explore import explore, shaped_by, starts
from smt_models.runtime.followed import PARTIAL_WRITE
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Unknown, Violated
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.values import Value

BUDGET = Budget(60, 4096)
OF_ELEMENTS = (RuntimeKind.PARTIAL_WRITE, RuntimeKind.PANIC_IN_CALLBACK)
NOTHING: Mapping[str, Model] = MappingProxyType({})


def _reached(program: Program, panic: Panic, instead: Mapping[str, Model] = NOTHING) -> set[tuple[str, str]]:
    """What the client can come to that has its elements back: the obligation, and why. `instead`: other models."""
    profile = crate(NEW, panic)[1]
    subject = Subject(program, profile, profile.operation("stream-write"), Peer.WASM, panic, follows=True)
    subject.machine.models = {**subject.machine.models, **instead}
    actions = Actions(subject)
    shaped = shaped_by(actions)
    paths = [path for path, _ in actions.unfold(TAKE_BACK, shaped).reach(starts(actions, shaped))]
    assert len(paths) > 10
    assert not [path for path in paths if isinstance(path.outcome, Unknown)]
    broken = [(path.outcome, path.state.facts.condition) for path in paths if isinstance(path.outcome, Violated)]
    can_be = satisfiable(tuple(condition for _, condition in broken), BUDGET)
    return {(one.obligation, one.why) for (one, _), can in zip(broken, can_be, strict=True) if can}


WRAPS = ("extent", "count * element size wraps, and a smaller block is allocated")
TWICE = (PARTIAL_WRITE, "lift of an element that is not ours")


def test_each_element_is_lifted_once() -> None:
    assert _reached(crate(NEW)[0], Panic.ABORT) == {WRAPS}


def test_an_element_is_lifted_twice_where_lift_unwinds() -> None:
    """`into_vec` unwinds with the cursor where it was, and what drops the buffer lifts from there again."""
    assert _reached(crate(NEW, Panic.UNWIND)[0], Panic.UNWIND) == {WRAPS, TWICE}


def test_a_twin_that_begins_at_the_start_lifts_what_was_sent() -> None:
    def stays(_machine: Machine, _state: State, call: Call) -> Value:
        return call.arguments[0]

    assert TWICE in _reached(crate(NEW)[0], Panic.ABORT, {"core::ptr::mut_ptr::<impl *mut _>::add": stays})


@pytest.mark.parametrize("peer", Peer)
def test_of_the_whole_operation_too_and_natively(peer: Peer) -> None:
    program, profile = crate(NEW, Panic.UNWIND)
    asked = OperationUnderProof(program, profile, profile.operation("stream-write"), peer, Panic.UNWIND)
    for one in judge(asked, OF_ELEMENTS, Spending(BUDGET, BUDGET)):
        assert isinstance(one.verdict, Refuted)
        assert isinstance(one.verdict.trace, Violation)
        trace = one.verdict.trace.trace
        assert [step.action for step in trace.steps] == [TAKE_BACK.name]
        result = confirm_trace(trace, "stream-write", Crate(NEW, FEATURES), shared_cache())
        missing_registry(result)
        assert isinstance(result, Confirmed)
        assert result.fault == "lifted-twice"


def test_where_nothing_unwinds_no_few_steps_do() -> None:
    """And one that is looked at finds what it should: the size that wraps."""
    program, profile = crate(NEW)
    subject = Subject(program, profile, profile.operation("stream-write"), Peer.WASM, Panic.ABORT, follows=True)
    explored = explore(subject, rounds=2)
    assert not refuted_within(explored, OF_ELEMENTS, 2, BUDGET)
    found = refuted_within(explored, (RuntimeKind.EXTENT,), 2, BUDGET)
    assert isinstance(found[RuntimeKind.EXTENT], Refuted)

"""Elements that the real crate reads into a client's `Vec`: each is lifted once, and is in the `Vec` or gone.

What the host writes in the guest's form is in the `Vec` at once; what has to be lifted is in a block of its own before.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from native_steps import missing_registry
from native_twins import twin
from test_real_versions import FEATURES, NEW, crate

from extract.mir.compile import Build, Panic, compile_crate
from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofs.kinds import RuntimeKind
from proofs.runtime.engine import Budget
from proofs.runtime.judge import (
    ALL,
    FEW,
    NEAR_OF_VECS,
    OperationUnderProof,
    Spending,
    _named,
    is_of_elements,
    judge,
    subject_of,
)
from proofs.runtime.native.from_trace import confirm_trace
from proofs.runtime.native.scenario import Confirmed, Crate
from proofs.runtime.near import refuted_within
from proofs.runtime.trace import RuntimeTrace
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved, Refuted, Violation
from smt_models.host.variants import Hypotheses, Peer
from smt_models.runtime import explore as exploring
from smt_models.runtime.actions import ACTIONS, TAKE_BACK, actions_of
from smt_models.runtime.explore import Explored, explore
from smt_models.runtime.followed import NO_PARTIAL_WRITE, PARTIAL_WRITE
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Unknown, Violated
from smt_models.runtime.profile_files import profile_for
from smt_models.runtime.program import load_program

READ = "stream-read"
BUDGET = Budget(300, 4096)
OF_ELEMENTS = (RuntimeKind.PARTIAL_WRITE,)
BEHIND = "a Vec is given back, and its length does not say which elements are in it"
MINUTES = pytest.mark.skipif(
    os.environ.get("PROOFMARK_ALL_MODULES") != "1", reason="minutes: with PROOFMARK_ALL_MODULES=1"
)
LOST = "the buffer is overwritten, and an element in it was neither lifted nor freed"
NOT_THERE = "a Vec drops an element that is not in it"
TWICE = "lift of an element that is not ours"


@pytest.mark.parametrize(
    ("name", "why", "fault"),
    [
        ("length set and not raised", BEHIND, "element-lost"),
        ("one element not lifted", LOST, "element-lost"),
        ("the first lifted again", TWICE, "double-free"),
    ],
)
def test_broken_twin_is_refuted_and_confirmed(name: str, why: str, fault: str, tmp_path: Path) -> None:
    broken = twin(name, tmp_path)
    asked = _twin(broken, Panic.ABORT, tmp_path)
    (found,) = judge(asked, OF_ELEMENTS, Spending(BUDGET, BUDGET))
    assert isinstance(found.verdict, Refuted)
    trace = _trace(found.verdict)
    assert (trace.obligation, trace.why) == (PARTIAL_WRITE, why)
    result = confirm_trace(trace, READ, broken, tmp_path / "cache")
    missing_registry(result)
    assert isinstance(result, Confirmed), result
    assert result.fault == fault


@pytest.fixture
def only_what_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first = tuple(one for one in ACTIONS if one.name in ("open", "new", "poll"))
    monkeypatch.setattr(exploring, "actions_of", lambda _: first)


@pytest.mark.usefixtures("only_what_comes_first")
@pytest.mark.parametrize(
    ("name", "why", "fault", "kinds"),
    [
        ("a Vec that is full is refused", LOST, "element-lost", OF_ELEMENTS),
        ("length raised before", NOT_THERE, "element-unmade", (*OF_ELEMENTS, RuntimeKind.PANIC_IN_CALLBACK)),
    ],
)
def test_broken_twin_is_refuted_where_panics_unwind(
    name: str, why: str, fault: str, kinds: tuple[RuntimeKind, ...], tmp_path: Path
) -> None:
    """The first panics over a count that any host may say, and loses what was read; in the other `lift` unwinds, which
    is user code.
    """
    broken = twin(name, tmp_path)
    found = _near(_twin(broken, Panic.UNWIND, tmp_path))[1]
    assert tuple(found) == kinds
    traces = [_trace(found[kind]) for kind in kinds]
    assert {trace.why for trace in traces} == {why}
    result = confirm_trace(traces[-1], READ, broken, tmp_path / "cache")
    missing_registry(result)
    assert isinstance(result, Confirmed), result
    assert result.fault == fault


@pytest.mark.usefixtures("only_what_comes_first")
def test_a_count_above_what_was_lent_may_panic() -> None:
    """As the right crate does: no host says it, and so nothing is lost."""
    program, profile = crate(NEW, Panic.UNWIND)
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, Panic.UNWIND)
    explored, found = _near(asked)
    assert LOST in _broken(explored), "what no numbers allow is asked of a solver"
    assert not found


@MINUTES
def test_without_h5_it_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that is delivered may be any there: one above what was lent panics, and what was read is lost."""
    some = tuple(one for one in ACTIONS if one.name in ("open", "new", "poll", "deliver"))
    monkeypatch.setattr(exploring, "actions_of", lambda _: some)
    program, profile = crate(NEW, Panic.UNWIND)
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, Panic.UNWIND)
    _, found = _near(asked, replace(ALL, h5=False), steps=6)
    trace = _trace(found[RuntimeKind.PARTIAL_WRITE])
    assert trace.why == LOST
    assert [one.action for one in trace.steps][-2:] == ["deliver", "poll"]


@pytest.mark.parametrize(("panic", "follows", "named"), [("abort", True, 0), ("unwind", False, 0), ("unwind", True, 1)])
def test_h5_is_named_where_it_is_taken(panic: str, follows: bool, named: int) -> None:
    program, profile = crate(NEW, Panic(panic))
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, Panic(panic))
    given = (ALL, FEW, replace(ALL, h5=False))
    names = [_named(one, subject_of(asked, program, one, follows)) for one in given]
    assert names == [("H2", "H3", "H4", "H5")[: 3 + named], ("H3", "H4", "H5")[: 2 + named], ("H2", "H3", "H4")]


def _near(
    asked: OperationUnderProof, hypotheses: Hypotheses = ALL, steps: int = NEAR_OF_VECS
) -> tuple[Explored, dict[RuntimeKind, Refuted]]:
    subject = subject_of(asked, asked.program, hypotheses, follows=True, most_turns=1)
    explored = explore(subject, rounds=steps)
    kinds = tuple(kind for kind in RuntimeKind if is_of_elements(kind, asked))
    return explored, refuted_within(explored, kinds, steps, BUDGET)


def _trace(refuted: Refuted) -> RuntimeTrace:
    assert isinstance(refuted.trace, Violation)
    return refuted.trace.trace


def _broken(explored: Explored) -> set[str]:
    return {path.outcome.why for _, path in explored.paths if isinstance(path.outcome, Violated)}


def _twin(broken: Crate, panic: Panic, folder: Path) -> OperationUnderProof:
    compiled = compile_crate(Build(broken.source, FEATURES[NEW]), folder / "mir", panic)
    assert compiled.cfg is not None
    words = [*compiled.cfg, f'panic="{panic.value}"', 'target_pointer_width="32"']
    configuration = Configuration.of(words, FEATURES[NEW])
    program = load_program(read_mir(compiled.mir_path), Path(compiled.source_directory), configuration)
    profile = profile_for(NEW.name, NEW.version)
    return OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, panic)


def test_no_few_steps_do() -> None:
    """And what is looked at are both forms of elements, lifted ones among them, to the end."""
    program, profile = crate(NEW)
    subject = Subject(program, profile, profile.operation(READ), Peer.WASM, Panic.ABORT, follows=True)
    explored = explore(subject, rounds=NEAR_OF_VECS)
    assert TAKE_BACK not in actions_of(subject)
    assert not [path for _, path in explored.paths if isinstance(path.outcome, Unknown)]
    assert {BEHIND, LOST} <= _broken(explored), "what no numbers allow is asked of a solver"
    assert not refuted_within(explored, OF_ELEMENTS, NEAR_OF_VECS, BUDGET)


@MINUTES
@pytest.mark.parametrize("panic", list(Panic))
def test_right_crate_is_proved(panic: Panic) -> None:
    program, profile = crate(NEW, panic)
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, panic)
    kinds = tuple(kind for kind in RuntimeKind if is_of_elements(kind, asked))
    assert (RuntimeKind.PANIC_IN_CALLBACK in kinds) is (panic is Panic.UNWIND)
    for found in judge(asked, kinds, Spending(BUDGET, BUDGET)):
        assert isinstance(found.verdict, Proved), found
        assert isinstance(found.verdict.evidence, Invariant)
        assert NO_PARTIAL_WRITE in found.verdict.evidence.excluded
        assert ("H5" in found.verdict.evidence.hypotheses) is (panic is Panic.UNWIND)

"""Elements that the real crate reads into a client's `Vec`: each is lifted once, and is in the `Vec` or gone.

What the host writes in the guest's form is in the `Vec` at once; what has to be lifted is in a block of its own before.
"""

from __future__ import annotations

import os
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
from proofs.runtime.judge import NEAR_OF_VECS, NO_VEC, OperationUnderProof, Spending, is_of_elements, judge
from proofs.runtime.native.from_trace import confirm_trace
from proofs.runtime.native.scenario import Confirmed, Crate
from proofs.runtime.near import refuted_within
from proofs.verdicts import Proved, Refuted, Unknown, Violation
from smt_models.host.variants import Peer
from smt_models.runtime.actions import TAKE_BACK, actions_of
from smt_models.runtime.explore import explore
from smt_models.runtime.followed import NO_PARTIAL_WRITE, PARTIAL_WRITE
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Unknown as NotModelled
from smt_models.runtime.outcomes import Violated
from smt_models.runtime.profile_files import profile_for
from smt_models.runtime.program import load_program

READ = "stream-read"
BUDGET = Budget(300, 4096)
OF_ELEMENTS = (RuntimeKind.PARTIAL_WRITE,)
BEHIND = "a Vec is given back, and its length does not say which elements are in it"
LOST = "the buffer is overwritten, and an element in it was neither lifted nor freed"
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
    assert isinstance(found.verdict.trace, Violation)
    trace = found.verdict.trace.trace
    assert (trace.obligation, trace.why) == (PARTIAL_WRITE, why)
    result = confirm_trace(trace, READ, broken, tmp_path / "cache")
    missing_registry(result)
    assert isinstance(result, Confirmed), result
    assert result.fault == fault


def test_where_panics_unwind_it_is_not_decided() -> None:
    """A host that says more than it was lent makes the runtime panic, and lose what it was given: no fault."""
    program, profile = crate(NEW, Panic.UNWIND)
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, Panic.UNWIND)
    assert not is_of_elements(RuntimeKind.PANIC_IN_CALLBACK, asked)
    (found,) = judge(asked, OF_ELEMENTS, Spending(BUDGET, BUDGET))
    assert found.verdict == Unknown(NO_VEC, final=True)


def _twin(broken: Crate, panic: Panic, folder: Path) -> OperationUnderProof:
    compiled = compile_crate(Build(broken.source, FEATURES[NEW], panic=panic), folder / "mir")
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
    assert not [path for _, path in explored.paths if isinstance(path.outcome, NotModelled)]
    reasons = {path.outcome.why for _, path in explored.paths if isinstance(path.outcome, Violated)}
    assert {BEHIND, LOST} <= reasons, "what no numbers allow is asked of a solver"
    assert not refuted_within(explored, OF_ELEMENTS, NEAR_OF_VECS, BUDGET)


@pytest.mark.skipif(os.environ.get("PROOFMARK_ALL_MODULES") != "1", reason="minutes: with PROOFMARK_ALL_MODULES=1")
def test_right_crate_is_proved() -> None:
    program, profile = crate(NEW, Panic.ABORT)
    asked = OperationUnderProof(program, profile, profile.operation(READ), Peer.WASM, Panic.ABORT)
    (found,) = judge(asked, OF_ELEMENTS, Spending(BUDGET, BUDGET))
    assert isinstance(found.verdict, Proved), found
    assert NO_PARTIAL_WRITE in found.verdict.evidence.excluded  # type: ignore[union-attr]

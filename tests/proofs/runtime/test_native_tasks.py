"""A runtime's own tasks, run natively: published versions show their faults, and the same steps do no harm in another.

Where the steps come from traces of the model: test_task_side.py.
"""

from __future__ import annotations

import shutil

import pytest
from native_steps import FEATURES, NO_FAULT, missing, missing_registry, shared_cache

from extract.mir.compile import Panic, RegistryPackage
from proofs.runtime.native.confirm import confirm
from proofs.runtime.native.scenario import Confirmed, Crate, NotConfirmed, Program, Result
from proofs.runtime.native.tasks import MODULE, Step, confirm_task_trace, program_text
from proofs.runtime.trace import HostAnswer, RuntimeTrace, TraceStep
from smt_models.system.model import Actor

LAST = "0.63.0"
BEFORE = "0.62.0"
CANCELLED = ("start", "the future is ready", "register", "the future's drop returns", "event TASK_CANCELLED")
WOKEN = ("block_on", "wake", "the future is pending")
THROWN = ("block_on", "the future is ready", "register", "the future's drop panics")
LIFE = (
    "register", "unregister", "register", "the future is pending", "{event}", "a callback returns", "register",
    "the future is pending", "{event}", "a callback returns", "the future is ready", "the future's drop returns",
)  # fmt: skip


def run(steps: tuple[str, ...], obligation: str, version: str, panic: Panic = Panic.UNWIND, by: int = 1) -> Result:
    if shutil.which("cargo") is None:
        missing("no cargo")
    program = Program(obligation, MODULE, program_text(obligation, by, tuple(map(Step, steps))))
    result = confirm(program, Crate(RegistryPackage("wit-bindgen", version), FEATURES, panic), shared_cache())
    missing_registry(result)
    return result


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize(
    ("steps", "obligation", "fault"),
    [(CANCELLED, "set-empty", "trap-set-has-members"), (WOKEN, "task-contract", "crate-panics")],
    ids=["cancelled", "woken"],
)
def test_what_a_version_breaks_the_next_one_does_not(
    steps: tuple[str, ...], obligation: str, fault: str, generation: int
) -> None:
    found = run(steps, obligation, BEFORE, by=generation)
    assert isinstance(found, Confirmed), found
    assert (found.fault, found.step) == (fault, len(steps))
    quiet = run(steps, obligation, LAST, by=generation)
    assert isinstance(quiet, NotConfirmed)
    assert quiet.why == NO_FAULT


@pytest.mark.parametrize("generation", [1, 2])
def test_a_set_goes_with_a_panic(generation: int) -> None:
    found = run(THROWN, "set-empty", LAST, by=generation)
    assert isinstance(found, Confirmed), found
    assert found.how == "run natively: step 4: waitable-set.drop traps: the set has members"
    quiet = run((*THROWN[:3], "unregister", THROWN[3]), "set-empty", LAST, by=generation)
    assert isinstance(quiet, NotConfirmed)
    assert quiet.why == NO_FAULT


@pytest.mark.parametrize("obligation", ["set-empty", "memory", "task-contract"])
@pytest.mark.parametrize(("first", "event"), [("start", "event"), ("block_on", "end of the wait")])
@pytest.mark.parametrize("version", [BEFORE, LAST])
def test_of_whole_lives_nothing_is_seen(version: str, first: str, event: str, obligation: str) -> None:
    steps = (first, *(step.format(event=event) for step in LIFE))
    found = run(steps, obligation, version, Panic.ABORT)
    assert isinstance(found, NotConfirmed)
    assert found.why == NO_FAULT


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (("start", "event"), "user code goes on to"),
        (("start", "the future is ready", "the future's drop returns", "event"), "the task answered 0"),
        (("register",), "no guest code runs"),
        (("block_on", "register", "the future is pending", "register"), "the set is waited for"),
        ((*WOKEN[:2], "wake", "the future is pending", "start"), "the crate panics at src/rt/async_support.rs:671"),
    ],
)
def test_other_steps_are_another_path(steps: tuple[str, ...], why: str) -> None:
    """Of the last: what comes after the panic is never reached, so it is not what the trace is about."""
    found = run(steps, "task-contract", BEFORE)
    assert isinstance(found, NotConfirmed)
    assert "the crate took another path" in found.why
    assert why in found.why


def test_what_no_program_does_is_said() -> None:
    step = TraceStep(1, Actor.CLIENT, "clone", (), (), (), ())
    crate = Crate(RegistryPackage("wit-bindgen", LAST), FEATURES)
    said = confirm_task_trace(RuntimeTrace("memory", "", None, (), (step,)), 2, crate, shared_cache())
    assert said == NotConfirmed("the trace cannot be run: no program here does `clone`")
    poll = HostAnswer("waitable-set.poll", "an event", "", "EVENT", 2, (), None)
    step = TraceStep(1, Actor.HOST, "start", (poll,), (), (), ())
    said = confirm_task_trace(RuntimeTrace("memory", "", None, (), (step,)), 2, crate, shared_cache())
    assert isinstance(said, NotConfirmed)
    assert "waitable-set.poll finds an event" in said.why

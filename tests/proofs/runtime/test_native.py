"""Scenarios on the published crate: no fault where it is right, and two that it has."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from native_steps import (
    ABORT,
    CANCELLED,
    COMPLETED,
    DROPPED,
    NO_FAULT,
    OLD,
    OPEN,
    PUBLISHED,
    READ,
    WRITE,
    assert_no_fault,
    delivered,
    new,
    polled,
    run,
    says,
    shared_cache,
)

from extract.mir.compile import RegistryPackage
from proofs.runtime.native.confirm import export
from proofs.runtime.native.program import program_of, program_text
from proofs.runtime.native.scenario import (
    BLOCKED,
    Act,
    Action,
    Confirmed,
    Crate,
    HostSays,
    NotConfirmed,
    Operation,
    Scenario,
    Unwinds,
    UserCode,
)


def every_way(copy: str, cancel: str, counts: tuple[int, int]) -> tuple[Action, ...]:
    """One operation after the other, each ended in another way; `counts`: some elements, and all of them."""
    some, most = counts
    poll, drop = Action(Act.POLL), Action(Act.DROP)
    return (
        *(OPEN, new(), Action(Act.MOVE), drop),
        *(new(), polled(copy, COMPLETED | most << 4), drop),
        *(new(), Action(Act.MOVE), polled(copy), poll, delivered(COMPLETED | some << 4), poll, drop),
        *(new(), polled(copy), Action(Act.CANCEL, says(cancel, CANCELLED | some << 4)), drop),
        *(new(), polled(copy), Action(Act.HOST_RUNS), Action(Act.DROP, says(cancel, COMPLETED | most << 4))),
        *(new(), polled(copy), delivered(COMPLETED | some << 4), drop),
        *(new(), Action(Act.CANCEL), drop),
        *(new(), polled(copy), Action(Act.SWITCH_TASK), poll, Action(Act.DROP, says(cancel, CANCELLED))),
        *(new(), polled(copy), delivered(DROPPED | some << 4), poll, drop),
        *(new(), poll, drop),  # the end is done: the host is not asked
    )


@pytest.mark.parametrize("native_abi", [True, False], ids=["as it is", "lowered"])
@pytest.mark.parametrize("lists", [False, True], ids=["numbers", "lists"])
@pytest.mark.parametrize("operation", [WRITE, READ], ids=lambda one: one.value)
def test_streams_are_right(operation: Operation, lists: bool, native_abi: bool) -> None:
    if operation is WRITE:
        actions = every_way("stream.write", "stream.cancel-write", (1, 2))
    else:
        actions = every_way("stream.read", "stream.cancel-read", (1, 1))
    scenario = Scenario("cancel-before-free", operation, actions, native_abi, lists)
    assert_no_fault(run(scenario))


@pytest.mark.parametrize("crate", [PUBLISHED, ABORT, OLD], ids=["unwind", "abort", "old"])
def test_first_version_of_the_task(crate: Crate) -> None:
    actions = (OPEN, new(), polled("stream.write"), Action(Act.DROP, says("stream.cancel-write", CANCELLED)))
    assert_no_fault(run(Scenario("cancel-on-drop", WRITE, actions, task_version=1), crate))


def test_future_writes_are_right() -> None:
    """What was never written is, when the end goes: in the background, and no answer of the scenario is for that."""
    poll, drop = Action(Act.POLL), Action(Act.DROP)
    actions = (
        *(OPEN, new(), polled("future.write", COMPLETED), drop),
        *(OPEN, new(), polled("future.write"), delivered(DROPPED), poll, drop),
        *(OPEN, new(), polled("future.write"), Action(Act.DROP, says("future.cancel-write", COMPLETED))),
        *(OPEN, new(), polled("future.write"), Action(Act.DROP, says("future.cancel-write", CANCELLED))),
        *(OPEN, new(), polled("future.write"), Action(Act.CANCEL, says("future.cancel-write", CANCELLED)), drop),
        *(new(), polled("future.write"), Action(Act.CANCEL, says("future.cancel-write", CANCELLED)), drop),
        Action(Act.DROP_END),
    )
    assert_no_fault(run(Scenario("cancel-before-free", Operation.FUTURE_WRITE, actions, lists=True)))


def test_future_reads_are_right() -> None:
    poll, drop = Action(Act.POLL), Action(Act.DROP)
    actions = (
        *(OPEN, new(), polled("future.read", COMPLETED), drop),
        *(OPEN, new(), polled("future.read"), delivered(COMPLETED), poll, drop),
        *(OPEN, new(), polled("future.read"), Action(Act.DROP, says("future.cancel-read", CANCELLED))),
        *(OPEN, new(), polled("future.read"), Action(Act.CANCEL, says("future.cancel-read", CANCELLED)), drop),
        Action(Act.DROP_END),
    )
    assert_no_fault(run(Scenario("cancel-before-free", Operation.FUTURE_READ, actions, lists=True)))


def test_subtasks_are_right() -> None:
    call, cancel = "asynchronous call", "subtask.cancel"
    starting, started, returned, not_started, not_returned = range(5)
    poll, drop = Action(Act.POLL), Action(Act.DROP)
    actions = (
        *(new(), drop),
        *(new(), polled(call, returned), drop),
        *(new(), polled(call, starting), delivered(started), poll, delivered(returned), poll, drop),
        *(new(), polled(call, started), delivered(returned), drop),
        *(new(), polled(call, starting), Action(Act.DROP, says(cancel, not_started))),
        *(new(), polled(call, starting), delivered(started), Action(Act.DROP, says(cancel, not_returned))),
        *(new(), polled(call, starting), Action(Act.DROP, (HostSays(cancel, returned, late=True),))),
    )
    assert_no_fault(run(Scenario("subtask-areas", Operation.SUBTASK, actions)))


@pytest.mark.parametrize(
    ("operation", "call", "allocates"), [(WRITE, "stream.write", False), (Operation.FUTURE_WRITE, "future.write", True)]
)
def test_allocations_are_seen(operation: Operation, call: str, allocates: bool) -> None:
    result = run(Scenario("scalar-zero-alloc", operation, (OPEN, new(1, 1), polled(call), delivered(COMPLETED))))
    if not allocates:
        assert_no_fault(result)
        return
    assert isinstance(result, Confirmed)
    assert (result.fault, result.step) == ("allocates", 3)


def test_user_code_that_unwinds() -> None:
    """The element that is lost is lost once."""
    done = (OPEN, new(3), polled("stream.write"), delivered(COMPLETED | 2 << 4))
    unwinding = Action(Act.POLL, unwinds=(Unwinds(UserCode.DEALLOC_LISTS, 1),))
    scenario = Scenario("panic-in-callback", WRITE, (*done, unwinding, Action(Act.DROP)), False, True)
    result = run(scenario)
    assert_no_fault(result)
    assert sum("user code panicked" in line for line in result.observed) == 1
    aborted = run(scenario, ABORT)
    assert isinstance(aborted, NotConfirmed)
    assert "SIGABRT" in aborted.why


def test_forgotten_operation_leaves_its_end_unusable() -> None:
    actions = (
        OPEN,
        new(),
        polled("stream.write"),
        Action(Act.FORGET),
        Action(Act.HOST_RUNS),
        new(),
        polled("stream.write"),
    )
    result = run(Scenario("leak-safe", WRITE, actions))
    assert isinstance(result, NotConfirmed)
    assert "the end is not IDLE but Copying" in result.why


@pytest.mark.parametrize("crate", [PUBLISHED, ABORT, OLD], ids=["unwind", "abort", "old"])
@pytest.mark.parametrize(("operation", "copy"), [(WRITE, "stream.write"), (READ, "stream.read")])
def test_end_is_used_after_dropped(operation: Operation, copy: str, crate: Crate) -> None:
    """After DROPPED with no element the end is DONE, and the crate calls the host again, which traps."""
    actions = (OPEN, new(), polled(copy, DROPPED), Action(Act.DROP), new(), polled(copy, DROPPED))
    result = run(Scenario("copy-when-idle", operation, actions), crate)
    assert isinstance(result, Confirmed)
    assert (result.fault, result.step) == ("trap-not-idle", 6)
    assert result.about == f"{copy} traps: the end is not IDLE but Done"


def test_lift_that_unwinds_is_repeated() -> None:
    """`AbiBuffer::into_vec` unwinds into its own drop, which lifts every element again, the one that unwound too."""
    unwinding = Action(Act.CANCEL, says("stream.cancel-write", CANCELLED), unwinds=(Unwinds(UserCode.LIFT, 1),))
    actions = (OPEN, new(3), polled("stream.write"), unwinding)
    result = run(Scenario("panic-in-callback", WRITE, actions, native_abi=False, lists=True))
    assert isinstance(result, Confirmed)
    assert (result.fault, result.step) == ("double-free", 4)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (polled("stream.write", COMPLETED | 3 << 4), "no count is above what was offered"),
        (polled("stream.write", CANCELLED), "0x2 is no answer here"),
    ],
)
def test_answer_that_no_host_gives_is_no_scenario(answer: Action, why: str) -> None:
    result = run(Scenario("completion-race", WRITE, (OPEN, new(2, 2), answer)))
    assert isinstance(result, NotConfirmed)
    assert result.why == f"step 3: the steps fit no client or host: {why}"


def test_cancel_that_a_host_leaves_open() -> None:
    """Without H2 the crate panics in its own drop, and its fields go while they are lent."""
    dropped = (OPEN, new(), polled("stream.write"), Action(Act.DROP, says("stream.cancel-write", BLOCKED)))
    kept = run(Scenario("cancel-is-final", WRITE, dropped))
    assert isinstance(kept, NotConfirmed)
    assert "a synchronous cancel never answers BLOCKED" in kept.why
    broken = run(Scenario("cancel-is-final", WRITE, dropped, conforming=False))
    assert isinstance(broken, Confirmed)
    assert (broken.fault, broken.step) == ("freed-while-lent", 4)
    aborted = run(Scenario("cancel-is-final", WRITE, dropped, conforming=False), ABORT)
    assert isinstance(aborted, NotConfirmed)
    assert "SIGABRT" in aborted.why


def test_count_that_is_too_high() -> None:
    """An assertion of the crate rejects it."""
    actions = (OPEN, new(2, 2), polled("stream.write", COMPLETED | 3 << 4))
    result = run(Scenario("completion-race", WRITE, actions, conforming=False))
    assert isinstance(result, NotConfirmed)
    assert result.why == f"{NO_FAULT}, though it panicked"


def test_version_that_has_another_operation() -> None:
    crate = Crate(RegistryPackage("wit-bindgen", "0.46.0"), ("async",))
    result = run(Scenario("subtask-areas", Operation.SUBTASK, (new(),)), crate)
    assert isinstance(result, NotConfirmed)
    assert result.why == "wit-bindgen 0.46.0 has other subtasks than this mock host drives"


def test_another_path_is_not_confirmed() -> None:
    actions = (OPEN, new(), Action(Act.POLL, says("stream.cancel-write", CANCELLED)))
    result = run(Scenario("cancel-before-free", WRITE, actions))
    assert isinstance(result, NotConfirmed)
    assert result.why.startswith("step 3: the crate took another path: stream.write")


def test_answer_that_nobody_asked_for_is_another_path() -> None:
    actions = (OPEN, new(), Action(Act.CANCEL, says("stream.cancel-write", CANCELLED)))
    result = run(Scenario("cancel-before-free", WRITE, actions))
    assert isinstance(result, NotConfirmed)
    assert "the guest did not call stream.cancel-write" in result.why


def test_exported_project_runs(tmp_path: Path) -> None:
    """As a user would run it: copied, with cargo alone."""
    scenario = Scenario("copy-when-idle", WRITE, (OPEN, new(), polled("stream.write", DROPPED), Action(Act.DROP)))
    run(scenario)
    project, path = export(program_of(scenario), PUBLISHED, shared_cache())
    shutil.copytree(project.directory, tmp_path / "copy", ignore=shutil.ignore_patterns("target", "bin"))
    (tmp_path / "copy" / "src" / "bin").mkdir()
    shutil.copy(path, tmp_path / "copy" / "src" / "bin" / "one.rs")
    done = subprocess.run(
        ["cargo", "run", "--quiet", "--bin", "one"], cwd=tmp_path / "copy", capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "no fault"
    assert done.stderr == ""


def test_text_of_a_program() -> None:
    rule = "DROPPED at once\n*/ fn main() {}"
    answer = HostSays("stream.write", 0x21, rule=rule)
    actions = (new(3, 4), Action(Act.POLL, (answer,), unwinds=(Unwinds(UserCode.LIFT, 2),), remark=("a" * 200, "")))
    text = program_text(Scenario("copy-when-idle", WRITE, actions, native_abi=False, lists=True))
    assert "use native::{elements, finish, host, start, step, streams};" in text
    assert "streams::stream_write(&elements::TOKENS_LOWERED);" in text
    assert '    step(1, "new", || operation.make(3, 4));' in text
    assert '    host::answers("stream.write", 0x21); // DROPPED, 2' in text
    assert "    // stream.write: DROPPED at once */ fn main() {}\n" in text
    assert text.count("\nfn main") == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: HostSays("stream.write\n", 0),
        lambda: HostSays("stream.write", 1 << 32),
        lambda: Action(Act.NEW, length=2, capacity=1),
        lambda: Action(Act.NEW, length=1, capacity=1 << 28),
    ],
)
def test_steps_that_make_no_sense(make: object) -> None:
    with pytest.raises(ValueError, match=r"\d|asked"):
        make()  # type: ignore[operator]

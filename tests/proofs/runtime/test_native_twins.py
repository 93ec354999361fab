"""What is broken in a twin of the crate is confirmed, and what stands in the way is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_steps import (
    CANCELLED,
    COMPLETED,
    FEATURES,
    OPEN,
    WRITE,
    assert_no_fault,
    new,
    polled,
    run,
    says,
)
from native_twins import twin

from extract.mir.compile import LocalCrate
from proofs.runtime.native.confirm import NativeBudget, confirm
from proofs.runtime.native.program import program_of
from proofs.runtime.native.scenario import Act, Action, Confirmed, Crate, NotConfirmed, Scenario, Unwinds, UserCode

BLOCKED_WRITE = (OPEN, new(), polled("stream.write"))
DROPPED_IN_FLIGHT = (*BLOCKED_WRITE, Action(Act.DROP, says("stream.cancel-write", CANCELLED)))
CANCELLED_IN_FLIGHT = (*BLOCKED_WRITE, Action(Act.CANCEL, says("stream.cancel-write", CANCELLED)))
IN_ANOTHER_TASK = (*BLOCKED_WRITE, Action(Act.SWITCH_TASK), Action(Act.POLL))
UNWINDS_ON_CANCEL = Action(
    Act.CANCEL, says("stream.cancel-write", CANCELLED | 2 << 4), unwinds=(Unwinds(UserCode.DEALLOC_LISTS, 1),)
)


@pytest.mark.parametrize(
    ("name", "obligation", "actions", "fault"),
    [
        ("drop without cancel", "cancel-on-drop", DROPPED_IN_FLIGHT, "freed-while-lent"),
        ("cancel not called", "cancel-before-free", CANCELLED_IN_FLIGHT, "returned-while-lent"),
        ("unregister skipped", "unregister-before-cancel", CANCELLED_IN_FLIGHT, "trap-in-set"),
        ("free before cancel", "cancel-before-free", DROPPED_IN_FLIGHT, "freed-while-lent"),
        ("task not left", "cross-task", IN_ANOTHER_TASK, "registered-with-two-tasks"),
        ("cursor after the callbacks", "panic-in-callback", (*BLOCKED_WRITE, UNWINDS_ON_CANCEL), "double-free"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_twin_is_confirmed(
    name: str, obligation: str, actions: tuple[Action, ...], fault: str, tmp_path: Path
) -> None:
    scenario = Scenario(obligation, WRITE, actions, native_abi=False, lists=True)
    assert_no_fault(run(scenario))
    result = confirm(program_of(scenario), twin(name, tmp_path), tmp_path / "cache")
    assert isinstance(result, Confirmed), result
    assert (result.fault, result.step) == (fault, len(actions))
    assert result.observed[-1] == f"fault: {fault}: {result.about}"


@pytest.mark.parametrize("native", [True, False])
def test_a_buffer_that_goes_on_is_seen_to_go_back(native: bool, tmp_path: Path) -> None:
    """A cursor that is set is one that is raised, the first time: only a buffer that was used before tells."""
    set_once = (OPEN, new(3), polled("stream.write", COMPLETED | 1 << 4))
    set_again = (OPEN, new(3, used=1), polled("stream.write", COMPLETED | 1 << 4))
    first, again = (Scenario("partial-write", WRITE, one, native_abi=native) for one in (set_once, set_again))
    assert_no_fault(run(first))
    assert_no_fault(run(again))
    crate, cache = twin("cursor set and not raised", tmp_path), tmp_path / "cache"
    assert_no_fault(confirm(program_of(first), crate, cache))
    result = confirm(program_of(again), crate, cache)
    assert isinstance(result, Confirmed), result
    assert (result.fault, result.step) == ("element-doubled", 3)


def test_another_fault_does_not_confirm(tmp_path: Path) -> None:
    """What is claimed must be what is seen."""
    scenario = Scenario("copy-when-idle", WRITE, DROPPED_IN_FLIGHT)
    result = confirm(program_of(scenario), twin("drop without cancel", tmp_path), tmp_path / "cache")
    assert isinstance(result, NotConfirmed)
    assert result.why.startswith("step 4: another fault was seen (freed-while-lent)")


@pytest.mark.parametrize(
    ("name", "why"),
    [("no end", "died of SIG"), ("does not compile", "no field `finished` on type")],
)
def test_what_stands_in_the_way_is_said(name: str, why: str, tmp_path: Path) -> None:
    scenario = Scenario("cancel-before-free", WRITE, (OPEN, new(), polled("stream.write")))
    result = confirm(program_of(scenario), twin(name, tmp_path), tmp_path / "cache", NativeBudget(run_seconds=1))
    assert isinstance(result, NotConfirmed)
    assert why in result.why


def test_package_that_is_not_there(tmp_path: Path) -> None:
    crate = Crate(LocalCrate(str(tmp_path)), FEATURES)
    result = confirm(program_of(Scenario("cancel-before-free", WRITE, (new(),))), crate, tmp_path / "cache")
    assert isinstance(result, NotConfirmed)
    assert "no such file" in result.why or "no cargo" in result.why

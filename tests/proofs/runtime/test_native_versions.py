"""What published versions of the real crate do natively: the change that made the difference stands between two."""

from __future__ import annotations

import pytest
from native_steps import CANCELLED, DROPPED, FEATURES, OPEN, READ, WRITE, assert_no_fault, new, polled, run, says

from extract.mir.compile import RegistryPackage
from proofs.runtime.native.scenario import Act, Action, Confirmed, Crate, Operation, Scenario, Unwinds, UserCode

VERSIONS = ("0.48.1", "0.58.0", "0.60.0", "0.63.0")


def after_dropped(operation: Operation, copy: str) -> Scenario:
    again = (new(), polled(copy, DROPPED))
    return Scenario("copy-when-idle", operation, (OPEN, *again, Action(Act.DROP), *again))


def in_flight(obligation: str, *actions: Action) -> Scenario:
    return Scenario(obligation, WRITE, (OPEN, new(3), polled("stream.write"), *actions), native_abi=False, lists=True)


def cancelled(code: int, callback: UserCode) -> Action:
    return Action(Act.CANCEL, says("stream.cancel-write", code), unwinds=(Unwinds(callback, 1),))


DROPPED_ELSEWHERE = (Action(Act.SWITCH_TASK), Action(Act.DROP, says("stream.cancel-write", CANCELLED)))
DEFAULT_UNWINDS = Scenario(
    "end-dropped-idle",
    Operation.FUTURE_WRITE,
    (Action(Act.OPEN), Action(Act.DROP_END, unwinds=(Unwinds(UserCode.DEFAULT),))),
)
NEVER = len(VERSIONS)
TABLE = [
    # Upstream meant never to ask the host after DROPPED (its pull request 1317); DROPPED with a count is remembered,
    # DROPPED without is not.
    ("written to after DROPPED", after_dropped(WRITE, "stream.write"), "trap-not-idle", NEVER),
    ("read from after DROPPED", after_dropped(READ, "stream.read"), "trap-not-idle", NEVER),
    # A second version of the C ABI of tasks, which can be cloned (upstream's issue 1618).
    ("dropped in another task", in_flight("cross-task", *DROPPED_ELSEWHERE), "dangling-callback", 2),
    (
        "polled in another task",
        in_flight("cross-task", Action(Act.SWITCH_TASK), Action(Act.POLL)),
        "registered-with-two-tasks",
        2,
    ),
    # `AbiBuffer::advance` moves its cursor before it calls user code (upstream's issue 1646).
    (
        "dealloc_lists unwinds",
        in_flight("panic-in-callback", cancelled(CANCELLED | 2 << 4, UserCode.DEALLOC_LISTS)),
        "double-free",
        2,
    ),
    # `AbiBuffer::into_vec` does not: it unwinds into its own drop, which lifts all elements again.
    ("lift unwinds", in_flight("panic-in-callback", cancelled(CANCELLED, UserCode.LIFT)), "double-free", NEVER),
    # `FutureWriter::drop` takes the raw writer out and calls `default`: if that unwinds, it is dropped unwritten.
    ("default unwinds", DEFAULT_UNWINDS, "trap-future-not-done", NEVER),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("scenario", "fault", "right_from"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_version(scenario: Scenario, fault: str, right_from: int, version: str) -> None:
    """`right_from`: the first of the versions without the fault."""
    result = run(scenario, Crate(RegistryPackage("wit-bindgen", version), FEATURES))
    if VERSIONS.index(version) >= right_from:
        assert_no_fault(result)
        return
    assert isinstance(result, Confirmed), result
    assert (result.fault, result.step) == (fault, len(scenario.actions))

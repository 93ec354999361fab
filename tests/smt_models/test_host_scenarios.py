"""Scenarios by hand, each quoting its rule from the Component Model's `CanonicalABI.md` (August 2026)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from smt_models.host.lease import lease_open, lease_system
from smt_models.host.subtask import handles_lent, parameters_lent, results_lent, subtask_system
from smt_models.host.variants import ALL, Element, End, Hypotheses, Kind, Peer, Variant
from smt_models.host.waitable_set import waitable_set_system
from smt_models.system.evaluate import enabled_steps, holds, take
from smt_models.system.model import System
from smt_models.system.operators import Boolean, Enum
from smt_models.system.terms import Term

BLOCKED = 0xFFFF_FFFF
COMPLETED, DROPPED, CANCELLED = 0, 1, 2
BENIGN = {"may_leave": True, "async": True, "joins": True, "is a set": True, "k": 0, "choice": "LATER", "index": 1}


@dataclass
class Play:
    """Plays calls one after the other; inputs that a call does not name are harmless ones."""

    system: System
    state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for variable in self.system.variables:
            first = variable.sort.members[0] if isinstance(variable.sort, Enum) else 0
            self.state[variable.name] = False if isinstance(variable.sort, Boolean) else first
        if "held" in self.state and "called" not in self.state:
            self.state["held"] = True
        assert holds(self.system.initial, self.state)

    def __call__(self, call: str, **inputs: Any) -> tuple[str, int]:
        """What the guest hears."""
        named = {"had an event" if name == "had_an_event" else name: value for name, value in inputs.items()}
        known = {one.name for step in self.system.steps if step.call == call for one in step.inputs}
        assert named.keys() <= known, (call, known)
        values = {name: named.get(name, BENIGN.get(name, False)) for name in known}
        steps = list(enabled_steps(self.system, call, self.state, values))
        assert len(steps) == 1, (call, values, self.state)
        self.state = take(self.system, steps[0], self.state, values)
        return str(self.state["heard"]), int(self.state["code"])

    def can(self, call: str, **inputs: Any) -> bool:
        values = {**BENIGN, "misaligned": False, "out of bounds": False, **inputs}
        return any(True for _ in enabled_steps(self.system, call, self.state, values))

    def lent(self, condition: Term | None = None) -> bool:
        return holds(lease_open() if condition is None else condition, self.state)


def end(end: End, kind: Kind, peer: Peer, element: Element = Element.NUMBER, hypotheses: Hypotheses = ALL) -> Play:
    return Play(lease_system(Variant(end, kind, peer, element), hypotheses))


def writer(peer: Peer = Peer.WASM) -> Play:
    return end(End.WRITER, Kind.STREAM, peer)


def reader(peer: Peer = Peer.WASM) -> Play:
    return end(End.READER, Kind.STREAM, peer)


def test_a_partial_copy_does_not_close_the_lease() -> None:
    """ "OnCopy is called to indicate a copy has been made to or from the buffer. However, there may be further copies
    made in the future, so the caller has *not* regained ownership of the buffer."
    """
    play = writer()
    assert play("stream.write", n=10) == ("ANSWER", BLOCKED)
    play("waitable.join")
    for _ in range(2):
        assert play("peer copies", m=3) == ("NOTHING", 0)
        assert play.lent()
    assert play("waitable-set delivery") == ("EVENT", COMPLETED | 6 << 4)
    assert not play.lent()


def test_dropped_overwrites_a_queued_completed() -> None:
    """[CABI] SharedStreamImpl.drop notifies what is still parked; the count is computed at delivery."""
    play = writer()
    play("stream.write", n=10)
    play("peer copies", m=4)
    assert play.state["pend"] == "COMPLETED"
    play("peer drops")
    play("waitable.join")
    assert play("waitable-set delivery") == ("EVENT", DROPPED | 4 << 4)
    assert play("stream.write", n=1) == ("TRAP", 0)


def test_a_released_completed_is_not_overwritten() -> None:
    """Once released, a queued COMPLETED stays; the next copy hears of the drop."""
    play = writer()
    play("stream.write", n=2)
    play("peer copies", m=2)
    play("peer copies", m=1)
    play("peer lets go")
    play("peer drops")
    play("waitable.join")
    assert play("waitable-set delivery") == ("EVENT", COMPLETED | 2 << 4)
    assert play("stream.write", n=1) == ("ANSWER", DROPPED)


def test_an_asynchronous_cancel_may_leave_the_lease_open() -> None:
    """ "cancellation has served only to asynchronously request that the host relinquish the buffer ASAP"."""
    play = reader(Peer.HOST)
    play("stream.read", n=8)
    assert play("stream.cancel-read") == ("ANSWER", BLOCKED)
    assert play.lent()
    play("waitable.join")
    play("on_copy", k=2)
    play("on_copy_done", choice="CANCELLED", k=1)
    assert play.lent()
    assert play("waitable-set delivery") == ("EVENT", CANCELLED | 3 << 4)
    assert not play.lent()
    assert play.state["st"] == "IDLE"


def test_a_cancel_is_only_a_request() -> None:
    """ "cancel only lets the caller *request* that one of the OnCopy* callbacks be called ASAP": COMPLETED and DROPPED
    may still follow.
    """
    for choice, code in (("COMPLETED", COMPLETED), ("DROPPED", DROPPED)):
        play = reader(Peer.HOST)
        play("stream.read", n=8)
        play("stream.cancel-read")
        play("on_copy_done", choice=choice, k=8)
        play("waitable.join")
        assert play("waitable-set delivery") == ("EVENT", code | 8 << 4)


def test_a_cancel_that_lost_the_race_cancels_nothing() -> None:
    """ "The first check for e.has_pending_event() catches the case where the copy has already racily finished, in which
    case we must *not* call cancel()."
    """
    play = writer()
    play("stream.write", n=3)
    play("peer copies", m=2)
    assert play("stream.cancel-write") == ("ANSWER", COMPLETED | 2 << 4)
    assert not play.lent()


def test_an_end_of_wasm_lets_go_at_once() -> None:
    """ "when *wasm* is implementing the stream, cancel always returns ownership of the buffer immediately"."""
    play = writer()
    play("stream.write", n=3)
    assert play("stream.cancel-write", **{"async": False}) == ("ANSWER", CANCELLED)
    assert play("stream.write", n=3) == ("ANSWER", BLOCKED)


def test_a_second_cancel_traps() -> None:
    """ "repeatedly cancelling the same async copy after the first call blocked is not allowed"."""
    play = reader(Peer.HOST)
    play("stream.read", n=8)
    play("stream.cancel-read")
    assert play("stream.cancel-read") == ("TRAP", 0)


@pytest.mark.parametrize("call", ["stream.cancel-read", "stream.read"])
def test_synchronous_while_in_a_set_traps(call: str) -> None:
    """ "There is also a trap if attempting to synchronously cancel a stream operation when the stream end is already
    being asynchronously waited on by a waitable set"; the same for reads and writes.
    """
    play = reader()
    if call == "stream.cancel-read":
        play("stream.read", n=1)
    play("waitable.join")
    inputs = {"async": False} | ({"n": 1} if call == "stream.read" else {})
    assert play(call, **inputs) == ("TRAP", 0)


def test_nothing_but_the_host_goes_on_under_a_synchronous_wait() -> None:
    """ "a waitable that is currently being synchronously waited on traps if added to a waitable set"; "sync copies do
    not expect or check for cancellation and thus cannot be cancelled".
    """
    for call in (
        "waitable.join",
        "stream.cancel-read",
        "stream.read",
        "stream.drop-readable",
        "lift of a readable end",
    ):
        play = reader()
        assert play("stream.read", n=2, **{"async": False}) == ("WAITS", 0)
        assert play(call, **({"n": 2} if call == "stream.read" else {})) == ("TRAP", 0)
    play = reader()
    play("stream.read", n=2, **{"async": False})
    play("peer copies", m=5)
    assert play("return of the synchronous call") == ("ANSWER", COMPLETED | 2 << 4)


def test_a_zero_length_write_meets_a_zero_length_read() -> None:
    """ "regardless of who was first, the zero-length write always completes, leaving the zero-length read pending"."""
    play = writer()
    play("peer copies", m=0)
    assert play("stream.write", n=0) == ("ANSWER", COMPLETED)
    assert play.state["pending"] == "THEIRS"
    play = reader()
    play("stream.read", n=0)
    play("peer copies", m=0)
    assert play.lent()
    assert play.state["pend"] == "NONE"
    play = writer()
    play("stream.write", n=0)
    play("peer copies", m=0)
    assert play.state["pend"] == "COMPLETED"
    assert play.state["pending"] == "THEIRS"


def test_a_full_buffer_is_released_by_the_next_copy() -> None:
    """[CABI] SharedStreamImpl.read: without room, reset_and_notify_pending(COMPLETED), then set_pending."""
    play = reader()
    play("peer copies", m=2)
    assert play("stream.read", n=5) == ("ANSWER", COMPLETED | 2 << 4)
    assert play("stream.read", n=5) == ("ANSWER", BLOCKED)
    assert play.state["pending"] == "OURS"


@pytest.mark.parametrize("fault", [{"n": 1 << 28}, {"n": 1, "misaligned": True}, {"n": 1, "out of bounds": True}])
def test_bad_buffers_trap(fault: dict[str, Any]) -> None:
    """[CABI] BufferGuestImpl: length > MAX_LENGTH, misaligned, out of bounds."""
    play = reader()
    values = {**BENIGN, "misaligned": False, "out of bounds": False, **fault}
    (step,) = enabled_steps(play.system, "stream.read", play.state, values)
    assert "traps" in step.name


def test_addresses_of_nothing_are_not_looked_at() -> None:
    """[CABI] BufferGuestImpl: `if t and length > 0`."""
    for play, n in ((reader(), 0), (end(End.READER, Kind.STREAM, Peer.WASM, Element.UNIT), 5)):
        values: dict[str, Any] = {**BENIGN, "misaligned": True, "out of bounds": True, "n": n}
        (step,) = enabled_steps(play.system, "stream.read", play.state, values)
        assert "traps" not in step.name


def test_a_future_writer_is_dropped_only_when_done() -> None:
    """ "WritableFutureEnd.drop traps if the writer hasn't successfully written a value or been notified of the reader
    dropping their end".
    """
    assert end(End.WRITER, Kind.FUTURE, Peer.WASM)("future.drop-writable") == ("TRAP", 0)
    for other in ("peer copies", "peer drops"):
        play = end(End.WRITER, Kind.FUTURE, Peer.WASM)
        play("future.write")
        play(other)
        play("waitable.join")
        assert play("waitable-set delivery") == ("EVENT", COMPLETED if other == "peer copies" else DROPPED)
        assert play("future.drop-writable") == ("VOID", 0)


def test_a_cancelled_future_may_be_tried_again() -> None:
    """[CABI] future_event: DONE after DROPPED or COMPLETED, else IDLE."""
    play = end(End.WRITER, Kind.FUTURE, Peer.WASM)
    play("future.write")
    assert play("future.cancel-write") == ("ANSWER", CANCELLED)
    assert play("future.write") == ("ANSWER", BLOCKED)


def test_a_future_reader_never_hears_dropped() -> None:
    """ "only the writable end can observe that the readable end was dropped before receiving a value"."""
    play = end(End.READER, Kind.FUTURE, Peer.WASM)
    play("future.read")
    assert not play.can("peer drops")
    play = end(End.READER, Kind.FUTURE, Peer.HOST)
    play("future.read")
    assert not play.can("on_copy_done", choice="DROPPED", k=0)


def test_an_end_is_lifted_only_idle_and_in_no_set() -> None:
    """[CABI] lift_async_value."""
    play = reader()
    play("waitable.join")
    assert play("lift of a readable end") == ("TRAP", 0)
    play = reader()
    play("stream.read", n=1)
    assert play("lift of a readable end") == ("TRAP", 0)


def test_both_ends_in_one_instance() -> None:
    """ "Currently, there is a trap when both the read and write come from the same component instance and there is a
    non-empty, non-number element type."
    """
    for element, heard in ((Element.OTHER, "TRAP"), (Element.NUMBER, "ANSWER"), (Element.UNIT, "ANSWER")):
        play = end(End.READER, Kind.STREAM, Peer.SAME, element)
        play("peer copies", m=1)
        assert play("stream.read", n=1)[0] == heard


def test_nothing_leaves_during_realloc() -> None:
    """[CABI] LiftLowerContext.reallocate: may_leave is false meanwhile."""
    assert reader()("stream.read", n=1, may_leave=False) == ("TRAP", 0)


def _called(hypotheses: Hypotheses = ALL) -> Play:
    play = Play(subtask_system(hypotheses))
    assert play("asynchronous call", now="STARTING", index=5) == ("ANSWER", 0 | 5 << 4)
    return play


def test_parameters_are_lent_until_started_and_results_until_resolved() -> None:
    """[CABI] canon_lower: on_start lifts the parameters, on_resolve lowers the results; told at delivery."""
    play = _called()
    assert (play.lent(parameters_lent()), play.lent(results_lent()), play.lent(handles_lent())) == (True, True, False)
    play("on_start")
    assert (play.lent(parameters_lent()), play.lent(handles_lent())) == (True, True)
    play("waitable.join")
    assert play("waitable-set delivery") == ("EVENT", 1)
    assert (play.lent(parameters_lent()), play.lent(results_lent())) == (False, True)
    play("on_resolve with a result")
    assert play("subtask.drop") == ("TRAP", 0)


def test_a_lend_ends_at_the_delivery_of_the_resolution() -> None:
    """ "deliver_resolve is called right before the SUBTASK resolve event is delivered to wasm"."""
    play = _called()
    play("on_start")
    play("on_resolve with a result")
    assert play.lent(handles_lent())
    play("waitable.join")
    assert play("waitable-set delivery") == ("EVENT", 2)
    assert not play.lent(handles_lent())
    assert play("subtask.drop") == ("VOID", 0)


def test_returned_may_answer_a_cancel() -> None:
    """ "it's possible for a subtask to have already resolved ... but this fact has not yet been delivered"."""
    play = _called()
    play("on_start")
    play("on_resolve with a result")
    assert play("subtask.cancel", now="RETURNED") == ("ANSWER", 2)
    assert play("subtask.cancel", now="RETURNED") == ("TRAP", 0)


def test_a_second_cancel_of_a_subtask_traps() -> None:
    """ "subtask.cancel starts by trapping if called twice for the same subtask"."""
    play = _called()
    assert play("subtask.cancel", now="STARTING") == ("ANSWER", BLOCKED)
    assert play("subtask.cancel", now="STARTING") == ("TRAP", 0)


def test_hypothesis_1_is_about_a_queued_started() -> None:
    """The executable text returns any queued event from a synchronous cancel, and asserts that it is a resolution; the
    prose has "one of" RETURNED, CANCELLED_BEFORE_STARTED and CANCELLED_BEFORE_RETURNED.
    """
    play = _called()
    play("on_start")
    assert play("subtask.cancel", now="STARTED", **{"async": False}) == ("WAITS", 0)
    play("on_resolve before return")
    assert play("return of the synchronous call") == ("ANSWER", 4)
    play = _called(Hypotheses(h1=False))
    play("on_start")
    assert play("subtask.cancel", now="STARTED", **{"async": False}) == ("ANSWER", 1)


def test_a_set_is_dropped_only_empty_and_unwatched() -> None:
    """ "traps if dropped while it still contains elements ... or if it is being waited-upon by another Task"."""
    play = Play(waitable_set_system())
    play("waitable.join to this set", had_an_event=True)
    assert play("waitable-set.drop") == ("TRAP", 0)
    play = Play(waitable_set_system())
    assert play("waitable-set.wait", cancellable=False, event=0) == ("WAITS", 0)
    assert play("waitable-set.drop") == ("TRAP", 0)


def test_poll_and_wait_deliver_an_event_or_the_cancellation() -> None:
    """[CABI] WaitableSet.poll; TASK_CANCELLED is 6, NONE is 0."""
    play = Play(waitable_set_system())
    assert play("waitable-set.poll", cancellable=True, event=0) == ("EVENT", 0)
    play("waitable.join to this set", had_an_event=True)
    assert play("waitable-set.poll", cancellable=True, event=4) == ("EVENT", 4)
    play("cancellation of the task")
    assert play("waitable-set.wait", cancellable=True, event=0) == ("EVENT", 6)

"""Drives the second encoding (`canonical_abi`) by the names and inputs of the table's calls."""

from __future__ import annotations

from typing import Any, Protocol

from canonical_abi import (
    OTHER,
    OURS,
    CopyEnd,
    Impossible,
    Outcome,
    SharedByHost,
    SharedFuture,
    SharedStream,
    Subtask,
    Trap,
    can,
    trap_if,
)

Inputs = dict[str, Any]


class Machine(Protocol):
    def act(self, call: str, inputs: Inputs) -> Outcome | None:
        """What the guest hears; None if nobody can do this now. Nothing changes then."""

    def view(self) -> dict[str, Any]:
        """The variables of the table, as far as this encoding has them."""


class EndMachine:
    """One end of a stream or future, and the other end behind it."""

    def __init__(self, writes: bool, future: bool, peer: str, element: str, bits: int) -> None:
        self.host = peer == "host"
        self.looked_at = element != "unit"
        self.held = self.peer_held = True
        kind = SharedByHost if self.host else SharedFuture if future else SharedStream
        self.shared: Any = kind(element != "other")  # only what the host shares has a script
        self.end = CopyEnd(writes, future, self.shared, OURS, bits)
        self.peer = CopyEnd(not writes, future, self.shared, OURS if peer == "same instance" else OTHER, bits)
        verb, name = ("write", "writable") if writes else ("read", "readable")
        what = "future" if future else "stream"
        self.names = {f"{what}.{verb}": "copy", f"{what}.cancel-{verb}": "cancel", f"{what}.drop-{name}": "drop"}

    def act(self, call: str, inputs: Inputs) -> Outcome | None:
        try:
            return self._act(self.names.get(call, call), inputs)
        except Trap:
            return "TRAP", 0
        except Impossible:
            return None

    def _act(self, call: str, inputs: Inputs) -> Outcome:
        trap_if(not inputs.get("may_leave", True))
        if call in ("copy", "cancel", "drop", "waitable.join", "lift of a readable end"):
            trap_if(not self.held)
        else:
            can(self.held)
        match call:
            case "copy" | "cancel":
                return self._copy_or_cancel(call, inputs)
            case "drop" | "lift of a readable end":
                outcome = self.end.drop() if call == "drop" else self.end.lift()
                self.held = False
                return outcome
            case "waitable.join":
                return self.end.join(inputs["joins"], inputs["is a set"])
            case "waitable-set delivery":
                return self.end.delivered_through_set()
            case "return of the synchronous call":
                return self.end.synchronous_return()
            case "touch":
                can(self.end.copying())
                return "NOTHING", 0
        self._peer(call, inputs)
        return "NOTHING", 0

    def _copy_or_cancel(self, call: str, inputs: Inputs) -> Outcome:
        n = 1 if self.end.future else inputs.get("n", 0)
        where = (self.looked_at, inputs.get("misaligned", False), inputs.get("out of bounds", False))
        if self.host:
            self.shared.script = inputs["choice"], inputs["k"]
            if call == "copy" and self.end.state == "IDLE":
                length = n
                fine = n <= self.end.longest and not (where[0] and n > 0 and (where[1] or where[2]))
                fine = fine and not (self.end.wset and not inputs["async"])
                can(not fine or (inputs["choice"] != "CANCELLED" and self._can_finish(length)))
            elif call == "cancel" and self.end.state == "COPYING" and not self.end.has_sync_waiter:
                fine = not (self.end.wset and not inputs["async"])
                if self.end.pending_event is not None:
                    can(not fine or self.shared.script == ("LATER", 0))
                else:
                    assert self.end.buffer is not None
                    can(not fine or self._can_finish(self.end.buffer.remain()))
        if call == "copy":
            return self.end.copy(inputs["async"], n, *where)
        return self.end.cancel_copy(inputs["async"])

    def _can_finish(self, remain: int) -> bool:
        """Whether a host-defined end may act so; for futures as [CABI] future_event and on_copy_done assert it."""
        result, k = self.shared.script
        if result == "LATER":
            return bool(k == 0)
        if self.end.future:
            return bool(k == (result == "COMPLETED")) and (result != "DROPPED" or self.end.writes)
        return bool(k <= remain)

    def _peer(self, call: str, inputs: Inputs) -> None:
        match call:
            case "on_copy":
                can(self.end.parked() and inputs["k"] <= self._remain())
                self.shared.progress(inputs["k"])
            case "on_copy_done":
                can(self.end.parked() and inputs["choice"] != "LATER")
                can(inputs["choice"] != "CANCELLED" or self.end.state == "CANCELLING_COPY")
                self.shared.script = inputs["choice"], inputs["k"]
                can(self._can_finish(self._remain()))
                self.shared.finish(*self.shared.script)
            case "peer lets go":
                can(self.peer.parked())
                if self.peer.pending_event is None:
                    self.peer.cancel_copy(True)
                else:
                    self.peer.get_pending_event()
            case "peer copies":
                self._peer_idle()
                self.peer.copy(True, 1 if self.peer.future else inputs["m"], False, False, False)
            case "peer drops":
                self._peer_idle(but_done=True)
                can(not (self.peer.future and self.peer.writes and self.peer.state != "DONE"))
                self.peer.drop()
                self.peer_held = False
            case _:
                raise AssertionError(call)

    def _remain(self) -> int:
        assert self.end.buffer is not None
        return self.end.buffer.remain()

    def _peer_idle(self, but_done: bool = False) -> None:
        """A peer that was released hears of it first."""
        can(self.peer_held and not self.peer.parked())
        if self.peer.pending_event is not None:
            self.peer.get_pending_event()
        can(but_done or self.peer.state == "IDLE")

    def view(self) -> dict[str, Any]:
        own = {"held": self.held, "st": self.end.state, "lease": self.end.copying(), "pend": self.end.queued}
        waits = {"wset": self.end.wset, "syncw": self.end.has_sync_waiter}
        buffer, theirs = self.end.buffer, self.peer.buffer if self.peer.parked() else None
        sizes = {"length": buffer.length, "progress": buffer.progress} if buffer else {"length": 0, "progress": 0}
        if not self.held:
            return {**own, **waits, **sizes}  # what the other end does then is nobody's here
        pending = "OURS" if self.end.parked() else "THEIRS" if theirs else "NONE"
        shared = {"pending": pending, "dropped": self.shared.dropped}
        if not self.end.future:
            shared |= {"room": theirs.remain() if theirs else 0, "zero": theirs is not None and theirs.length == 0}
        return {**own, **waits, **sizes, **shared}


class SubtaskMachine:
    """One asynchronous call."""

    def __init__(self, prose: bool, bits: int) -> None:
        self.prose, self.bits = prose, bits
        self.called = self.held = False
        self.subtask: Subtask | None = None

    def act(self, call: str, inputs: Inputs) -> Outcome | None:
        try:
            return self._act(call, inputs)
        except Trap:
            return "TRAP", 0
        except Impossible:
            return None

    def _act(self, call: str, inputs: Inputs) -> Outcome:
        trap_if(not inputs.get("may_leave", True))
        if call == "asynchronous call":
            return self._call(inputs["now"], inputs["index"])
        if call in ("subtask.cancel", "subtask.drop", "waitable.join"):
            trap_if(not self.held)
        can(self.held)
        assert self.subtask is not None
        match call:
            case "subtask.cancel":
                return self.subtask.cancel(inputs["async"], inputs["now"])
            case "subtask.drop":
                outcome = self.subtask.drop()
                self.held = False
                return outcome
            case "waitable.join":
                return self.subtask.join(inputs["joins"], inputs["is a set"])
            case "waitable-set delivery":
                return self.subtask.delivered_through_set()
            case "return of the synchronous call":
                return self.subtask.synchronous_return()
            case "on_start":
                self.subtask.on_start()
            case "on_resolve with a result":
                self.subtask.on_resolve(True)
            case "on_resolve before start":
                can(self.subtask.state == "STARTING")
                self.subtask.on_resolve(False)
            case "on_resolve before return":
                can(self.subtask.state == "STARTED")
                self.subtask.on_resolve(False)
            case _:
                raise AssertionError(call)
        return "NOTHING", 0

    def _call(self, now: str, index: int) -> Outcome:
        can(not self.called and 0 < index < 1 << (self.bits - 4))
        can(now in ("STARTING", "STARTED", "RETURNED"))
        self.called = True
        if now == "RETURNED":
            return "ANSWER", 2
        self.held = True
        self.subtask = Subtask(now, index, self.prose, (1 << self.bits) - 1)
        return "ANSWER", Subtask.NUMBERS.index(now) | index << 4

    def view(self) -> dict[str, Any]:
        if self.subtask is None:
            return {"held": self.held}
        return {
            "held": self.held,
            "state": self.subtask.state,
            "told": self.subtask.told,
            "pend": self.subtask.pending_event is not None,
            "delivered": self.subtask.resolve_delivered,
            "requested": self.subtask.cancellation_requested,
            "lends": self.subtask.lends,
            "wset": self.subtask.wset,
            "syncw": self.subtask.has_sync_waiter,
        }

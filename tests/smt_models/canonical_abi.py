"""A second encoding of the host's rules, plain and imperative, written from the Component Model's
`canonical-abi/definitions.py` and sharing nothing with `smt_models`: the tables are compared with it.

It keeps that text's structure: both ends, the state they share, closures for queued events. What it leaves out are
values and memory: a buffer is its length and progress. `bits` scales the codes (32 in the ABI).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OURS, OTHER = "our instance", "another instance"


class Trap(Exception):
    pass


class Impossible(Exception):
    """Whoever acts cannot do this now: no rule, not even a trap, speaks of it."""


def trap_if(condition: bool) -> None:
    if condition:
        raise Trap


def can(condition: bool) -> None:
    if not condition:
        raise Impossible


Outcome = tuple[str, int]
Event = Callable[[], int]


class Waitable:
    def __init__(self) -> None:
        self.pending_event: Event | None = None
        self.wset = False
        self.has_sync_waiter = False

    def get_pending_event(self) -> int:
        pending_event = self.pending_event
        assert pending_event is not None
        self.pending_event = None
        return pending_event()

    def join(self, joins: bool, is_set: bool) -> Outcome:
        trap_if(self.has_sync_waiter)
        trap_if(joins and not is_set)
        self.wset = joins
        return "VOID", 0

    def delivered_through_set(self) -> Outcome:
        can(self.wset and self.pending_event is not None)
        assert not self.has_sync_waiter
        return "EVENT", self.get_pending_event()


class Buffer:
    def __init__(self, length: int, longest: int, looked_at: bool, misaligned: bool, outside: bool) -> None:
        trap_if(length > longest)
        if looked_at and length > 0:
            trap_if(misaligned)
            trap_if(outside)
        self.length = length
        self.progress = 0

    def remain(self) -> int:
        return self.length - self.progress


OnCopy = Callable[[Callable[[], None]], None]
OnCopyDone = Callable[[str], None]


class Shared:
    """What SharedStreamImpl and SharedFutureImpl have in common."""

    def __init__(self, number_or_none: bool) -> None:
        self.number_or_none = number_or_none
        self.dropped = False
        self.reset_pending()

    def reset_pending(self) -> None:
        self.pending: tuple[str, Buffer, OnCopy, OnCopyDone] | None = None

    def reset_and_notify_pending(self, result: str) -> None:
        assert self.pending is not None
        on_copy_done = self.pending[3]
        self.reset_pending()
        on_copy_done(result)

    def cancel(self) -> None:
        self.reset_and_notify_pending("CANCELLED")

    def drop(self) -> None:
        if not self.dropped:
            self.dropped = True
            if self.pending:
                self.reset_and_notify_pending("DROPPED")


class SharedStream(Shared):
    def read(self, inst: str, dst: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        if self.dropped:
            on_copy_done("DROPPED")
        elif not self.pending:
            self.pending = (inst, dst, on_copy, on_copy_done)
        else:
            pending_inst, src, pending_on_copy, _ = self.pending
            trap_if(inst == pending_inst and not self.number_or_none)
            if src.remain() > 0:
                if dst.remain() > 0:
                    n = min(dst.remain(), src.remain())
                    src.progress += n
                    dst.progress += n
                    pending_on_copy(self.reset_pending)
                on_copy_done("COMPLETED")
            else:
                self.reset_and_notify_pending("COMPLETED")
                self.pending = (inst, dst, on_copy, on_copy_done)

    def write(self, inst: str, src: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        if self.dropped:
            on_copy_done("DROPPED")
        elif not self.pending:
            self.pending = (inst, src, on_copy, on_copy_done)
        else:
            pending_inst, dst, pending_on_copy, _ = self.pending
            trap_if(inst == pending_inst and not self.number_or_none)
            if dst.remain() > 0:
                if src.remain() > 0:
                    n = min(src.remain(), dst.remain())
                    src.progress += n
                    dst.progress += n
                    pending_on_copy(self.reset_pending)
                on_copy_done("COMPLETED")
            elif src.length == 0 and dst.length == 0:
                on_copy_done("COMPLETED")
            else:
                self.reset_and_notify_pending("COMPLETED")
                self.pending = (inst, src, on_copy, on_copy_done)


class SharedFuture(Shared):
    def read(self, inst: str, dst: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        assert not self.dropped
        self._copy(inst, dst, on_copy, on_copy_done)

    def write(self, inst: str, src: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        if self.dropped:
            on_copy_done("DROPPED")
        else:
            self._copy(inst, src, on_copy, on_copy_done)

    def _copy(self, inst: str, buffer: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        assert buffer.remain() == 1
        if not self.pending:
            self.pending = (inst, buffer, on_copy, on_copy_done)
        else:
            trap_if(inst == self.pending[0] and not self.number_or_none)
            self.pending[1].progress = buffer.progress = 1
            self.reset_and_notify_pending("COMPLETED")
            on_copy_done("COMPLETED")


class SharedByHost(Shared):
    """Host-defined: acts during the call by `script`, a result or LATER with a count, or at any time afterwards."""

    script: tuple[str, int] = ("LATER", 0)

    def read(self, inst: str, buffer: Buffer, on_copy: OnCopy, on_copy_done: OnCopyDone) -> None:
        self.pending = (inst, buffer, on_copy, on_copy_done)
        self._act()

    write = read

    def cancel(self) -> None:
        self._act()

    def _act(self) -> None:
        result, k = self.script
        if result != "LATER":
            self.finish(result, k)

    def finish(self, result: str, k: int) -> None:
        assert self.pending is not None
        self.pending[1].progress += k
        self.reset_and_notify_pending(result)

    def progress(self, k: int) -> None:
        assert self.pending is not None
        self.pending[1].progress += k
        self.pending[2](self.reset_pending)

    def drop(self) -> None:
        self.dropped = True


class CopyEnd(Waitable):
    def __init__(self, writes: bool, future: bool, shared: Any, inst: str, bits: int) -> None:
        super().__init__()
        self.writes, self.future, self.shared, self.inst = writes, future, shared, inst
        self.blocked, self.longest = (1 << bits) - 1, (1 << (bits - 4)) - 1
        self.state = "IDLE"
        self.buffer: Buffer | None = None
        self.queued = "NONE"

    def copying(self) -> bool:
        return self.state in ("COPYING", "CANCELLING_COPY")

    def parked(self) -> bool:
        return self.shared.pending is not None and self.shared.pending[1] is self.buffer

    def _answer(self, is_async: bool) -> Outcome:
        if self.pending_event is None:
            if not is_async:
                assert not self.wset
                assert not self.has_sync_waiter
                self.has_sync_waiter = True
                return "WAITS", 0
            return "ANSWER", self.blocked
        return "ANSWER", self.get_pending_event()

    def copy(self, is_async: bool, n: int, looked_at: bool, misaligned: bool, outside: bool) -> Outcome:
        trap_if(self.state != "IDLE")
        trap_if(self.wset and not is_async)
        buffer = Buffer(n, self.longest, looked_at, misaligned, outside)

        def event(result: str, reclaim_buffer: Callable[[], None]) -> int:
            reclaim_buffer()
            assert self.copying()
            final = ("DROPPED", "COMPLETED") if self.future else ("DROPPED",)
            self.state = "DONE" if result in final else "IDLE"
            self.buffer = None
            self.queued = "NONE"
            code = ("COMPLETED", "DROPPED", "CANCELLED").index(result)
            if self.future:
                assert (buffer.remain() == 0) == (result == "COMPLETED")
                return code
            assert buffer.progress <= self.longest
            return code | buffer.progress << 4

        def on_copy(reclaim_buffer: Callable[[], None]) -> None:
            assert not self.future
            self.queued = "COMPLETED"
            self.pending_event = lambda: event("COMPLETED", reclaim_buffer)

        def on_copy_done(result: str) -> None:
            assert result != "DROPPED" or not self.future or self.writes
            self.queued = result
            self.pending_event = lambda: event(result, lambda: None)

        self.state = "COPYING"
        self.buffer = buffer
        (self.shared.write if self.writes else self.shared.read)(self.inst, buffer, on_copy, on_copy_done)
        return self._answer(is_async)

    def cancel_copy(self, is_async: bool) -> Outcome:
        trap_if(self.state != "COPYING" or self.has_sync_waiter)
        trap_if(self.wset and not is_async)
        self.state = "CANCELLING_COPY"
        if self.pending_event is None:
            self.shared.cancel()
        return self._answer(is_async)

    def synchronous_return(self) -> Outcome:
        can(self.has_sync_waiter and self.pending_event is not None)
        self.has_sync_waiter = False
        return "ANSWER", self.get_pending_event()

    def drop(self) -> Outcome:
        trap_if(self.future and self.writes and self.state != "DONE")
        trap_if(self.copying())
        self.shared.drop()
        assert self.pending_event is None
        assert not self.has_sync_waiter
        self.wset = False
        return "VOID", 0

    def lift(self) -> Outcome:
        trap_if(self.state != "IDLE")
        trap_if(self.wset)
        return "VOID", 0


class Subtask(Waitable):
    """[CABI] canon_lower, Subtask, canon_subtask_cancel. `prose`: a synchronous cancel waits for the resolution (as
    the prose has it), and not for any event (as the executable text has it, which then fails its own assertion).
    """

    def __init__(self, state: str, index: int, prose: bool, blocked: int) -> None:
        super().__init__()
        self.state, self.index, self.prose, self.blocked = state, index, prose, blocked
        self.cancellation_requested = False
        self.told = state
        self.lends = state == "STARTED"
        self.resolve_delivered = False

    NUMBERS = ("STARTING", "STARTED", "RETURNED", "CANCELLED_BEFORE_STARTED", "CANCELLED_BEFORE_RETURNED")

    def resolved(self) -> bool:
        return self.state not in ("STARTING", "STARTED")

    def on_progress(self) -> None:
        def subtask_event() -> int:
            if self.resolved():
                assert not self.resolve_delivered
                self.lends = False
                self.resolve_delivered = True
            self.told = self.state
            return self.NUMBERS.index(self.state)

        self.pending_event = subtask_event

    def on_start(self) -> None:
        can(self.state == "STARTING")
        self.on_progress()
        self.state = "STARTED"
        self.lends = True

    def on_resolve(self, result: bool) -> None:
        can(not self.resolved())
        if result:
            can(self.state == "STARTED")
            self.on_progress()
            self.state = "RETURNED"
        else:
            can(self.cancellation_requested)
            self.on_progress()
            self.state = f"CANCELLED_BEFORE_{'STARTED' if self.state == 'STARTING' else 'RETURNED'}"

    def _ready(self) -> bool:
        return self.pending_event is not None and (self.resolved() or not self.prose)

    def cancel(self, is_async: bool, now: str) -> Outcome:
        """`now`: how far the callee gets during the call."""
        trap_if(self.resolve_delivered)
        trap_if(self.cancellation_requested)
        trap_if(self.wset and not is_async)
        if self.resolved():
            can(now == self.state)
        else:
            can(self.state == "STARTING" or now not in ("STARTING", "CANCELLED_BEFORE_STARTED"))
            self.cancellation_requested = True
            if self.state == "STARTING" and now not in ("STARTING", "CANCELLED_BEFORE_STARTED"):
                self.on_start()
            if now not in ("STARTING", "STARTED"):
                self.on_resolve(now == "RETURNED")
            if not self.resolved():
                if is_async:
                    return "ANSWER", self.blocked
                if not self._ready():
                    self.has_sync_waiter = True
                    return "WAITS", 0
        return "ANSWER", self.get_pending_event()

    def synchronous_return(self) -> Outcome:
        can(self.has_sync_waiter and self._ready())
        self.has_sync_waiter = False
        return "ANSWER", self.get_pending_event()

    def drop(self) -> Outcome:
        trap_if(not self.resolve_delivered)
        assert self.pending_event is None
        assert not self.has_sync_waiter
        self.wset = False
        return "VOID", 0

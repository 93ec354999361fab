"""Delivery, membership, drop and lift of an end: what happens to it besides copies."""

from __future__ import annotations

from smt_models.host.arms import MAY_LEAVE, MUST_NOT_LEAVE, VOID, Arm, Call, Trap, answer, event
from smt_models.host.end import (
    COPYING,
    DROPPED,
    HELD,
    NOT_HELD,
    PEND,
    PENDING_END,
    QUIET,
    ST,
    SYNCW,
    THEIRS,
    WSET,
    ZERO,
    Words,
)
from smt_models.host.variants import End, Kind
from smt_models.system.model import Actor
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Variable, both, choose, negation

JOINS = Variable("joins", BOOLEAN)
"""Input: whether `waitable.join` names a set, and not 0."""
IS_SET = Variable("is a set", BOOLEAN)

DELIVERY = "waitable-set delivery"
RETURN = "return of the synchronous call"


def delivery(words: Words) -> Call:
    """Through `waitable-set.wait`, `waitable-set.poll` or the callback: an arbitrary member with a queued event."""
    arm = Arm(
        "the queued event is delivered",
        both(HELD, WSET, negation(SYNCW), negation(QUIET)),
        words.delivered(PEND),
        event(words.payload(PEND, words.progress)),
    )
    return Call(DELIVERY, "WaitableSet.get_pending_event, stream_event, future_event", Actor.HOST, arms=(arm,))


def synchronous_return(words: Words) -> Call:
    arm = Arm(
        "the queued event is the answer",
        both(HELD, SYNCW, negation(QUIET)),
        words.delivered(PEND),
        answer(words.payload(PEND, words.progress)),
    )
    return Call(RETURN, "Waitable.wait_for_pending_event", Actor.HOST, arms=(arm,))


def join() -> Call:
    """Of any waitable: an end or a subtask."""
    traps: tuple[Trap, ...] = (
        MUST_NOT_LEAVE,
        ("no waitable at the index", negation(HELD)),
        ("a synchronous wait is under way", SYNCW),
        ("no waitable set at the index", both(JOINS, negation(IS_SET))),
    )
    arm = Arm("membership moves, a queued event stays", TRUE, {WSET: JOINS}, VOID)
    return Call("waitable.join", "canon_waitable_join", Actor.GUEST, (MAY_LEAVE, JOINS, IS_SET), traps, (arm,))


def drop(words: Words) -> Call:
    """Also releases a parked peer with DROPPED, and leaves the set, if in one."""
    variant = words.variant
    idle: Trap = ("the end is copying", COPYING)
    if variant.kind is Kind.FUTURE and variant.end is End.WRITER:
        idle = ("the writer of a future is not DONE", negation(ST.is_("DONE")))  # so that it is not copying either
    traps = (MUST_NOT_LEAVE, NOT_HELD, idle)
    gone = {
        HELD: FALSE,
        WSET: FALSE,
        DROPPED: TRUE,
        PENDING_END: choose(THEIRS, PENDING_END.value("NONE"), PENDING_END),
        words.room: words.zero_count,
        ZERO: FALSE,
    }
    arm = Arm("the end is gone, a parked peer is released", TRUE, gone, VOID)
    return Call(variant.drop, "drop, CopyEnd.drop, WritableFutureEnd.drop", Actor.GUEST, (MAY_LEAVE,), traps, (arm,))


def lift() -> Call:
    """Handing the readable end to another component, as a parameter, a result, or an element."""
    traps: tuple[Trap, ...] = (
        NOT_HELD,
        ("the end is not IDLE", negation(ST.is_("IDLE"))),
        ("the end is in a waitable set", WSET),
    )
    arm = Arm("the end is handed over", TRUE, {HELD: FALSE}, VOID)
    return Call("lift of a readable end", "lift_async_value", Actor.GUEST, (), traps, (arm,))

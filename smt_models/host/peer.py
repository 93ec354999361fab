"""What the other end, or the host behind it, does while the guest does not run, as this end notices it."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import Arm, Call, Updates
from smt_models.host.codes import CHOICE, QUEUED
from smt_models.host.copy import any_host_result
from smt_models.host.end import (
    DROPPED,
    HELD,
    LEASE,
    NOBODY,
    OURS,
    PEND,
    PENDING_END,
    ST,
    STRAY,
    THEIRS,
    ZERO,
    Words,
)
from smt_models.host.variants import End, Hypotheses, Kind, Peer
from smt_models.system.model import Actor
from smt_models.system.terms import (
    FALSE,
    TRUE,
    Term,
    Variable,
    apply,
    both,
    choose,
    differ,
    either,
    equal,
    literal,
    negation,
)


def peer_calls(words: Words) -> Iterator[Call]:
    match words.variant.kind, words.variant.peer:
        case Kind.STREAM, Peer.HOST:
            yield _on_copy(words)
            yield _on_copy_done(words)
        case Kind.FUTURE, Peer.HOST:
            yield _on_copy_done(words)
        case Kind.STREAM, _:
            yield _stream_peer_copies(words)
            yield _peer_lets_go(words)
            yield _peer_drops(words)
        case Kind.FUTURE, _:
            yield _future_peer_copies(words)
            yield _peer_lets_go(words)
            yield _peer_drops(words)


def touch(hypotheses: Hypotheses) -> Call:
    """The one place where H3 stands: the lease bounds when the host reads or writes the guest's memory."""
    guard = LEASE if hypotheses.h3 else TRUE
    arm = Arm("the host reads or writes the buffer", guard, {STRAY: either(STRAY, negation(LEASE))})
    return Call("touch", "Buffer.read, Buffer.write", Actor.HOST, arms=(arm,))


def _aliases(words: Words) -> tuple[tuple[str, Term], ...]:
    """The peer's own copy traps, and with it the instance that both are of."""
    if words.aliases:
        return (("both ends in one instance and no number type (temporary)", both(HELD, OURS)),)
    return ()


def _stream_peer_copies(words: Words) -> Call:
    """[CABI] SharedStreamImpl.read and write from the other side, with `m` elements."""
    m, none = Variable("m", words.codes.sort), words.zero_count
    fits = both(HELD, negation(DROPPED), apply("bvule", m, words.codes.longest))
    some, has_room = differ(m, none), differ(words.remain, none)
    least = choose(apply("bvult", m, words.remain), m, words.remain)
    parked: Updates = {PENDING_END: PENDING_END.value("THEIRS"), words.room: m, ZERO: equal(m, none)}
    completed: Updates = {PEND: PEND.value("COMPLETED")}
    copied: Updates = {**completed, words.progress: apply("bvadd", words.progress, least)}
    full = both(fits, OURS, negation(has_room))
    arms = [Arm("nobody waits, the peer is parked", both(fits, NOBODY), parked)]
    if not words.aliases:
        says = "this end waits with room, min is copied, it stays parked"
        arms.append(Arm(says, both(fits, OURS, has_room, some), copied))
        arms.append(Arm("this end waits with room, nothing to copy", both(fits, OURS, has_room, negation(some))))
        if words.variant.end is End.READER:
            meets = both(negation(some), equal(words.length, none))
            says = "a zero-length write meets a zero-length read, only the write completes"
            arms.append(Arm(says, both(full, meets)))
            full = both(full, negation(meets))
        says = "this end waits without room, it is released and the peer parked"
        arms.append(Arm(says, full, {**parked, **completed}))
    return Call("peer copies", "SharedStreamImpl.read, SharedStreamImpl.write", Actor.HOST, (m,), _aliases(words), arms)


def _future_peer_copies(words: Words) -> Call:
    """[CABI] SharedFutureImpl.read and write from the other side. Once the element is copied, both ends are DONE."""
    one = {words.progress: words.codes.number(1)}
    released: Updates = {**one, PEND: PEND.value("COMPLETED"), PENDING_END: PENDING_END.value("NONE")}
    unused = both(HELD, negation(DROPPED), ST.is_("IDLE"), NOBODY)
    arms = [Arm("nobody waits, the peer is parked", unused, {PENDING_END: PENDING_END.value("THEIRS")})]
    if not words.aliases:
        says = "this end waits, the element is copied, both are released"
        arms.append(Arm(says, both(HELD, OURS), released))
    return Call("peer copies", "SharedFutureImpl.read, SharedFutureImpl.write", Actor.HOST, (), _aliases(words), arms)


def _peer_lets_go(words: Words) -> Call:
    """The peer cancels, or its event is delivered, which reclaims its buffer."""
    released: Updates = {PENDING_END: PENDING_END.value("NONE"), words.room: words.zero_count, ZERO: FALSE}
    arm = Arm("the peer's buffer is no longer parked", both(HELD, THEIRS), released)
    return Call("peer lets go", "cancel_copy, stream_event", Actor.HOST, arms=(arm,))


def _peer_drops(words: Words) -> Call:
    """The writer of a future is dropped only when DONE, so that its reader never hears of it."""
    idle = both(HELD, negation(DROPPED), negation(THEIRS))
    gone: Updates = {DROPPED: TRUE}
    released: Updates = {**gone, PEND: PEND.value("DROPPED"), PENDING_END: PENDING_END.value("NONE")}
    over = "a parked end is released with DROPPED, over a queued event"
    match words.variant.kind, words.variant.end:
        case Kind.FUTURE, End.READER:
            done = either(ST.is_("DONE"), PEND.is_("COMPLETED"))
            arms = [] if words.aliases else [Arm("the peer is gone, nobody was parked", both(idle, done), gone)]
        case _:
            arms = [
                Arm("the peer is gone, nobody was parked", both(idle, negation(OURS)), gone),
                Arm(over, both(idle, OURS), released),
            ]
    shared = "SharedStreamImpl.drop" if words.variant.kind is Kind.STREAM else "SharedFutureImpl.drop"
    return Call("peer drops", shared, Actor.HOST, arms=arms)


def _on_copy(words: Words) -> Call:
    """Progress: further copies may follow until the event is delivered."""
    copied: Updates = {PEND: PEND.value("COMPLETED"), words.progress: apply("bvadd", words.progress, words.k)}
    guard = both(HELD, OURS, apply("bvule", words.k, words.remain))
    arm = Arm("a copy is made, the host keeps the buffer", guard, copied)
    return Call("on_copy", "OnCopy", Actor.HOST, (words.k,), arms=(arm,))


def _on_copy_done(words: Words) -> Call:
    """The host is finished: the buffer is the guest's again, as soon as it hears of it."""
    result = Variable("choice", CHOICE)
    queued: Term = literal("COMPLETED", QUEUED)
    for name in ("DROPPED", "CANCELLED"):
        queued = choose(result.is_(name), literal(name, QUEUED), queued)
    released: Updates = {
        PEND: queued,
        words.progress: apply("bvadd", words.progress, words.k),
        PENDING_END: PENDING_END.value("NONE"),
    }
    at_will = both(HELD, OURS, any_host_result(words, result, words.remain, "COMPLETED", "DROPPED"))
    asked = both(HELD, OURS, ST.is_("CANCELLING_COPY"), any_host_result(words, result, words.remain, "CANCELLED"))
    arms = (
        Arm("the host is finished, over a queued event", at_will, released),
        Arm("the host is finished after a cancel, over a queued event", asked, released),
    )
    return Call("on_copy_done", "OnCopyDone", Actor.HOST, (result, words.k), arms=arms)

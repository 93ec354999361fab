"""`stream.read`, `stream.write`, `future.read`, `future.write`: [CABI] stream_copy, future_copy."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import MAY_LEAVE, MUST_NOT_LEAVE, WAITS, Arm, Call, Trap, Updates, answer
from smt_models.host.codes import CHOICE
from smt_models.host.end import (
    ASYNC,
    DROPPED,
    LEASE,
    NOBODY,
    NOT_HELD,
    PENDING_END,
    ST,
    SYNCW,
    THEIRS,
    WSET,
    ZERO,
    Words,
)
from smt_models.host.variants import Element, End, Kind, Peer
from smt_models.system.model import Actor
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Literal,
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

MISALIGNED = Variable("misaligned", BOOLEAN)
OUTSIDE = Variable("out of bounds", BOOLEAN)
NOW = Variable("choice", CHOICE)
"""Input: what a host-defined peer does during the call: one of the results, or LATER."""


def copy_call(words: Words) -> Call:
    variant = words.variant
    match variant.kind, variant.peer:
        case _, Peer.HOST:
            arms = _host_arms(words)
        case Kind.STREAM, _:
            arms = _stream_arms(words)
        case Kind.FUTURE, _:
            arms = _future_arms(words)
    size: tuple[Variable, ...] = (_n(words),) if variant.kind is Kind.STREAM else ()
    choice = (NOW, words.k) if variant.peer is Peer.HOST else ()
    return Call(
        variant.copy,
        "canon_stream_read, canon_stream_write, stream_copy"
        if variant.kind is Kind.STREAM
        else "canon_future_read, canon_future_write, future_copy",
        Actor.GUEST,
        (MAY_LEAVE, ASYNC, *size, MISALIGNED, OUTSIDE, *choice),
        tuple(_traps(words)),
        tuple(arms),
    )


def _n(words: Words) -> Variable:
    return Variable("n", words.codes.sort)


def _length(words: Words) -> Term:
    """How long the buffer is: n of a stream, one element of a future."""
    return _n(words) if words.variant.kind is Kind.STREAM else words.codes.number(1)


def _traps(words: Words) -> Iterator[Trap]:
    variant = words.variant
    yield MUST_NOT_LEAVE
    yield NOT_HELD
    yield "the end is not IDLE", negation(ST.is_("IDLE"))
    yield "synchronous while in a waitable set", both(WSET, negation(ASYNC))
    looked_at: Term = TRUE
    if variant.kind is Kind.STREAM:
        yield "longer than the longest buffer", apply("bvult", words.codes.longest, _n(words))
        looked_at = differ(_n(words), words.zero_count)
    if variant.element is not Element.UNIT:
        yield "the pointer is misaligned", both(looked_at, MISALIGNED)
        yield "the buffer is out of bounds", both(looked_at, OUTSIDE)
    if words.aliases:
        yield "both ends in one instance and no number type (temporary)", THEIRS


def _parked(words: Words) -> Updates:
    return {
        ST: ST.value("COPYING"),
        LEASE: TRUE,
        words.length: _length(words),
        words.progress: words.zero_count,
        PENDING_END: PENDING_END.value("OURS"),
        words.room: words.zero_count,
        ZERO: FALSE,
    }


def _parks(words: Words, why: str, guard: Term, citation: str) -> Iterator[Arm]:
    """The lease opens: the asynchronous form returns BLOCKED, the synchronous form waits for an event."""
    parked = _parked(words)
    yield Arm(f"{why}; BLOCKED", both(guard, ASYNC), parked, answer(words.codes.blocked), citation)
    waiting = {**parked, SYNCW: TRUE}
    yield Arm(f"{why}; the synchronous form waits", both(guard, negation(ASYNC)), waiting, WAITS, citation)


def _at_once(words: Words, says: str, guard: Term, result: str, progress: Term, citation: str, more: Updates) -> Arm:
    """Delivered as the call's own answer, without a park: no lease."""
    name = literal(result, CHOICE)
    return Arm(says, guard, {ST: words.settled(name), **more}, answer(words.payload(name, progress)), citation)


def _stream_arms(words: Words) -> Iterator[Arm]:
    """[CABI] SharedStreamImpl.read, SharedStreamImpl.write."""
    shared = "SharedStreamImpl.read" if words.variant.end is End.READER else "SharedStreamImpl.write"
    n, room, none = _n(words), words.room, words.zero_count
    open_ = negation(DROPPED)
    has_room, some = differ(room, none), differ(n, none)
    yield _at_once(words, "the other end was dropped", DROPPED, "DROPPED", none, shared, {})
    yield from _parks(words, "nobody waits, parked", both(open_, NOBODY), shared)
    if words.aliases:
        return
    least = choose(apply("bvult", n, room), n, room)
    waits = both(open_, THEIRS)
    left = {room: apply("bvsub", room, least)}
    copied = "the other end waits with room, min is copied, it stays parked"
    yield _at_once(words, copied, both(waits, has_room, some), "COMPLETED", least, shared, left)
    nothing = "the other end waits with room, nothing to copy"
    yield _at_once(words, nothing, both(waits, has_room, negation(some)), "COMPLETED", none, shared, {})
    full = both(waits, negation(has_room))
    if words.variant.end is End.WRITER:
        meets = both(negation(some), ZERO)
        only = "a zero-length write meets a zero-length read, only the write completes"
        yield _at_once(words, only, both(full, meets), "COMPLETED", none, shared, {})
        full = both(full, negation(meets))
    yield from _parks(words, "the other end waits without room, it is released and this end parked", full, shared)


def _future_arms(words: Words) -> Iterator[Arm]:
    """[CABI] SharedFutureImpl.read, SharedFutureImpl.write. `read` asserts that nothing was dropped."""
    writes = words.variant.end is End.WRITER
    shared = "SharedFutureImpl.write" if writes else "SharedFutureImpl.read"
    if writes:
        yield _at_once(words, "the other end was dropped", DROPPED, "DROPPED", words.zero_count, shared, {})
    open_ = negation(DROPPED) if writes else TRUE
    yield from _parks(words, "nobody waits, parked", both(open_, NOBODY), shared)
    if words.aliases:
        return
    released: Updates = {PENDING_END: PENDING_END.value("NONE")}
    both_released = "the other end waits, the element is copied, both are released"
    one = words.codes.number(1)
    yield _at_once(words, both_released, both(open_, THEIRS), "COMPLETED", one, shared, released)


def _host_arms(words: Words) -> Iterator[Arm]:
    """A host-defined peer calls `on_copy` or `on_copy_done` during the call, or keeps the buffer."""
    interface = "ReadableStream, WritableStream" if words.variant.kind is Kind.STREAM else "ReadableFuture"
    later = both(NOW.is_("LATER"), equal(words.k, words.zero_count))
    yield from _parks(words, "the host keeps the buffer", later, interface)
    for result in ("COMPLETED", "DROPPED"):
        if allowed := host_result(words, literal(result, CHOICE), _length(words)):
            guard = both(NOW.is_(result), allowed)
            yield _at_once(words, f"the host answers {result} at once", guard, result, words.k, interface, {})


def host_result(words: Words, result: Literal, remain: Term) -> Term | None:
    """How many elements, `k`, a host-defined peer may have copied for a result; None if it never has that result.

    A future's count goes with its result, and only writers see DROPPED: [CABI] future_event, on_copy_done.
    """
    variant = words.variant
    if variant.kind is Kind.STREAM:
        return apply("bvule", words.k, remain)
    if result.value == "DROPPED" and variant.end is End.READER:
        return None
    return equal(words.k, words.codes.number(1 if result.value == "COMPLETED" else 0))


def any_host_result(words: Words, choice: Variable, remain: Term, *results: str) -> Term:
    """That the choice is one of these results with a count that goes with it."""
    return either(
        *(
            both(choice.is_(result), allowed)
            for result in results
            if (allowed := host_result(words, literal(result, CHOICE), remain)) is not None
        )
    )

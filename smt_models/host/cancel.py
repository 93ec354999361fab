"""`stream.cancel-read`, `stream.cancel-write`, `future.cancel-read`, `future.cancel-write`: [CABI] cancel_copy."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import MAY_LEAVE, MUST_NOT_LEAVE, WAITS, Arm, Call, Trap, answer
from smt_models.host.codes import CHOICE
from smt_models.host.copy import NOW, any_host_result
from smt_models.host.end import ASYNC, NOT_HELD, PEND, QUIET, ST, SYNCW, WSET, Words
from smt_models.host.variants import WITHOUT_H2, Hypotheses, Kind, Peer
from smt_models.system.model import Actor
from smt_models.system.terms import FALSE, TRUE, apply, both, either, equal, literal, negation


def cancel_call(words: Words, hypotheses: Hypotheses) -> Call:
    host = words.variant.peer is Peer.HOST
    return Call(
        words.variant.cancel,
        "cancel_copy",
        Actor.GUEST,
        (MAY_LEAVE, ASYNC, *((NOW, words.k) if host else ())),
        tuple(_traps()),
        (*_arms(words), *(() if hypotheses.h2 else (_blocked_all_the_same(words),))),
    )


def _traps() -> Iterator[Trap]:
    yield MUST_NOT_LEAVE
    yield NOT_HELD
    yield "the end is not COPYING, or a synchronous wait is under way", either(negation(ST.is_("COPYING")), SYNCW)
    yield "synchronous while in a waitable set", both(WSET, negation(ASYNC))


def _arms(words: Words) -> Iterator[Arm]:
    host = words.variant.peer is Peer.HOST
    idle_host = both(NOW.is_("LATER"), equal(words.k, words.zero_count)) if host else TRUE
    queued = answer(words.payload(PEND, words.progress))
    guard = both(negation(QUIET), idle_host)
    yield Arm("the queued event is the answer, nothing is cancelled", guard, words.delivered(PEND), queued)
    if host:
        yield from _host_arms(words)
    else:
        name = literal("CANCELLED", CHOICE)
        gives = answer(words.payload(name, words.progress))
        shared = "SharedStreamImpl.cancel" if words.variant.kind is Kind.STREAM else "SharedFutureImpl.cancel"
        yield Arm("an end of wasm lets go at once", QUIET, words.delivered(name), gives, shared)


def _host_arms(words: Words) -> Iterator[Arm]:
    """`cancel` is a request that one of the OnCopy callbacks be called; it may or may not happen during the call."""
    for result in ("COMPLETED", "DROPPED", "CANCELLED"):
        allowed = any_host_result(words, NOW, words.remain, result)
        name = literal(result, CHOICE)
        copied = apply("bvadd", words.progress, words.k)
        says = f"the host lets go at once with {result}"
        guard = both(QUIET, allowed)
        if guard != FALSE:
            yield Arm(says, guard, words.delivered(name), answer(words.payload(name, copied)), "SharedBase.cancel")
    later = both(QUIET, NOW.is_("LATER"), equal(words.k, words.zero_count))
    cancelling = {ST: ST.value("CANCELLING_COPY")}
    blocked = answer(words.codes.blocked)
    yield Arm("the host takes its time; BLOCKED, the lease stays open", both(later, ASYNC), cancelling, blocked)
    waiting = {**cancelling, SYNCW: TRUE}
    says = "the host takes its time, the synchronous form waits"
    yield Arm(says, both(later, negation(ASYNC)), waiting, WAITS)


def _blocked_all_the_same(words: Words) -> Arm:
    host = words.variant.peer is Peer.HOST
    guard = both(QUIET, negation(ASYNC), NOW.is_("LATER") if host else TRUE)
    cancelling = {ST: ST.value("CANCELLING_COPY")}
    return Arm(f"the synchronous form answers BLOCKED {WITHOUT_H2}", guard, cancelling, answer(words.codes.blocked))

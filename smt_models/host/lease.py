"""The lease automaton of one end of a stream or future: all its rules, put together.

The host may touch the buffer exactly while the lease is open: `lease_open`. The lease opens when a buffer is parked
and closes at delivery, and not at a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import HEARD_VARIABLE, Call, ignored_traps, steps
from smt_models.host.cancel import cancel_call
from smt_models.host.codes import RULES
from smt_models.host.copy import copy_call
from smt_models.host.end import COPYING, HELD, LEASE, OURS, PEND, QUIET, ST, STRAY, SYNCW, WSET, Words
from smt_models.host.ends import delivery, drop, join, lift, synchronous_return
from smt_models.host.peer import peer_calls, touch
from smt_models.host.variants import ALL, End, Hypotheses, Kind, Variant
from smt_models.system.model import Bad, System
from smt_models.system.terms import Term, apply, both, either, equal, negation


def lease_system(variant: Variant, hypotheses: Hypotheses = ALL) -> System:
    """All rules of one end. Its bad conditions hold the model to its claims: no guest can cause them."""
    words = Words(variant)
    all_steps = tuple(steps(_calls(words, hypotheses), words.codes))
    if not hypotheses.h4:
        anything = tuple(variable for variable in words.variables() if variable != STRAY)
        all_steps = (*all_steps, *ignored_traps(all_steps, anything))
    name = f"{RULES} {variant}"
    return System(name, words.variables(), words.initial(), all_steps, tuple(_claims(words)))


def _calls(words: Words, hypotheses: Hypotheses) -> Iterator[Call]:
    yield copy_call(words)
    yield cancel_call(words, hypotheses)
    yield drop(words)
    if words.variant.end is End.READER:
        yield lift()
    yield join()
    yield delivery(words)
    yield synchronous_return(words)
    yield from peer_calls(words)
    yield touch(hypotheses)


def lease_open() -> Term:
    """While this holds the host may touch the buffer, and whoever owns its storage must keep it."""
    return LEASE


def copying() -> Term:
    """[CABI] CopyEnd.copying(): COPYING or CANCELLING_COPY."""
    return COPYING


def _claims(words: Words) -> Iterator[Bad]:
    yield Bad("the host touched memory with no lease open", STRAY)
    yield Bad("a lease is open and the end is not copying", both(LEASE, negation(COPYING)))
    yield Bad("the end is copying and no lease is open", both(COPYING, negation(LEASE)))
    yield Bad("a buffer is parked and no lease is open", both(OURS, negation(LEASE)))
    yield Bad("an event is queued and no lease is open", both(negation(QUIET), negation(LEASE)))
    yield Bad("neither parked nor an event queued while a lease is open", both(LEASE, QUIET, negation(OURS)))
    yield Bad("the end is gone and its lease is open", both(LEASE, negation(HELD)))
    yield Bad("a synchronous wait and a waitable set at once", both(SYNCW, WSET))
    yield Bad("more was copied than the buffer holds", apply("bvult", words.length, words.progress))
    yield Bad("a longer buffer than the longest", apply("bvult", words.codes.longest, words.length))
    blocked = equal(words.code, words.codes.blocked)
    says = HEARD_VARIABLE.is_("ANSWER")
    yield Bad("BLOCKED was answered and no lease is open", both(says, blocked, negation(LEASE)))
    yield Bad("another answer than BLOCKED left the lease open", both(says, negation(blocked), LEASE))
    delivered = HEARD_VARIABLE.is_("EVENT")
    yield Bad("an event said BLOCKED or left the lease open", both(delivered, either(blocked, LEASE)))
    uncancelled = negation(ST.is_("CANCELLING_COPY"))
    yield Bad("CANCELLED is queued and no cancel is under way", both(PEND.is_("CANCELLED"), uncancelled))
    if words.variant.kind is Kind.FUTURE:
        one = words.codes.number(1)
        completed = apply("=", PEND.is_("COMPLETED"), equal(words.progress, one))
        yield Bad("a lease of a future is not of one element", both(LEASE, negation(equal(words.length, one))))
        copied = negation(equal(words.progress, words.zero_count))
        yield Bad("a future's buffer is copied and still parked", both(OURS, either(copied, negation(QUIET))))
        yield Bad("the count of a future does not go with its result", both(LEASE, negation(completed)))
    if words.variant.kind is Kind.FUTURE and words.variant.end is End.READER:
        yield Bad("the reader of a future hears DROPPED", PEND.is_("DROPPED"))

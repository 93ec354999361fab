"""A subtask: an asynchronous call of an import, from the call to `subtask.drop`. [CABI] canon_lower, Subtask.

| variable | [CABI] |
|---|---|
| `held` | the subtask is in the instance's table |
| `state` | `Subtask.state` |
| `told` | the last state that the guest heard of: the host may be further |
| `pend` | an event is queued; its state is read at delivery |
| `delivered` | `resolve_delivered()` |
| `requested` | `cancellation_requested` |
| `lends` | the lends that this call has added to the handles it borrows are counted |
| `wset`, `syncw` | `in_waitable_set()`, `has_sync_waiter` |
| `stray` | the host touched parameters or results that were not lent: never, under H3 |

The host reads the parameters when STARTING becomes STARTED, lifting what they hold (so a borrow is counted as lent
from then on), and writes the results area when it resolves with RETURNED, calling the guest's `realloc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import (
    HEARD_VARIABLE,
    MAY_LEAVE,
    MUST_NOT_LEAVE,
    VOID,
    WAITS,
    Arm,
    Call,
    Trap,
    Updates,
    answer,
    event,
    ignored_traps,
    initially,
    steps,
)
from smt_models.host.codes import HEARD, RULES, SUBTASK_STATE, Codes
from smt_models.host.ends import join
from smt_models.host.variants import ALL, WITHOUT_H1, Hypotheses
from smt_models.system.model import Actor, Bad, System
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Literal,
    Term,
    Variable,
    apply,
    both,
    differ,
    either,
    equal,
    literal,
    negation,
)

HELD = Variable("held", BOOLEAN)
CALLED = Variable("called", BOOLEAN)
STATE = Variable("state", SUBTASK_STATE)
TOLD = Variable("told", SUBTASK_STATE)
PEND = Variable("pend", BOOLEAN)
DELIVERED = Variable("delivered", BOOLEAN)
REQUESTED = Variable("requested", BOOLEAN)
LENDS = Variable("lends", BOOLEAN)
WSET = Variable("wset", BOOLEAN)
SYNCW = Variable("syncw", BOOLEAN)
STRAY = Variable("stray", BOOLEAN)
ASYNC = Variable("async", BOOLEAN)
NOW = Variable("now", SUBTASK_STATE)
"""Input: how far the callee gets while the built-in runs."""

_RESOLVED = ("RETURNED", "CANCELLED_BEFORE_STARTED", "CANCELLED_BEFORE_RETURNED")
RESOLVED = STATE.in_(*_RESOLVED)
"""[CABI] Subtask.resolved()."""
VARIABLES = (HELD, CALLED, STATE, TOLD, PEND, DELIVERED, REQUESTED, LENDS, WSET, SYNCW, STRAY, HEARD_VARIABLE)
NOT_HELD: Trap = ("no subtask at the index", negation(HELD))


def parameters_lent() -> Term:
    """While this holds, as far as the guest can know, the host may read the parameters' memory."""
    return both(HELD, TOLD.is_("STARTING"))


def results_lent() -> Term:
    """While this holds, as far as the guest can know, the host may write the results area."""
    return both(HELD, negation(DELIVERED))


def handles_lent() -> Term:
    """While this holds, borrowed handles that the parameters name can be neither dropped nor moved."""
    return LENDS


def subtask_system(hypotheses: Hypotheses = ALL, bits: int = 32) -> System:
    """All rules of one asynchronous call; H2 says nothing here."""
    codes = Codes(bits)
    variables = (*VARIABLES, Variable("code", codes.sort))
    all_steps = tuple(steps(_calls(codes, hypotheses), codes))
    if not hypotheses.h4:
        all_steps = (*all_steps, *ignored_traps(all_steps, tuple(one for one in variables if one != STRAY)))
    start = initially(
        {one: FALSE for one in variables if one.sort == BOOLEAN}
        | {STATE: STATE.value("STARTING"), TOLD: TOLD.value("STARTING")}
        | {HEARD_VARIABLE: literal("NOTHING", HEARD), variables[-1]: codes.number(0)}
    )
    return System(f"{RULES} subtask", variables, start, all_steps, tuple(_claims()))


def _calls(codes: Codes, hypotheses: Hypotheses) -> Iterator[Call]:
    yield _call(codes)
    yield _cancel(codes, hypotheses)
    yield _drop()
    yield join()
    yield _delivery(codes)
    yield _synchronous_return(codes, hypotheses)
    yield from _host()
    yield _touch(hypotheses)


def _call(codes: Codes) -> Call:
    """Its traps are those of lifting the parameters, which belong to the handles that they name."""
    index = Variable("index", codes.sort)
    free = both(negation(CALLED), differ(index, codes.number(0)), apply("bvule", index, codes.longest))

    def begun(state: str, more: Updates) -> Arm:
        told = STATE.value(state)
        updates: Updates = {CALLED: TRUE, HELD: TRUE, STATE: told, TOLD: told, **more}
        packed = codes.pack(codes.subtask_state(told), index)
        return Arm(f"the call is {state}; a handle is returned", both(free, NOW.is_(state)), updates, answer(packed))

    done = STATE.value("RETURNED")
    at_once: Updates = {CALLED: TRUE, STATE: done, TOLD: done, DELIVERED: TRUE}
    arms = (
        begun("STARTING", {}),
        begun("STARTED", {LENDS: TRUE}),
        Arm(
            "the call resolved at once; RETURNED without a handle",
            both(free, NOW.is_("RETURNED")),
            at_once,
            answer(codes.subtask_state(done)),
        ),
    )
    traps = (MUST_NOT_LEAVE,)
    return Call("asynchronous call", "canon_lower", Actor.GUEST, (MAY_LEAVE, NOW, index), traps, arms)


def _resolved_now(state: Variable | Literal) -> Updates:
    """The resolution is delivered: lent handles are the caller's again. [CABI] Subtask.deliver_resolve."""
    return {STATE: state, TOLD: state, PEND: FALSE, DELIVERED: TRUE, LENDS: FALSE, SYNCW: FALSE}


def _cancel(codes: Codes, hypotheses: Hypotheses) -> Call:
    traps: tuple[Trap, ...] = (
        MUST_NOT_LEAVE,
        NOT_HELD,
        ("the resolution was delivered", DELIVERED),
        ("cancellation was asked for already", REQUESTED),
        ("synchronous while in a waitable set", both(WSET, negation(ASYNC))),
    )
    unresolved = negation(RESOLVED)
    gives = answer(codes.subtask_state(STATE))
    asked: Updates = {REQUESTED: TRUE}
    further = _later(STATE, NOW)
    lends = either(LENDS, NOW.is_("STARTED"))
    progress: Updates = {
        REQUESTED: TRUE,
        STATE: NOW,
        LENDS: lends,
        PEND: either(PEND, differ(NOW, STATE)),
    }
    resolves = both(unresolved, further, NOW.in_(*_RESOLVED))
    stays = both(unresolved, further, negation(NOW.in_(*_RESOLVED)))
    queued = both(RESOLVED, equal(NOW, STATE))
    at_once: Updates = {**asked, **_resolved_now(NOW)}
    arms = [
        Arm("resolved before, its queued event is the answer", queued, _resolved_now(STATE), gives),
        Arm("the callee resolves at once", resolves, at_once, answer(codes.subtask_state(NOW))),
        Arm("the callee takes its time; BLOCKED", both(stays, ASYNC), progress, answer(codes.blocked)),
    ]
    waits = both(stays, negation(ASYNC))
    if not hypotheses.h1:
        early: Updates = {**progress, PEND: FALSE, TOLD: STATE.value("STARTED")}
        started = answer(codes.subtask_state(STATE.value("STARTED")))
        has_event = either(PEND, differ(NOW, STATE))
        arms.append(Arm(f"the queued STARTED is the answer {WITHOUT_H1}", both(waits, has_event), early, started))
        waits = both(waits, negation(has_event))
    waiting: Updates = {**progress, SYNCW: TRUE}
    arms.append(Arm("the callee takes its time, the synchronous form waits", waits, waiting, WAITS))
    return Call("subtask.cancel", "canon_subtask_cancel", Actor.GUEST, (MAY_LEAVE, ASYNC, NOW), traps, arms)


def _later(now: Variable, then: Variable) -> Term:
    """That an unresolved call, once asked to cancel, may have come from `now` to `then`."""
    return either(now.is_("STARTING"), negation(then.in_("STARTING", "CANCELLED_BEFORE_STARTED")))


def _drop() -> Call:
    traps = (MUST_NOT_LEAVE, NOT_HELD, ("the resolution was not delivered", negation(DELIVERED)))
    arm = Arm("the subtask is gone", TRUE, {HELD: FALSE, WSET: FALSE}, VOID)
    return Call("subtask.drop", "canon_subtask_drop, Subtask.drop", Actor.GUEST, (MAY_LEAVE,), traps, (arm,))


def _delivery(codes: Codes) -> Call:
    ready = both(HELD, WSET, negation(SYNCW), PEND)
    gives = event(codes.subtask_state(STATE))
    resolved = Arm("the resolution is delivered", both(ready, RESOLVED), _resolved_now(STATE), gives)
    told: Updates = {TOLD: STATE, PEND: FALSE}
    started = Arm("STARTED is delivered", both(ready, negation(RESOLVED)), told, gives)
    return Call("waitable-set delivery", "subtask_event", Actor.HOST, arms=(resolved, started))


def _synchronous_return(codes: Codes, hypotheses: Hypotheses) -> Call:
    gives = answer(codes.subtask_state(STATE))
    ready = both(HELD, SYNCW, PEND)
    arms = [Arm("the resolution is the answer", both(ready, RESOLVED), _resolved_now(STATE), gives)]
    if not hypotheses.h1:
        early: Updates = {TOLD: STATE, PEND: FALSE, SYNCW: FALSE}
        says = f"the queued STARTED is the answer {WITHOUT_H1}"
        arms.append(Arm(says, both(ready, negation(RESOLVED)), early, gives))
    return Call("return of the synchronous call", "Waitable.wait_for_pending_event", Actor.HOST, arms=arms)


def _host() -> Iterator[Call]:
    def becomes(call: str, cites: str, says: str, guard: Term, state: str, more: Updates) -> Call:
        updates: Updates = {STATE: STATE.value(state), PEND: TRUE, **more}
        return Call(call, cites, Actor.HOST, arms=(Arm(says, both(HELD, guard), updates),))

    starting, started = STATE.is_("STARTING"), STATE.is_("STARTED")
    reads = "the parameters are read and lifted, an event is queued"
    yield becomes("on_start", "canon_lower on_start", reads, starting, "STARTED", {LENDS: TRUE})
    writes = "the results are written, an event is queued"
    yield becomes("on_resolve with a result", "canon_lower on_resolve", writes, started, "RETURNED", {})
    before = both(starting, REQUESTED)
    says = "cancelled before it started, own handles stay with the caller"
    yield becomes("on_resolve before start", "canon_lower on_resolve", says, before, "CANCELLED_BEFORE_STARTED", {})
    after = both(started, REQUESTED)
    says = "cancelled before it returned"
    yield becomes("on_resolve before return", "canon_lower on_resolve", says, after, "CANCELLED_BEFORE_RETURNED", {})


def _touch(hypotheses: Hypotheses) -> Call:
    """What the host may touch is what is still in use; what the guest may take back is what it heard of."""
    reads = both(HELD, STATE.is_("STARTING")) if hypotheses.h3 else TRUE
    writes = both(HELD, negation(RESOLVED)) if hypotheses.h3 else TRUE
    arms = (
        Arm("the host reads the parameters", reads, {STRAY: either(STRAY, negation(parameters_lent()))}),
        Arm("the host writes the results", writes, {STRAY: either(STRAY, negation(results_lent()))}),
    )
    return Call("touch", "lift_flat_values, lower_flat_values", Actor.HOST, arms=arms)


def _claims() -> Iterator[Bad]:
    unread = both(HELD, STATE.is_("STARTING"), negation(TOLD.is_("STARTING")))
    unasked = both(STATE.in_("CANCELLED_BEFORE_STARTED", "CANCELLED_BEFORE_RETURNED"), negation(REQUESTED))
    undelivered = negation(DELIVERED)
    yield Bad("the host touched memory that was not lent", STRAY)
    yield Bad("the host may read parameters that the guest takes for read", unread)
    yield Bad("the host may write results that the guest takes for written", both(HELD, negation(RESOLVED), DELIVERED))
    yield Bad("resolved, and neither queued nor delivered", both(RESOLVED, negation(PEND), undelivered))
    yield Bad("nothing is queued and the guest is behind", both(negation(PEND), differ(TOLD, STATE)))
    yield Bad("an event is queued before anything happened", both(PEND, STATE.is_("STARTING")))
    yield Bad("delivered and not resolved", both(DELIVERED, negation(RESOLVED)))
    yield Bad("something happens before the call", both(negation(CALLED), either(HELD, PEND, DELIVERED, LENDS, SYNCW)))
    yield Bad("an event is queued after the resolution was delivered", both(PEND, DELIVERED))
    yield Bad("handles stay lent after the resolution was delivered", both(LENDS, DELIVERED))
    yield Bad("a synchronous wait and a waitable set at once", both(SYNCW, WSET))
    yield Bad("cancelled and never asked to", unasked)
    yield Bad("the subtask is gone and its resolution was not delivered", both(CALLED, negation(HELD), undelivered))

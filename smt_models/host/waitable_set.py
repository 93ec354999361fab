"""A waitable set, counted: [CABI] WaitableSet, canon_waitable_set_wait, _poll, _drop, and the callback's loop.

| variable | [CABI] |
|---|---|
| `held` | the set is in the instance's table |
| `members`, `ready` | `len(elems)`, and how many of them have an event queued |
| `waiting` | `num_waiting`: calls of `wait`, and callbacks that returned WAIT |
| `cancel` | the task was asked to cancel and has not heard of it: Task.State.PENDING_CANCEL |
"""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import (
    HEARD_VARIABLE,
    MAY_LEAVE,
    MUST_NOT_LEAVE,
    NOTHING,
    VOID,
    WAITS,
    Arm,
    Call,
    Heard,
    Trap,
    Updates,
    event,
    ignored_traps,
    initially,
    steps,
)
from smt_models.host.codes import HEARD, RULES, CallbackCode, Codes, EventCode
from smt_models.host.variants import ALL, Hypotheses
from smt_models.system.model import Actor, Bad, System
from smt_models.system.operators import BitVec
from smt_models.system.terms import (
    BOOLEAN,
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

COUNT = BitVec(8)
"""Enough to count by: a step that would count further is not taken."""
HELD = Variable("held", BOOLEAN)
MEMBERS = Variable("members", COUNT)
READY = Variable("ready", COUNT)
WAITING = Variable("waiting", COUNT)
CANCEL = Variable("cancel", BOOLEAN)
CANCELLABLE = Variable("cancellable", BOOLEAN)
"""Input: whether the built-in was defined with the `cancellable` option; a callback's wait always is."""
WAS_READY = Variable("had an event", BOOLEAN)
"""Input: whether the waitable that joins or leaves has an event queued."""
WHICH = Variable("event", COUNT)
"""Input: the code of an event of some member."""
CALLBACK = Variable("callback code", BitVec(4))
SET = Variable("is a set", BOOLEAN)
"""Input: whether the index that a callback returns names a waitable set."""

_NONE = literal(0, COUNT)
_ONE = literal(1, COUNT)
_MANY = literal(255, COUNT)
NOT_HELD: Trap = ("no waitable set at the index", negation(HELD))
WAITABLE_EVENTS = tuple(code for code in EventCode if code not in (EventCode.NONE, EventCode.TASK_CANCELLED))


def waitable_set_system(hypotheses: Hypotheses = ALL) -> System:
    """All rules of one set and one task. `code` is the code of the event heard."""
    codes = Codes(COUNT.width)
    variables = (HELD, MEMBERS, READY, WAITING, CANCEL, HEARD_VARIABLE, Variable("code", codes.sort))
    all_steps = tuple(steps(_calls(), codes))
    if not hypotheses.h4:
        all_steps = (*all_steps, *ignored_traps(all_steps, variables))
    start = initially(
        {HELD: TRUE, CANCEL: FALSE}
        | dict.fromkeys((MEMBERS, READY, WAITING, variables[-1]), _NONE)
        | {HEARD_VARIABLE: literal("NOTHING", HEARD)}
    )
    return System(f"{RULES} waitable set", variables, start, all_steps, tuple(_claims()))


def _some(count: Variable) -> Term:
    return differ(count, _NONE)


def _more(count: Variable) -> Term:
    return apply("bvadd", count, _ONE)


def _less(count: Variable) -> Term:
    return apply("bvsub", count, _ONE)


def _said(code: EventCode) -> Heard:
    return event(literal(int(code), COUNT))


def _calls() -> Iterator[Call]:
    yield _wait()
    yield _poll()
    yield _callback()
    yield _resumed()
    yield _drop()
    yield from _members()
    yield _asked()


_ANY = either(*(equal(WHICH, literal(int(code), COUNT)) for code in WAITABLE_EVENTS))
_DELIVERED: Updates = {READY: _less(READY)}
_TOLD: Updates = {CANCEL: FALSE}
_WAITS: Updates = {WAITING: _more(WAITING)}


def _wait() -> Call:
    """With an event at hand it may return at once, or let others run first."""
    asked = both(CANCEL, CANCELLABLE)
    here = both(negation(asked), _some(READY), _ANY)
    blocks = both(negation(asked), equal(WHICH, _NONE), differ(WAITING, _MANY))
    arms = (
        Arm("cancellation was asked for; TASK_CANCELLED", asked, _TOLD, _said(EventCode.TASK_CANCELLED)),
        Arm("an event of an arbitrary member", here, _DELIVERED, event(WHICH)),
        Arm("the task waits", blocks, _WAITS, WAITS),
    )
    inputs = (MAY_LEAVE, CANCELLABLE, WHICH)
    cites = "canon_waitable_set_wait, WaitableSet.wait_for_event"
    return Call("waitable-set.wait", cites, Actor.GUEST, inputs, (MUST_NOT_LEAVE, NOT_HELD), arms)


def _poll() -> Call:
    asked = both(CANCEL, CANCELLABLE)
    here = both(negation(asked), _some(READY), _ANY)
    nothing = both(negation(asked), negation(_some(READY)))
    arms = (
        Arm("cancellation was asked for; TASK_CANCELLED", asked, _TOLD, _said(EventCode.TASK_CANCELLED)),
        Arm("an event of an arbitrary member", here, _DELIVERED, event(WHICH)),
        Arm("no event; NONE", nothing, heard=_said(EventCode.NONE)),
    )
    inputs = (MAY_LEAVE, CANCELLABLE, WHICH)
    cites = "canon_waitable_set_poll, WaitableSet.poll"
    return Call("waitable-set.poll", cites, Actor.GUEST, inputs, (MUST_NOT_LEAVE, NOT_HELD), arms)


def _callback() -> Call:
    """What a callback returns: the low four bits say what to do, the rest names a set."""

    def is_(code: CallbackCode) -> Term:
        return equal(CALLBACK, literal(int(code), BitVec(4)))

    largest = literal(int(max(CallbackCode)), BitVec(4))
    yields, waits = is_(CallbackCode.YIELD), is_(CallbackCode.WAIT)
    cancelled = _said(EventCode.TASK_CANCELLED)
    traps: tuple[Trap, ...] = (
        ("no such callback code", apply("bvult", largest, CALLBACK)),
        ("WAIT on no waitable set", both(waits, negation(both(HELD, SET)))),
    )
    arms = (
        Arm("EXIT, the task is left", is_(CallbackCode.EXIT), heard=VOID),
        Arm("YIELD, cancelled; TASK_CANCELLED", both(yields, CANCEL), _TOLD, cancelled),
        Arm("YIELD; NONE", both(yields, negation(CANCEL)), heard=_said(EventCode.NONE)),
        Arm("WAIT, cancelled; TASK_CANCELLED", both(waits, CANCEL), _TOLD, cancelled),
        Arm("WAIT, the task waits", both(waits, negation(CANCEL), differ(WAITING, _MANY)), _WAITS, WAITS),
    )
    cites = "canon_lift, unpack_callback_result"
    return Call("return of a callback", cites, Actor.GUEST, (CALLBACK, SET), traps, arms)


def _resumed() -> Call:
    waits = _some(WAITING)
    delivered: Updates = {**_DELIVERED, WAITING: _less(WAITING)}
    arms = (
        Arm("an event of an arbitrary member", both(waits, _some(READY), _ANY), delivered, event(WHICH)),
        Arm(
            "cancellation is asked for while it waits; TASK_CANCELLED",
            both(waits, CANCELLABLE, equal(WHICH, literal(int(EventCode.TASK_CANCELLED), COUNT))),
            {WAITING: _less(WAITING)},
            _said(EventCode.TASK_CANCELLED),
        ),
    )
    inputs = (CANCELLABLE, WHICH)
    return Call("return of a wait", "WaitableSet.wait_for_event_and", Actor.HOST, inputs, arms=arms)


def _drop() -> Call:
    traps: tuple[Trap, ...] = (
        MUST_NOT_LEAVE,
        NOT_HELD,
        ("the set has members", _some(MEMBERS)),
        ("the set is waited on", _some(WAITING)),
    )
    arm = Arm("the set is gone", TRUE, {HELD: FALSE}, VOID)
    cites = "canon_waitable_set_drop, WaitableSet.drop"
    return Call("waitable-set.drop", cites, Actor.GUEST, (MAY_LEAVE,), traps, (arm,))


def _members() -> Iterator[Call]:
    room = both(HELD, differ(MEMBERS, _MANY))
    enters: Updates = {MEMBERS: _more(MEMBERS), READY: choose(WAS_READY, _more(READY), READY)}
    unready = apply("bvult", READY, MEMBERS)
    leaves: Updates = {MEMBERS: _less(MEMBERS), READY: choose(WAS_READY, _less(READY), READY)}
    some = both(HELD, choose(WAS_READY, _some(READY), unready))
    cites = "canon_waitable_join, Waitable.join"
    joins = Arm("a waitable joins, with its queued event", room, enters, VOID)
    yield Call("waitable.join to this set", cites, Actor.GUEST, (WAS_READY,), arms=(joins,))
    left = Arm("a member leaves, with its queued event", some, leaves, VOID)
    cites = "canon_waitable_join, Waitable.drop"
    yield Call("waitable.join from this set, or drop of a member", cites, Actor.GUEST, (WAS_READY,), arms=(left,))
    queued = Arm("an event of a member is queued", both(HELD, unready), {READY: _more(READY)}, NOTHING)
    yield Call("progress of a member", "Waitable.set_pending_event", Actor.HOST, arms=(queued,))


def _asked() -> Call:
    arm = Arm("the caller asks for cancellation", negation(CANCEL), {CANCEL: TRUE})
    return Call("cancellation of the task", "Task.request_cancellation", Actor.HOST, arms=(arm,))


def _claims() -> Iterator[Bad]:
    yield Bad("more members are ready than there are", apply("bvult", MEMBERS, READY))
    yield Bad("the set is gone and has members", both(negation(HELD), _some(MEMBERS)))
    yield Bad("the set is gone and is waited on", both(negation(HELD), _some(WAITING)))

"""Handles of resources: what lends forbid the caller, and what borrows forbid the callee. [CABI] ResourceHandle, Task.

| variable | [CABI] |
|---|---|
| `held` | the caller's handle is in its table |
| `own` | `ResourceHandle.own` of that handle |
| `lends` | `num_lends` of that handle: calls that borrow it and whose resolution was not delivered |
| `borrows` | `num_borrows` of a task of the callee: borrowed handles that it has not dropped |
| `resolved` | the task has returned or was cancelled |

Streams and futures carry no borrows: a type that does is rejected before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.host.arms import (
    HEARD_VARIABLE,
    MAY_LEAVE,
    MUST_NOT_LEAVE,
    VOID,
    Arm,
    Call,
    Trap,
    Updates,
    ignored_traps,
    initially,
    steps,
)
from smt_models.host.codes import HEARD, RULES, Codes
from smt_models.host.variants import ALL, Hypotheses
from smt_models.system.model import Actor, Bad, System
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, Variable, apply, both, differ, equal, literal, negation

COUNT = BitVec(8)
"""Enough to count by: a step that would count further is not taken."""
HELD = Variable("held", BOOLEAN)
OWN = Variable("own", BOOLEAN)
LENDS = Variable("lends", COUNT)
BORROWS = Variable("borrows", COUNT)
RESOLVED = Variable("resolved", BOOLEAN)
ASKED = Variable("asked", BOOLEAN)
"""The task has heard that it is to be cancelled: Task.State.CANCEL_DELIVERED."""

_NONE = literal(0, COUNT)
_MANY = literal(255, COUNT)
NOT_HELD: Trap = ("no such resource at the index", negation(HELD))
LENT: Trap = ("the handle is lent", differ(LENDS, _NONE))


def lent_handle_system(hypotheses: Hypotheses = ALL) -> System:
    """One handle of the caller, however many calls borrow it."""
    code = Variable("code", Codes().sort)
    start = {OWN: TRUE, HELD: TRUE, LENDS: _NONE, HEARD_VARIABLE: literal("NOTHING", HEARD), code: Codes().number(0)}
    variables = (HELD, OWN, LENDS, HEARD_VARIABLE, code)
    all_steps = tuple(steps(_caller(), Codes()))
    if not hypotheses.h4:
        all_steps = (*all_steps, *ignored_traps(all_steps, variables))
    either_kind = initially({variable: value for variable, value in start.items() if variable != OWN})
    bad = Bad("the handle is gone while it is lent", both(negation(HELD), differ(LENDS, _NONE)))
    return System(f"{RULES} lent handle", variables, either_kind, all_steps, (bad,))


def borrowing_task_system(hypotheses: Hypotheses = ALL) -> System:
    """One task of the callee, and the borrowed handles that it was given."""
    code = Variable("code", Codes().sort)
    variables = (BORROWS, ASKED, RESOLVED, HEARD_VARIABLE, code)
    all_steps = tuple(steps(_callee(), Codes()))
    if not hypotheses.h4:
        all_steps = (*all_steps, *ignored_traps(all_steps, variables))
    start = initially(
        {BORROWS: _NONE, ASKED: FALSE, RESOLVED: FALSE, HEARD_VARIABLE: literal("NOTHING", HEARD)}
        | {code: Codes().number(0)}
    )
    bad = Bad("resolved while it holds borrows", both(RESOLVED, differ(BORROWS, _NONE)))
    return System(f"{RULES} borrowing task", variables, start, all_steps, (bad,))


def _plus(count: Variable, more: int) -> Term:
    return apply("bvadd", count, literal(more % 256, COUNT))


def _caller() -> Iterator[Call]:
    lends = Arm("a lend is counted", differ(LENDS, _MANY), {LENDS: _plus(LENDS, 1)})
    yield Call("lift of a borrow", "lift_borrow, Subtask.add_lender", Actor.HOST, (), (NOT_HELD,), (lends,))
    back = Arm("the lend is undone", both(HELD, differ(LENDS, _NONE)), {LENDS: _plus(LENDS, -1)})
    yield Call("delivery of the resolution", "Subtask.deliver_resolve", Actor.HOST, arms=(back,))
    gone: Updates = {HELD: FALSE}
    arm = Arm("the handle is gone", TRUE, gone, VOID)
    traps = (MUST_NOT_LEAVE, NOT_HELD, LENT)
    yield Call("resource.drop", "canon_resource_drop", Actor.GUEST, (MAY_LEAVE,), traps, (arm,))
    not_own: Trap = ("the handle is a borrow itself", negation(OWN))
    moved = Arm("the handle is moved", TRUE, gone, VOID)
    yield Call("lift of an own handle", "lift_own", Actor.GUEST, (), (NOT_HELD, LENT, not_own), (moved,))


def _callee() -> Iterator[Call]:
    """A borrow of a resource that the callee implements itself is its representation, and not counted."""
    given = both(negation(RESOLVED), differ(BORROWS, _MANY))
    gets = Arm("a borrowed handle is given", given, {BORROWS: _plus(BORROWS, 1)})
    yield Call("lower of a borrow", "lower_borrow", Actor.HOST, arms=(gets,))
    none: Trap = ("no such resource at the index", equal(BORROWS, _NONE))
    drops = Arm("the borrowed handle is given back", TRUE, {BORROWS: _plus(BORROWS, -1)}, VOID)
    traps: tuple[Trap, ...] = (MUST_NOT_LEAVE, none)
    yield Call("resource.drop of a borrow", "canon_resource_drop", Actor.GUEST, (MAY_LEAVE,), traps, (drops,))
    asked = Arm("the task hears that it is to be cancelled", both(negation(ASKED), negation(RESOLVED)), {ASKED: TRUE})
    yield Call("TASK_CANCELLED", "Task.deliver_pending_cancel", Actor.HOST, arms=(asked,))
    done = Arm("the task is resolved", TRUE, {RESOLVED: TRUE}, VOID)
    twice: Trap = ("resolved already", RESOLVED)
    holds: Trap = ("the task holds borrows", differ(BORROWS, _NONE))
    traps = (MUST_NOT_LEAVE, twice, holds)
    yield Call("task.return", "canon_task_return, Task.return_", Actor.GUEST, (MAY_LEAVE,), traps, (done,))
    unasked: Trap = ("not asked to cancel, or resolved already", negation(both(ASKED, negation(RESOLVED))))
    traps = (MUST_NOT_LEAVE, unasked, holds)
    yield Call("task.cancel", "canon_task_cancel, Task.cancel", Actor.GUEST, (MAY_LEAVE,), traps, (done,))

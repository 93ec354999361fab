"""How a rule becomes a step: the traps of a built-in first, in the specification's order, then its arms.

Every system of this package has two variables that say what the guest hears of the last step:

- `heard`: NOTHING; VOID, a built-in without result returned; ANSWER, a built-in returned `code`; EVENT, an event with
  payload `code` was delivered; WAITS, a synchronous built-in blocks; TRAP, after which nothing happens any more.
- `code`: the number heard, else 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from smt_models.host.codes import HEARD, Codes
from smt_models.system.model import Actor, Step
from smt_models.system.terms import (
    BOOLEAN,
    Literal,
    Term,
    Variable,
    both,
    conjunction,
    disjunction,
    equal,
    literal,
    negation,
)

HEARD_VARIABLE = Variable("heard", HEARD)
MAY_LEAVE = Variable("may_leave", BOOLEAN)
"""[CABI] ComponentInstance.may_leave: false only inside `realloc` and `post-return`."""

Updates = Mapping[Variable, Term]
"""The new values of state variables."""

Trap = tuple[str, Term]
"""Why a built-in traps, and when."""

MUST_NOT_LEAVE: Trap = ("the instance may not leave", negation(MAY_LEAVE))


@dataclass(frozen=True, slots=True)
class Heard:
    """What the guest hears of a step."""

    kind: Literal
    code: Term | None = None


NOTHING = Heard(literal("NOTHING", HEARD))
VOID = Heard(literal("VOID", HEARD))
WAITS = Heard(literal("WAITS", HEARD))
TRAPS = Heard(literal("TRAP", HEARD))


def answer(code: Term) -> Heard:
    return Heard(literal("ANSWER", HEARD), code)


def event(payload: Term) -> Heard:
    return Heard(literal("EVENT", HEARD), payload)


@dataclass(frozen=True, slots=True)
class Arm:
    """One rule: what it says, when it applies, what it changes, what the guest hears, and the rule's own place if it
    is not its call's.
    """

    says: str
    guard: Term
    updates: Updates = field(default_factory=dict)
    heard: Heard = NOTHING
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in, or something that the host or the peer does: its traps in order, then its arms."""

    name: str
    citation: str
    actor: Actor
    inputs: tuple[Variable, ...] = ()
    traps: Sequence[Trap] = ()
    arms: Sequence[Arm] = ()


def steps(calls: Iterable[Call], codes: Codes) -> Iterator[Step]:
    """One step for each trap and each arm; an arm applies when none of the call's traps does."""
    for call in calls:
        clear: list[Term] = [negation(HEARD_VARIABLE.is_("TRAP"))]
        for why, condition in call.traps:
            yield _step(call, Arm(f"traps: {why}", both(*clear, condition), heard=TRAPS), codes)
            clear.append(negation(condition))
        for arm in call.arms:
            yield _step(call, replace(arm, guard=both(*clear, arm.guard)), codes)


def _step(call: Call, arm: Arm, codes: Codes) -> Step:
    hears = {HEARD_VARIABLE: arm.heard.kind, Variable("code", codes.sort): arm.heard.code or codes.number(0)}
    updates = {**arm.updates, **hears}
    return Step(
        name=f"{call.name}: {arm.says}",
        call=call.name,
        citation=f"CABI {arm.citation or call.citation}",
        actor=call.actor,
        inputs=call.inputs,
        guard=arm.guard,
        updates=tuple((variable.name, term) for variable, term in updates.items() if term != variable),
    )


def ignored_traps(all_steps: Iterable[Step], variables: Sequence[Variable]) -> Iterator[Step]:
    """Without H4: where a call must trap, the host does not, and leaves these variables with any values."""
    by_call: dict[str, list[Step]] = {}
    for step in all_steps:
        if step.update("heard") == TRAPS.kind:
            by_call.setdefault(step.call, []).append(step)
    for call, trapping in by_call.items():
        anything = {variable: Variable(f"any {variable.name}", variable.sort) for variable in variables}
        yield Step(
            name=f"{call}: the trap is ignored (without H4)",
            call=call,
            citation=trapping[0].citation,
            actor=trapping[0].actor,
            inputs=(*trapping[0].inputs, *anything.values()),
            guard=disjunction(step.guard for step in trapping),
            updates=tuple((variable.name, value) for variable, value in anything.items()),
        )


def initially(values: Mapping[Variable, Literal]) -> Term:
    """That each of these variables holds this value."""
    return conjunction(equal(variable, value) for variable, value in values.items())

"""Whether what is left of an invariant is one still; if not, a state that shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from proofs.ablation.answers import Allows, Answer, Leaves, NotKnown, RefutedWithout, StillProved, Values
from proofs.ablation.clauses import Clause
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.invariant import BAD, Model, broken_steps, check_invariant, read_model
from proofs.recheck.script import expressions
from proofs.recheck.solver_process import Session
from proofs.runtime.engine import Budget, child

ACCEPTED = "the checker accepts the invariant without it"
NO_INVARIANT = "a step leads out of what is left"
NOT_EXCLUDED = "what is left allows what the proof excludes"


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that all questions share."""

    ends: float
    seconds: int
    megabytes: int

    @classmethod
    def of(cls, seconds: int, megabytes: int) -> Clock:
        return cls(time.monotonic() + seconds, seconds, megabytes)

    @property
    def left(self) -> int:
        return int(self.ends - time.monotonic())

    @property
    def spent(self) -> NotKnown | None:
        return NotKnown(f"{self.seconds} s were spent on others") if self.left <= 0 else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a certificate says of its invariant. `ghosts`: as in `recheck/ghosts.py`."""

    model: str
    invariant: str
    excluded: tuple[str, ...]
    ghosts: bool


def without_clause(asked: Evidence, clause: Clause, clock: Clock, session: Session | None = None) -> Answer:
    """By cvc5, from the certificate's own texts."""
    if clock.spent is not None:
        return clock.spent
    model = read_model(asked.model)
    found = _leaves(model, clause, asked.ghosts, clock) or _allows(model, clause, asked.excluded, clock)
    if found is not None:
        return found
    try:
        check_invariant(asked.model, clause.left, asked.excluded, asked.ghosts, session=session)
    except (Refused, NotDecided) as error:
        return NotKnown(str(error))
    return StillProved(ACCEPTED)


def without_earlier(
    asked: Evidence, about: str, others: Sequence[Evidence], session: Session | None = None
) -> StillProved | None:
    """Whether the fault cannot be before which a run was to end: the invariant excludes it as well, perhaps together
    with that of another certificate about the same model.
    """
    for other in (None, *others):
        invariant, excluded = asked.invariant, {*asked.excluded, about}
        if other is not None:
            if other.model != asked.model or about not in other.excluded:
                continue
            invariant, excluded = f"(and {asked.invariant} {other.invariant})", excluded | set(other.excluded)
        try:
            check_invariant(asked.model, invariant, tuple(sorted(excluded)), asked.ghosts, session=session)
        except (Refused, NotDecided):
            continue
        shown = "its own invariant excludes" if other is None else "its invariant and another certificate's exclude"
        return StillProved(f"{about} cannot be: {shown} it")
    return None


def _leaves(model: Model, clause: Clause, ghosts: bool, clock: Clock) -> Answer | None:
    broken = broken_steps(model, clause.left, ghosts)
    if not broken:
        return None
    names = [f"|broken {number}|" for number in range(len(broken))]
    defined = [f"(define-fun {name} () Bool {one})" for name, one in zip(names, broken, strict=True)]
    queries = [f"(or false false {' '.join(names)})"] if not ghosts else names
    for query in queries:
        values = _values(model, clock, defined, (clause.left, query), names)
        if isinstance(values, NotKnown):
            return values
        if values is not None:
            step = next(number for number, (_, value) in enumerate(values) if value == "true")
            return _leaves_by(model, clause, step, broken[step], clock)
    return None


def _leaves_by(model: Model, clause: Clause, step: int, broken: str, clock: Clock) -> Answer:
    changes = [(name, model.script.definitions[defined].body) for name, defined in model.steps[step]]
    after = [f"|after {name}|" for name, _ in changes]
    defined = [f"(define-fun |after {name}| () {model.script.constants[name]} {body})" for name, body in changes]
    asked = [*(f"|{name}|" for name in model.state), *after]
    values = _values(model, clock, defined, (clause.left, broken), asked)
    if not isinstance(values, tuple):
        return values or NotKnown("the solver has two answers")
    before, then = values[: len(model.state)], values[len(model.state) :]
    said = {name for name, _ in changes} | clause.words
    shown = tuple(pair for pair in before if pair[0] in said)
    changed = tuple((name.removeprefix("after "), value) for name, value in then)
    return RefutedWithout(NO_INVARIANT, Leaves(step, shown, changed))


def _allows(model: Model, clause: Clause, excluded: tuple[str, ...], clock: Clock) -> Answer | None:
    names = [f"|{BAD}{name}|" for name in excluded]
    bodies = (model.script.definitions[BAD + name].body for name in excluded)
    defined = [f"(define-fun {name} () Bool {body})" for name, body in zip(names, bodies, strict=True)]
    query = (clause.left, f"(or false false {' '.join(names)})")
    values = _values(model, clock, defined, query, [*names, *(f"|{name}|" for name in model.state)])
    if not isinstance(values, tuple):
        return values
    bad = next(name for name, value in values[: len(names)] if value == "true").removeprefix(BAD)
    state = tuple(pair for pair in values[len(names) :] if pair[0] in clause.words)
    return RefutedWithout(NOT_EXCLUDED, Allows(bad, state))


def _values(
    model: Model, clock: Clock, defined: Sequence[str], asserted: Sequence[str], asked: Sequence[str]
) -> Values | NotKnown | None:
    """Of what is asked, where all that is asserted holds; None if that cannot be."""
    declared = [f"(declare-const |{name}| {sort})" for name, sort in model.script.constants.items()]
    lines = ["(set-option :produce-models true)", f"(set-logic {model.script.logic})", *declared, *defined]
    lines += [*(f"(assert {one})" for one in asserted), "(check-sat)"]
    first = _asked("\n".join(lines), clock)
    if first in ("unsat", None):
        return None if first else NotKnown("the solver has no answer")
    if first != "sat":
        return NotKnown(f"the solver says {first[:200]}")
    said = _asked("\n".join([*lines, f"(get-value ({' '.join(asked)}))"]), clock)
    if said is None or not said.startswith("sat"):
        return NotKnown("the solver gives no values")
    (pairs,) = expressions(said.removeprefix("sat"), "values")
    return tuple((one.parts[0].name or "", one.parts[1].text) for one in pairs.parts or () if one.parts)


def _asked(text: str, clock: Clock) -> str | None:
    budget = Budget(max(1, min(60, clock.left)), clock.megabytes)
    said = child({"do": "check", "text": text + "\n"}, budget).get("result")
    return said if isinstance(said, str) else None

"""Candidates that say something only where a variable has a value: elsewhere nothing has to be asked of them.

Of a step that begins where the variable has another value, `(or (not (= variable value)) ...)` holds before it; of one
that leaves it at another, after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.pools.steps import PoolStep
from smt_models.system.terms import Apply, Literal, Term, Variable

Fixed = Mapping[Variable, Literal]


def fixed_before(step: PoolStep) -> dict[Variable, Literal]:
    """What the guard says of single variables."""
    guard = step.step.guard
    parts = guard.arguments if isinstance(guard, Apply) and guard.operator == "and" else (guard,)
    found: dict[Variable, Literal] = {}
    for one in parts:
        match one:
            case Apply("=", (Variable() as variable, Literal() as value)):
                found[variable] = value
            case _:
                pass
    return found


def fixed_after(step: PoolStep) -> dict[Variable, Literal]:
    after = dict(step.step.updates)
    kept = {variable: value for variable, value in fixed_before(step).items() if variable.name not in after}
    set_to = {Variable(name, term.sort): term for name, term in after.items() if isinstance(term, Literal)}
    return kept | set_to


def only_where(candidate: Term) -> tuple[Variable, Literal] | None:
    """The variable and its value where the candidate says something; None if that is everywhere."""
    match candidate:
        case Apply("or", (Apply("not", (Apply("=", (Variable() as variable, Literal() as value)),)), *_)):
            return variable, value
        case Apply("not", (Apply("=", (Variable() as variable, Literal() as value)),)):
            return variable, value
        case _:
            return None


def elsewhere(where: tuple[Variable, Literal] | None, fixed: Fixed) -> bool:
    """Whether nothing is said of what has these values."""
    return where is not None and where[0] in fixed and fixed[where[0]] != where[1]


def moved(step: PoolStep) -> frozenset[str]:
    """The names of what may be different after the step."""
    before = fixed_before(step)
    return frozenset(
        name
        for name, term in step.step.updates
        if term != (variable := Variable(name, term.sort)) and term != before.get(variable)
    )

"""A system as constrained Horn clauses: one predicate, one rule for each step, one query for each class of obligation.

`sat` means that an invariant exists that excludes the bad conditions, `unsat` that one of them is reachable. The
three queries that check an invariant apart from whoever found it are in `unroll`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smt_models.system.model import Step, System
from smt_models.system.smtlib import comment, plain, sort_text, symbol, term_text, within_sort
from smt_models.system.terms import Term, Variable, both

INVARIANT = "invariant"


def horn_text(system: System, bad: Sequence[str] | None = None) -> str:
    """The clauses with a query for each of the named bad conditions, by default for all; KeyError if one is unknown."""
    names = [item.name for item in system.bad] if bad is None else bad
    return "\n".join(_lines(system, names)) + "\n"


def _lines(system: System, names: Sequence[str]) -> Iterator[str]:
    yield comment(system.name)
    yield "(set-logic HORN)"
    sorts = " ".join(sort_text(variable.sort) for variable in system.variables)
    yield f"(declare-fun {INVARIANT} ({sorts}) Bool)"
    here = _predicate(system, {})
    yield comment("initial states")
    yield _clause(system.variables, both(within_sort(system.variables), system.initial), here)
    for step in system.steps:
        yield comment(f"{step.actor.value}: {step.name} [{step.citation}]")
        yield _rule(system, step, here)
    for name in names:
        yield comment(f"never: {name}")
        yield _clause(system.variables, system.condition(name), "false", here)
    yield "(check-sat)"


def _rule(system: System, step: Step, here: str) -> str:
    after = {name: term_text(term) for name, term in step.updates}
    guard = both(within_sort(step.inputs), step.guard)
    return _clause((*system.variables, *step.inputs), guard, _predicate(system, after), here)


def _predicate(system: System, after: dict[str, str]) -> str:
    values = (after.get(variable.name, plain(variable)) for variable in system.variables)
    return f"({INVARIANT} {' '.join(values)})"


def _clause(variables: Sequence[Variable], condition: Term, head: str, premise: str = "") -> str:
    bound = " ".join(f"({symbol(variable.name)} {sort_text(variable.sort)})" for variable in variables)
    body = term_text(condition)
    body = f"(and {premise} {body})" if premise else body
    return f"(assert (forall ({bound}) (=> {body} {head})))"

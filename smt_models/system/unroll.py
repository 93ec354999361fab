"""A system unrolled for bounded search, and the three queries that check an inductive invariant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from smt_models.system.model import Step, System
from smt_models.system.operators import Sort
from smt_models.system.smtlib import (
    Rename,
    assertion,
    comment,
    logic,
    plain,
    sort_text,
    symbol,
    term_text,
    within_sort,
)
from smt_models.system.terms import Term, Variable, both, negation


@dataclass(frozen=True, slots=True)
class Query:
    """A text that ends in `(check-sat)`; for the queries of `invariant_queries`, `unsat` is the good answer."""

    name: str
    text: str


def at(time: int) -> Rename:
    """How the state variables are called at a time."""
    return lambda variable: symbol(f"{variable.name}@{time}")


def step_symbol(time: int, number: int) -> str:
    """The proposition that step `number` of the system is taken at a time."""
    return f"step@{time}@{number}"


def unrolled_text(system: System, bad: str, depth: int) -> str:
    """Satisfiable if and only if the bad condition is reachable in at most `depth` steps; KeyError if it is unknown."""
    return "\n".join(_unrolled(system, system.condition(bad), depth)) + "\n"


def _sorts(system: System) -> Iterator[Sort]:
    yield from (variable.sort for variable in system.variables)
    for step in system.steps:
        yield from (variable.sort for variable in step.inputs)


def _unrolled(system: System, condition: Term, depth: int) -> Iterator[str]:
    yield comment(system.name)
    yield f"(set-logic {logic(_sorts(system))})"
    yield from _declare(system.variables, at(0))
    yield from assertion(both(within_sort(system.variables), system.initial), at(0))
    for time in range(depth):
        yield from _step(system, time)
    reached = " ".join(term_text(condition, at(time)) for time in range(depth + 1))
    yield f"(assert (or {reached}))"
    yield "(check-sat)"


def _declare(variables: tuple[Variable, ...], rename: Rename) -> Iterator[str]:
    for variable in variables:
        yield f"(declare-const {rename(variable)} {sort_text(variable.sort)})"


def _step(system: System, time: int) -> Iterator[str]:
    """Some step is taken, or the state stays; two that both explain the next state do no harm."""
    yield from _declare(system.variables, at(time + 1))
    taken = [step_symbol(time, number) for number in range(len(system.steps))]
    for number, step in enumerate(system.steps):
        yield comment(f"{step.actor.value}: {step.name} [{step.citation}]")
        yield f"(declare-const {taken[number]} Bool)"
        inputs = {variable.name: symbol(f"{variable.name}@{time}@{number}") for variable in step.inputs}
        rename = _renamed(inputs, time)
        yield from _declare(step.inputs, rename)
        guard = term_text(both(within_sort(step.inputs), step.guard), rename)
        yield f"(assert (=> {taken[number]} (and {guard} {_moves(system, step, time, rename)})))"
    still = " ".join(f"(= {at(time + 1)(item)} {at(time)(item)})" for item in system.variables)
    yield f"(assert (=> (not (or false {' '.join(taken)})) (and true {still})))"


def _renamed(inputs: Mapping[str, str], time: int) -> Rename:
    return lambda variable: inputs.get(variable.name) or at(time)(variable)


def _moves(system: System, step: Step, time: int, rename: Rename) -> str:
    after = dict(step.updates)
    return " ".join(
        f"(= {at(time + 1)(variable)} {term_text(after.get(variable.name, variable), rename)})"
        for variable in system.variables
    )


def invariant_queries(system: System, invariant: Term, bad: str) -> tuple[Query, Query, Query]:
    """Initial states imply the invariant; every step keeps it; it excludes the bad condition. All three must be
    unsatisfiable.
    """
    head = _head(system)
    inside = within_sort(system.variables)
    holds = both(inside, invariant)
    initial = [*assertion(both(inside, system.initial)), *assertion(negation(holds))]
    broken = " ".join(f"(and {part})" for part in _breaks(system, holds))
    declared = [line for number, step in enumerate(system.steps) for line in _declare(step.inputs, _own(number, step))]
    kept = [*declared, *assertion(holds), f"(assert (or false {broken}))"]
    return (
        Query("initial", "\n".join([*head, *initial, "(check-sat)"]) + "\n"),
        Query("kept", "\n".join([*head, *kept, "(check-sat)"]) + "\n"),
        excludes_query(system, invariant, bad),
    )


def excludes_query(system: System, invariant: Term, bad: str) -> Query:
    """The invariant excludes the bad condition."""
    asserted = [*assertion(both(within_sort(system.variables), invariant)), *assertion(system.condition(bad))]
    return Query("excludes", "\n".join([*_head(system), *asserted, "(check-sat)"]) + "\n")


def _head(system: System) -> list[str]:
    return [comment(system.name), f"(set-logic {logic(_sorts(system))})", *_declare(system.variables, plain)]


def _own(number: int, step: Step) -> Rename:
    names = {variable.name: symbol(f"{variable.name}@{number}") for variable in step.inputs}
    return lambda variable: names.get(variable.name) or plain(variable)


def _breaks(system: System, holds: Term) -> Iterator[str]:
    """For each step: it can be taken, and the invariant does not hold after it."""
    broken = f"(not {term_text(holds)})"
    for number, step in enumerate(system.steps):
        rename = _own(number, step)
        guard = term_text(both(within_sort(step.inputs), step.guard), rename)
        bindings = " ".join(f"({symbol(name)} {term_text(term, rename)})" for name, term in step.updates)
        yield f"{guard} (let ({bindings}) {broken})" if bindings else f"{guard} {broken}"

"""Questions to z3 that are no proofs: which conditions can be, and numbers that fulfil one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from proofs.runtime.engine import Budget, child
from proofs.runtime.line_process import NoAnswer
from smt_models.system.operators import Boolean, Enum, Value
from smt_models.system.smtlib import plain, sort_text, symbol, term_text, within_sort
from smt_models.system.terms import Term, Variable, both, variables_of


def satisfiable(conditions: Sequence[Term], budget: Budget) -> tuple[bool, ...]:
    """Whether each can be. Raises NoAnswer."""
    if not conditions:
        return ()
    return satisfiable_as(child(satisfiability(conditions, budget), budget), conditions)


def satisfiability(conditions: Sequence[Term], budget: Budget) -> dict[str, Any]:
    """The task of saying whether each can be: `satisfiable_as` reads the answer."""
    limits = {"seconds": budget.seconds, "megabytes": budget.megabytes}
    return {"do": "satisfiable", "texts": _texts(conditions), "each": budget.seconds, **limits}


def satisfiable_as(said: object, conditions: Sequence[Term]) -> tuple[bool, ...]:
    """As the solver said. Raises NoAnswer."""
    return tuple(one == "sat" for one in _results(said, conditions, {"sat", "unsat"}))


_IMPOSSIBLE = {"sat": False, "unsat": True, "unknown": None}


def refutable(conditions: Sequence[Term], budget: Budget, each: int) -> tuple[bool | None, ...]:
    """Whether each is impossible; None: not known in so many seconds. Raises NoAnswer."""
    if not conditions:
        return ()
    said = child({"do": "satisfiable", "texts": _texts(conditions), "each": each}, budget)
    return tuple(_IMPOSSIBLE[one] for one in _results(said, conditions, _IMPOSSIBLE.keys()))


def _texts(conditions: Sequence[Term]) -> list[str]:
    return ["\n".join(_asserted(one)) for one in conditions]


def _results(said: object, conditions: Sequence[Term], expected: Set[str]) -> list[str]:
    match said:
        case {"result": "done", "results": list(results)} if set(results) <= expected:
            assert len(results) == len(conditions)
            return results
        case {"error": error}:
            raise NoAnswer(str(error))
        case _:
            raise NoAnswer("the solver does not know whether a path can be taken")


def values_for(
    condition: Term, prefer: Iterable[Term], small: Iterable[Variable], budget: Budget
) -> dict[str, Value] | None:
    """Values that fulfil the condition, None if there are none: preferences are kept in order as far as they can be,
    then the numbers `small` are made smallest, in order. Raises NoAnswer.
    """
    known = {one.name: one for one in variables_of(condition)}
    texts: list[str] = []
    for one in prefer:
        known |= {variable.name: variable for variable in variables_of(one)}
        texts.append("\n".join(_asserted(one)))
    task = {"do": "values", "text": "\n".join(_asserted(condition)), "prefer": texts}
    said = child({**task, "small": [one.name for one in small]}, budget)
    match said:
        case {"result": "unsat"}:
            return None
        case {"result": "sat", "values": dict(found)}:
            return {name: _value(known[name], value) for name, value in found.items()}
        case {"error": error}:
            raise NoAnswer(str(error))
        case _:
            raise NoAnswer("the solver does not know any values")


def _asserted(condition: Term) -> Iterator[str]:
    variables = list(variables_of(condition))
    for one in variables:
        yield f"(declare-const {symbol(one.name)} {sort_text(one.sort)})"
    yield f"(assert {term_text(both(within_sort(variables), condition), plain)})"


def _value(variable: Variable, value: bool | int) -> Value:
    match variable.sort:
        case Enum(_, members):
            return members[int(value)]
        case Boolean():
            return bool(value)
        case _:
            return int(value)


def default(variable: Variable) -> Value:
    """A value for what no condition speaks of."""
    match variable.sort:
        case Enum(_, members):
            return members[0]
        case Boolean():
            return False
        case _:
            return 0


def completed(known: Mapping[str, Value], variables: Iterable[Variable]) -> dict[str, Value]:
    return {one.name: known.get(one.name, default(one)) for one in variables}

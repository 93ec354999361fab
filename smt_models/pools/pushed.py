"""Which numbers say where in a table a call writes, as how deep a stack is does."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.pools.calls import Calls
from smt_models.system.terms import Apply, Term, Variable, variables_of
from smt_models.wasm.outcomes import Returned
from smt_models.wasm.regions import Regions


def depths(calls: Calls, first: Variable, second: Variable) -> frozenset[Variable]:
    """The cells and globals that alone decide, in some call, whether the first of two entries is written, and not in
    the same way of the second: a number that tells whether all are is none.
    """
    choices = _choices(calls, first) - _choices(calls, second)
    alone = [found for one in choices if len(found := variables_of(one)) == 1]
    lasting = {cell.variable for cell, _ in calls.cells}
    return frozenset(one for found in alone for one in found if one in lasting or one.name.startswith("global"))


def _choices(calls: Calls, entry: Variable) -> set[Term]:
    """The conditions by which it is chosen what calls leave in the entry."""
    return {one for term in _written(calls, entry) for one in _conditions(term)}


def _written(calls: Calls, entry: Variable) -> Iterator[Term]:
    cells = [cell for cell, _ in calls.cells if cell.variable == entry]
    for call in calls.calls:
        for path in call.execution.paths:
            memory = path.memories[0] if isinstance(path.outcome, Returned) else None
            if isinstance(memory, Regions):
                yield from map(memory.value, cells)


def _conditions(term: Term) -> Iterator[Term]:
    seen: set[Term] = set()
    waiting = [term]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Apply) and part not in seen:
            seen.add(part)
            waiting += part.arguments
            if part.operator == "ite":
                yield part.arguments[0]

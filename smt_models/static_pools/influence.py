"""The cone of influence: cells on which it depends which steps can be taken, or what they break. Of any others, as
bytes that are only handed on, a model needs to say nothing, and has the same runs without them.
"""

from __future__ import annotations

from collections.abc import Iterable

from smt_models.system.model import Step
from smt_models.system.terms import Term, Variable, variables_of


def that_matter(cells: Iterable[Variable], steps: tuple[Step, ...]) -> frozenset[str]:
    """Their names: whatever guards name, or what is no cell becomes, and all that these become."""
    named = {one.name for one in cells}
    becomes: dict[str, list[Term]] = {}
    waiting: list[Term] = []
    for step in steps:
        waiting.append(step.guard)
        for name, term in step.updates:
            if name in named:
                becomes.setdefault(name, []).append(term)
            else:
                waiting.append(term)
    found: set[str] = set()
    while waiting:
        for one in variables_of(waiting.pop()):
            if one.name in named and one.name not in found:
                found.add(one.name)
                waiting += becomes.get(one.name, ())
    return frozenset(found)

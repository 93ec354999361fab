"""Steps that do to another block what a step does to the ghost: what the one keeps, the other keeps.

What is shown of a step is so of any block in the ghost's place. A step whose guard says of another block at least what
that one says of the ghost, and that makes the same of a variable, so keeps every claim about such variables that is not
about the ghost; it needs of the other block what that one needs of the ghost. Terms are compared as they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smt_models.pools.conditions import EXISTS, other_of
from smt_models.pools.steps import PoolStep
from smt_models.system.smtlib import Rename, plain, term_text
from smt_models.system.terms import Apply, Variable


@dataclass(frozen=True, slots=True)
class Like:
    """`step`: its number. `different`: names of what the two make different things of, and of the ghost's parts."""

    step: int
    different: frozenset[str]


class Alike:
    """Of the steps of a model, by their numbers; nothing is compared before it is asked for."""

    def __init__(self, steps: tuple[PoolStep, ...], variables: tuple[Variable, ...]) -> None:
        self._steps = steps
        self._variables = variables
        self._found: dict[int, tuple[Like, ...]] = {}

    def of(self, number: int) -> tuple[Like, ...]:
        """The steps by which it is known what this one keeps; none, if no other block takes part in it."""
        if number not in self._found:
            self._found[number] = tuple(self._likes(self._steps[number])) if self._steps[number].other else ()
        return self._found[number]

    def _likes(self, step: PoolStep) -> Iterator[Like]:
        renamed = of_other(step)
        guard = _parts(step, plain)
        ghost = {one.name for one in self._variables if renamed(one) != plain(one)}
        for number, like in enumerate(self._steps):
            if like.call == step.call and not like.other and guard.issuperset(_parts(like, renamed)):
                ours, theirs = _updates(step, plain), _updates(like, renamed)
                changed = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
                yield Like(number, frozenset(ghost | changed))


def of_other(step: PoolStep) -> Rename:
    """What is said of the ghost said of the other one, which is there."""

    def rename(variable: Variable) -> str:
        other = other_of(variable, step.step.inputs)
        return "true" if other is EXISTS else plain(other or variable)

    return rename


def _parts(step: PoolStep, rename: Rename) -> set[str]:
    """What the guard says, each by itself, but for what says nothing."""
    guard = step.step.guard
    parts = guard.arguments if isinstance(guard, Apply) and guard.operator == "and" else (guard,)
    return {term_text(one, rename) for one in parts} - {"true"}


def _updates(step: PoolStep, rename: Rename) -> dict[str, str]:
    return {name: term_text(term, rename) for name, term in step.step.updates}

"""Which combinations of tags and flags can be: found by running every action until nothing new comes.

A template alone forgets how its choices go together, and most combinations cannot be. The set found here is closed
under all steps; the emitted system has a bad condition that says so, and its proof is part of every proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from smt_models.runtime.facts import Facts
from smt_models.system.operators import Boolean, Enum, Value
from smt_models.system.terms import FALSE, Literal, Term, Variable, both, either, equal, literal, variables_of

Shape = tuple[Value, ...]


def is_discrete(variable: Variable) -> bool:
    return isinstance(variable.sort, Boolean | Enum)


def values_of(variable: Variable) -> tuple[Value, ...]:
    match variable.sort:
        case Boolean():
            return (False, True)
        case Enum(_, members):
            return members
        case _:
            raise AssertionError(variable)


Allowed = tuple[tuple[int, frozenset[Value]], ...]
"""Of some places of a shape which values they may have."""


def allowed(variables: tuple[Variable, ...], facts: Facts, before: Facts | None = None) -> Allowed:
    """By what is known, where that says anything that was not known `before`."""
    values, excluded = facts.values, facts.excluded
    old_values, old_excluded = ({}, {}) if before is None else (before.values, before.excluded)
    found: list[tuple[int, frozenset[Value]]] = []
    for place, variable in enumerate(variables):
        name = variable.name
        if name in values:
            if name not in old_values:
                found.append(_only(place, values[name].value))
        elif name in excluded and excluded[name] is not old_excluded.get(name):
            found.append(_without(place, variable, excluded[name]))
    return tuple(found)


@lru_cache(maxsize=100_000)
def _only(place: int, value: Value) -> tuple[int, frozenset[Value]]:
    """Once for all that know it: there is one for each node of a tree."""
    return place, frozenset((value,))


@lru_cache(maxsize=100_000)
def _without(place: int, variable: Variable, excluded: tuple[Literal, ...]) -> tuple[int, frozenset[Value]]:
    return place, frozenset(values_of(variable)).difference([one.value for one in excluded])


def consistent(shapes: tuple[Shape, ...], known: Allowed) -> tuple[Shape, ...]:
    """Those that what is known does not exclude."""
    for place, values in known:
        shapes = tuple([one for one in shapes if one[place] in values])
    return shapes


def following(
    variables: tuple[Variable, ...], shapes: Iterable[Shape], updates: Mapping[str, Term], facts: Facts | None = None
) -> Iterator[Shape]:
    """The shapes after updates; what is not decided may be anything."""
    known = facts or Facts()
    after = [
        _After(variables, place, updates[one.name], known) if one.name in updates else None
        for place, one in enumerate(variables)
    ]
    for shape in shapes:
        yield from itertools.product(
            *[(value,) if one is None else one.of(shape) for one, value in zip(after, shape, strict=True)]
        )


class _After:
    """What a word can be after an update, which is worked out once for all shapes that agree on the words in it."""

    def __init__(self, variables: tuple[Variable, ...], place: int, update: Term, facts: Facts) -> None:
        self._update = update
        self._facts = facts
        self._every = values_of(variables[place])
        names = {one.name for one in variables_of(update)}
        self._mentioned = [(at, one) for at, one in enumerate(variables) if one.name in names]
        self._found: dict[Shape, tuple[Value, ...]] = {}

    def of(self, shape: Shape) -> tuple[Value, ...]:
        values = tuple([shape[at] for at, _ in self._mentioned])
        found = self._found.get(values)
        if found is None:
            given = {one.name: literal(shape[at], one.sort) for at, one in self._mentioned}
            after = self._facts.given(given)(self._update)
            found = self._found[values] = (after.value,) if isinstance(after, Literal) else self._every
        return found


def possible(guard: Term, variables: tuple[Variable, ...], shape: Shape) -> bool:
    known = {one.name: literal(value, one.sort) for one, value in zip(variables, shape, strict=True)}
    return Facts().simplify(guard, known) != FALSE


def described(variables: tuple[Variable, ...], shapes: Iterable[Shape]) -> Term:
    """That the state has one of these shapes: a tree of decisions, so that common parts stand once."""
    return _tree(variables, sorted(set(shapes), key=repr))


def _tree(variables: tuple[Variable, ...], shapes: list[Shape]) -> Term:
    if not variables:
        return both() if shapes else either()
    groups: dict[tuple[Shape, ...], list[Value]] = {}
    for value in values_of(variables[0]):
        rest = tuple(one[1:] for one in shapes if one[0] == value)
        if rest:
            groups.setdefault(rest, []).append(value)
    arms: list[Term] = []
    for rest, values in groups.items():
        here = either(*(equal(variables[0], literal(value, variables[0].sort)) for value in values))
        if len(values) == len(values_of(variables[0])):
            here = both()
        arms.append(both(here, _tree(variables[1:], list(rest))))
    return either(*arms)

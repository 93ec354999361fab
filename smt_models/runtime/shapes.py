"""Which combinations of tags and flags can be: found by running every action until nothing new comes.

A template alone forgets how its choices go together, and most combinations cannot be. The set found here is closed
under all steps; the emitted system has a bad condition that says so, and its proof is part of every proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from smt_models.runtime.facts import Facts
from smt_models.system.operators import Boolean, Enum, Value
from smt_models.system.terms import FALSE, Literal, Term, Variable, both, either, equal, literal

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


def consistent(variables: tuple[Variable, ...], shapes: tuple[Shape, ...], facts: Facts) -> tuple[Shape, ...]:
    """Those that what is known does not exclude."""
    values, excluded = facts.values, facts.excluded
    for place, variable in enumerate(variables):
        name = variable.name
        if name in values:
            value = values[name].value
            shapes = tuple([one for one in shapes if one[place] == value])
        elif name in excluded:
            others = {one.value for one in excluded[name]}
            shapes = tuple([one for one in shapes if one[place] not in others])
    return shapes


def following(
    variables: tuple[Variable, ...], shapes: Iterable[Shape], updates: Mapping[str, Term], facts: Facts | None = None
) -> Iterator[Shape]:
    """The shapes after updates; what is not decided may be anything."""
    for shape in shapes:
        known = {one.name: literal(value, one.sort) for one, value in zip(variables, shape, strict=True)}
        choices: list[tuple[Value, ...]] = []
        given = (facts or Facts()).given(known)
        for one in variables:
            after = given(updates.get(one.name, one))
            choices.append((after.value,) if isinstance(after, Literal) else values_of(one))
        yield from itertools.product(*choices)


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

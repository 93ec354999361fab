"""Statics as state variables: one for each number in them, by its place.

What an enum holds is known once some call has put it there; so the shape of the state grows until no call adds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smt_models.static_pools.values import (
    REF_CELL,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Step,
    Struct,
    Sum,
    Undefined,
    Value,
    many,
    mapped,
    word,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import Literal, Term, Variable

Arrays = frozenset[tuple[str, tuple[Step, ...]]]
"""Arrays of statics of which nothing but the length is kept."""


def coarse(name: str, value: Value, arrays: Arrays, path: tuple[Step, ...] = ()) -> Value:
    """Without the elements of those arrays."""
    match value:
        case Array(elements) if (name, path) in arrays:
            mapped(value, _refuse_place)
            return many(len(elements), elements)
        case Array(elements):
            inner = [coarse(name, one, arrays, (*path, Element(word(n).term))) for n, one in enumerate(elements)]
            return Array(tuple(inner))
        case Struct(of, fields):
            return Struct(of, tuple(coarse(name, one, arrays, (*path, n)) for n, one in enumerate(fields)))
        case _:
            return value


def _refuse_place(part: Value) -> None:
    if isinstance(part, Pointer):
        raise NotModelled("a pointer in an array whose elements are not kept")


def heaviest(first: Mapping[str, Value]) -> Arrays:
    """Of the arrays that hold nothing but numbers those with the most, taken together that lie at the same place of
    elements of one array; none if there is none.
    """
    groups: dict[tuple[str, tuple[Step | None, ...]], set[tuple[str, tuple[Step, ...]]]] = {}
    weights: dict[tuple[str, tuple[Step | None, ...]], int] = {}
    waiting: list[tuple[str, tuple[Step, ...], Value]] = [(name, (), value) for name, value in first.items()]
    while waiting:
        name, path, value = waiting.pop()
        match value:
            case Array() if (count := _numbers(value)) is not None:
                place = (name, tuple(None if isinstance(one, Element) else one for one in path))
                groups.setdefault(place, set()).add((name, path))
                weights[place] = weights.get(place, 0) + count
            case Array(elements):
                waiting += [(name, (*path, Element(word(n).term)), one) for n, one in enumerate(elements)]
            case Struct(_, fields):
                waiting += [(name, (*path, n), one) for n, one in enumerate(fields)]
            case _:
                pass
    if not weights:
        return frozenset()
    return frozenset(groups[max(sorted(weights, key=repr), key=lambda one: weights[one])])


def _numbers(value: Value) -> int | None:
    """How many there are in an array of numbers, or of arrays of them; None for anything else."""
    match value:
        case Scalar():
            return 1
        case Array(elements):
            found = [_numbers(one) for one in elements]
            known = [one for one in found if one is not None]
            return sum(known) if len(known) == len(found) else None
        case _:
            return None


def plain_arrays(
    name: str, value: Value, followed: frozenset[str], path: tuple[Step, ...] = ()
) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The outermost arrays that hold numbers, arrays of them, or records and enums of numbers. `followed`: types of
    which no value may stand where it is not kept.
    """
    match value:
        case Array() if _is_plain(value, followed):
            yield name, path
        case Array(elements):
            for number, one in enumerate(elements):
                yield from plain_arrays(name, one, followed, (*path, Element(word(number).term)))
        case Struct(of, fields) if of == REF_CELL or of not in followed:
            for number, one in enumerate(fields):
                yield from plain_arrays(name, one, followed, (*path, number))
        case _:
            pass


def _is_plain(value: Value, followed: frozenset[str], in_record: bool = False) -> bool:
    match value:
        case Scalar():
            return True
        case Array(elements) if not in_record:
            return all(_is_plain(one, followed) for one in elements)
        case Struct(of, fields) if of not in followed:
            return all(_is_plain(one, followed, in_record=True) for one in fields)
        case Sum(of, _, payloads) if of not in followed:
            return all(_is_plain(one, followed, in_record=True) for _, fields in payloads for one in fields)
        case _:
            return False


def variables(name: str, value: Value) -> Value:
    """The same shape, with a variable for each number."""
    match value:
        case Scalar(term):
            return Scalar(Variable(name, term.sort))
        case Struct(of, fields):
            return Struct(of, tuple(variables(f"{name}.{n}", one) for n, one in enumerate(fields)))
        case Array(elements):
            return Array(tuple(variables(f"{name}[{n}]", one) for n, one in enumerate(elements)))
        case Sum(of, _, payloads):
            inner = tuple(
                (n, tuple(variables(f"{name}#{n}.{m}", one) for m, one in enumerate(fields))) for n, fields in payloads
            )
            return Sum(of, Variable(f"{name}#", BitVec(WIDTH)), inner)
        case _:
            return value


def leaves(template: Value, value: Value) -> Iterator[tuple[Variable, Term]]:
    """The variables of a template, each with the term that stands in its place. NotModelled if that has another
    shape.
    """
    match template, value:
        case Scalar(Variable() as variable), Scalar(term):
            yield variable, term
        case (Struct(of, fields), Struct(other_type, others)) if of == other_type and len(fields) == len(others):
            for one, other in zip(fields, others, strict=True):
                yield from leaves(one, other)
        case (Array(fields), Array(others)) if len(fields) == len(others):
            for one, other in zip(fields, others, strict=True):
                yield from leaves(one, other)
        case Sum(of, Variable() as tag, payloads), Sum(other_type, other_tag) if of == other_type:
            yield tag, other_tag
            for number_, fields in payloads:
                payload = value.payload(number_)
                for place, one in enumerate(fields):
                    if payload:  # of a variant that it is not, nobody asks
                        yield from leaves(one, payload[place])
        case _ if template != value:
            raise NotModelled(f"{type(value).__name__} in a static where {type(template).__name__} was")


def joined(one: Value, other: Value) -> Value:
    """The shape of both. NotModelled if there is none."""
    if one == other:
        return one
    match one, other:
        case Undefined(), _:
            return other
        case _, Undefined():
            return one
        case Scalar(term), Scalar(other_term) if term.sort == other_term.sort:
            return one
        case (Struct(of, fields), Struct(other_type, others)) if of == other_type and len(fields) == len(others):
            return Struct(of, _all(fields, others))
        case (Array(fields), Array(others)) if len(fields) == len(others):
            return Array(_all(fields, others))
        case Sum(of, tag, payloads), Sum(other_type, _, other_payloads) if of == other_type:
            mine, theirs = dict(payloads), dict(other_payloads)
            numbers = sorted(mine.keys() | theirs.keys())
            return Sum(of, tag, tuple((n, _all(mine.get(n) or theirs[n], theirs.get(n) or mine[n])) for n in numbers))
    raise NotModelled(f"{type(other).__name__} in a static where {type(one).__name__} was")


def _all(values: tuple[Value, ...], others: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(joined(one, other) for one, other in zip(values, others, strict=True))


def first_values(template: Value, value: Value) -> Iterator[tuple[Variable, int | bool]]:
    """What the variables begin with; those without a value may begin with any."""
    for variable, term in leaves(template, value):
        if not isinstance(term, Literal) or isinstance(term.value, str):
            raise NotModelled("a static that does not begin with numbers")
        yield variable, term.value


def has_array(value: Value) -> bool:
    match value:
        case Array() | Contents():
            return True
        case Struct(_, fields):
            return any(map(has_array, fields))
        case _:
            return False


def lengths(value: Value) -> Iterator[int]:
    """Of its outermost arrays."""
    match value:
        case Array(elements):
            yield len(elements)
        case Contents(Literal(int() as length)):
            yield length
        case Struct(_, fields):
            for one in fields:
                yield from lengths(one)
        case _:
            pass

"""Candidates for the invariant: of each place, how its numbers compare. None is believed: what is not inductive is
dropped.

What is equal comes first. Then one number stands for all that are equal to it, so that there is less to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations, permutations, product

from smt_models.buffers.cuts import EXTENTS, Cell
from smt_models.buffers.factors import Factors, parts_of, terms_of
from smt_models.buffers.heap import HIGHEST, is_power
from smt_models.buffers.model import NOTHING, BufferModel, Place
from smt_models.buffers.roles import among, by_role
from smt_models.pools import conditions as c
from smt_models.pools.settled import Settled
from smt_models.static_pools.places import WIDE, widened
from smt_models.static_pools.values import WIDTH
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable, either, equal, negation
from smt_models.wasm.build import make, number

MOST = 3000
MOST_NUMBERS = 14
"""Of a place, of which sums are looked at."""
MOST_CONSTANTS = 16
_ZERO, _NOTHING = number(0, WIDTH), number(0, WIDE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of a place, those that are not known to be nothing, and one of those that are equal; which of them begin or
    measure something (`extents`), are multiplied, or count. `amounts`: all but powers of two, which are alignments.
    `truths`: what may be so or not.
    """

    all: tuple[Variable, ...]
    amounts: tuple[Variable, ...]
    truths: tuple[Variable, ...]
    extents: tuple[Variable, ...]
    multiplied: tuple[Variable, ...]
    counting: tuple[Variable, ...]


More = Callable[[Numbers, tuple[int, ...]], Iterator[Term]]


def goals(conditions: tuple[str, ...]) -> tuple[Term, ...]:
    """The first of all candidates, in this order, and at last what has no model."""
    return tuple(c.none_broken((name,)) for name in (*conditions, c.UNMODELLED))


def equalities(model: BufferModel) -> tuple[Term, ...]:
    """Of each place: that no run comes to it; what is nothing, what is so or not, and what is equal to another."""
    return tuple(
        either(negation(place.here), one)
        for place in model.places
        for one in (*_no_run(place), *_equal([*map(_variable, place.cells)]))
    )


def _no_run(place: Place) -> tuple[Term, ...]:
    return (FALSE,) if place.number != NOTHING else ()


def settled(model: BufferModel, known: tuple[Term, ...]) -> tuple[Settled, ...]:
    """What of `equalities` that hold all the others that hold follow from: of each number that it is nothing, or the
    first that it is equal to. Of a place to which no run comes only that: there everything holds.
    """
    holding = frozenset(known)
    found: list[Settled] = []
    for place in model.places:
        away = negation(place.here)
        if away in holding:
            found.append(Settled(away, None))
            continue
        first: list[Variable] = []
        for one in map(_variable, place.cells):
            values: Iterator[Term] = chain(_values(one), (each for each in first if each.sort == one.sort))
            ways = (Settled(either(away, _is(one, value)), (one, value)) for value in values)
            way = next((each for each in ways if each.says in holding), None)
            if way is None:
                first.append(one)
            else:
                found.append(way)
    return tuple(found)


def _values(one: Variable) -> tuple[Literal, ...]:
    """That are asked of each."""
    if one.sort == BOOLEAN:
        return TRUE, FALSE
    return (_ZERO,) if one.sort == _ZERO.sort else ()


def _is(one: Variable, value: Term) -> Term:
    if one.sort == BOOLEAN:
        return one if value == TRUE else negation(one)
    return equal(one, value) if isinstance(value, Literal) else equal(value, one)


def for_elements(model: BufferModel, known: tuple[Term, ...]) -> tuple[Term, ...]:
    """Of each place where elements are counted, by what its numbers are for; but of those that are known to be nothing
    or so or not, and of one of those that are equal.
    """
    holding = frozenset(known)
    found = (
        either(negation(place.here), one)
        for place in model.places
        if negation(place.here) not in holding
        for one in by_role(among(place.roles, _standing_for(place, holding)))
    )
    return tuple(dict.fromkeys(found))


def _standing_for(place: Place, known: frozenset[Term]) -> dict[Variable, Variable]:
    """Of each number that is not known, one of those that are equal to it."""
    away = negation(place.here)
    found: dict[Variable, Variable] = {}
    for one in map(_variable, place.cells):
        if one.sort == BOOLEAN:
            settled = {either(away, one), either(away, negation(one))} & known
        else:
            settled = {either(away, equal(one, _ZERO))} & known
        if not settled:
            equals = (
                each for each in found.values() if each.sort == one.sort and either(away, equal(each, one)) in known
            )
            found[one] = next(equals, one)
    return found


def further(model: BufferModel, known: tuple[Term, ...], more: More) -> tuple[Term, ...]:
    """Candidates besides those that are known to hold."""
    constants, factors = _constants(model), Factors.of(model)
    numbers = [(negation(place.here), _numbers(place, frozenset(known), factors)) for place in model.places]
    found = (either(away, one) for away, of in numbers for one in more(of, constants))
    return tuple(dict.fromkeys(found))[:MOST]


def _variable(cell: Cell) -> Variable:
    return cell.variable


def _equal(cells: list[Variable]) -> Iterator[Term]:
    for one in cells:
        yield from (_is(one, value) for value in _values(one))
    for one, other in combinations(cells, 2):
        if one.sort == other.sort == BitVec(WIDTH):
            yield equal(one, other)


def _numbers(place: Place, known: frozenset[Term], factors: Factors) -> Numbers:
    away = negation(place.here)
    classes: list[list[Cell]] = []
    truths = []
    for cell in place.cells:
        one = cell.variable
        if one.sort == BOOLEAN:
            truths += [] if {either(away, one), either(away, negation(one))} & known else [one]
        elif one.sort == BitVec(WIDTH) and either(away, equal(one, _ZERO)) not in known:
            of = next((each for each in classes if either(away, equal(each[0].variable, one)) in known), None)
            if of is None:
                classes.append([cell])
            else:
                of.append(cell)

    def those(wanted: Callable[[Cell], bool]) -> tuple[Variable, ...]:
        return tuple(each[0].variable for each in classes if any(map(wanted, each)))

    return Numbers(
        those(lambda _: True),
        those(lambda cell: either(away, is_power(cell.variable)) not in known),
        tuple(truths),
        those(lambda cell: cell.name.startswith(EXTENTS)),
        those(lambda cell: cell.variable in factors.multiplied),
        those(lambda cell: cell.variable in factors.counting),
    )


def _compared(of: Numbers, constants: tuple[int, ...]) -> Iterator[Term]:
    """With each other, with the numbers of the code, and with the most that a size can be."""
    for one in of.all:
        yield negation(equal(one, _ZERO))
        yield from (equal(one, number(value, WIDTH)) for value in constants)
        yield is_power(one)
        yield make("bvult", one, number(HIGHEST, WIDTH))
    yield from (make("bvule", one, other) for one, other in permutations(of.all, 2))
    for one, other in combinations(of.multiplied, 2):
        yield from (either(negation(truth), equal(one, other)) for truth in of.truths)


def _limited(of: Numbers, constants: tuple[int, ...]) -> Iterator[Term]:
    """Bounds by the numbers of the code, and by what a layout allows."""
    for one in of.all:
        for value in constants:
            yield make("bvule", one, number(value, WIDTH))
            yield make("bvule", number(value, WIDTH), one)
        yield make("bvule", one, number(HIGHEST, WIDTH))
    for one, other in permutations(of.all, 2):
        yield make("bvule", one, make("bvsub", number(HIGHEST, WIDTH), other))


def _sums(of: Numbers, _: tuple[int, ...]) -> Iterator[Term]:
    """One and another make up a third or less, or no more than a third and what is counted with."""
    for whole, third in _triples(of):
        yield make("bvule", whole, third)
    for one, counted in permutations(of.counting, 2):
        for other, third in permutations((each for each in of.amounts if each not in (one, counted)), 2):
            yield make("bvule", _sum(one, other), _sum(counted, third))


def _equal_sums(of: Numbers, _: tuple[int, ...]) -> Iterator[Term]:
    for whole, third in _triples(of):
        yield equal(whole, third)


def _triples(of: Numbers) -> Iterator[tuple[Term, Term]]:
    if len(of.amounts) <= MOST_NUMBERS:
        for one, other in combinations(of.amounts, 2):
            thirds = (each for each in of.amounts if each not in (one, other))
            yield from ((_sum(one, other), make("zero_extend", each, indices=(2,))) for each in thirds)


def _sum(one: Variable, other: Variable) -> Term:
    """So wide that it does not wrap."""
    return make("bvadd", *(make("zero_extend", each, indices=(2,)) for each in (one, other)))


def _products(of: Numbers, _: tuple[int, ...]) -> Iterator[Term]:
    """So many times a number is where something begins, or how much there is of it; or it is nothing, if it is not
    known that something else is so.
    """
    unless: tuple[Term, ...] = (FALSE, *of.truths)
    for factor in of.multiplied:
        others = [one for one in of.all if one != factor]
        for count in others:
            whole = make("bvmul", widened(count), widened(factor))
            yield from (either(one, equal(whole, _NOTHING)) for one in unless)
            yield make("bvult", whole, number(HIGHEST, WIDE))
            for extent in of.extents:
                if extent not in (count, factor):
                    yield equal(whole, widened(extent))
                    yield equal(make("bvmul", count, factor), extent)
        for count, counted in product(others, of.counting):
            whole = make("bvmul", widened(make("bvadd", count, counted)), widened(factor))
            yield from (equal(whole, widened(one)) for one in of.extents if one not in (count, counted, factor))


TIERS: tuple[More, ...] = (_compared, _sums, _products, _equal_sums, _limited)
"""Few first, then more."""


def _constants(model: BufferModel) -> tuple[int, ...]:
    """The numbers of the code, smallest first."""
    found: set[int] = set()
    for path in model.paths:
        for term in parts_of(terms_of(path)):
            match term:
                case Literal(int() as value, BitVec()) if 0 < value < HIGHEST:
                    found.add(value)
                case _:
                    pass
    return tuple(sorted(found)[:MOST_CONSTANTS])

"""Candidates for the invariant: of each place, how its numbers compare. None is believed: what is not inductive is
dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from smt_models.buffers.heap import HIGHEST, is_power
from smt_models.buffers.model import BufferModel, Place
from smt_models.pools import conditions as c
from smt_models.static_pools.values import WIDTH
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Apply, Literal, Term, Variable, either, equal, negation
from smt_models.wasm.build import make, number, width_of

MOST = 3000
MOST_CELLS = 14
"""Of a place, of which sums are looked at."""
MOST_CONSTANTS = 16


def tiers(model: BufferModel) -> Iterator[tuple[Term, ...]]:
    """Few first, then more; the goals are the first of each, in the model's order, and at last what has no model."""
    goals = [c.none_broken((name,)) for name in (*model.kinds, c.UNMODELLED)]
    constants = _constants(model)
    found = dict.fromkeys(goals)
    for more in (_compared, _limited, _sums):
        for place in model.places:
            away = negation(place.here)
            found |= dict.fromkeys(either(away, one) for one in more(place, constants))
        yield tuple(found)[:MOST]


def _numbers(place: Place) -> list[Variable]:
    return [cell.variable for cell in place.cells if cell.variable.sort == BitVec(WIDTH)]


def _compared(place: Place, constants: list[int]) -> Iterator[Term]:
    """With each other, with nothing, with the numbers of the code, and with the most that a size can be."""
    for cell in place.cells:
        one = cell.variable
        if one.sort == BOOLEAN:
            yield from (one, negation(one))
        else:
            zero = equal(one, number(0, width_of(one)))
            yield from (zero, negation(zero))
    for one in _numbers(place):
        yield from (equal(one, number(value, WIDTH)) for value in constants)
        yield is_power(one)
        yield make("bvult", one, number(HIGHEST, WIDTH))
    for one, other in permutations(_numbers(place), 2):
        yield make("bvule", one, other)
        if one.name < other.name:
            yield equal(one, other)


def _limited(place: Place, constants: list[int]) -> Iterator[Term]:
    """Bounds by the numbers of the code, and by what a layout allows."""
    numbers = _numbers(place)
    for one in numbers:
        for value in constants:
            yield make("bvule", one, number(value, WIDTH))
            yield make("bvule", number(value, WIDTH), one)
        yield make("bvule", one, number(HIGHEST, WIDTH))
    for one, other in permutations(numbers, 2):
        yield make("bvule", one, make("bvsub", number(HIGHEST, WIDTH), other))


def _sums(place: Place, _: list[int]) -> Iterator[Term]:
    """One and another make up a third, or less."""
    numbers = _numbers(place)
    if len(numbers) > MOST_CELLS:
        return
    for one, other in combinations(numbers, 2):
        whole = make("bvadd", *(make("zero_extend", each, indices=(2,)) for each in (one, other)))
        for third in numbers:
            if third not in (one, other):
                wide = make("zero_extend", third, indices=(2,))
                yield from (equal(whole, wide), make("bvule", whole, wide))


def _constants(model: BufferModel) -> list[int]:
    """The numbers of the code, smallest first."""
    found: set[int] = set()
    seen: set[Term] = set()
    waiting: list[Term] = []
    for one in model.paths:
        waiting += [one.step.step.guard, *(term for name, term in one.step.step.updates if name != "place")]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        match term:
            case Apply(_, arguments):
                waiting.extend(arguments)
            case Literal(int() as value, BitVec()) if 0 < value < HIGHEST:
                found.add(value)
            case _:
                pass
    return sorted(found)[:MOST_CONSTANTS]

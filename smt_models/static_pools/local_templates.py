"""Candidates for what holds of a call's own numbers while it is at the head of a loop: bounds, and which of them is
below which other or below a number of the statics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

from smt_models.static_pools.loops import is_at, its_head
from smt_models.static_pools.model import StaticPools
from smt_models.system.terms import BOOLEAN, Term, Variable, either, equal, negation
from smt_models.wasm.build import make, number, width_of

MOST_PAIRED = 8
"""Numbers of one head."""


def local_bounds(model: StaticPools, constants: list[int]) -> Iterator[Term]:
    for place, those in _at_heads(model):
        yield from (either(negation(is_at(place)), one) for of in those for one in _bounds(of, constants))


def _bounds(one: Variable, constants: list[int]) -> Iterator[Term]:
    if one.sort == BOOLEAN:
        yield one
        yield negation(one)
        return
    width = width_of(one)
    fitting = [value for value in constants if value < 1 << width]
    yield from (make("bvule", one, number(value, width)) for value in fitting)
    yield from (make("bvule", number(value, width), one) for value in fitting if value)


def local_pairs(model: StaticPools, loose: Iterable[Variable]) -> Iterator[Term]:
    """`loose`: numbers of the statics by themselves."""
    statics = list(loose)
    for place, those in _at_heads(model):
        if len(those) <= MOST_PAIRED:
            yield from (either(negation(is_at(place)), one) for one in _pairs(those, statics))


def _pairs(those: list[Variable], statics: list[Variable]) -> Iterator[Term]:
    for one, other in (*permutations(those, 2), *((a, b) for a in those for b in statics)):
        if one.sort == other.sort != BOOLEAN:
            yield make("bvule", one, other)
            yield make("bvult", one, other)
            if other in statics:
                yield equal(one, other)
                yield make("bvule", other, one)


def _at_heads(model: StaticPools) -> Iterable[tuple[str, list[Variable]]]:
    """Those of each head."""
    found: dict[str, list[Variable]] = {}
    for one, _ in model.cells:
        if one in model.locals:
            found.setdefault(its_head(one), []).append(one)
    return found.items()

"""Candidates for what holds of a call's own numbers at the heads of its loops: bounds, and which of them is below which
other or below a number of the statics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

from smt_models.static_pools.model import StaticPools
from smt_models.system.terms import BOOLEAN, Term, Variable, equal, negation
from smt_models.wasm.build import make, number, width_of

MOST_PAIRED = 8
"""Numbers of one head."""


def local_bounds(model: StaticPools, constants: list[int]) -> Iterator[Term]:
    for one in _locals(model):
        if one.sort == BOOLEAN:
            yield one
            yield negation(one)
            continue
        width = width_of(one)
        yield from (make("bvule", one, number(value, width)) for value in constants if value < 1 << width)


def local_pairs(model: StaticPools, loose: Iterable[Variable]) -> Iterator[Term]:
    """`loose`: numbers of the statics by themselves."""
    statics = list(loose)
    for those in _at_heads(model):
        if len(those) > MOST_PAIRED:
            continue
        for one, other in (*permutations(those, 2), *((a, b) for a in those for b in statics)):
            if one.sort == other.sort != BOOLEAN:
                yield make("bvule", one, other)
                yield make("bvult", one, other)
                if other in statics:
                    yield equal(one, other)
                    yield make("bvule", other, one)


def _locals(model: StaticPools) -> list[Variable]:
    return [one for one, _ in model.cells if one in model.locals]


def _at_heads(model: StaticPools) -> Iterable[list[Variable]]:
    """Those of each head."""
    found: dict[str, list[Variable]] = {}
    for one in _locals(model):
        found.setdefault(one.name.partition(" in loop ")[2], []).append(one)
    return found.values()

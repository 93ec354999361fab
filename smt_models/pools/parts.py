"""Candidates for the invariant of a pool of several parts: those of each part by itself, said of blocks that lie in it.

None of them is believed, as none of `templates` is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.pools.steps import PoolStep
from smt_models.system.terms import Apply, Literal, Term, Variable, apply, both
from smt_models.wasm.build import make, number

Tiers = Callable[[PoolModel], Iterator[tuple[Term, ...]]]
Cases = Callable[[PoolStep], tuple[Term, ...]]


def tiers_of_parts(model: PoolModel, goals: tuple[Term, ...], of: Tiers) -> Iterator[tuple[Term, ...]]:
    """The tiers that each part has, side by side; where one has fewer, its last once more."""
    each = [[[_of_part(one, part) for one in tier] for tier in of(part)] for part in parts(model)]
    for place in range(max(map(len, each))):
        here = [term for found in each for term in found[min(place, len(found) - 1)]]
        yield tuple(dict.fromkeys([*goals, *here]))


def parts(model: PoolModel) -> tuple[PoolModel, ...]:
    """The model as if all its pool were one part."""
    return tuple(replace(model, pool=part) for part in model.pool.parts)


def _of_part(term: Term, part: PoolModel) -> Term:
    """What is said of a live block is said of one that begins in the part."""
    offset = make("bvsub", c.AT, number(part.pool.base, 32))
    here = both(c.LIVE, make("bvult", offset, number(part.pool.size, 32)))
    known: dict[Term, Term] = {c.LIVE: here}

    def said(one: Term) -> Term:
        if one not in known:
            match one:
                case Apply(operator, arguments, _, indices):
                    known[one] = apply(operator, *map(said, arguments), indices=indices)
                case Variable() | Literal():
                    known[one] = one
        return known[one]

    return said(term)

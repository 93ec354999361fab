"""Candidates for what cells say of the blocks that were handed out, where all blocks of a static are of one size."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.static_pools.blocks import Ghost, Given
from smt_models.static_pools.model import StaticPools
from smt_models.static_pools.owner_templates import said_by_cells
from smt_models.static_pools.owners import MOST_PLACES
from smt_models.static_pools.values import WIDTH
from smt_models.system.terms import Term, both, either, equal, implies
from smt_models.wasm.build import constant, number


def slot_candidates(model: StaticPools) -> Iterator[Term]:
    """A live block is one of the slots, and its slot's row or bit is set, or clear, or a count is beyond it or
    not.
    """
    for pool in model.pools:
        for live, giving in model.blocks_in(pool):
            yield from _of_array(model, model.ghost(pool), live, [one.given for one in giving if one.given is not None])


def _of_array(model: StaticPools, ghost: Ghost, live: Term, given: list[Given]) -> Iterator[Term]:
    sizes, lengths = {constant(one.size) for one in given}, {constant(one.length) for one in given}
    if len(sizes) != 1 or len(lengths) != 1:
        return
    (size,), (length,) = sizes, lengths
    if not size or not length or length % size or length // size > MOST_PLACES:
        return
    places = [equal(ghost.at, number(place, WIDTH)) for place in range(0, length, size)]
    yield implies(live, equal(ghost.size, number(size, WIDTH)))
    yield implies(live, either(*places) if len(places) > 1 else places[0])
    for place, here in enumerate(places):
        for one in said_by_cells(model, place):
            yield implies(both(live, here), one)

"""Candidates for what holds between owners, the cells of their pool, and the blocks that they lend."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.static_pools.model import StaticPools
from smt_models.static_pools.owners import Owners
from smt_models.system.terms import (
    BOOLEAN,
    Apply,
    Term,
    Variable,
    apply,
    both,
    equal,
    implies,
    negation,
    variables_of,
)
from smt_models.wasm.build import make, number, width_of


def owner_candidates(model: StaticPools) -> Iterator[Term]:
    """None where the statics have no owners."""
    if model.owners is None:
        return
    for place in range(model.owners.places):
        yield negation(model.owners.again(place))
        for one in said_by_cells(model, place):
            yield implies(model.owners.out(place), one)
    yield from _of_blocks(model, model.owners)


def said_by_cells(model: StaticPools, place: int) -> Iterator[Term]:
    """What the cell of an owner's number may say while it is out: that of this row, that bit, or a count beyond it or
    not."""
    for cell in model.of_statics:
        if "[" in cell.name:
            if f"[{place}]" in cell.name:
                yield from _either_way(cell)
        elif cell.sort != BOOLEAN:
            width = width_of(cell)
            if place < width:
                bit = make("extract", cell, indices=(place, place))
                yield equal(bit, number(1, 1))
                yield equal(bit, number(0, 1))
            beyond = make("bvult", number(place, width), cell)
            yield beyond
            yield negation(beyond)


def _either_way(cell: Variable) -> Iterator[Term]:
    is_set = cell if cell.sort == BOOLEAN else negation(equal(cell, number(0, width_of(cell))))
    yield is_set
    yield negation(is_set)


def _of_blocks(model: StaticPools, owners: Owners) -> Iterator[Term]:
    """A block that an owner has lends is where the call that lent it says, and its owner is out."""
    for pool in model.pools:
        ghost = model.ghost(pool)
        if ghost.owned is None or ghost.owner is None:
            continue
        yield implies(both(ghost.live, ghost.owned), owners.is_out(ghost.owner))
        for live, giving in model.blocks_in(pool):
            lent = both(live, ghost.owned)
            yield implies(live, ghost.owned)
            for one in giving:
                if one.given is None or one.passed is None:
                    continue
                for place, term in ((ghost.at, one.given.at), (ghost.size, one.given.size)):
                    if set(variables_of(term)) <= {one.passed.value}:
                        said = _about(ghost.owner, one.passed.value, term)
                        yield implies(lent, equal(place, said))
                        yield implies(lent, make("bvule", place, said))


def _about(new: Variable, old: Variable, term: Term) -> Term:
    """The term with another variable in the place of one."""
    match term:
        case Apply(operator, arguments, _, indices):
            return apply(operator, *(_about(new, old, one) for one in arguments), indices=indices)
        case _:
            return new if term == old else term

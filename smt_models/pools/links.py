"""Candidates for invariants about free slots that are linked by address, each link in the slot itself.

The head leads nowhere or to a free slot, and so does the link in each free slot; no two lead to the same one. That the
list does not come back to itself follows: the head's slot would have two links to it. A slot that is taken was once
handed out: a host may release what it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools.lent import not_before
from smt_models.pools.model import PoolModel
from smt_models.pools.taken import Slots, lent, made_of, marked
from smt_models.system.terms import Term, Variable, both, conjunction, either, equal, implies
from smt_models.wasm.build import number, width_of


@dataclass(frozen=True, slots=True)
class _List:
    """Of each slot, its `cells` link to the next; `head`: where the list begins."""

    slots: Slots
    cells: list[Variable]
    head: Variable


def links(model: PoolModel, numbers: list[Variable]) -> Iterator[tuple[Term, ...]]:
    """Ways in which a list may be kept, the plainest first: slots are taken that are lent, and all others are in the
    list; or only those that were ever taken, as a number counts them; or the module keeps which are taken.
    `numbers`: those that stand in no table.
    """
    found = list(_found(model, numbers))
    if found and model.lent:
        by_lent = [
            _List(Slots.all_ever(starts, taken), cells, head)
            for starts, cells, head in found
            for taken in lent(model, starts)
        ]
        linked_at_once = not_before(numbers, list(model.lent.values()))
        yield (*linked_at_once, *(term for one in by_lent for term in _terms(one)))
        yield tuple(term for one in by_lent for way in _counted(one, numbers) for term in _terms(way))
    for starts, cells, head in found:
        for taken in marked(model, len(starts), numbers, besides=head):
            of_one = _List(Slots.all_ever(starts, taken), cells, head)
            yield tuple(term for way in (of_one, *_counted(of_one, numbers)) for term in _terms(way))


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[tuple[list[int], list[Variable], Variable]]:
    """Starts of slots, the cells of links in them, and a head: it becomes what a slot holds."""
    known = {cell.address: cell.variable for cell, _ in model.calls.cells}
    of_pool = (one for one in model.calls.layout.links if model.pool.base <= one.address < model.pool.end)
    for table in of_pool:
        cells = [known[place] for place in table.places if place in known]
        starts = [model.pool.base + place - table.address for place in table.places]
        if len(cells) == len(starts):
            heads = [one for one in numbers if width_of(one) == 32 and made_of(model, one, cells)]
            yield from ((starts, cells, head) for head in heads)


def _counted(of: _List, numbers: list[Variable]) -> Iterator[_List]:
    """A number says how many slots were ever taken."""
    return (replace(of, slots=of.slots.counted(count)) for count in numbers if count != of.head)


def _terms(of: _List) -> Iterator[Term]:
    yield from of.slots.claims()
    yield from _linked(of)


def _linked(of: _List) -> Iterator[Term]:
    def leads(pointer: Variable) -> Term:
        ways = (
            both(equal(pointer, number(at, 32)), free) for at, free in zip(of.slots.starts, of.slots.free, strict=True)
        )
        return either(_null(pointer), *ways)

    cells = list(zip(of.cells, of.slots.free, strict=True))
    yield from (implies(free, leads(cell)) for cell, free in cells)
    for place, (cell, free) in enumerate(cells):
        yield conjunction(
            implies(both(free, other_free, equal(cell, other)), _null(cell)) for other, other_free in cells[:place]
        )
    yield leads(of.head)
    yield conjunction(implies(both(free, equal(cell, of.head)), _null(cell)) for cell, free in cells)


def _null(pointer: Variable) -> Term:
    return equal(pointer, number(0, 32))

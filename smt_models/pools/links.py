"""Candidates for invariants about free slots that are linked by address, each link in the slot itself.

The head leads nowhere or to a free slot, and so does the link in each free slot; no two lead to the same one. That the
list does not come back to itself follows: the head's slot would have two links to it. A slot that is taken was once
handed out: a host may release what it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools import conditions as c
from smt_models.pools.lent import not_before
from smt_models.pools.model import PoolModel
from smt_models.pools.taken import marked
from smt_models.system.terms import (
    TRUE,
    Term,
    Variable,
    both,
    conjunction,
    either,
    equal,
    implies,
    negation,
    variables_of,
)
from smt_models.wasm.build import make, number, width_of


@dataclass(frozen=True, slots=True)
class _List:
    """`slots`: their addresses; of each, its `cells` link to the next, and whether it was `ever` and is now `taken`.
    `head`: where the list begins.
    """

    slots: list[int]
    cells: list[Variable]
    head: Variable
    taken: list[Term]
    ever: list[Term]

    @property
    def free(self) -> list[Term]:
        return [both(there, negation(taken)) for there, taken in zip(self.ever, self.taken, strict=True)]


def links(model: PoolModel, numbers: list[Variable]) -> Iterator[tuple[Term, ...]]:
    """Ways in which a list may be kept, the plainest first: slots are taken that are lent, and all others are in the
    list; or only those that were ever taken, as a number counts them; or the module keeps which are taken.
    `numbers`: those that stand in no table.
    """
    lent = model.lent
    found = list(_found(model, numbers))
    if found and lent:
        whole = (one for one in found if lent.keys() >= set(one.slots))
        by_lent = [replace(one, taken=[lent[slot] for slot in one.slots]) for one in whole]
        linked_at_once = not_before(numbers, list(lent.values()))
        yield (*linked_at_once, *(term for one in by_lent for term in _terms(one)))
        yield tuple(term for one in by_lent for way in _counted(one, numbers) for term in _terms(way))
    for one in found:
        for taken in marked(model, len(one.slots), numbers, besides=one.head):
            of_one = replace(one, taken=taken)
            yield tuple(term for way in (of_one, *_counted(of_one, numbers)) for term in _terms(way))


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_List]:
    """The head becomes what a slot holds."""
    known = {cell.address: cell.variable for cell, _ in model.calls.cells}
    of_pool = (one for one in model.calls.layout.links if model.pool.base <= one.address < model.pool.end)
    for table in of_pool:
        cells = [known[place] for place in table.places if place in known]
        slots = [model.pool.base + place - table.address for place in table.places]
        if len(cells) == len(slots):
            heads = [one for one in numbers if width_of(one) == 32 and _follows(model, one, cells)]
            yield from (_List(slots, cells, head, [], [TRUE] * len(cells)) for head in heads)


def _counted(of: _List, numbers: list[Variable]) -> Iterator[_List]:
    """A number says how many slots were ever taken."""
    for count in numbers:
        if count != of.head:
            yield replace(of, ever=[make("bvult", number(at, width_of(count)), count) for at in range(len(of.slots))])


def _follows(model: PoolModel, pointer: Variable, cells: list[Variable]) -> bool:
    updates = (step.step.update(pointer.name) for step in model.steps)
    return any(term is not None and not set(cells).isdisjoint(variables_of(term)) for term in updates)


def _terms(of: _List) -> Iterator[Term]:
    yield from _ghost(of)
    yield from _linked(of)


def _ghost(of: _List) -> Iterator[Term]:
    ways = zip(of.slots, of.taken, of.ever, strict=True)
    yield implies(c.LIVE, either(*(both(equal(c.AT, number(at, 32)), taken, ever) for at, taken, ever in ways)))


def _linked(of: _List) -> Iterator[Term]:
    def leads(pointer: Variable) -> Term:
        ways = (both(equal(pointer, number(at, 32)), free) for at, free in zip(of.slots, of.free, strict=True))
        return either(_null(pointer), *ways)

    cells = list(zip(of.cells, of.free, strict=True))
    yield conjunction(implies(taken, ever) for taken, ever in zip(of.taken, of.ever, strict=True))
    yield from (implies(free, leads(cell)) for cell, free in cells)
    for place, (cell, free) in enumerate(cells):
        yield conjunction(
            implies(both(free, other_free, equal(cell, other)), _null(cell)) for other, other_free in cells[:place]
        )
    yield leads(of.head)
    yield conjunction(implies(both(free, equal(cell, of.head)), _null(cell)) for cell, free in cells)


def _null(pointer: Variable) -> Term:
    return equal(pointer, number(0, 32))

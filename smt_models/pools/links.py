"""Candidates for invariants about free slots that are linked by address, each link in the slot itself.

The head leads nowhere or to a free slot, and so does the link in each free slot; no two lead to the same one. That the
list does not come back to itself follows: the head's slot would have two links to it. A slot that is taken was once
handed out: a host may release what it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
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


def links(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """`numbers`: those that stand in no table."""
    for one in _found(model, numbers):
        yield from _ghost(one)
        yield from _linked(one)


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_List]:
    """The head becomes what a slot holds. A bit of a cell is set for each slot that is taken; all slots are in the
    list at first, or a number says how many were ever taken.
    """
    known = {cell.address: cell.variable for cell, _ in model.calls.cells}
    for table in model.calls.layout.links:
        cells = [known[place] for place in table.places]
        slots = [model.pool.base + place - table.address for place in table.places]
        heads = [one for one in numbers if width_of(one) == 32 and _follows(model, one, cells)]
        others = [one for one in numbers if one not in heads]
        for head in heads:
            for marks in others:
                if width_of(marks) >= len(cells):
                    taken = [equal(make("extract", marks, indices=(at, at)), number(1, 1)) for at in range(len(cells))]
                    yield _List(slots, cells, head, taken, [TRUE] * len(cells))
                    for count in others:
                        if count is not marks:
                            ever = [make("bvult", number(at, width_of(count)), count) for at in range(len(cells))]
                            yield _List(slots, cells, head, taken, ever)


def _follows(model: PoolModel, pointer: Variable, cells: list[Variable]) -> bool:
    updates = (step.step.update(pointer.name) for step in model.steps)
    return any(term is not None and not set(cells).isdisjoint(variables_of(term)) for term in updates)


def _ghost(of: _List) -> Iterator[Term]:
    ways = zip(of.slots, of.taken, of.ever, strict=True)
    yield implies(c.LIVE, either(*(both(equal(c.AT, number(at, 32)), taken, ever) for at, taken, ever in ways)))


def _linked(of: _List) -> Iterator[Term]:
    def leads(pointer: Variable) -> Term:
        ways = (both(equal(pointer, number(at, 32)), free) for at, free in zip(of.slots, of.free, strict=True))
        return either(_null(pointer), *ways)

    cells = list(zip(of.cells, of.free, strict=True))
    yield conjunction(implies(taken, ever) for taken, ever in zip(of.taken, of.ever, strict=True))
    yield conjunction(implies(free, leads(cell)) for cell, free in cells)
    yield conjunction(
        implies(both(free, other_free, equal(cell, other)), _null(cell))
        for (cell, free), (other, other_free) in combinations(cells, 2)
    )
    yield leads(of.head)
    yield conjunction(implies(both(free, equal(cell, of.head)), _null(cell)) for cell, free in cells)


def _null(pointer: Variable) -> Term:
    return equal(pointer, number(0, 32))

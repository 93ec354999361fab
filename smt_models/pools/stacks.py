"""Candidates for invariants about free slots whose numbers lie on a stack: a table, and a number that says how deep.

What lies on the stack are numbers of free slots, each once. A free slot lies there, or was never taken: so slots that
are taken and those on the stack together are all that were ever taken, which is why the stack never overflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.pools.shapes import added_up, rows_of, slot_sizes, widened
from smt_models.pools.taken import marked
from smt_models.system.terms import (
    TRUE,
    Term,
    Variable,
    both,
    choose,
    conjunction,
    either,
    equal,
    implies,
    negation,
    variables_of,
)
from smt_models.wasm.build import make, number, width_of


@dataclass(frozen=True, slots=True)
class _Stack:
    """`slots`: their addresses; of each, whether it is `taken`. `fresh` says how many were ever taken, None: all."""

    slots: list[int]
    entries: list[Variable]
    depth: Variable
    taken: list[Term]
    fresh: Variable | None = None

    def ever(self, slot: int) -> Term:
        return TRUE if self.fresh is None else make("bvult", number(slot, width_of(self.fresh)), self.fresh)

    def free(self, slot: int) -> Term:
        return both(self.ever(slot), negation(self.taken[slot]))

    def used(self, entry: int) -> Term:
        return make("bvult", number(entry, width_of(self.depth)), self.depth)


def stacks(model: PoolModel, numbers: list[Variable]) -> Iterator[tuple[Term, ...]]:
    """Ways in which it may be kept, each by itself: beside others its questions take many times as long. All slots lie
    on the stack at first; or a number says how many were ever taken. `numbers`: those that stand in no table.
    """
    for one in _found(model, numbers):
        yield tuple(_terms(one))
        yield from (tuple(_terms(replace(one, fresh=fresh))) for fresh in numbers if fresh != one.depth)


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_Stack]:
    """What is written to an entry depends on how deep the stack is, and on nothing else that is counted so."""
    for size in slot_sizes(model):
        count = model.pool.size // size
        slots = [model.pool.base + size * slot for slot in range(count)]
        for entries in (row for row in rows_of(model) if len(row) == count):
            for depth in numbers:
                if _pushed(model, entries[0], depth):
                    for taken in _taken(model, slots, numbers, entries, depth):
                        yield _Stack(slots, entries, depth, taken)


def _pushed(model: PoolModel, entry: Variable, depth: Variable) -> bool:
    after = (dict(step.step.updates) for step in model.steps)
    return any(
        entry.name in updates and depth.name in updates and depth in variables_of(updates[entry.name])
        for updates in after
    )


def _taken(
    model: PoolModel, slots: list[int], numbers: list[Variable], entries: list[Variable], depth: Variable
) -> Iterator[list[Term]]:
    """By what the module keeps, if it does; else they are lent, of which more has to be said."""
    yield from marked(model, len(slots), [one for one in numbers if one != depth], besides=entries[0])
    if model.lent.keys() >= set(slots):
        yield [model.lent[slot] for slot in slots]


def _terms(of: _Stack) -> Iterator[Term]:
    places = range(len(of.slots))
    yield from _ghost(of)
    yield make("bvule", of.depth, number(len(places), width_of(of.depth)))
    if of.fresh is not None:
        yield make("bvule", of.fresh, number(len(places), width_of(of.fresh)))
        yield conjunction(implies(of.taken[slot], of.ever(slot)) for slot in places)
    for entry in places:
        names = (both(_names(of.entries[entry], slot), of.free(slot)) for slot in places)
        yield implies(of.used(entry), either(*names))
        others = (negation(equal(of.entries[entry], of.entries[other])) for other in range(entry))
        yield implies(of.used(entry), conjunction(others))
    yield _all_told(of)


def _ghost(of: _Stack) -> Iterator[Term]:
    places = enumerate(of.slots)
    yield implies(c.LIVE, either(*(both(equal(c.AT, number(at, 32)), of.taken[slot]) for slot, at in places)))


def _names(entry: Variable, slot: int) -> Term:
    return equal(entry, number(slot, width_of(entry)))


def _all_told(of: _Stack) -> Term:
    """Those that are taken and those on the stack are all that were ever taken."""
    taken = added_up([choose(one, number(1, 1), number(0, 1)) for one in of.taken])
    whole = number(len(of.slots), 32) if of.fresh is None else of.fresh
    width = max(width_of(taken), width_of(of.depth), width_of(whole)) + 1
    return equal(make("bvadd", widened(taken, width), widened(of.depth, width)), widened(whole, width))

"""Candidates for invariants about free slots whose numbers lie on a stack: a table, and a number that says how deep.

What lies on the stack are numbers of free slots, each once. A free slot lies there, or was never taken: so slots that
are taken and those on the stack together are all that were ever taken, which is why the stack never overflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools.model import PoolModel
from smt_models.pools.shapes import added_up, rows_of, slot_sizes, widened
from smt_models.pools.taken import Slots, lent, made_of, marked
from smt_models.system.terms import Term, Variable, both, choose, conjunction, either, equal, implies, negation
from smt_models.wasm.build import make, number, width_of


@dataclass(frozen=True, slots=True)
class _Stack:
    """`fresh` says how many slots were ever taken, None: all."""

    slots: Slots
    entries: list[Variable]
    depth: Variable
    fresh: Variable | None = None

    def counted(self, fresh: Variable) -> _Stack:
        return replace(self, slots=self.slots.counted(fresh), fresh=fresh)

    def used(self, entry: int) -> Term:
        return make("bvult", number(entry, width_of(self.depth)), self.depth)


def stacks(model: PoolModel, numbers: list[Variable]) -> Iterator[tuple[Term, ...]]:
    """Ways in which it may be kept, each by itself: beside others its questions take many times as long. All slots lie
    on the stack at first; or a number says how many were ever taken. `numbers`: those that stand in no table.
    """
    for one in _found(model, numbers):
        yield tuple(_terms(one))
        yield from (tuple(_terms(one.counted(fresh))) for fresh in numbers if fresh != one.depth)


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_Stack]:
    """What is written to an entry depends on how deep the stack is."""
    for size in slot_sizes(model):
        starts = list(range(model.pool.base, model.pool.end - size + 1, size))
        for entries in (row for row in rows_of(model) if len(row) == len(starts)):
            for depth in numbers:
                if made_of(model, entries[0], [depth]):
                    for taken in _taken(model, starts, [one for one in numbers if one != depth], entries):
                        yield _Stack(Slots.all_ever(starts, taken), entries, depth)


def _taken(
    model: PoolModel, starts: list[int], numbers: list[Variable], entries: list[Variable]
) -> Iterator[list[Term]]:
    """By what the module keeps, if it does; else they are lent, of which more has to be said."""
    yield from marked(model, len(starts), numbers, besides=entries[0])
    yield from lent(model, starts)


def _terms(of: _Stack) -> Iterator[Term]:
    count = len(of.slots.starts)
    yield from of.slots.claims()
    counters = (of.depth,) if of.fresh is None else (of.depth, of.fresh)
    yield from (make("bvule", one, number(count, width_of(one))) for one in counters)
    for place, entry in enumerate(of.entries):
        names = (both(_names(entry, slot), free) for slot, free in enumerate(of.slots.free))
        yield implies(of.used(place), either(*names))
        others = (negation(equal(entry, other)) for other in of.entries[:place])
        yield implies(of.used(place), conjunction(others))
    yield _all_told(of)


def _names(entry: Variable, slot: int) -> Term:
    return equal(entry, number(slot, width_of(entry)))


def _all_told(of: _Stack) -> Term:
    """Those that are taken and those on the stack are all that were ever taken."""
    taken = added_up([choose(one, number(1, 1), number(0, 1)) for one in of.slots.taken])
    whole = number(len(of.slots.starts), 32) if of.fresh is None else of.fresh
    width = max(width_of(taken), width_of(of.depth), width_of(whole)) + 1
    return equal(make("bvadd", widened(taken, width), widened(of.depth, width)), widened(whole, width))

"""Candidates for invariants about free slots whose numbers lie on a stack: a table, and a number that says how deep.

What lies on the stack are numbers of free slots, each once. A free slot lies there, or was never taken: so slots that
are taken and those on the stack together are all that were ever taken, which is why the stack never overflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools.lent import COUNT_BITS
from smt_models.pools.model import PoolModel
from smt_models.pools.pushed import depths
from smt_models.pools.shapes import added_up, rows_of, slot_sizes, widened
from smt_models.pools.taken import Slots, holds_at_first, lent, marked
from smt_models.system.terms import Term, Variable, choose, conjunction, equal, implies, negation
from smt_models.wasm.build import make, number, width_of


@dataclass(frozen=True, slots=True)
class _Stack:
    """`below`: of each slot, how many are lent before the next; none where that is not kept. `fresh` says how many
    slots were ever taken, None: all.
    """

    slots: Slots
    entries: list[Variable]
    depth: Variable
    below: list[Variable]
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
        counted = (one.counted(fresh) for fresh in numbers if fresh != one.depth)
        yield from (tuple(_terms(way)) for way in (one, *counted) if holds_at_first(model, _all_told(way)))


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_Stack]:
    """Which entry is written depends on how deep the stack is."""
    known = model.lent_below
    for size in slot_sizes(model):
        starts = list(range(model.pool.base, model.pool.end - size + 1, size))
        ends = [start + size for start in starts]
        below = [known[end] for end in ends] if known.keys() == set(ends) else []
        for entries in (row for row in rows_of(model) if len(row) == len(starts) > 1):
            deciding = depths(model.calls, *entries[:2])
            for depth in (one for one in numbers if one in deciding):
                for taken in _taken(model, starts, [one for one in numbers if one != depth], entries):
                    yield _Stack(Slots.all_ever(starts, taken), entries, depth, below)


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
        yield implies(of.used(place), make("bvult", entry, number(count, width_of(entry))))
        free = (implies(_names(entry, slot), free) for slot, free in enumerate(of.slots.free))
        yield implies(of.used(place), conjunction(free))
        others = (negation(equal(entry, other)) for other in of.entries[:place])
        yield implies(of.used(place), conjunction(others))
    if of.below:
        yield from _counted(of)
    yield _all_told(of)


def _counted(of: _Stack) -> Iterator[Term]:
    """There is one more lent before the next slot if this one is taken. The sum is so one number, for any host."""
    before: Term = number(0, COUNT_BITS)
    for below, taken in zip(of.below, of.slots.taken, strict=True):
        yield equal(below, make("bvadd", before, choose(taken, number(1, COUNT_BITS), number(0, COUNT_BITS))))
        before = below


def _names(entry: Variable, slot: int) -> Term:
    return equal(entry, number(slot, width_of(entry)))


def _all_told(of: _Stack) -> Term:
    """Those that are taken and those on the stack are all that were ever taken."""
    taken = of.below[-1] if of.below else added_up([choose(one, number(1, 1), number(0, 1)) for one in of.slots.taken])
    whole = number(len(of.slots.starts), 32) if of.fresh is None else of.fresh
    width = max(width_of(taken), width_of(of.depth), width_of(whole)) + 1
    return equal(make("bvadd", widened(taken, width), widened(of.depth, width)), widened(whole, width))

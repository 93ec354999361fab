"""Which elements of a pool are lent: handed out, and not given up since.

This is history: it is written by every call that hands out a block or takes one, and no call depends on it, so that the
calls that are possible are the same with it and without it. An invariant about free slots that are linked needs it
where the module itself does not keep which slots are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smt_models.pools.calls import Calls
from smt_models.pools.pool import Host, Pool
from smt_models.pools.pushed import depths
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, Term, Variable, both, choose, either, equal, negation
from smt_models.wasm.build import make, number, width_of
from smt_models.wasm.regions import Cell, Table

MOST_ELEMENTS = 64


@dataclass(frozen=True, slots=True)
class Lent:
    """Whether the element at this address is lent."""

    variable: Variable
    at: int

    def after(self, given: tuple[Term, Term], taken: tuple[Term, Term]) -> tuple[str, Term]:
        """Its name, and what it is after a call that gives a block and takes one: of both the condition under which
        there is one, and where it begins.
        """
        kept = both(self.variable, negation(both(taken[0], self._begins(taken[1]))))
        return self.variable.name, either(both(given[0], self._begins(given[1])), kept)

    def _begins(self, at: Term) -> Term:
        return equal(at, number(self.at, 32))


@dataclass(frozen=True, slots=True)
class LentBelow:
    """How many blocks that begin from `base` on and below `end` were handed out and not given up since. It is history,
    too, under any host: what it says where something is given up that was not lent, no claim rests on.
    """

    variable: Variable
    base: int
    end: int

    def after(self, given: tuple[Term, Term], taken: tuple[Term, Term]) -> tuple[str, Term]:
        """As of `Lent`."""
        more, less = (choose(both(when, self._below(at)), _ONE, _NO) for when, at in (given, taken))
        return self.variable.name, make("bvsub", make("bvadd", self.variable, more), less)

    def _below(self, at: Term) -> Term:
        return both(make("bvule", number(self.base, 32), at), make("bvult", at, number(self.end, 32)))


COUNT_BITS = 8
_NO, _ONE = number(0, COUNT_BITS), number(1, COUNT_BITS)
NONE = (FALSE, number(0, 32))
"""No block."""


def lent_elements(pool: Pool, calls: Calls, host: Host) -> tuple[Lent, ...]:
    """One for each element, where it can matter: something is linked, callers give up what they have by its address,
    and only that.
    """
    if host is Host.ANY or not pool.has_elements or pool.in_order or pool.reset or not (pool.allocate and pool.release):
        return ()
    parts = [(part, part.element) for part in pool.parts if part.element is not None]
    starts = [at for part, element in parts for at in range(part.base, part.end - element + 1, element)]
    if len(starts) > MOST_ELEMENTS or not (calls.layout.links or calls.layout.tables):
        return ()
    return tuple(Lent(Variable(f"element at {at:#x} is lent", BOOLEAN), at) for at in starts)


def lent_below(pool: Pool, calls: Calls) -> tuple[LentBelow, ...]:
    """One for the end of each element, where a table may be a stack of their numbers. That these are as many as fit is
    a claim about a sum of so many bits, of which solvers find no proof; of two neighbours there is little to say.
    """
    if pool.element is None or pool.also or pool.in_order or pool.reset or not (pool.allocate and pool.release):
        return ()
    ends = range(pool.base + pool.element, pool.end + 1, pool.element)
    if len(ends) > MOST_ELEMENTS or not any(_may_be_stack(calls, table, len(ends)) for table in calls.layout.tables):
        return ()
    names = ((f"elements lent below {end:#x}", end) for end in ends)
    return tuple(LentBelow(Variable(name, BitVec(COUNT_BITS)), pool.base, end) for name, end in names)


def _may_be_stack(calls: Calls, table: Table, count: int) -> bool:
    entries = (Cell(place, table.size).variable for place in table.places[:2])
    return len(table.places) == count > 1 and bool(depths(calls, *entries))


def not_before(numbers: list[Variable], lent: Sequence[Term]) -> Iterator[Term]:
    """Nothing is lent before the slots were linked, of which a number tells."""
    for one in numbers:
        yield either(negation(equal(one, number(0, width_of(one)))), negation(either(*lent)))

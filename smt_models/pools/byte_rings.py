"""Candidates for invariants about rings of bytes: blocks of any length, one behind the other, released in order.

Two tables hold where each block begins and ends, as offsets into the pool; one number says which is the oldest, one how
many there are. What is younger lies behind what is older, or has gone round: below the oldest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.pools.records import stored_first
from smt_models.pools.shapes import rows_of
from smt_models.system.terms import Term, Variable, both, choose, conjunction, either, equal, implies, negation
from smt_models.wasm.build import make, number, width_of

Row = list[Variable]


@dataclass(frozen=True, slots=True)
class _Ring:
    """Numbers are as narrow as what they are at most, which is said of them besides."""

    starts: Row
    ends: Row
    oldest: Variable
    count: Variable
    size: int
    base: int

    @property
    def places(self) -> range:
        return range(len(self.starts))

    @property
    def _index_width(self) -> int:
        return len(self.starts).bit_length() + 1

    @property
    def width(self) -> int:
        """Of offsets up to the size of the ring."""
        return self.size.bit_length()

    def rank(self, place: int) -> Term:
        """How many are older, if there is a block at this place of the tables."""
        width, oldest = self._index_width, _low(self.oldest, self._index_width)
        behind = make("bvsub", number(place, width), oldest)
        round_ = make("bvadd", behind, number(len(self.starts), width))
        return choose(make("bvult", number(place, width), oldest), round_, behind)

    def used(self, place: int) -> Term:
        return make("bvult", self.rank(place), self.low_count)

    @property
    def low_count(self) -> Term:
        return _low(self.count, self._index_width)

    @property
    def one(self) -> Term:
        return number(1, self._index_width)

    def is_ghost(self, place: int) -> Term:
        rank = make("zero_extend", self.rank(place), indices=(32 - self._index_width,))
        return both(c.LIVE, equal(rank, c.AHEAD))

    @property
    def head(self) -> Term:
        found: Term = _low(self.starts[0], self.width)
        for place in self.places[1:]:
            found = choose(equal(self.oldest, number(place, 32)), _low(self.starts[place], self.width), found)
        return found

    def start(self, place: int) -> Term:
        return _low(self.starts[place], self.width)

    def end(self, place: int) -> Term:
        return _low(self.ends[place], self.width)

    def is_round(self, place: int) -> Term:
        """Whether it lies below the oldest, behind the end of the pool."""
        return make("bvult", self.start(place), self.head)


def _low(term: Term, width: int) -> Term:
    return make("extract", term, indices=(width - 1, 0))


def byte_rings(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """`numbers`: those that stand in no table."""
    for ring in _found(model, numbers):
        yield equal(c.COUNT, ring.count)
        yield make("bvule", ring.count, number(len(ring.starts), 32))
        yield make("bvult", ring.oldest, number(len(ring.starts), 32))
        yield implies(c.LIVE, make("bvult", c.AHEAD, c.COUNT))
        yield from _extents(ring, model.pool.alignment or 1)
        yield from _order(ring)
        yield from _ghost(ring)


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_Ring]:
    """As the call that hands out a block writes it: its start, something else, and one more of them; a release makes
    another the oldest.
    """
    words = [one for one in numbers if width_of(one) == 32]
    rows = rows_of(model)
    for step in model.steps:
        if step.gives is None:
            continue
        after = dict(step.step.updates)
        stored = [(row, value) for row in rows if (value := stored_first(row[0], after)) is not None]
        counts = [one for one in words if after.get(one.name) == make("bvadd", one, number(1, 32))]
        starts = [row for row, value in stored if make("bvadd", value, number(model.pool.base, 32)) == step.gives.at]
        ends = [row for row, _ in stored if row not in starts]
        oldest = [one for one in words if one.name not in after]
        for start, end, count, first in product(starts, ends, counts, oldest):
            if len(start) == len(end):
                yield _Ring(start, end, first, count, model.pool.size, model.pool.base)


def _extents(ring: _Ring, alignment: int) -> Iterator[Term]:
    """Blocks are not empty and lie in the pool; every place that is written is a multiple of the alignment."""
    low = number(alignment - 1, 32)
    for row in (ring.starts, ring.ends):
        yield conjunction(make("bvule", one, number(ring.size, 32)) for one in row)
        yield conjunction(equal(make("bvand", one, low), number(0, 32)) for one in row)
    for one in ring.places:
        start, end = ring.starts[one], ring.ends[one]
        yield implies(ring.used(one), make("bvult", start, end))
        at = equal(c.AT, make("bvadd", start, number(ring.base, 32)))
        yield implies(ring.is_ghost(one), both(at, make("bvule", c.SIZE, make("bvsub", end, start))))


def _order(ring: _Ring) -> Iterator[Term]:
    """Each ends before every younger one begins; once one has gone round, all younger have, and none reaches the
    oldest. Places are compared and never added up, which is what solvers are slow at.
    """
    for one in ring.places:
        below = make("bvule", ring.end(one), ring.head)
        yield implies(both(ring.used(one), ring.is_round(one)), below)
        for other in ring.places:
            if other != one:
                younger = both(ring.used(other), make("bvult", ring.rank(one), ring.rank(other)))
                behind = make("bvule", ring.end(one), ring.start(other))
                new = both(negation(ring.is_round(one)), ring.is_round(other))
                yield implies(younger, either(new, both(behind, implies(ring.is_round(one), ring.is_round(other)))))


def _ghost(ring: _Ring) -> Iterator[Term]:
    """A live block lies between the start of the oldest and the end of the newest, or on the other side of both."""
    start = _low(make("bvsub", c.AT, number(ring.base, 32)), ring.width)
    end = make("bvadd", start, _low(c.SIZE, ring.width))
    above = make("bvule", ring.head, start)
    for one in ring.places:
        newest = both(ring.used(one), equal(make("bvadd", ring.rank(one), ring.one), ring.low_count))
        below = make("bvule", end, ring.end(one))
        straight = make("bvult", ring.head, ring.end(one))
        yield implies(both(c.LIVE, newest), choose(straight, both(above, below), either(above, below)))

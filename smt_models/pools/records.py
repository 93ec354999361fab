"""Candidates for invariants about records in a table: where each block begins and ends, and which are live.

Which field is which is seen in what is stored there when a block is handed out: its start, its end, which a cursor is
set to as well, and a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.system.terms import Apply, Literal, Term, Variable, both, either, equal, implies, negation
from smt_models.wasm.build import make, number, width_of

Row = list[Variable]


@dataclass(frozen=True, slots=True)
class _Records:
    """`count` says how many there are; starts and ends are offsets from `base`."""

    starts: Row
    ends: Row
    marks: Row
    count: Variable
    base: int


def records(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """`numbers`: those that stand in no table."""
    for one in _found(model, numbers):
        yield from _counted(one)


def counts(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """No more records than the table has, which is soon proved, and enough for all that is no matter of two blocks."""
    for one in _found(model, numbers):
        yield make("bvule", one.count, number(len(one.starts), 32))


def by_count(model: PoolModel, numbers: list[Variable]) -> tuple[Term, ...]:
    """The cases of a call: how many records there are, up to all of them; none where there are no records."""
    first = next(_found(model, numbers), None)
    return () if first is None else tuple(equal(first.count, number(one, 32)) for one in range(len(first.starts) + 1))


def _found(model: PoolModel, numbers: list[Variable]) -> Iterator[_Records]:
    """As the calls that hand out blocks write them."""
    rows = _fields(model)
    words = [one for one in numbers if width_of(one) == 32]
    for step in model.steps:
        if step.gives is None or not rows:
            continue
        after = dict(step.step.updates)
        stored = [(row, value) for row in rows if (value := stored_first(row[0], after)) is not None]
        counts = [one for one in words if after.get(one.name) == make("bvadd", one, number(1, 32))]
        for base in (0, model.pool.base):
            places = [(row, value) for row, value in stored if {width_of(one) for one in (value, *row)} == {32}]
            starts = [row for row, value in places if make("bvadd", value, number(base, 32)) == step.gives.at]
            ends = [row for row, value in places if any(after.get(one.name) == value for one in words)]
            marks = [row for row, value in stored if isinstance(value, Literal)]
            for start, end, mark, count in product(starts, ends, marks, counts):
                yield _Records(start, end, mark, count, base)


def stored_first(first: Variable, after: Mapping[str, Term]) -> Term | None:
    """What is written to the first record, if it is this one that is written."""
    match after.get(first.name):
        case Apply("ite", (_, value, before)) if before == first:
            return value
        case _:
            return None


def _fields(model: PoolModel) -> list[Row]:
    """Of the only table whose elements are more than a number, each field in all elements."""
    known = {cell.address: cell.variable for cell, _ in model.calls.cells}
    tables = [one for one in model.calls.layout.tables if one.stride != one.size == 4]
    if len({(one.end, one.stride) for one in tables}) != 1:
        return []
    rows = [[known[place] for place in one.places if place in known] for one in tables]
    return rows if len({len(row) for row in rows}) == 1 else []


def _counted(of: _Records) -> Iterator[Term]:
    """A live block has a record, which is live. What is said of the block is enough besides: whoever resets looks at
    the record. Place and end of the block are one term each, which every record is held against: a sum for each would
    cost dear.
    """
    offset = make("bvsub", c.AT, number(of.base, 32))
    end = make("bvadd", offset, c.SIZE)
    yield implies(c.LIVE, either(*(_is_of(of, one, offset, end) for one in range(len(of.starts)))))


def _is_of(of: _Records, place: int, offset: Term, end: Term) -> Term:
    """The record is there, is live, and is that of a block from `offset` to `end`."""
    return both(
        make("bvult", number(place, 32), of.count),
        negation(equal(of.marks[place], number(0, width_of(of.marks[place])))),
        equal(of.starts[place], offset),
        equal(of.ends[place], end),
    )

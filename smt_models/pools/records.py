"""Candidates for invariants about records in a table: where each block begins and ends, and which are live.

Which field is which is seen in what is stored there when a block is handed out: its start, its end, and a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.system.terms import Apply, Literal, Term, Variable, both, conjunction, either, equal, implies, negation
from smt_models.wasm.build import make, number, width_of

Row = list[Variable]


@dataclass(frozen=True, slots=True)
class _Records:
    """`count` says how many there are, `cursor` lies behind the last; starts and ends are offsets from `base`."""

    starts: Row
    ends: Row
    marks: Row
    count: Variable
    cursor: Variable
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
            starts = [row for row, value in stored if make("bvadd", value, number(base, 32)) == step.gives.at]
            ends = [(row, one) for row, value in stored for one in words if after.get(one.name) == value]
            marks = [row for row, value in stored if isinstance(value, Literal)]
            for start, (end, cursor), mark, count in product(starts, ends, marks, counts):
                yield _Records(start, end, mark, count, cursor, base)


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
    """A live block has a record. Starts ascend, no live block reaches into the next, and the cursor is behind them."""
    places = range(len(of.starts))
    there = [make("bvult", number(one, 32), of.count) for one in places]
    live = [both(there[one], negation(equal(of.marks[one], number(0, 32)))) for one in places]
    at = [equal(c.AT, make("bvadd", start, number(of.base, 32))) for start in of.starts]
    end = [equal(of.ends[one], make("bvadd", of.starts[one], c.SIZE)) for one in places]
    yield implies(c.LIVE, either(*(both(live[one], at[one], end[one]) for one in places)))
    pairs = [(one, other) for other in places for one in range(other)]
    yield conjunction(implies(there[j], make("bvult", of.starts[i], of.starts[j])) for i, j in pairs)
    yield conjunction(implies(both(there[j], live[i]), make("bvule", of.ends[i], of.starts[j])) for i, j in pairs)
    yield conjunction(implies(there[i], make("bvult", of.starts[i], of.cursor)) for i in places)
    yield conjunction(implies(live[i], make("bvule", of.ends[i], of.cursor)) for i in places)

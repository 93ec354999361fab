"""How a module may keep which slots are taken: a cell for each in a table, or a bit for each in a number."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.pools.model import PoolModel
from smt_models.pools.shapes import rows_of
from smt_models.system.terms import Term, Variable, equal, negation
from smt_models.wasm.build import make, number, width_of


def marked(model: PoolModel, count: int, numbers: list[Variable], besides: Variable) -> Iterator[list[Term]]:
    """Of each of `count` slots that it is taken: its cell is not zero, or its bit is set. `numbers`: those that stand
    in no table; `besides`: a cell that says something else.
    """
    for row in rows_of(model):
        if len(row) == count and besides not in row:
            yield [negation(equal(mark, number(0, width_of(mark)))) for mark in row]
    for marks in numbers:
        if marks != besides and width_of(marks) >= count:
            yield [equal(make("extract", marks, indices=(at, at)), number(1, 1)) for at in range(count)]

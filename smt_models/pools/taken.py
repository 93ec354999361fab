"""Slots, and how it may be known which of them are taken: those that are lent, or as the module keeps it, a cell for
each in a table, or a bit for each in a number; and another number may say how many were ever taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.pools.shapes import rows_of
from smt_models.system.evaluate import evaluate
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
class Slots:
    """`starts`: their addresses; of each, whether it is `taken` now, and was `ever`."""

    starts: list[int]
    taken: list[Term]
    ever: list[Term]

    @classmethod
    def all_ever(cls, starts: list[int], taken: list[Term]) -> Slots:
        return cls(starts, taken, [TRUE] * len(starts))

    def counted(self, by: Variable) -> Slots:
        """Those that were ever taken are the first, and the number says how many."""
        return replace(self, ever=[make("bvult", number(at, width_of(by)), by) for at in range(len(self.starts))])

    @property
    def free(self) -> list[Term]:
        return [both(there, negation(taken)) for there, taken in zip(self.ever, self.taken, strict=True)]

    def claims(self) -> Iterator[Term]:
        """A live block is a slot that is taken; what is taken now was ever."""
        ways = zip(self.starts, self.taken, self.ever, strict=True)
        yield implies(c.LIVE, either(*(both(equal(c.AT, number(at, 32)), taken, ever) for at, taken, ever in ways)))
        yield conjunction(implies(taken, ever) for taken, ever in zip(self.taken, self.ever, strict=True))


def lent(model: PoolModel, starts: list[int]) -> Iterator[list[Term]]:
    """Of each slot that it is lent, if that is known of all."""
    if model.lent.keys() >= set(starts):
        yield [model.lent[at] for at in starts]


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


def made_of(model: PoolModel, one: Variable, those: list[Variable]) -> bool:
    """Whether a step makes it something that depends on one of these."""
    updates = (step.step.update(one.name) for step in model.steps)
    return any(term is not None and not set(those).isdisjoint(variables_of(term)) for term in updates)


def holds_at_first(model: PoolModel, claim: Term) -> bool:
    """Whether it does in the state that the model begins with, in which each variable has a value."""
    return bool(evaluate(claim, model.first))

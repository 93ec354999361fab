"""Relations of numbers are kept if every step keeps them."""

from __future__ import annotations

import pytest

from proofs.runtime import relations
from proofs.runtime.engine import Budget
from proofs.runtime.relations import Kept, NumberStep, candidates_of, kept_by
from smt_models.runtime.constants import USIZE
from smt_models.runtime.facts import fold
from smt_models.system.terms import TRUE, Literal, Term, Variable, equal, literal, negation

CURSOR, LENGTH = Variable("any buffer.a.b.cursor", USIZE), Variable("any buffer.a.b.length", USIZE)
COUNT = Variable("input 0 (_ BitVec 32)", USIZE)
ORDERED = fold("bvule", CURSOR, LENGTH)
BUDGET = Budget(60, 4096)


FILLED = NumberStep(TRUE, ((LENGTH.name, Literal(7, USIZE)), (CURSOR.name, Literal(3, USIZE))))
"""A buffer is there."""


def kept(*steps: NumberStep) -> tuple[Term, ...]:
    found = kept_by((FILLED, *steps), tuple(candidates_of((CURSOR, LENGTH))), BUDGET)
    assert found.certain
    return found.relations


def test_a_cursor_that_moves_by_no_more_than_there_is_stays_in_the_buffer() -> None:
    room = fold("bvule", COUNT, fold("bvsub", LENGTH, CURSOR))
    assert kept(NumberStep(room, ((CURSOR.name, fold("bvadd", CURSOR, COUNT)),))) == (ORDERED,)


def test_a_cursor_that_moves_by_anything_does_not() -> None:
    assert kept(NumberStep(TRUE, ((CURSOR.name, fold("bvadd", CURSOR, COUNT)),))) == ()


def test_a_sum_that_was_checked_stays() -> None:
    sum_ = fold("bvadd", CURSOR, COUNT)
    assert kept(NumberStep(fold("bvule", sum_, LENGTH), ((CURSOR.name, sum_),))) == (ORDERED,)


def test_the_other_order_does_not_outlive_the_step_that_breaks_it() -> None:
    back = NumberStep(TRUE, ((CURSOR.name, LENGTH),))
    assert kept(back) == (ORDERED,)


def test_what_the_solver_does_not_see_at_a_glance_is_given_up() -> None:
    """Whether a step with a product of words can be taken may take minutes: the budget is not spent on it."""
    room = fold("bvsub", LENGTH, CURSOR)
    some = negation(equal(fold("bvmul", COUNT, room), literal(0, USIZE)))
    other = Variable("any buffer.a.b.capacity", USIZE)
    step = NumberStep(some, ((CURSOR.name, literal(0, USIZE)), (LENGTH.name, literal(0, USIZE))))
    numbers = tuple(candidates_of((CURSOR, LENGTH, other)))
    filled = NumberStep(TRUE, (*FILLED.updates, (other.name, Literal(9, USIZE))))
    found = kept_by((filled, step), numbers, BUDGET)
    assert fold("bvule", LENGTH, CURSOR) not in found.relations
    assert fold("bvule", CURSOR, other) in found.relations


def test_what_the_solver_does_not_know_makes_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up is not decided: with more time the relation might have been kept."""
    monkeypatch.setattr(relations, "refutable", lambda asked, *_: [None] * len(asked))
    step = NumberStep(TRUE, ((CURSOR.name, fold("bvadd", CURSOR, COUNT)),))
    assert kept_by((FILLED, step), (ORDERED,), BUDGET) == Kept((), certain=False)

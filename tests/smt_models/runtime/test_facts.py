"""What is assumed is known from then on, part by part."""

from __future__ import annotations

import pickle
import random
from typing import TypeVar

from smt_models.runtime.facts import Facts, fold
from smt_models.system.operators import BitVec
from smt_models.system.terms import (
    FALSE,
    Literal,
    Term,
    Variable,
    apply,
    both,
    choose,
    either,
    equal,
    literal,
    negation,
)

X = Variable("x", BitVec(8))
Made = TypeVar("Made")
ONE, TWO = literal(1, X.sort), literal(2, X.sort)


def test_parts_of_a_conjunction_can_contradict_each_other() -> None:
    assert not Facts().assume(both(equal(X, ONE), equal(X, TWO)))


def test_each_part_of_a_conjunction_is_known() -> None:
    facts = Facts()
    other = Variable("y", X.sort)
    assert facts.assume(both(equal(X, ONE), equal(other, TWO)))
    assert facts.simplify(X) == ONE
    assert facts.simplify(equal(other, ONE)) == FALSE
    assert facts.condition == both(equal(X, ONE), equal(other, TWO))


def test_the_lowest_bits_of_what_is_shifted_up_are_known() -> None:
    """How the host packs a result and a count; with one bit more asked for, nothing is known."""
    packed = fold("bvor", TWO, fold("bvshl", X, literal(4, X.sort)))
    assert fold("bvand", packed, literal(0x0F, X.sort)) == TWO
    assert not isinstance(fold("bvand", packed, literal(0x1F, X.sort)), Literal)
    assert not isinstance(fold("bvand", fold("bvor", X, TWO), ONE), Literal)


def test_what_is_added_and_taken_away_is_not_in_a_sum() -> None:
    other, third = Variable("y", X.sort), Variable("z", X.sort)
    total = fold("bvadd", X, other)
    assert fold("bvadd", X, fold("bvsub", other, X)) == other
    assert fold("bvsub", total, X) == other
    assert fold("bvsub", fold("bvsub", other, X), fold("bvsub", third, X)) == fold("bvsub", other, third)
    assert fold("bvsub", X, total) == fold("bvsub", literal(0, X.sort), other)
    assert fold("bvsub", fold("bvadd", total, X), X) == total
    assert fold("bvsub", total, third) == apply("bvsub", total, third)


def test_a_sum_that_is_doubled_is_not_taken_apart() -> None:
    """It has 2^200 summands."""
    total = fold("bvadd", X, X)
    for _ in range(199):
        total = fold("bvadd", total, total)
    assert fold("bvsub", total, total) == literal(0, X.sort)


def test_a_product_that_is_not_zero_contradicts_a_factor_that_is() -> None:
    """In both orders: no solver sees it fast where the factor is compound."""
    room = fold("bvsub", X, Variable("y", X.sort))
    product = negation(equal(fold("bvmul", Variable("z", X.sort), room), literal(0, X.sort)))
    none = equal(room, literal(0, X.sort))
    for first, then in ((product, none), (none, product)):
        facts = Facts()
        assert facts.assume(first)
        assert not facts.assume(then)


def test_what_was_found_out_about_a_term_before_changes_nothing() -> None:
    """Terms remember that folding leaves them as they are; one that was pickled has forgotten it."""
    chosen = random.Random(1)
    numbers: list[Term] = [X, Variable("y", X.sort), ONE, TWO, literal(0, X.sort)]
    conditions: list[Term] = [Variable(name, FALSE.sort) for name in "abc"]
    for _ in range(150):
        left, right = chosen.choices(numbers[-40:], k=2)
        one, other = chosen.choices(conditions[-40:], k=2)
        operator = chosen.choice(("bvadd", "bvsub", "bvmul", "bvand"))
        numbers.append(chosen.choice((apply(operator, left, right), choose(one, left, right))))
        compared = (equal(left, right), apply("bvult", left, right))
        conditions.append(chosen.choice((both(one, other), either(one, other), negation(one), *compared)))
        facts = Facts()
        if facts.assume(chosen.choice(conditions[-40:])):
            for term in (numbers[-1], conditions[-1]):
                assert facts.copy().simplify(term) == _as_new(facts).simplify(_as_new(term))
                assert Facts().simplify(term) == Facts().simplify(_as_new(term))


def _as_new(value: Made) -> Made:
    found: Made = pickle.loads(pickle.dumps(value))
    return found

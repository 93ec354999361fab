"""What is assumed is known from then on, part by part."""

from __future__ import annotations

from smt_models.runtime.facts import Facts, fold
from smt_models.system.operators import BitVec
from smt_models.system.terms import FALSE, Literal, Variable, apply, both, equal, literal, negation

X = Variable("x", BitVec(8))
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

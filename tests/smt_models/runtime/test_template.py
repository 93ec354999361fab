"""Templates of what is between actions."""

from __future__ import annotations

import pytest

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.template import ANY, Template
from smt_models.runtime.values import Aggregate, Choice, Opaque, Scalar, Value
from smt_models.system.operators import BitVec
from smt_models.system.terms import Variable, literal

NUMBER = Scalar(Variable("a number", BitVec(32)))
CODE, OTHER_CODE = Scalar(literal(2, BitVec(32))), Scalar(literal(3, BitVec(32)))
THING = Opaque("the last code")


@pytest.mark.parametrize("order", [(NUMBER, THING, CODE), (CODE, THING, NUMBER), (THING, CODE, OTHER_CODE)])
def test_a_code_in_an_arbitrary_place_is_a_number_like_any_other(order: tuple[Value, ...]) -> None:
    """Whatever comes first: which one it is, is forgotten between actions."""
    template = Template({1: "state"}, {}, {"Writing": ("result",)}, {"Writing": ("result",)})
    for value in order:
        template.join(1, Aggregate("Writing", (value,)))
    for value in order:
        assert not template.join(1, Aggregate("Writing", (value,)))
    match template.values[1]:
        case Aggregate(_, (Choice(tag, options),)):
            assert set(options) == {THING, Scalar(Variable(f"{ANY}state.result as a number", BitVec(32)))}
            assert tag.name == f"{ANY}state.result"
        case other:
            pytest.fail(f"no choice: {other}")


@pytest.mark.parametrize("order", [(NUMBER, THING), (THING, NUMBER)])
def test_a_number_among_other_values_has_another_word_than_the_choice(order: tuple[Value, ...]) -> None:
    template = Template({1: "state"}, {}, {}, {})
    for value in order:
        template.join(1, value)
    match template.values[1]:
        case Choice(tag, options):
            assert set(options) == {THING, Scalar(Variable("state as a number", BitVec(32)))}
            assert tag.name == "state"
        case other:
            pytest.fail(f"no choice: {other}")


STAYS = Scalar(Variable("the size", BitVec(32)))


@pytest.mark.parametrize("place", ["result", "other"])
@pytest.mark.parametrize(
    "order",
    [(STAYS, CODE), (STAYS, THING, CODE), (THING, STAYS, CODE), (STAYS, THING, NUMBER), (THING, NUMBER, STAYS)],
)
def test_a_number_that_stays_the_same_may_stand_where_others_do(place: str, order: tuple[Value, ...]) -> None:
    """In an arbitrary place, and in another."""
    template = Template({1: "state"}, {}, {"Writing": (place,)}, {"Writing": ("result",)}, frozenset({"the size"}))
    for value in (*order, *order):
        template.join(1, Aggregate("Writing", (value,)))
    names = [one.name for one in (*template.variables(), *template.numbers())]
    assert len(set(names)) == len(names)
    settled = template.values[1]
    for value in order:
        assert not template.join(1, Aggregate("Writing", (value,)))
    assert template.values[1] == settled


def test_numbers_of_two_sorts_in_one_place_are_not_modelled() -> None:
    template = Template({1: "state"}, {}, {}, {})
    template.join(1, NUMBER)
    with pytest.raises(NotModelled, match="state: numbers of two sorts"):
        template.join(1, Scalar(Variable("a word", BitVec(64))))

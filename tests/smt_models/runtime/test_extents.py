"""How far a lend reaches: distances, rooms, and the condition that it fits, each with what breaks it."""

from __future__ import annotations

import pytest

from smt_models.runtime.constants import USIZE
from smt_models.runtime.extents import GUESTS, HOSTS, SIZE, UNALIGNED, block, elements_in, inside, moved, offset, wraps
from smt_models.runtime.facts import fold
from smt_models.runtime.lending import NO_EXTENT, elements
from smt_models.runtime.loops import WIDENED
from smt_models.runtime.outcomes import Violation
from smt_models.runtime.state import State
from smt_models.runtime.values import Aggregate, Dangling, Null, Pointer, Value
from smt_models.system.evaluate import holds
from smt_models.system.terms import FALSE, TRUE, Literal, Term, Variable

CURSOR, LENGTH = Variable("cursor", USIZE), Variable("length", USIZE)


def number(value: int) -> Literal:
    return Literal(value, USIZE)


def test_elements_are_counted_where_bytes_are_made_of_them() -> None:
    assert elements_in(number(0)) == number(0)
    assert elements_in(SIZE) == number(1)
    assert elements_in(fold("bvmul", CURSOR, SIZE)) == CURSOR
    assert elements_in(fold("bvadd", fold("bvmul", SIZE, CURSOR), SIZE)) == fold("bvadd", CURSOR, number(1))
    assert elements_in(CURSOR) is None


def test_a_pointer_keeps_a_distance_that_says_something() -> None:
    there = Pointer(30)
    assert moved(there, number(0)) == there
    assert offset(moved(there, SIZE)) == SIZE
    assert offset(moved(moved(there, CURSOR), SIZE)) is None
    assert offset(moved(there, None)) is None


@pytest.mark.parametrize(
    ("first", "count", "room", "fits"),
    [(0, 4, 4, True), (1, 3, 4, True), (4, 0, 4, True), (1, 4, 4, False), (5, 0, 4, False), (0xFFFF_FFFF, 2, 4, False)],
)
def test_what_is_inside_does_not_wrap(first: int, count: int, room: int, fits: bool) -> None:
    assert holds(inside(number(first), number(count), number(room)), {}) is fits


@pytest.mark.parametrize(("count", "size", "too_many"), [(1 << 30, 3, False), (1 << 30, 4, True), (0, 8, False)])
def test_count_times_size_has_32_bits(count: int, size: int, too_many: bool) -> None:
    assert holds(wraps(LENGTH), {LENGTH.name: count, SIZE.name: size}) is too_many


def lent(held: Value, place: Value, count: Term, host_form: Term = TRUE) -> str:
    """What comes of a lend."""
    state = State()
    state.objects[30], state.names[30] = held, "block of somewhere"
    try:
        elements(state, place, count, host_form)
    except Violation as violation:
        return violation.obligation
    return NO_EXTENT if NO_EXTENT in state.noted else "fits"


def test_a_lend_lies_in_a_block_that_was_made_for_it() -> None:
    whole, later = Pointer(30), Pointer(30, (), True, SIZE)
    assert lent(block(HOSTS, number(4)), whole, number(4)) == "fits"
    assert lent(block(HOSTS, number(4)), later, number(3)) == "fits"
    assert lent(block(HOSTS, number(4)), later, number(4)) == "extent"
    assert lent(block(UNALIGNED, number(4)), whole, number(4)) == "extent"
    assert lent(block(GUESTS, number(4)), whole, number(4)) == "fits"


def test_what_is_not_known_is_not_proved() -> None:
    grown = Variable(f"{WIDENED}#7", USIZE)
    assert lent(block(GUESTS, number(4)), Pointer(30), number(4), FALSE) == NO_EXTENT
    assert lent(block(HOSTS, number(4)), Pointer(30, (), True), number(1)) == NO_EXTENT
    assert lent(block(HOSTS, number(4)), Pointer(30), grown) == NO_EXTENT
    assert lent(Aggregate("runtime::Other", ()), Pointer(30), number(1)) == NO_EXTENT


def test_no_elements_need_no_place() -> None:
    for nowhere in (Null(), Dangling()):
        assert lent(block(HOSTS, number(4)), nowhere, number(0)) == "fits"

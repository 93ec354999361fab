"""extent: "lent bytes lie inside one live allocation and are aligned; `count * element size` does not wrap"."""

from __future__ import annotations

from smt_models.runtime.constants import USIZE
from smt_models.runtime.extents import (
    AREA,
    GUESTS,
    HOSTS,
    LARGEST,
    SIZE,
    UNALIGNED,
    elements_in,
    inside,
    is_memory,
    offset,
    wraps,
)
from smt_models.runtime.facts import fold
from smt_models.runtime.library_raw import MAYBE_UNINIT
from smt_models.runtime.loops import WIDENED
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.profile import Operation
from smt_models.runtime.state import State
from smt_models.runtime.template import ANY
from smt_models.runtime.values import Aggregate, Dangling, Moved, Null, Pointer, Value
from smt_models.system.terms import BOOLEAN, FALSE, Literal, Term, Variable, either, variables_of

EXTENT = "extent"
NO_EXTENT = "extent: not modelled"
"""A lend of which it is not known how long it may be: noted, and the path goes on."""


def counts(state: State, count: Term) -> None:
    """A block for so many elements, whose size nobody checked: it may have wrapped to one that there is memory for."""
    too_many = wraps(count)
    if too_many == FALSE or not state.is_true(state.chosen("count * element size wraps", BOOLEAN)):
        return
    if state.assume(too_many) and state.assume(fold("bvule", fold("bvmul", SIZE, count), LARGEST)):
        raise Violation(EXTENT, "count * element size wraps, and a smaller block is allocated")


def elements(state: State, place: Value, count: Term, host_form: Term) -> None:
    """So many elements are lent to the host."""
    if isinstance(place, Null | Dangling):
        nothing = either(*(fold("=", one, Literal(0, USIZE)) for one in (count, SIZE)))
        if not state.is_true(nothing):
            raise Violation(EXTENT, "elements are lent at an address of no object")
        return
    if not isinstance(place, Pointer):
        raise NotModelled(f"a lend of {type(place).__name__}")
    held = held_at(state, place)
    bytes_ = offset(place)
    first = None if bytes_ is None else elements_in(bytes_)
    match held:
        case None:
            return  # address-stability says that it is gone
        case Aggregate(kind, (room,)) if first is not None and kind in (HOSTS, UNALIGNED, GUESTS):
            if kind == UNALIGNED:
                raise Violation(EXTENT, "a block is lent that need not be aligned for its elements")
            if kind == GUESTS and not state.is_true(host_form):
                _not_known(state, "elements in the guest's form")
            else:
                _within(state, first, count, room.term)  # type: ignore[union-attr]
        case Aggregate(of) if of == MAYBE_UNINIT and first is not None:
            _within(state, first, count, Literal(1, USIZE))
        case _:
            _not_known(state, state.names[place.base])


def held_at(state: State, place: Pointer) -> Value | None:
    """What is at a place that is lent; None if it was moved away, or there is no such place any more."""
    try:
        value = state.settle(state.read(Pointer(place.base, place.path)))
    except Violation:
        return None
    return None if isinstance(value, Moved) else value


def _within(state: State, first: Term, count: Term, room: Term) -> None:
    if any(one.name.startswith(WIDENED) for term in (first, count, room) for one in variables_of(term)):
        _not_known(state, "numbers that a loop changes")
    elif not state.is_true(inside(first, count, room)):
        raise Violation(EXTENT, "more elements are lent than there is room for behind their address")


def area(state: State, place: Value, operation: Operation) -> None:
    """Parameters or results are lent: a place of their type, or a block that was made for them.

    That the layout in the profile is that of both, and where results begin in it, is its word (a contract).
    """
    if not isinstance(place, Pointer):
        return  # of no size
    held = held_at(state, place)
    begins = [Variable(f"{ANY}{name}", USIZE) for name in operation.numbers]
    match held:
        case None:
            return
        case Aggregate(of) if of.startswith(AREA):
            if offset(place) not in (Literal(0, USIZE), *begins):
                _not_known(state, f"{state.names[place.base]}, at a distance")
        case Aggregate() if not is_memory(held) and not place.moved:
            return
        case _:
            _not_known(state, state.names[place.base])


def _not_known(state: State, what: str) -> None:
    state.noted = state.noted | {NO_EXTENT}
    state.note(NO_EXTENT, f"the extent of {what}, which is lent")

"""Models of library functions where one element of a buffer is followed: how far an iterator has come is kept, and
what a `Vec` takes over or moves down. See `library` for the others."""

from __future__ import annotations

from functools import partial

from smt_models.runtime.constants import USIZE
from smt_models.runtime.extents import SIZE, moved
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import follow, followed
from smt_models.runtime.following import Following
from smt_models.runtime.library_memory import ITERATOR, OUTSIDE, drain_of, drop_drain, slice_of, vec_at, vec_from_parts
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled, Unwinds
from smt_models.runtime.state import NO_SIZE, State
from smt_models.runtime.values import NONE, VEC, Aggregate, Pointer, Scalar, Value, some
from smt_models.system.terms import Literal, Term


def models(following: Following) -> dict[str, Model]:
    """In place of those of the table."""
    every: dict[str, Model] = dict.fromkeys(
        (f"<core::slice::{name} as core::iter::Iterator>::next" for name in ("Iter", "IterMut")), _next
    )
    return every | {
        "<alloc::vec::Vec as core::ops::IndexMut>::index_mut": _slice,
        "alloc::vec::Vec::drain": partial(_drain, following),
        "drop of alloc::vec::Drain": _drop_drain,
        "alloc::vec::Vec::from_raw_parts": partial(_from_parts, following),
    }


def _next(machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    value = state.load(at)
    if not isinstance(value, Aggregate) or value.type != ITERATOR:
        raise NotModelled("an iterator of which nothing is known")
    first, left = state.settle(value.fields[0]), scalar(state, value.fields[1]).term
    if state.is_true(fold("=", left, Literal(0, USIZE))):
        return NONE
    if isinstance(first, Pointer):
        machine.touch(state, Pointer(first.base, first.path), writes=False)
    rest = moved(first, SIZE) if isinstance(first, Pointer) else first
    machine.assign(state, at, Aggregate(ITERATOR, (rest, Scalar(fold("bvsub", left, Literal(1, USIZE))))))
    return some(first if isinstance(first, Pointer) else Pointer(NO_SIZE, (), True))


def _slice(machine: Machine, state: State, call: Call) -> Value:
    match call.arguments[1:]:
        case (Aggregate("core::ops::RangeFrom", (Scalar(start),)),):
            _is_inside(state, call, start)
        case _:
            raise NotModelled("a range of another kind")
    return slice_of(machine, state, call)


def _is_inside(state: State, call: Call, number: Term) -> None:
    """ "Panics if .. the end point is greater than the length of the vector", and only then."""
    length = scalar(state, vec_at(state, pointer(state, call.arguments[0])).fields[1]).term
    if not state.is_true(fold("bvule", number, length)):
        raise Unwinds(OUTSIDE)


def _drain(following: Following, machine: Machine, state: State, call: Call) -> Value | None:
    block = state.settle(vec_at(state, pointer(state, call.arguments[0])).fields[0])
    match call.arguments[1]:
        case Aggregate("core::ops::RangeTo", (Scalar(end),)):
            _is_inside(state, call, end)
            following.drained(state, block, end)
        case _:
            raise NotModelled("a range of another kind")
    return drain_of(machine, state, call)


def _drop_drain(machine: Machine, state: State, call: Call) -> Value | None:
    """The elements behind those that are gone move down: whose they are stays as it is."""
    one = followed(state)
    follow(state, None)
    done = drop_drain(machine, state, call)
    follow(state, one)
    return done


def _from_parts(following: Following, machine: Machine, state: State, call: Call) -> Value | None:
    made = vec_from_parts(machine, state, call)
    if isinstance(made, Aggregate) and made.type == VEC:
        following.taken_over(state, state.settle(made.fields[0]), scalar(state, made.fields[1]).term)
    return made

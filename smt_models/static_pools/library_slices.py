"""Slices as a whole: copied over, filled, divided [core::slice]. Of an array that is written so no element is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from extract.mir import types as t
from smt_models.pools.conditions import INDEX
from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.places import element, indexed, many_written
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    NONE,
    UNIT,
    WIDTH,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Value,
    some,
)
from smt_models.wasm.build import make, number


def _length(_machine: Machine, state: State, call: Call) -> Value:
    """Of a text, in bytes."""
    return Scalar(state.length_of(place(call.arguments[0])))


def _copied(_machine: Machine, state: State, call: Call) -> Value:
    """`copy_from_slice`: "This function will panic if the two slices have different lengths"."""
    _numbers(call)
    target, source = place(call.arguments[0]), place(call.arguments[1])
    if not state.is_true(make("=", state.length_of(target), state.length_of(source))):
        raise Ends(Panicked(call.name))
    _written(state, target)
    return UNIT


def _filled(_machine: Machine, state: State, call: Call) -> Value:
    _numbers(call)
    _written(state, place(call.arguments[0]))
    return UNIT


def _numbers(call: Call) -> None:
    """Of what has no `Clone` of its own, is no place, and owns nothing."""
    match call.types[:1]:
        case (t.Reference(_, True, t.Slice(t.Primitive()) | t.Array(t.Primitive())),):
            pass
        case _:
            raise NotModelled(f"{call.name} of what are no numbers")


def _written(state: State, at: Pointer) -> None:
    if at.length == number(0, WIDTH):
        return
    match at.path:
        case (*_, Element()) if at.length is not None:
            many_written(state, at)
        case _:
            raise NotModelled("a slice of what is no array")


def _divided(_machine: Machine, state: State, call: Call) -> Value:
    """`split_at`: "Panics if mid > len"."""
    at, middle = place(call.arguments[0]), term_of(call.arguments[1])
    length = state.length_of(at)
    state.demand(make("bvule", middle, length), INDEX, "a division beyond the end", at.base)
    start, rest = (element(at, one) for one in (number(0, WIDTH), middle))
    return Struct("()", (replace(start, length=middle), replace(rest, length=make("bvsub", length, middle))))


def _end(is_last: bool) -> Model:
    """`first`, `last`: "or None if it is empty"."""

    def model(_machine: Machine, state: State, call: Call) -> Value:
        at = place(call.arguments[0])
        length = state.length_of(at)
        if state.is_true(make("=", length, number(0, WIDTH))):
            return NONE
        return some(element(at, make("bvsub", length, number(1, WIDTH)) if is_last else number(0, WIDTH)))

    return model


def _swapped(_machine: Machine, state: State, call: Call) -> Value:
    """`swap`: "Panics if a or b are out of bounds"."""
    at = place(call.arguments[0])
    one, other = (indexed(state, at, term_of(index)) for index in call.arguments[1:])
    if isinstance(state.read(Pointer(at.base, one.path[:-1])), Contents):
        return UNIT  # of elements that are not kept nothing changes
    first, second = state.load(one), state.load(other)
    state.write(one, second)
    state.write(other, first)
    return UNIT


_SLICE = "core::slice::<impl [_]>"
SLICES: Mapping[str, Model] = {
    "core::str::<impl str>::as_bytes": same,
    "core::str::<impl str>::len": _length,
    f"{_SLICE}::copy_from_slice": _copied,
    f"{_SLICE}::swap": _swapped,
    f"{_SLICE}::fill": _filled,
    f"{_SLICE}::first": _end(is_last=False),
    f"{_SLICE}::first_mut": _end(is_last=False),
    f"{_SLICE}::last": _end(is_last=True),
    f"{_SLICE}::last_mut": _end(is_last=True),
    f"{_SLICE}::split_at": _divided,
    f"{_SLICE}::split_at_mut": _divided,
}

"""Slices as a whole: copied over, filled, divided [core::slice]. Of an array that is written so no element is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from extract.mir import types as t
from smt_models.pools.conditions import INDEX
from smt_models.static_pools.library_pointers import ranged
from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.places import element, indexed, many_written
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    NONE,
    RESULT,
    UNIT,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Value,
    some,
    variant,
    word,
)
from smt_models.wasm.build import make, number


def _length(_machine: Machine, state: State, call: Call) -> Value:
    """Of a text, in bytes."""
    return Scalar(state.length_of(place(call.arguments[0])))


def _copied(_machine: Machine, state: State, call: Call) -> Value:
    """`copy_from_slice`, `clone_from_slice`: "This function will panic if the two slices have different lengths"."""
    _numbers(call)
    target, source = place(call.arguments[0]), place(call.arguments[1])
    if not state.is_true(make("=", state.length_of(target), state.length_of(source))):
        raise Ends(Panicked(call.name))
    _written(state, target)
    return UNIT


def _as_array(machine: Machine, state: State, call: Call) -> Value:
    """`try_into`: "by copying. Succeeds if slice.len() == N"."""
    match call.result:
        case t.PathType(t.Path((*_, t.Name("Result", (t.Array(t.Primitive() as of, t.ConstArgument(count)), *_))))) if (
            count.isdigit() and int(count) <= MOST_ELEMENTS
        ):
            at = place(call.arguments[0])
        case _:
            raise NotModelled(f"{call.name} as what is no array of numbers")
    if not state.is_true(make("=", state.length_of(at), word(int(count)).term)):
        return variant(RESULT, 1, Struct("core::array::TryFromSliceError", (UNIT,)))
    elements = (element(at, word(number_).term) for number_ in range(int(count)))
    return variant(RESULT, 0, Array(tuple(machine.read(state, one, of) for one in elements)))


def _copied_within(_machine: Machine, state: State, call: Call) -> Value:
    """`copy_within`: "This function will panic if either range exceeds the end of the slice, or if the end of src is
    before the start".
    """
    _numbers(call)
    at, target = place(call.arguments[0]), term_of(call.arguments[2])
    source = ranged(state, at, call.arguments[1])
    count, length = state.length_of(source), state.length_of(at)
    there = make("bvule", target, make("bvsub", length, count))
    state.demand(there, INDEX, "a copy beyond the end", at.base)
    _written(state, replace(element(at, target), length=count))
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


def _split(is_last: bool) -> Model:
    """`split_first`: "the first and all the rest of the elements of the slice, or None if it is empty"."""

    def model(_machine: Machine, state: State, call: Call) -> Value:
        at = place(call.arguments[0])
        length, zero = state.length_of(at), number(0, WIDTH)
        if state.is_true(make("=", length, zero)):
            return NONE
        less, one = make("bvsub", length, number(1, WIDTH)), number(1, WIDTH)
        rest = replace(element(at, zero if is_last else one), length=less)
        return some(Struct("()", (element(at, less if is_last else zero), rest)))

    return model


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


MOST_ELEMENTS = 64
_SLICE = "core::slice::<impl [_]>"
SLICES: Mapping[str, Model] = {
    "<&[_] as core::convert::TryInto>::try_into": _as_array,
    "core::str::<impl str>::as_bytes": same,
    "core::str::<impl str>::len": _length,
    f"{_SLICE}::copy_from_slice": _copied,
    f"{_SLICE}::clone_from_slice": _copied,
    f"{_SLICE}::copy_within": _copied_within,
    f"{_SLICE}::swap": _swapped,
    f"{_SLICE}::fill": _filled,
    f"{_SLICE}::first": _end(is_last=False),
    f"{_SLICE}::first_mut": _end(is_last=False),
    f"{_SLICE}::last": _end(is_last=True),
    f"{_SLICE}::last_mut": _end(is_last=True),
    f"{_SLICE}::split_first": _split(is_last=False),
    f"{_SLICE}::split_first_mut": _split(is_last=False),
    f"{_SLICE}::split_last": _split(is_last=True),
    f"{_SLICE}::split_last_mut": _split(is_last=True),
    f"{_SLICE}::split_at": _divided,
    f"{_SLICE}::split_at_mut": _divided,
}

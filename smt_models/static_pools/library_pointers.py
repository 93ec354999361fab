"""Raw pointers and slices. A distance must stay in the array, its end included, and an element below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from extract.mir import types as t
from smt_models.pools.conditions import INDEX, RANGE
from smt_models.static_pools.library_numbers import TYPES
from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.places import (
    around,
    cast,
    element,
    elements,
    first_of,
    is_void,
    many_written,
    moved,
    widened,
    within,
)
from smt_models.static_pools.state import State, below, term_of
from smt_models.static_pools.values import (
    NONE,
    UNIT,
    WIDTH,
    Element,
    NotModelled,
    Null,
    Pointer,
    Scalar,
    Struct,
    Value,
    some,
    truth,
    word,
)
from smt_models.system.terms import Term, both, either
from smt_models.wasm.build import make, number


def _as_place(_machine: Machine, _state: State, call: Call) -> Value:
    return place(call.arguments[0])


def _units(at: Pointer, count: Term) -> Term:
    """What is counted in things seen, in elements."""
    return count if at.seen is None else make("bvmul", count, number(at.seen, WIDTH))


def _distance(call: Call, which: int = 1) -> Term:
    """In what the pointer is to; that of a pointer to `()` or `c_void` is in none of what is counted here."""
    if is_void(_pointee(call)) or place(call.arguments[0]).untyped:  # of a parameter the type says nothing
        raise NotModelled("a distance in what a pointer does not say")
    return term_of(call.arguments[which])


def _added(_machine: Machine, state: State, call: Call) -> Value:
    """ "The entire memory range between self and the result must be in bounds of that allocated object"."""
    at, count = place(call.arguments[0]), _distance(call)
    match at.path:
        case (*_, Element(start)):
            ok = make("bvule", make("bvadd", widened(start), elements(at, count)), widened(around(state, at)))
            state.demand(ok, RANGE, "a pointer beyond the end", at.base)
            return moved(at, _units(at, count))
        case _:
            raise NotModelled("a distance from what is no element")


def _subtracted(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    count = _distance(call)
    distance = _units(at, count)
    match at.path:
        case (*_, Element(start)):
            ok = make("bvule", elements(at, count), widened(start))
            state.demand(ok, RANGE, "a pointer before the start", at.base)
            return moved(at, make("bvneg", distance))
        case _:
            raise NotModelled("a distance from what is no element")


def _wrapped(_machine: Machine, _state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    return moved(at, _units(at, _distance(call)))


def _cast(_machine: Machine, state: State, call: Call) -> Value:
    source = _pointee(call)
    if source is None or not call.generics:
        raise NotModelled(call.name)
    return cast(state, place(call.arguments[0]), source, call.generics[0])


def _pointee(call: Call) -> t.Type | None:
    match call.owner:
        case t.RawPointer(_, target):
            return target
        case None:
            return next(iter(call.generics), None)
        case of:
            return of


def _read(machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    within(state, at, word(1).term)
    return machine.read(state, at, _pointee(call))


def _write(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    within(state, at, word(1).term)
    state.write(at, call.arguments[1])
    return UNIT


def _is_null(_machine: Machine, _state: State, call: Call) -> Value:
    given = call.arguments[0]
    if not isinstance(given, Null | Pointer):
        raise NotModelled(f"whether {type(given).__name__} is null")
    return truth(isinstance(given, Null))


def _null(_machine: Machine, _state: State, _call: Call) -> Value:
    return Null()


def _non_null(_machine: Machine, _state: State, call: Call) -> Value:
    return NONE if isinstance(call.arguments[0], Null) else some(place(call.arguments[0]))


# Slices


def _length(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(state.length_of(place(call.arguments[0])))


def _is_empty(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(make("=", state.length_of(place(call.arguments[0])), word(0).term))


def _start(_machine: Machine, state: State, call: Call) -> Value:
    """`as_ptr`: of a slice, or of an array."""
    return first_of(state, place(call.arguments[0]))


def _got(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    bounds = _bounds(state, at, call.arguments[1])
    if isinstance(bounds, _One):
        return some(element(at, bounds.index)) if state.is_true(bounds.ok) else NONE
    return some(_part(at, bounds)) if state.is_true(bounds.ok) else NONE


def _indexed(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    bounds = _bounds(state, at, call.arguments[1])
    state.demand(bounds.ok, INDEX, "an index or a range beyond the end", at.base)
    return element(at, bounds.index) if isinstance(bounds, _One) else _part(at, bounds)


def ranged(state: State, at: Pointer, by: Value) -> Pointer:
    """A part of a slice; checked. NotModelled by what is no range."""
    bounds = _bounds(state, at, by)
    if isinstance(bounds, _One):
        raise NotModelled("a number where a range belongs")
    state.demand(bounds.ok, INDEX, "a range beyond the end", at.base)
    return _part(at, bounds)


class _One:
    def __init__(self, index: Term, ok: Term) -> None:
        self.index, self.ok = index, ok


class _Range:
    def __init__(self, start: Term, end: Term, ok: Term) -> None:
        self.start, self.end, self.ok = start, end, ok


def _bounds(state: State, at: Pointer, by: Value) -> _One | _Range:
    length = state.length_of(at)
    match by:
        case Scalar(index):
            return _One(index, below(index, length))
        case Struct("core::ops::Range", (Scalar(start), Scalar(end))):
            return _Range(start, end, both(make("bvule", start, end), make("bvule", end, length)))
        case Struct("core::ops::RangeTo", (Scalar(end),)):
            return _Range(word(0).term, end, make("bvule", end, length))
        case Struct("core::ops::RangeFrom", (Scalar(start),)):
            return _Range(start, length, make("bvule", start, length))
        case Struct("core::ops::RangeFull"):
            return _Range(word(0).term, length, truth(True).term)
        case _:
            raise NotModelled("an index of this type")


def _part(at: Pointer, bounds: _Range) -> Pointer:
    start = element(at, bounds.start)
    return replace(start, length=make("bvsub", bounds.end, bounds.start))


def _slice(_machine: Machine, state: State, call: Call) -> Value:
    """`from_raw_parts`: all of it must lie in the array."""
    at, length = place(call.arguments[0]), _distance(call)
    if at.seen is not None:
        raise NotModelled("a slice of what is made of bytes")
    within(state, at, length)
    return Pointer(at.base, at.path, length, parts=at.parts)


def _apart(one: Pointer, other: Pointer, count: Term) -> Term:
    """ "The region of memory beginning at src [...] must not overlap with the region of memory beginning at dst"."""
    match one.path, other.path:
        case _ if one.base != other.base:
            return truth(True).term
        case (*before, Element(first)), (*others, Element(second)) if before == others and (one.seen, one.parts) == (
            other.seen,
            other.parts,
        ):
            size = elements(one, count)
            ends = (make("bvadd", widened(start), size) for start in (first, second))
            return either(*(make("bvule", end, widened(at)) for end, at in zip(ends, (second, first), strict=True)))
        case _:
            raise NotModelled("a copy within one object")


def _copied(_machine: Machine, state: State, call: Call) -> Value:
    """`copy_nonoverlapping`: into a pool whose contents are not kept."""
    source, target = place(call.arguments[0]), place(call.arguments[1])
    count = term_of(call.arguments[2])
    if not isinstance(_pointee(call), t.Primitive):
        state.refuse_places((state.objects[source.base],) if source.base in state.objects else ())
    within(state, source, count)
    within(state, target, count)
    if not state.is_true(_apart(source, target, count)):
        raise NotModelled("memory that is copied onto itself, or may be")
    many_written(state, target)
    return UNIT


def _bytes_written(_machine: Machine, state: State, call: Call) -> Value:
    """`write_bytes`: of numbers, as any bytes are one."""
    target, count = place(call.arguments[0]), _distance(call, which=2)
    match _pointee(call):
        case t.Primitive(name) if name in TYPES:
            pass
        case _:
            raise NotModelled(f"{call.name} of what are no numbers")
    within(state, target, count)
    many_written(state, target)
    return UNIT


_WAYS = ("", "_volatile", "_unaligned")
"""Of the same memory: a static that is volatile is written by nobody but the crate ("private-statics")."""
_RAW: dict[str, Model] = {}
for _kind, _impl in (("mut_ptr", "*mut _"), ("const_ptr", "*const _")):
    _base = f"core::ptr::{_kind}::<impl {_impl}>"
    _RAW |= {
        f"{_base}::add": _added,
        f"{_base}::sub": _subtracted,
        f"{_base}::wrapping_add": _wrapped,
        f"{_base}::cast": _cast,
        f"{_base}::cast_mut": same,
        f"{_base}::cast_const": same,
        **{f"{_base}::read{how}": _read for how in _WAYS},
        **{f"{_base}::write{how}": _write for how in _WAYS},
        f"{_base}::write_bytes": _bytes_written,
        f"{_base}::is_null": _is_null,
        f"{_base}::as_mut_ptr": _start,
        f"{_base}::as_ptr": _start,
    }
_SLICES: dict[str, Model] = {
    "core::slice::<impl [_]>::len": _length,
    "core::slice::<impl [_]>::is_empty": _is_empty,
    "core::slice::<impl [_]>::as_ptr": _start,
    "core::slice::<impl [_]>::as_mut_ptr": _start,
    "core::slice::<impl [_]>::get": _got,
    "core::slice::<impl [_]>::get_mut": _got,
    "core::slice::<impl [_]>::get_unchecked": _indexed,
    "core::slice::<impl [_]>::get_unchecked_mut": _indexed,
    "<[_] as core::ops::Index>::index": _indexed,
    "<[_] as core::ops::IndexMut>::index_mut": _indexed,
    "core::slice::from_raw_parts": _slice,
    "core::slice::from_raw_parts_mut": _slice,
}
POINTERS: Mapping[str, Model] = {
    **_RAW,
    **_SLICES,
    "core::ptr::null_mut": _null,
    "core::ptr::null": _null,
    **{f"core::ptr::read{how}": _read for how in _WAYS},
    **{f"core::ptr::write{how}": _write for how in _WAYS},
    "core::ptr::copy_nonoverlapping": _copied,
    "core::ptr::write_bytes": _bytes_written,
    "core::ptr::NonNull::new": _non_null,
    "core::ptr::NonNull::new_unchecked": _as_place,
    "core::ptr::NonNull::as_ptr": _as_place,
    "core::ptr::NonNull::cast": _cast,
}

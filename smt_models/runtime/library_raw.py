"""Models of library functions on memory without a type, and on the sizes of types. See `library` for the table.

A type parameter has a size; it is the unit in which blocks are counted here, so that it is 1. That a number of such
units does not wrap is another obligation (extent). Of its alignment nothing is known but that it stays the same. A
layout is its size, its alignment, and whether it was checked that the size does not wrap.
"""

from __future__ import annotations

from extract.mir import types as t
from smt_models.runtime.constants import USIZE, boolean
from smt_models.runtime.extents import ALIGNMENT, is_memory
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import LOWERED, copy_of
from smt_models.runtime.library_cells import inside
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import BYTES, Call, Machine
from smt_models.runtime.names import last_generics
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import RESULT, UNIT, Aggregate, Dangling, Opaque, Pointer, Scalar, Value, Variant
from smt_models.system.terms import BOOLEAN, Literal, Term

UNSAFE_CELL = "core::cell::UnsafeCell"
MAYBE_UNINIT = "core::mem::MaybeUninit"
LAYOUT = "core::alloc::Layout"
NON_NULL = "core::ptr::NonNull"


def size_of(_machine: Machine, _state: State, call: Call) -> Value:
    return Scalar(size(call))


def align_of(_machine: Machine, _state: State, call: Call) -> Value:
    return Scalar(alignment(call))


def size(call: Call) -> Term:
    _of_bytes(call)
    return Literal(1, USIZE)


def alignment(call: Call) -> Term:
    return Literal(1, USIZE) if _of_bytes(call) else ALIGNMENT


def _of_bytes(call: Call) -> bool:
    """Whether bytes are asked about, and not a type parameter."""
    match last_generics(call.path) if call.path is not None else ():
        case (t.PathType(t.Path((t.Name(_, ()),))),):
            return False
        case (t.Primitive("u8") | t.Array(t.Primitive("u8"), t.ConstArgument("1")),):
            return True
        case _:
            raise NotModelled(f"{call.name} of a type that is no parameter")


def layout_of(state: State, value: Value) -> Aggregate:
    value = state.settle(value)
    if isinstance(value, Aggregate) and value.type == LAYOUT:
        return value
    raise NotModelled("a layout of which nothing is known")


def layout_size(_machine: Machine, state: State, call: Call) -> Value:
    return layout_of(state, state.load(pointer(state, call.arguments[0]))).fields[0]


def layout_align(_machine: Machine, state: State, call: Call) -> Value:
    return layout_of(state, state.load(pointer(state, call.arguments[0]))).fields[1]


def layout_new(_machine: Machine, state: State, call: Call) -> Value:
    if state.is_true(state.chosen("layout", BOOLEAN)):
        return Variant(RESULT, 0, (layout(call.arguments[0], call.arguments[1]),))
    return Variant(RESULT, 1, (Opaque("core::alloc::LayoutError"),))


def layout(size_: Value, align: Value, checked: bool = False) -> Aggregate:
    return Aggregate(LAYOUT, (size_, align, boolean(checked)))


def layout_array(_machine: Machine, state: State, call: Call) -> Value:
    """ "On arithmetic overflow or when the total size would exceed `isize::MAX`, returns `LayoutError`"."""
    count = scalar(state, call.arguments[0]).term
    if not state.is_true(state.chosen("the array fits in memory", BOOLEAN)):
        return Variant(RESULT, 1, (Opaque("core::alloc::LayoutError"),))
    whole = Scalar(fold("bvmul", count, size(call)))
    return Variant(RESULT, 0, (layout(whole, Scalar(alignment(call)), checked=True),))


def layout_unchecked(_machine: Machine, _state: State, call: Call) -> Value:
    return layout(call.arguments[0], call.arguments[1])


def dangling(_machine: Machine, _state: State, _call: Call) -> Value:
    return Aggregate(NON_NULL, (Dangling(),))


def uninit(_machine: Machine, _state: State, _call: Call) -> Value:
    return Aggregate(MAYBE_UNINIT, (BYTES,))


def unsafe_cell_new(_machine: Machine, _state: State, call: Call) -> Value:
    return Aggregate(UNSAFE_CELL, call.arguments)


def unsafe_cell_get(_machine: Machine, state: State, call: Call) -> Value:
    return inside(state, call.arguments[0], UNSAFE_CELL)


def read(machine: Machine, state: State, call: Call) -> Value:
    """A bitwise copy: of memory of which nothing is known, an element as the host has it."""
    at = state.settle(call.arguments[0])
    machine.touch(state, at, writes=False)
    if not isinstance(at, Pointer):
        return LOWERED  # of no size: what lies in its block is another obligation (extent)
    value = state.load(Pointer(at.base, at.path))
    if is_memory(value) or (isinstance(value, Aggregate) and value.type == MAYBE_UNINIT):
        return copy_of(state, at)
    if at.moved:
        raise NotModelled("a read at an unknown distance into a value with parts")
    return value


def write_bytes(machine: Machine, state: State, call: Call) -> Value:
    """So many elements, of which no value is known before or after."""
    at, count = (state.settle(call.arguments[number]) for number in (0, 2))
    if not isinstance(count, Scalar):
        raise NotModelled("write_bytes of an unknown count")
    if state.is_true(fold("=", count.term, Literal(0, count.term.sort))):
        return UNIT
    if isinstance(at, Pointer) and not _has_no_value(state, at):
        raise NotModelled("write_bytes over a value")
    machine.touch(state, at, writes=True)
    return UNIT


def _has_no_value(state: State, at: Pointer) -> bool:
    value = state.settle(state.read(Pointer(at.base, at.path)))
    return is_memory(value) or (isinstance(value, Aggregate) and value.type == MAYBE_UNINIT)


def write(machine: Machine, state: State, call: Call) -> Value:
    """Overwrites without a drop."""
    at = state.settle(call.arguments[0])
    if not isinstance(at, Pointer):
        machine.touch(state, at, writes=True)
        return UNIT
    if _has_no_value(state, at):
        machine.touch(state, at, writes=True)
    elif at.moved:
        raise NotModelled("a write at an unknown distance into a value with parts")
    else:
        machine.assign(state, at, call.arguments[1])
    return UNIT

"""Models of library functions that own or touch memory: blocks, Vec, slices, wakers. See `library` for the table.

A `Vec` is its pointer, length and capacity; without a block its pointer dangles. What elements a block holds is not
known, but how many it has room for. A slice is the pointer to its first element, and its length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from extract.mir import types as t
from smt_models.runtime.constants import USIZE, integer
from smt_models.runtime.extents import (
    ALIGNMENT,
    AREA,
    GUESTS,
    HOSTS,
    LIST,
    SIZE,
    SIZE_OF,
    UNALIGNED,
    block,
    elements_in,
    moved,
)
from smt_models.runtime.facts import fold
from smt_models.runtime.library_raw import layout_of
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import BYTES, Call, Machine
from smt_models.runtime.names import owner_generics, plain_path
from smt_models.runtime.outcomes import NotModelled, Unwinds, Violation
from smt_models.runtime.state import MEMORY, NO_SIZE, State
from smt_models.runtime.template import ANY
from smt_models.runtime.values import (
    NONE,
    UNINIT_VEC,
    UNIT,
    VEC,
    VECS,
    Aggregate,
    Dangling,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    some,
)
from smt_models.system.terms import BOOLEAN, TRUE, Term, Variable

SLICE = "a slice"
ITERATOR = "a slice's iterator"
DRAIN = "alloc::vec::Drain"
OUTSIDE = "a range outside a Vec"
WAKER = Aggregate("core::task::Waker", ())
EMPTY_VEC = Aggregate(VEC, (Dangling(), integer(0, "usize"), integer(0, "usize")))


def allocate(machine: Machine, state: State, call: Call) -> Value:
    return _allocated(machine, state, call, elements_in)


def allocate_elements(machine: Machine, state: State, call: Call) -> Value:
    """Where the size of an element is the unit [library_raw]."""
    return _allocated(machine, state, call, lambda size: size)


def _allocated(machine: Machine, state: State, call: Call, counted: Callable[[Term], Term | None]) -> Value:
    if state.is_true(state.chosen("no memory", BOOLEAN)):
        return Null()
    machine.watcher.allocates(state)
    return Pointer(state.allocate(_room(machine, state, call, counted), f"block of {state.where.source}"))


def _room(machine: Machine, state: State, call: Call, counted: Callable[[Term], Term | None]) -> Value:
    size, align, checked = (scalar(state, one).term for one in layout_of(state, call.arguments[0]).fields)
    if isinstance(size, Variable) and size.name.startswith(f"{ANY}{SIZE_OF}"):
        return Aggregate(AREA + size.name.removeprefix(f"{ANY}{SIZE_OF}"), ())
    count = counted(size)
    if count is None:
        return BYTES
    if checked != TRUE:
        machine.watcher.counts(state, count)
    return block(HOSTS if align == ALIGNMENT else UNALIGNED, count)


def deallocate(machine: Machine, state: State, call: Call) -> Value:
    machine.free(state, state.settle(call.arguments[0]))
    return UNIT


def vec_at(state: State, place: Pointer) -> Aggregate:
    value = state.load(place)
    if not isinstance(value, Aggregate) or value.type not in VECS:
        raise NotModelled("a Vec of which nothing is known")
    return value


def mem_take(machine: Machine, state: State, call: Call) -> Value:
    """Of a `Vec` only: its default is empty and has no block."""
    at = pointer(state, call.arguments[0])
    value = vec_at(state, at)
    machine.assign(state, at, replace(EMPTY_VEC, type=value.type))
    return value


def vec_type(call: Call) -> str:
    """By the type of the elements, where the path says it: `Vec::<T>::new`."""
    match owner_generics(call.path) if call.path is not None else ():
        case (t.PathType(path), *_) if plain_path(path) == "core::mem::MaybeUninit":
            return UNINIT_VEC
        case _:
            return VEC


def vec_new(_machine: Machine, _state: State, call: Call) -> Value:
    return replace(EMPTY_VEC, type=vec_type(call))


def vec_pointer(_machine: Machine, state: State, call: Call) -> Value:
    return state.settle(vec_at(state, pointer(state, call.arguments[0])).fields[0])


def vec_length(_machine: Machine, state: State, call: Call) -> Value:
    return vec_at(state, pointer(state, call.arguments[0])).fields[1]


def vec_capacity(_machine: Machine, state: State, call: Call) -> Value:
    return vec_at(state, pointer(state, call.arguments[0])).fields[2]


def vec_from_parts(_machine: Machine, state: State, call: Call) -> Value:
    block = state.settle(call.arguments[0])
    if isinstance(block, Pointer):
        if block.moved:
            raise NotModelled("a Vec whose buffer starts at an unknown distance")
        _has_capacity(state, block, call)
    return Aggregate(vec_type(call), (block, call.arguments[1], call.arguments[2]))


def _has_capacity(state: State, at: Pointer, call: Call) -> None:
    """ "capacity needs to be the capacity that the pointer was allocated with": looked at for lists of bytes only."""
    match state.load(at):
        case Aggregate(of, (Scalar(room),)) if of == LIST:
            if not _is_of_bytes(call):
                raise NotModelled("a Vec of other elements over a list of bytes")
            if not state.is_true(fold("=", room, scalar(state, call.arguments[2]).term)):
                raise Violation(MEMORY, f"a Vec is made of {state.names[at.base]} with another capacity than it has")
        case _:
            pass


def _is_of_bytes(call: Call) -> bool:
    match owner_generics(call.path) if call.path is not None else ():
        case (t.Primitive("u8"), *_):
            return True
        case _:
            return False


def vec_slice(machine: Machine, state: State, call: Call) -> Value:
    """A reference to a slice: a place of its own that names the block."""
    if call.name.endswith("::index_mut"):
        machine.may_panic(state, OUTSIDE)
    return slice_of(machine, state, call)


def slice_of(machine: Machine, state: State, call: Call) -> Value:
    """A range that is not outside."""
    vec = vec_at(state, pointer(state, call.arguments[0]))
    first, length = state.settle(vec.fields[0]), scalar(state, vec.fields[1]).term
    machine.touch(state, first, writes=False)
    match call.arguments[1:]:
        case ():
            pass
        case (Aggregate("core::ops::RangeFrom", (Scalar(start),)),):
            state.assume(fold("bvule", start, length))
            first, length = _element(first, start), fold("bvsub", length, start)
        case _:
            raise NotModelled("a range of another kind")
    return Pointer(state.allocate(Aggregate(SLICE, (first, Scalar(length))), "a slice"))


def _element(first: Value, number: Term) -> Value:
    """Where an element of a `Vec` lies."""
    return moved(first, fold("bvmul", number, SIZE)) if isinstance(first, Pointer) else first


def vec_spare(_machine: Machine, state: State, call: Call) -> Value:
    """The rest of the buffer, which is not initialised: nothing is read."""
    vec = vec_at(state, pointer(state, call.arguments[0]))
    length, capacity = (scalar(state, one).term for one in vec.fields[1:])
    at = _element(state.settle(vec.fields[0]), length)
    return Pointer(state.allocate(Aggregate(SLICE, (at, Scalar(fold("bvsub", capacity, length)))), "a slice"))


def vec_set_length(machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    vec = vec_at(state, at)
    machine.assign(state, at, Aggregate(vec.type, (vec.fields[0], call.arguments[1], vec.fields[2])))
    return UNIT


def vec_push(machine: Machine, state: State, call: Call) -> Value | None:
    """Into the buffer while there is room; else "it must re-allocate": the old block ends and another is there, or
    "panics if the new capacity exceeds `isize::MAX` bytes", and the element is dropped. How many there are then is not
    kept: it would tell the turns of a loop apart."""
    at = pointer(state, call.arguments[0])
    vec = vec_at(state, at)
    place = state.settle(vec.fields[0])
    length, capacity = (Scalar(state.chosen(name, USIZE)) for name in ("length", "capacity"))
    if not isinstance(place, Pointer) or state.is_true(state.chosen("the Vec is full", BOOLEAN)):
        if machine.panics(state, "a Vec that grows too large"):
            machine.clean_up((Pointer(state.allocate(call.arguments[1], "what is not pushed")),), state)
            return None
        machine.watcher.allocates(state)
        new = Pointer(state.allocate(block(GUESTS, capacity.term), f"block of {state.where.source}"))
        if isinstance(place, Pointer):
            machine.touch(state, place, writes=False)
            machine.free(state, place)
        place = new
    else:
        machine.touch(state, place, writes=True)
    machine.assign(state, at, Aggregate(vec.type, (place, length, capacity)))
    return UNIT


def slice_pointer(_machine: Machine, state: State, call: Call) -> Value:
    return state.settle(_slice_at(state, call.arguments[0]).fields[0])


def slice_length(_machine: Machine, state: State, call: Call) -> Value:
    known = _slice_at(state, call.arguments[0]).fields[1:]
    return known[0] if known else Scalar(state.chosen("length of a slice", USIZE))


def _slice_at(state: State, value: Value) -> Aggregate:
    found = state.load(pointer(state, value))
    if not isinstance(found, Aggregate) or found.type != SLICE:
        raise NotModelled("a slice of which nothing is known")
    return found


def slice_iterator(_machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(ITERATOR, _slice_at(state, call.arguments[0]).fields)


def slice_next(machine: Machine, state: State, call: Call) -> Value:
    """None at the end, which may be anywhere: how many elements there are is not known here."""
    value = state.load(pointer(state, call.arguments[0]))
    if not isinstance(value, Aggregate) or value.type != ITERATOR:
        raise NotModelled("an iterator of which nothing is known")
    if not state.is_true(state.chosen("another element", BOOLEAN)):
        return NONE
    match state.settle(value.fields[0]):
        case Pointer(base, path):
            machine.touch(state, Pointer(base, path), writes=False)
            return some(Pointer(base, path, True))
        case _:
            return some(Pointer(NO_SIZE, (), True))


def vec_drain(machine: Machine, state: State, call: Call) -> Value:
    machine.may_panic(state, OUTSIDE)
    return drain_of(machine, state, call)


def drain_of(machine: Machine, state: State, call: Call) -> Value:
    """A range that is not outside."""
    at = pointer(state, call.arguments[0])
    vec = vec_at(state, at)
    match call.arguments[1]:
        case Aggregate("core::ops::RangeTo", (Scalar(end),)):
            length = scalar(state, vec.fields[1]).term
            state.assume(fold("bvule", end, length))
        case _:
            raise NotModelled("a range of another kind")
    machine.assign(state, at, Aggregate(vec.type, (vec.fields[0], integer(0, "usize"), vec.fields[2])))
    return Aggregate(DRAIN, (at, Scalar(fold("bvsub", length, end))))


def drop_drain(machine: Machine, state: State, call: Call) -> Value:
    """Its elements are dropped where they need it; then the rest moves down, also if one panics [alloc::vec::drain,
    `DropGuard`]."""
    drain = state.take(pointer(state, call.arguments[0]))
    assert isinstance(drain, Aggregate)
    at = pointer(state, drain.fields[0])
    vec = vec_at(state, at)
    machine.touch(state, vec.fields[0], writes=True)
    panics = vec.type == VEC and machine.user_code_panics(state, "the drop of an element")
    machine.assign(state, at, Aggregate(vec.type, (vec.fields[0], drain.fields[1], vec.fields[2])))
    if panics:
        raise Unwinds("the drop of an element")
    return UNIT


def drop_vec(machine: Machine, state: State, call: Call) -> Value:
    """All elements, also if one panics, then the block [alloc::vec, `impl Drop for Vec`: "RawVec handles
    deallocation"]; if a second one panics the process ends."""
    vec = state.take(pointer(state, call.arguments[0]))
    assert isinstance(vec, Aggregate)
    block = state.settle(vec.fields[0])
    machine.touch(state, block, writes=False)
    has_elements = vec.type == VEC and vec.fields[1] != EMPTY_VEC.fields[1]
    panics = has_elements and machine.user_code_panics(state, "the drop of an element")
    if isinstance(block, Pointer):
        machine.free(state, block)
    if panics:
        raise Unwinds("the drop of an element")
    return UNIT


def uninit_write(machine: Machine, state: State, call: Call) -> Value:
    at = state.settle(call.arguments[0])
    machine.touch(state, at, writes=True)
    return at


def uninit_read(machine: Machine, state: State, call: Call) -> Value:
    machine.touch(state, state.settle(call.arguments[0]), writes=False)
    return Opaque("an element")


def waker_clone(machine: Machine, state: State, call: Call) -> Value:
    state.load(pointer(state, call.arguments[0]))
    machine.user_code(state, "the clone of a waker")
    return WAKER


def waker_wake(machine: Machine, state: State, _call: Call) -> Value:
    machine.user_code(state, "the wake of a waker")
    return UNIT


def drop_waker(machine: Machine, state: State, call: Call) -> Value:
    state.take(pointer(state, call.arguments[0]))
    machine.user_code(state, "the drop of a waker")
    return UNIT


def context_waker(_machine: Machine, state: State, call: Call) -> Value:
    state.load(pointer(state, call.arguments[0]))
    return Pointer(state.allocate(WAKER, "the context's waker"))

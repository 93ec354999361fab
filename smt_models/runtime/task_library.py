"""Models of the library functions that a task rests on: boxes and shared ownership, cells, atomics.

A task runs on one thread, so that an atomic is a cell.
"""

from __future__ import annotations

from functools import partial

from smt_models.runtime.constants import boolean
from smt_models.runtime.facts import fold
from smt_models.runtime.glue import ended, ended_unwinding
from smt_models.runtime.library_entry import Entry
from smt_models.runtime.library_values import pointer, scalar, variant
from smt_models.runtime.machine import Call, Machine, Model, deliver
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.task_ownership import (
    ARC,
    BOX,
    CELL,
    MANUALLY,
    NON_ZERO,
    WAKER,
    arc_clone,
    arc_deref,
    arc_from_raw,
    arc_into_raw,
    arc_new,
    box_from_raw,
    box_into_raw,
    box_new,
    context_from_waker,
    drop_arc,
    drop_box,
    drop_inside,
    drop_waker,
    inside,
    pin_as_mut,
    waker_from_arc,
)
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    OPTION,
    POLL,
    UNIT,
    Aggregate,
    Null,
    Pointer,
    Scalar,
    Value,
    Variant,
    some,
)
from smt_models.system.terms import literal

# Values that hold others


def _wraps(of: str) -> Model:
    return lambda _machine, _state, call: Aggregate(of, call.arguments)


def first_place(_machine: Machine, state: State, call: Call) -> Value:
    """The place of what is held."""
    at = inside(pointer(state, call.arguments[0]), 0)
    state.read(at)
    return at


def drop_held(machine: Machine, state: State, call: Call) -> Value | None:
    at = pointer(state, call.arguments[0])
    machine.after(state, "the end of what holds a value", partial(ended, at), partial(ended_unwinding, at))
    drop_inside(machine, state, inside(at, 0))
    return None


def manually_drop(machine: Machine, state: State, call: Call) -> Value | None:
    drop_inside(machine, state, inside(pointer(state, call.arguments[0]), 0))
    return None


def option_get_or_insert(machine: Machine, state: State, call: Call) -> Value | None:
    """ "Inserts a value computed from `f` into the option if it is `None`, then returns a mutable reference"."""
    at = pointer(state, call.arguments[0])
    held = Pointer(at.base, (*at.path, (1, 0)), at.moved)
    if variant(state, state.load(at), OPTION).index == 1:
        return held

    def put(later: State, value: Value) -> Value:
        later.write(at, some(value))
        return held

    machine.after(state, "Option::get_or_insert_with", put, passes)
    made = machine.invoke(state, call.arguments[1], ())
    if made is not None:
        deliver(state, made)
    return None


def poll_is_ready(_machine: Machine, state: State, call: Call) -> Value:
    return boolean(variant(state, state.load(pointer(state, call.arguments[0])), POLL).index == 0)


# Numbers


def cell_load(_machine: Machine, state: State, call: Call) -> Value:
    return scalar(state, state.load(inside(pointer(state, call.arguments[0]), 0)))


def cell_store(_machine: Machine, state: State, call: Call) -> Value:
    at = inside(pointer(state, call.arguments[0]), 0)
    state.load(at)
    state.write(at, call.arguments[1])
    return UNIT


def cell_swap(machine: Machine, state: State, call: Call) -> Value:
    old = cell_load(machine, state, call)
    cell_store(machine, state, call)
    return old


def non_zero_new(_machine: Machine, state: State, call: Call) -> Value:
    number = scalar(state, call.arguments[0])
    if state.is_true(fold("=", number.term, literal(0, number.term.sort))):
        return Variant(OPTION, 0, ())
    return some(Aggregate(NON_ZERO, (number,)))


def non_zero_get(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    if not isinstance(value, Aggregate) or value.type != NON_ZERO:
        raise NotModelled("a NonZero of which nothing is known")
    return value.fields[0]


def references_equal(_machine: Machine, state: State, call: Call) -> Value:
    """`==` of numbers behind references."""
    numbers: list[Scalar] = []
    for one in call.arguments:
        value = state.settle(one)
        while isinstance(value, Pointer):
            value = state.load(value)
        numbers.append(scalar(state, value))
    return Scalar(fold("=", numbers[0].term, numbers[1].term))


def nullable(state: State, value: Value) -> Pointer | Null:
    """A raw pointer that is null or points at a place."""
    value = state.settle(value)
    if isinstance(value, Pointer | Null):
        return value
    raise NotModelled(f"a raw pointer that is {type(value).__name__}")


def _entry(names: str, meaning: str, ownership: str, page: str, model: Model, unwinds: bool = False) -> Entry:
    return Entry(tuple(names.split(";")), meaning, ownership, unwinds, page, model)


_ARC = "sync/struct.Arc.html"
_BOX = "boxed/struct.Box.html"
_MANUALLY = "mem/struct.ManuallyDrop.html"
_ATOMIC = "sync/atomic/struct.AtomicU32.html"
_NON_ZERO = "num/struct.NonZero.html"
_OPTION = "option/enum.Option.html"

TASK_TABLE: tuple[Entry, ...] = (
    _entry("alloc::sync::Arc::new", "one strong reference to a new allocation", "moves the value in", _ARC, arc_new),
    _entry(f"<{ARC} as core::clone::Clone>::clone", "one more strong reference", "shares", _ARC, arc_clone),
    _entry(f"<{ARC} as core::ops::Deref>::deref", "a reference to the value", "borrows", _ARC, arc_deref),
    _entry("alloc::sync::Arc::into_raw", "the value's address; the count stays", "gives it up", _ARC, arc_into_raw),
    _entry("alloc::sync::Arc::from_raw", "the inverse of into_raw", "takes it back", _ARC, arc_from_raw),
    _entry(f"drop of {ARC}", "one less; with the last one the value", "ends the last", _ARC, drop_arc, True),
    _entry(
        f"<{ARC} as core::convert::Into>::into",
        "a waker that holds the strong reference",
        "moves it in",
        "task/trait.Wake.html",
        waker_from_arc,
    ),
    _entry(f"drop of {WAKER}", "drops the reference", "ends it", "task/trait.Wake.html", drop_waker, True),
    _entry(
        "core::task::Context::from_waker", "of this waker", "borrows", "task/struct.Context.html", context_from_waker
    ),
    _entry(
        "<impl Future<Output = T> as core::future::IntoFuture>::into_future",
        "itself",
        "moves",
        "future/trait.IntoFuture.html",
        lambda _machine, _state, call: call.arguments[0],
    ),
    _entry("alloc::boxed::Box::new;alloc::boxed::Box::pin", "a new block", "moves the value in", _BOX, box_new),
    _entry("alloc::boxed::Box::into_raw", "the block's address", "gives it up", _BOX, box_into_raw),
    _entry("alloc::boxed::Box::from_raw", "the inverse of into_raw", "owns the block", _BOX, box_from_raw),
    _entry(f"drop of {BOX}", "the value, then the block", "ends both", _BOX, drop_box, True),
    _entry("core::pin::Pin::as_mut", "the pointer inside", "borrows again", "pin/struct.Pin.html", pin_as_mut),
    _entry("core::mem::ManuallyDrop::new", "holds it", "never drops by itself", _MANUALLY, _wraps(MANUALLY)),
    _entry(f"<{MANUALLY} as core::ops::Deref>::deref", "what it holds", "borrows", _MANUALLY, first_place),
    _entry("core::mem::ManuallyDrop::drop", "drops what it holds", "ends it", _MANUALLY, manually_drop, True),
    _entry(f"{CELL}::new", "holds it", "moves in", "cell/struct.UnsafeCell.html", _wraps(CELL)),
    _entry(f"{CELL}::get", "the address of what it holds", "copies", "cell/struct.UnsafeCell.html", first_place),
    _entry(f"drop of {CELL}", "what it holds", "ends it", "cell/struct.UnsafeCell.html", drop_held, True),
    _entry(
        "core::option::Option::get_or_insert_with",
        "if None the function's value; a reference to what is there",
        "moves in, borrows",
        _OPTION,
        option_get_or_insert,
        True,
    ),
    _entry("core::task::Poll::is_ready", "whether Ready", "reads", "task/enum.Poll.html", poll_is_ready),
    _entry(
        "core::sync::atomic::AtomicU32::load;core::sync::atomic::AtomicBool::load", "reads", "none", _ATOMIC, cell_load
    ),
    _entry(
        "core::sync::atomic::AtomicU32::store;core::sync::atomic::AtomicBool::store",
        "writes",
        "none",
        _ATOMIC,
        cell_store,
    ),
    _entry(
        "core::sync::atomic::AtomicU32::swap;core::sync::atomic::AtomicBool::swap",
        "writes, and gives what was there",
        "none",
        _ATOMIC,
        cell_swap,
    ),
    _entry(
        "core::sync::atomic::AtomicBool::new", "holds it", "none", _ATOMIC, _wraps("core::sync::atomic::AtomicBool")
    ),
    _entry("core::num::NonZero::new", "None for zero", "copies", _NON_ZERO, non_zero_new),
    _entry("core::num::NonZero::get", "the number", "copies", _NON_ZERO, non_zero_get),
    _entry(
        "<&u32 as core::cmp::PartialEq>::eq", "equal numbers", "reads", "cmp/trait.PartialEq.html", references_equal
    ),
)

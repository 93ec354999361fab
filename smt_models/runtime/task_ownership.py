"""Models of the library's owners: Arc, the wakers that are made of one, and Box. See `task_library` for the table.

An `Arc` is a pointer to its allocation: how many strong references are named here, whether there are others besides
(held by wakers and clones outside, any number), and the value. There are no weak ones: nothing here makes them.
"""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from smt_models.runtime.library_values import pointer, scalar, variant
from smt_models.runtime.machine import Call, Machine, deliver
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    UNIT,
    Aggregate,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.terms import FALSE

ARC = "alloc::sync::Arc"
ARC_INNER = "the allocation of an Arc"
COUNT = "strong count"
MOST = 6
"""More strong references than these are not named here."""
COUNTS = {COUNT: tuple(str(number) for number in range(MOST + 1))}
BOX = "alloc::boxed::Box"
CELL = "core::cell::UnsafeCell"
MANUALLY = "core::mem::ManuallyDrop"
NON_ZERO = "core::num::NonZero"
WAKER, CONTEXT = "core::task::Waker", "core::task::Context"


def inside(place: Pointer, *steps: int) -> Pointer:
    return Pointer(place.base, (*place.path, *steps), place.moved)


def _allocated(machine: Machine, state: State, value: Value) -> Pointer:
    """A block on the heap, by the place that allocates it: there may be several in a line."""
    machine.watcher.allocates(state)
    return Pointer(state.allocate(value, f"block of {state.where.source}, bb{state.where.block}"))


def aggregate(state: State, place: Pointer, of: str) -> Aggregate:
    value = state.load(place)
    if not isinstance(value, Aggregate) or value.type != of:
        raise NotModelled(f"{of} of which nothing is known")
    return value


def drop_inside(machine: Machine, state: State, place: Pointer) -> None:
    """Drops the value; what waits for the end of it is told at once if nothing remains to be done."""
    done = machine.drop(state, (place,))
    if done is not None:
        deliver(state, done)


# Arc


def arc_allocation(state: State, arc: Value) -> Pointer:
    arc = state.settle(arc)
    if not isinstance(arc, Aggregate) or arc.type != ARC:
        raise NotModelled("an Arc of which nothing is known")
    return pointer(state, arc.fields[0])


def count_of(state: State, at: Pointer) -> int:
    return variant(state, state.load(inside(at, 0)), COUNT).index


def set_count(state: State, at: Pointer, count: int) -> None:
    if not 0 <= count <= MOST:
        raise NotModelled(f"{count} strong references")
    state.write(inside(at, 0), Variant(COUNT, count, ()))


def arc_new(machine: Machine, state: State, call: Call) -> Value:
    inner = Aggregate(ARC_INNER, (Variant(COUNT, 1, ()), Scalar(FALSE), call.arguments[0]))
    return Aggregate(ARC, (_allocated(machine, state, inner),))


def arc_clone(_machine: Machine, state: State, call: Call) -> Value:
    arc = state.load(pointer(state, call.arguments[0]))
    at = arc_allocation(state, arc)
    set_count(state, at, count_of(state, at) + 1)
    return arc


def arc_deref(_machine: Machine, state: State, call: Call) -> Value:
    at = arc_allocation(state, state.load(pointer(state, call.arguments[0])))
    aggregate(state, at, ARC_INNER)
    return inside(at, 2)


def arc_into_raw(_machine: Machine, state: State, call: Call) -> Value:
    return inside(arc_allocation(state, call.arguments[0]), 2)


def arc_from_raw(_machine: Machine, state: State, call: Call) -> Value:
    value = pointer(state, call.arguments[0])
    if value.moved or value.path != (2,):
        raise NotModelled("an Arc from what is not the value of one")
    aggregate(state, Pointer(value.base), ARC_INNER)
    return Aggregate(ARC, (Pointer(value.base),))


def drop_arc(machine: Machine, state: State, call: Call) -> Value | None:
    """ "Drops the Arc. This will decrement the strong reference count. If the strong reference count reaches zero then
    the only other references (if any) are Weak, so we drop the inner value" [Arc: Drop].
    """
    at = arc_allocation(state, state.take(pointer(state, call.arguments[0])))
    set_count(state, at, count_of(state, at) - 1)
    others = scalar(state, state.load(inside(at, 1)))
    if count_of(state, at) > 0 or state.is_true(others.term):
        return UNIT
    _ends_with(machine, state, "the end of an Arc's allocation", at)
    drop_inside(machine, state, inside(at, 2))
    return None


def _ends_with(machine: Machine, state: State, what: str, at: Pointer) -> None:
    """The block ends after its value, also when dropping that unwinds [reference, "Destructors"]."""
    machine.after(state, what, partial(_gone, at), partial(_gone_unwinding, at))


def _gone(at: Pointer, state: State, _: Value) -> Value:
    state.end(at.base)
    return UNIT


def _gone_unwinding(at: Pointer, state: State) -> NoReturn:
    state.end(at.base)
    passes(state)


# Wakers made from an Arc: "[`Waker`] .. from `Arc<W>`" [task::Wake]


def waker_from_arc(_machine: Machine, state: State, call: Call) -> Value:
    arc_allocation(state, call.arguments[0])
    return Aggregate(WAKER, (call.arguments[0],))


def drop_waker(machine: Machine, state: State, call: Call) -> Value | None:
    at = pointer(state, call.arguments[0])
    aggregate(state, at, WAKER)
    drop_inside(machine, state, inside(at, 0))
    return None


def context_from_waker(_machine: Machine, state: State, call: Call) -> Value:
    aggregate(state, pointer(state, call.arguments[0]), WAKER)
    return Aggregate(CONTEXT, (call.arguments[0],))


# Boxes


def box_new(machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(BOX, (_allocated(machine, state, call.arguments[0]),))


def box_into_raw(_machine: Machine, state: State, call: Call) -> Value:
    box = state.settle(call.arguments[0])
    if not isinstance(box, Aggregate) or box.type != BOX:
        raise NotModelled("a Box of which nothing is known")
    return pointer(state, box.fields[0])


def box_from_raw(_machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    if at.moved or at.path or not state.names[at.base].startswith("block"):
        raise NotModelled("a Box from what is not the start of a block")
    state.load(at)
    return Aggregate(BOX, (at,))


def drop_box(machine: Machine, state: State, call: Call) -> Value | None:
    at = pointer(state, box_into_raw(machine, state, Call("", (state.take(pointer(state, call.arguments[0])),))))
    _ends_with(machine, state, "the end of a Box", at)
    drop_inside(machine, state, at)
    return None


def pin_as_mut(_machine: Machine, state: State, call: Call) -> Value:
    """The pointer inside; of a pinned Box the address of what it owns."""
    value = state.load(pointer(state, call.arguments[0]))
    return value.fields[0] if isinstance(value, Aggregate) and value.type == BOX else value

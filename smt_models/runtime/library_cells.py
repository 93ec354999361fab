"""Models of library types that wrap a value: Cell, ManuallyDrop, NonZero, atomics. See `library` for the table."""

from __future__ import annotations

from smt_models.runtime.facts import fold, number
from smt_models.runtime.library_values import drop_moved, pointer, scalar, variant
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import CONTROL_FLOW, NONE, OPTION, UNIT, Aggregate, Pointer, Scalar, Value, Variant, some

MANUALLY_DROP = "core::mem::ManuallyDrop"
NON_ZERO = "core::num::NonZero"
ATOMIC = "core::sync::atomic::AtomicU32"
CELL = "core::cell::Cell"


def inside(state: State, value: Value, of: str) -> Pointer:
    """The place of what is wrapped."""
    at = pointer(state, value)
    found = state.settle(state.read(at))
    if not isinstance(found, Aggregate) or found.type != of:
        raise NotModelled(f"{of} of which nothing is known")
    return Pointer(at.base, (*at.path, 0), at.moved)


def manually_drop_new(_machine: Machine, _state: State, call: Call) -> Value:
    return Aggregate(MANUALLY_DROP, call.arguments)


def manually_drop_deref(_machine: Machine, state: State, call: Call) -> Value:
    return inside(state, call.arguments[0], MANUALLY_DROP)


def manually_drop_take(_machine: Machine, state: State, call: Call) -> Value:
    """ "it is up to the user to ensure that this ManuallyDrop is not used again": using it is then a violation."""
    return state.take(inside(state, call.arguments[0], MANUALLY_DROP))


def manually_drop_drop(machine: Machine, state: State, call: Call) -> Value | None:
    return machine.drop(state, (inside(state, call.arguments[0], MANUALLY_DROP),))


def branch(_machine: Machine, state: State, call: Call) -> Value:
    """Of `?`: Some goes on with its value, None breaks off with None."""
    value = variant(state, call.arguments[0], OPTION)
    return Variant(CONTROL_FLOW, 0, value.fields) if value.index == 1 else Variant(CONTROL_FLOW, 1, (NONE,))


def residual(_machine: Machine, _state: State, _call: Call) -> Value:
    return NONE


def non_zero_new(_machine: Machine, state: State, call: Call) -> Value:
    given = scalar(state, call.arguments[0])
    if state.is_true(fold("=", given.term, number(0, given.term.sort))):
        return NONE
    return some(Aggregate(NON_ZERO, (given,)))


def non_zero_get(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    if not isinstance(value, Aggregate) or value.type != NON_ZERO:
        raise NotModelled("a NonZero of which nothing is known")
    return value.fields[0]


def atomic_new(_machine: Machine, _state: State, call: Call) -> Value:
    return Aggregate(ATOMIC, call.arguments)


def atomic_load(_machine: Machine, state: State, call: Call) -> Value:
    """Whatever the ordering: the runtime has one thread (the component model's tasks do not run at once)."""
    return Scalar(scalar(state, state.load(inside(state, call.arguments[0], ATOMIC))).term)


def atomic_store(machine: Machine, state: State, call: Call) -> Value:
    machine.assign(state, inside(state, call.arguments[0], ATOMIC), scalar(state, call.arguments[1]))
    return UNIT


def cell_new(_machine: Machine, _state: State, call: Call) -> Value:
    return Aggregate(CELL, call.arguments)


def cell_get(_machine: Machine, state: State, call: Call) -> Value:
    return state.load(inside(state, call.arguments[0], CELL))


def cell_set(machine: Machine, state: State, call: Call) -> Value | None:
    """ "Sets the contained value": the old one is dropped, after the new one is there."""
    at = inside(state, call.arguments[0], CELL)
    old = state.load(at)
    machine.assign(state, at, call.arguments[1])
    return drop_moved(machine, state, old)


def cell_take(machine: Machine, state: State, call: Call) -> Value:
    """Of an `Option` only: its default is None."""
    at = inside(state, call.arguments[0], CELL)
    value = variant(state, state.load(at), OPTION)
    machine.assign(state, at, NONE)
    return value


def cell_replace(machine: Machine, state: State, call: Call) -> Value:
    at = inside(state, call.arguments[0], CELL)
    value = state.load(at)
    machine.assign(state, at, call.arguments[1])
    return value


def drop_held(machine: Machine, state: State, call: Call) -> Value | None:
    """Of a type that wraps one value: that is dropped."""
    at = pointer(state, call.arguments[0])
    return machine.drop(state, (Pointer(at.base, (*at.path, 0), at.moved),))

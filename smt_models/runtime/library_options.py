"""Models of the methods of Option and Poll that call a closure, or put one value in the place of another.

A closure that is called takes its captures with it; one that is not called is dropped, with what it captured.
"""

from __future__ import annotations

from functools import partial

from smt_models.runtime.library_values import drop_moved, pointer, variant
from smt_models.runtime.machine import Call, Machine, deliver
from smt_models.runtime.rvalues import truth
from smt_models.runtime.state import State
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import NONE, OPTION, POLL, Pointer, Value, Variant, some


def option_replace(machine: Machine, state: State, call: Call) -> Value:
    """The old value moves out, and is not dropped."""
    at = pointer(state, call.arguments[0])
    old = state.load(at)
    machine.assign(state, at, some(call.arguments[1]))
    return old


def option_map(machine: Machine, state: State, call: Call) -> Value | None:
    return _mapped(machine, state, call, OPTION, 1)


def poll_map(machine: Machine, state: State, call: Call) -> Value | None:
    return _mapped(machine, state, call, POLL, 0)


def _mapped(machine: Machine, state: State, call: Call, of: str, index: int) -> Value | None:
    """Only the variant at `index` holds what the closure is called on; the other one stays as it is."""
    value, closure = variant(state, call.arguments[0], of), state.settle(call.arguments[1])
    if value.index != index:
        return _not_called(machine, state, call, closure, value)
    machine.after(state, call.name, lambda _, result: Variant(of, index, (result,)), passes)
    _given(state, machine.invoke(state, closure, (value.fields[0],)))
    return None


def option_and_then(machine: Machine, state: State, call: Call) -> Value | None:
    """What the closure gives for Some's value."""
    value, closure = variant(state, call.arguments[0], OPTION), state.settle(call.arguments[1])
    if value.index == 1:
        return machine.invoke(state, closure, (value.fields[0],))
    return _not_called(machine, state, call, closure, NONE)


def option_filter(machine: Machine, state: State, call: Call) -> Value | None:
    """The predicate is given a reference to Some's value, which is dropped if it says no, or unwinds."""
    value, predicate = variant(state, call.arguments[0], OPTION), state.settle(call.arguments[1])
    if value.index == 0:
        return _not_called(machine, state, call, predicate, NONE)
    place = Pointer(state.allocate(value.fields[0], "what is filtered"))

    def decided(later: State, says: Value) -> Value | None:
        if later.is_true(truth(says).term):
            kept = later.take(place)
            later.end(place.base)
            return some(kept)
        machine.after(later, call.name, lambda _, __: NONE, passes)
        _given(later, drop_moved(machine, later, later.take(place)))
        return None

    machine.after(state, call.name, decided, partial(machine.clean_up, (place,)))
    _given(state, machine.invoke(state, predicate, (place,)))
    return None


def _not_called(machine: Machine, state: State, call: Call, closure: Value, result: Value) -> Value | None:
    machine.after(state, call.name, lambda _, __: result, passes)
    return drop_moved(machine, state, closure)


def _given(state: State, result: Value | None) -> None:
    if result is not None:
        deliver(state, result)

"""Models of library functions where elements are read into a `Vec` and followed: how many it has is kept, and what
would need to say which elements it takes out is not followed. See `library` for the others."""

from __future__ import annotations

from functools import partial

from smt_models.runtime.constants import USIZE
from smt_models.runtime.elements import ELEMENT
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import follow, followed, not_followed
from smt_models.runtime.library_memory import drop_vec, uninit_read, vec_at
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.received import Received
from smt_models.runtime.roots import FILLED
from smt_models.runtime.state import State
from smt_models.runtime.values import UNIT, Aggregate, Pointer, Scalar, Value
from smt_models.system.terms import Literal


def models(received: Received) -> dict[str, Model]:
    """In place of those of the table."""
    return {
        "alloc::vec::Vec::push": partial(_push, received),
        "drop of alloc::vec::Vec": partial(_drop, received),
        "core::mem::MaybeUninit::assume_init_read": partial(_read, received),
        "alloc::vec::Vec::drain": _is_not_followed,
        "alloc::vec::Vec::from_raw_parts": _is_not_followed,
    }


def _push(received: Received, machine: Machine, state: State, call: Call) -> Value:
    """At the end, while there is room. Where there is none "it must re-allocate", which is not followed."""
    at, element = pointer(state, call.arguments[0]), state.settle(call.arguments[1])
    vec = vec_at(state, at)
    place = state.settle(vec.fields[0])
    length, capacity = (scalar(state, one).term for one in vec.fields[1:])
    filled = followed(state, FILLED)
    if filled is None or place != filled.block or element != ELEMENT:
        raise not_followed(state, "what is pushed, or to which Vec")
    if not isinstance(place, Pointer) or state.is_true(fold("=", length, capacity)):
        raise not_followed(state, "a Vec that grows")
    follow(state, None, FILLED)  # no write that nobody knows of
    machine.touch(state, place, writes=True)
    follow(state, filled, FILLED)
    received.put(state, length)
    longer = Scalar(fold("bvadd", length, Literal(1, USIZE)))
    machine.assign(state, at, Aggregate(vec.type, (place, longer, vec.fields[2])))
    return UNIT


def _drop(received: Received, machine: Machine, state: State, call: Call) -> Value:
    received.dropped(state, vec_at(state, pointer(state, call.arguments[0])))
    return drop_vec(machine, state, call)


def _read(received: Received, machine: Machine, state: State, call: Call) -> Value:
    if received.has(state, state.settle(call.arguments[0])):
        raise not_followed(state, "a copy of an element that is not lifted")
    return uninit_read(machine, state, call)


def _is_not_followed(_machine: Machine, state: State, call: Call) -> Value:
    raise not_followed(state, f"what {call.name} does to elements")

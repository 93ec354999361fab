"""Models of library types that own a block with one value: Rc, Weak, Box. See `library` for the table.

An `Rc` is the place of its value. How many there are is counted in the store; others may have more of them, so that
whether the last one goes is known only while another one is in sight.
"""

from __future__ import annotations

from smt_models.runtime.constants import boolean
from smt_models.runtime.library_values import NON_NULL, pointer
from smt_models.runtime.machine import Call, Machine, deliver
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import RC
from smt_models.runtime.state import State
from smt_models.runtime.unwinding import goes_on
from smt_models.runtime.values import MOVED, NONE, UNIT, Aggregate, Choice, Moved, Pointer, Value, Variant, parts, some
from smt_models.system.terms import BOOLEAN

WEAK = "alloc::rc::Weak"
BOX = "alloc::boxed::Box"
UNIQUE = "core::ptr::Unique"


def _shared(state: State, value: Value) -> Pointer:
    """The place of the value that an `Rc` shares."""
    value = state.settle(value)
    if not isinstance(value, Aggregate) or value.type != RC:
        raise NotModelled("an Rc of which nothing is known")
    return pointer(state, value.fields[0])


def rc_new(machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(RC, (_block(machine, state, call),))


def rc_clone(_machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(RC, (_shared(state, state.load(pointer(state, call.arguments[0]))),))


def rc_deref(_machine: Machine, state: State, call: Call) -> Value:
    at = _shared(state, state.load(pointer(state, call.arguments[0])))
    state.load(at)
    return at


def rc_same(_machine: Machine, state: State, call: Call) -> Value:
    """`ptr_eq`: the same block, which lives as long as the two do."""
    left, right = (_shared(state, state.load(pointer(state, one))) for one in call.arguments)
    return boolean(left == right)


def drop_rc(machine: Machine, state: State, call: Call) -> Value | None:
    at = _shared(state, state.take(pointer(state, call.arguments[0])))
    state.load(at)
    if is_shared(state, at):
        return UNIT
    is_ours = state.names[at.base].startswith("block")  # else it stays as it is, and what its drop does can happen now
    if is_ours and state.is_true(state.chosen("another Rc of it is elsewhere", BOOLEAN)):
        return UNIT
    _dropped(machine, state, at)
    return None


def rc_address(_machine: Machine, state: State, call: Call) -> Value:
    """Of a reference to an Rc."""
    return _shared(state, state.load(pointer(state, call.arguments[0])))


# Weak: "holds a non-owning reference"


def rc_downgrade(_machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(WEAK, (_shared(state, state.load(pointer(state, call.arguments[0]))),))


def _weakly(state: State, value: Value) -> Pointer:
    value = state.settle(value)
    if not isinstance(value, Aggregate) or value.type != WEAK:
        raise NotModelled("a Weak of which nothing is known")
    return pointer(state, value.fields[0])


def weak_address(_machine: Machine, state: State, call: Call) -> Value:
    return _weakly(state, state.load(pointer(state, call.arguments[0])))


def weak_upgrade(_machine: Machine, state: State, call: Call) -> Value:
    """ "Returns None if the inner value has since been dropped": nobody may have an Rc of it any more, or somebody."""
    at = _weakly(state, state.load(pointer(state, call.arguments[0])))
    if isinstance(state.objects.get(at.base, MOVED), Moved):
        return NONE
    if is_shared(state, at) or state.is_true(state.chosen("an Rc of it is elsewhere", BOOLEAN)):
        state.load(at)
        return some(Aggregate(RC, (at,)))
    return NONE


def drop_weak(_machine: Machine, state: State, call: Call) -> Value:
    """The block stays for the model: only who has an address of it could tell, and that is a fault already."""
    _weakly(state, state.take(pointer(state, call.arguments[0])))
    return UNIT


def clone_option_of_rc(_machine: Machine, state: State, call: Call) -> Value:
    """One more that shares the value, if there is one."""
    value = state.load(pointer(state, call.arguments[0]))
    held = state.settle(value.fields[0]) if isinstance(value, Variant) and value.index == 1 else None
    if value != NONE and (not isinstance(held, Aggregate) or held.type != RC):
        raise NotModelled("a clone of an Option of something else than an Rc")
    return value


def is_shared(state: State, at: Pointer) -> bool:
    """Whether somebody whose values are known has an Rc of this place."""
    return any(_has(state, value, at) for value in state.objects.values())


def _has(state: State, value: Value, at: Pointer) -> bool:
    """An Rc of this place, in whatever may hold one; forks over what it is, if it may be one."""
    if isinstance(value, Aggregate) and value.type == RC:
        return state.settle(value.fields[0]) == at
    if isinstance(value, Choice) and _may_have(value):
        return _has(state, state.settle(value), at)
    return any(_has(state, one, at) for one in parts(value))


def _may_have(value: Value) -> bool:
    return (isinstance(value, Aggregate) and value.type == RC) or any(_may_have(one) for one in parts(value))


def _block(machine: Machine, state: State, call: Call) -> Pointer:
    machine.watcher.allocates(state)
    return Pointer(state.allocate(call.arguments[0], f"block of {state.where.source}"))


def boxed(at: Value) -> Aggregate:
    return Aggregate(BOX, (Aggregate(UNIQUE, (Aggregate(NON_NULL, (at,)),)),))


def box_new(machine: Machine, state: State, call: Call) -> Value:
    return boxed(_block(machine, state, call))


def drop_box(machine: Machine, state: State, call: Call) -> None:
    """What is inside, then the block: unwinding, too [alloc::boxed: impl Drop for Box, called by the glue]."""
    box = state.take(pointer(state, call.arguments[0]))
    assert isinstance(box, Aggregate)
    unique = box.fields[0]
    assert isinstance(unique, Aggregate)
    found = unique.fields[0]
    assert isinstance(found, Aggregate)
    _dropped(machine, state, pointer(state, found.fields[0]))


def _dropped(machine: Machine, state: State, at: Pointer) -> None:
    def free(later: State, _: Value) -> Value:
        _freed(machine, later, at)
        return UNIT

    def unwound(later: State) -> None:
        _freed(machine, later, at)
        goes_on(later, UNIT)

    machine.after(state, "the block of what was dropped", free, unwound)
    done = machine.drop(state, (at,))
    if done is not None:
        deliver(state, done)


def _freed(machine: Machine, state: State, at: Pointer) -> None:
    """The block, whose value has ended. A root of somebody else is no block of the heap here, and stays as it is."""
    if state.names[at.base].startswith("block"):
        state.write(at, UNIT)
        machine.free(state, at)

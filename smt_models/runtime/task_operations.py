"""What operations ask of a task, as actions.

An operation obeys the interface ([cabi.rs], `wasip3_task_vtable`): it registers with the task that is set while it
runs, or through a clone that it holds; not while it is a member of another task's set; it unregisters so too; it drops
its clone once, and not while it is registered; nor does it register while `block_on` waits. Wakers, and the clones of
other operations, come and go.
"""

from __future__ import annotations

from functools import partial

from smt_models.runtime.machine import Call
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.rvalues import cast_pointer
from smt_models.runtime.state import State
from smt_models.runtime.task_actions import TaskAction, TaskActions, finished, only
from smt_models.runtime.task_ownership import ARC, aggregate, count_of, drop_inside, inside, set_count
from smt_models.runtime.task_roots import (
    CLONE,
    CONTRACT,
    CURRENT,
    OTHER_SLOT,
    OTHER_WAKE,
    REFERENCE,
    SHARED,
    SLOT_A,
    SLOT_B,
    VTABLE,
    WAITED,
    WAKE,
    WATCHED,
)
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.unwinding import caught, passes
from smt_models.runtime.values import (
    NONE,
    UNIT,
    Aggregate,
    FunctionPointer,
    Moved,
    Null,
    Pointer,
    Scalar,
    Value,
    some,
)
from smt_models.system.model import Actor
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, equal, literal, negation

VALUE = Pointer(SHARED, (2,))
"""What the C ABI's pointer points at."""


def _holds(state: State) -> bool:
    return state.settle(state.objects[CLONE]) != Null()


def _is_set(actions: TaskActions, phase: str) -> bool:
    """Whether user code runs while this task is set."""
    return phase in actions.phases and not _waits(actions, phase)


def _waits(actions: TaskActions, phase: str) -> bool:
    """The task is locked then: that nobody registers with it is taken for granted (`proofs.runtime.task_side`)."""
    known = actions.phases.get(phase)
    return known is not None and known.what == WAITED


def _functions(actions: TaskActions, state: State, phase: str) -> tuple[Pointer, str, Value]:
    """Where an operation finds the task's functions: of the task that is set, or, with a clone, in the vtable that it
    kept; and the pointer that it gives them.
    """
    subject = actions.subject
    current = _is_set(actions, phase)
    cloned = subject.generation > 1 and _holds(state)
    only(current or cloned)
    if cloned and (not current or state.is_true(state.chosen("through the clone", BOOLEAN))):
        return Pointer(VTABLE), subject.profile.vtable, state.settle(state.objects[CLONE])
    task = state.settle(state.objects[CURRENT])
    assert isinstance(task, Pointer)
    at = subject.program.fields[subject.profile.prefix].index("ptr")
    return task, subject.profile.prefix, state.load(inside(task, at))


def _call(
    actions: TaskActions, state: State, at: tuple[Pointer, str, Value], name: str, more: tuple[Value, ...]
) -> None:
    place, of, task = at
    function = state.load(inside(place, actions.subject.program.fields[of].index(name)))
    if not isinstance(function, FunctionPointer):
        raise NotModelled(f"{name} of a task, which is no function")
    finished(state, actions.subject.machine.call(state, Call(function.name, (task, *more))))


def _register(actions: TaskActions, state: State, phase: str) -> None:
    only(not _waits(actions, phase))
    functions = _functions(actions, state, phase)
    only(not state.is_true(state.host["elsewhere"]))
    slot = Pointer(SLOT_A if state.is_true(state.chosen("slot A", BOOLEAN)) else SLOT_B)
    actions.subject.machine.after(
        state, "the waitable is registered", partial(_registered, actions.subject, slot), passes
    )
    _call(actions, state, functions, "waitable_register", (Scalar(WATCHED), FunctionPointer(WAKE), slot))


def _registered(subject: TaskSubject, slot: Pointer, state: State, result: Value) -> Value:
    _gives_back(subject, state, result)
    state.objects[REFERENCE] = some(slot)
    return UNIT


def _unregister(actions: TaskActions, state: State, phase: str) -> None:
    functions = _functions(actions, state, phase)
    only(not state.is_true(state.host["elsewhere"]))
    actions.subject.machine.after(
        state, "the waitable is unregistered", partial(_unregistered, actions.subject), passes
    )
    _call(actions, state, functions, "waitable_unregister", (Scalar(WATCHED),))


def _unregistered(subject: TaskSubject, state: State, result: Value) -> Value:
    _gives_back(subject, state, result)
    state.objects[REFERENCE] = NONE
    return UNIT


def _gives_back(subject: TaskSubject, state: State, result: Value) -> None:
    """The pointer that was registered, or null."""
    if state.settle(result) != subject.contract.registered(state):
        raise Violation(CONTRACT, "what is given back is not the pointer that was registered, or null")


def _clone(actions: TaskActions, state: State, phase: str) -> None:
    """Of the task that is set; an operation keeps one clone, with the vtable's address. What it holds is static."""
    subject = actions.subject
    only(subject.generation > 1 and _is_set(actions, phase) and not _holds(state))
    fields = subject.program.fields
    task = state.settle(state.objects[CURRENT])
    outer = cast_pointer(state, task, subject.profile.task)
    assert isinstance(task, Pointer)
    assert isinstance(outer, Pointer)
    found = state.load(inside(outer, fields[subject.profile.task].index("vtable")))
    vtable = cast_pointer(state, found, subject.profile.vtable)
    assert isinstance(vtable, Pointer)
    state.objects[VTABLE] = aggregate(state, vtable, subject.profile.vtable)
    pointer = state.load(inside(task, fields[subject.profile.prefix].index("ptr")))
    subject.machine.after(state, "the task is cloned", _cloned, passes)
    _call(actions, state, (vtable, subject.profile.vtable, pointer), "clone", ())


def _cloned(state: State, result: Value) -> Value:
    if state.settle(result) != VALUE:
        raise Violation(CONTRACT, "a clone is another task")
    state.objects[CLONE] = VALUE
    return UNIT


def _drop_clone(actions: TaskActions, state: State, _phase: str) -> None:
    subject = actions.subject
    only(_holds(state) and state.settle(state.objects[REFERENCE]) == NONE)
    pointer = state.settle(state.objects[CLONE])
    state.objects[CLONE] = Null()
    actions.subject.machine.after(state, "the clone is dropped", _done, passes)
    _call(actions, state, (Pointer(VTABLE), subject.profile.vtable, pointer), "drop", ())


def _done(_state: State, _value: Value) -> Value:
    return UNIT


# Others: wakers, clones and waitables of other operations


def _there(state: State) -> None:
    only(not isinstance(state.settle(state.objects[SHARED]), Moved))


def _others(state: State) -> Term:
    value = state.load(Pointer(SHARED, (1,)))
    assert isinstance(value, Scalar)
    return value.term


def _shared_by_others(_actions: TaskActions, state: State, _phase: str) -> None:
    """Another waker, or another clone, of a task whose reference somebody has."""
    _there(state)
    state.write(Pointer(SHARED, (1,)), Scalar(TRUE))
    finished(state, UNIT)


def _dropped_by_others(actions: TaskActions, state: State, _phase: str) -> None:
    """One of the references of others becomes one that is named here, and is dropped."""
    _there(state)
    only(state.is_true(_others(state)))
    state.write(Pointer(SHARED, (1,)), Scalar(literal(state.is_true(state.chosen("others remain", BOOLEAN)), BOOLEAN)))
    set_count(state, Pointer(SHARED), count_of(state, Pointer(SHARED)) + 1)
    place = Pointer(state.allocate(Aggregate(ARC, (Pointer(SHARED),)), "a reference of another"))
    actions.subject.machine.after(state, "a reference of another is dropped", _done, passes)
    drop_inside(actions.subject.machine, state, place)


def _wake(actions: TaskActions, state: State, _phase: str) -> None:
    """A waker of the task is woken: by what keeps it, so that there is one."""
    _there(state)
    subject = actions.subject
    place = Pointer(state.allocate(Aggregate(ARC, (Pointer(SHARED),)), "a waker's reference"))
    subject.machine.after(state, "the task is woken", _done, caught)
    made = subject.program.implementations[subject.profile.shared, "task::Wake"]
    subject.machine.enter(state, f"{made[0]}::{subject.profile.wake}", (place,))


def _register_another(actions: TaskActions, state: State, phase: str) -> None:
    only(not _waits(actions, phase))
    another = (Scalar(_another(state)), FunctionPointer(OTHER_WAKE), Pointer(OTHER_SLOT))
    actions.subject.machine.after(state, "another is registered", _done, passes)
    _call(actions, state, _through_any(actions, state, phase), "waitable_register", another)


def _unregister_another(actions: TaskActions, state: State, phase: str) -> None:
    another = Scalar(_another(state))
    actions.subject.machine.after(state, "another is unregistered", _done, passes)
    _call(actions, state, _through_any(actions, state, phase), "waitable_unregister", (another,))


def _through_any(actions: TaskActions, state: State, phase: str) -> tuple[Pointer, str, Value]:
    """Other operations have clones of their own: they need what keeps the shared state to be there, no more."""
    subject = actions.subject
    if _is_set(actions, phase):
        task = state.settle(state.objects[CURRENT])
        assert isinstance(task, Pointer)
        at = subject.program.fields[subject.profile.prefix].index("ptr")
        return task, subject.profile.prefix, state.load(inside(task, at))
    _there(state)
    only(subject.generation > 1 and state.is_true(_others(state)))
    only(not isinstance(state.settle(state.objects[VTABLE]), Moved))
    return Pointer(VTABLE), subject.profile.vtable, VALUE


def _another(state: State) -> Term:
    index = state.chosen("another waitable", WATCHED.sort)
    only(state.assume(negation(equal(index, WATCHED))))
    return index


def _joins_elsewhere(_actions: TaskActions, state: State, _phase: str) -> None:
    """Another task registers the watched waitable: only when it left this one."""
    only(state.settle(state.objects[REFERENCE]) == NONE and not state.is_true(state.host["elsewhere"]))
    state.host["elsewhere"] = TRUE
    finished(state, UNIT)


def _leaves_elsewhere(_actions: TaskActions, state: State, _phase: str) -> None:
    only(state.is_true(state.host["elsewhere"]))
    state.host["elsewhere"] = FALSE
    finished(state, UNIT)


ASKED = (
    TaskAction("register", Actor.CLIENT, _register),
    TaskAction("unregister", Actor.CLIENT, _unregister),
    TaskAction("clone", Actor.CLIENT, _clone),
    TaskAction("drop", Actor.CLIENT, _drop_clone),
    TaskAction("another reference", Actor.CLIENT, _shared_by_others),
    TaskAction("drop of another reference", Actor.CLIENT, _dropped_by_others),
    TaskAction("wake", Actor.CLIENT, _wake),
    TaskAction("register another", Actor.CLIENT, _register_another),
    TaskAction("unregister another", Actor.CLIENT, _unregister_another),
    TaskAction("join elsewhere", Actor.CLIENT, _joins_elsewhere),
    TaskAction("leave elsewhere", Actor.CLIENT, _leaves_elsewhere),
)

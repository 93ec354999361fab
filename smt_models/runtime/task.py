"""The tasks as a contract, in the runtime's own words (`wasip3_task_vtable`).

`waitable_register` adds the waitable to the task's set and keeps callback and pointer, giving back a pointer that was
there; `waitable_unregister` takes both out and gives the pointer back, or null; an event is delivered once, after the
waitable is taken out of both. There are two tasks, so that an operation can be handed from one to the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from smt_models.runtime.host import DEFINITE, Host
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.profile import TaskAbi
from smt_models.runtime.roots import CURRENT, FIRST_GENERATION, HANDED_OVER, NUMBER, REGISTERED, TASKS, VERSION, VTABLE
from smt_models.runtime.state import State
from smt_models.runtime.values import (
    NONE,
    UNIT,
    Aggregate,
    FunctionPointer,
    Null,
    Pointer,
    Scalar,
    Value,
    Variant,
    renamed,
    some,
)
from smt_models.system.terms import FALSE, TRUE, Term

_REGISTER, _UNREGISTER = FunctionPointer("task::register"), FunctionPointer("task::unregister")
_VTABLE = Aggregate(
    "the task's vtable", (_REGISTER, _UNREGISTER, FunctionPointer("task::clone"), FunctionPointer("task::drop"))
)


Heard = Callable[[State], Term]
"""The host delivers the queued event: what it says."""


class Tasks(Protocol):
    """The contract's models. The host may run whenever one of them is called."""

    is_handed_over: Term
    """Whether an operation can go from task to task."""

    def models(self) -> dict[str, Model]: ...

    def traits(self) -> dict[str, Model]: ...

    def roots(self) -> dict[int, Value]: ...

    def switch(self, state: State) -> None:
        """The client hands its operation to the other task."""

    def at_rest(self, state: State) -> None:
        """What must hold between actions."""

    def deliver(self, machine: Machine, state: State, heard: Heard) -> Value | None:
        """An event, if there is an entry for it."""

    @property
    def keys(self) -> dict[str, Value]:
        """Constants by which the program names values of the thread."""

    def others_ran(self, machine: Machine, state: State, answer: Value) -> Value | None:
        """While a cancel blocked, of which this is the answer: other operations did, and heard events."""


class AbiTasks:
    """Tasks as the C ABI knows them."""

    is_handed_over: Term = HANDED_OVER

    def __init__(self, profile: TaskAbi, host: Host) -> None:
        self.profile = profile
        self.host = host

    def models(self) -> dict[str, Model]:
        return {
            self.profile.set: self._set,
            "task::register": self._register,
            "task::unregister": self._unregister,
            "task::clone": lambda _machine, _state, call: call.arguments[0],
            "task::drop": lambda _machine, _state, _call: UNIT,
        }

    def traits(self) -> dict[str, Model]:
        return {}

    def roots(self) -> dict[int, Value]:
        """Nothing is registered, and the first task is the current one."""
        tasks: dict[int, Value] = {one: self._task(one) for one in TASKS}
        empty: dict[int, Value] = dict.fromkeys(REGISTERED, NONE)
        return {**tasks, **empty, CURRENT: self._this(TASKS[0]), VTABLE: _VTABLE}

    def _task(self, root: int) -> Value:
        later = self.profile.type
        version = FIRST_GENERATION if later is None else VERSION
        first = Aggregate(self.profile.prefix, (Scalar(version), self._this(root), _REGISTER, _UNREGISTER))
        return first if later is None else Aggregate(later, (first, Pointer(VTABLE)))

    def _this(self, root: int) -> Pointer:
        """To the part of a task that both generations have."""
        return Pointer(root, () if self.profile.type is None else (0,))

    def switch(self, state: State) -> None:
        """The tasks are alike: they change names, so that the first is always the current one."""
        change_names(state)
        state.objects[CURRENT] = self._this(TASKS[0])

    def _set(self, _machine: Machine, state: State, call: Call) -> Value:
        """[cabi.rs] Sets the pointer and gives back the previous one."""
        old = state.load(Pointer(CURRENT))
        state.objects[CURRENT] = state.settle(call.arguments[0])
        return old

    def _register(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable, callback, pointer = (state.settle(one) for one in call.arguments)
        number = self.number(task)
        own_waitable(waitable)
        if entry(state, 1 - number) is not None:
            raise Violation("cross-task", "registered with a task while the other still has its entry")
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": TRUE, "is a set": TRUE})
        old = entry(state, number)
        state.objects[REGISTERED[number]] = some(Aggregate("()", (callback, pointer)))
        machine.watcher.host_point(state, "the waitable is registered")
        return Null() if old is None else state.settle(old.fields[1])

    def _unregister(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable = (state.settle(one) for one in call.arguments)
        number = self.number(task)
        own_waitable(waitable)
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": FALSE, "is a set": FALSE})
        old = entry(state, number)
        state.objects[REGISTERED[number]] = NONE
        machine.watcher.host_point(state, "the waitable is unregistered")
        return Null() if old is None else state.settle(old.fields[1])

    def at_rest(self, state: State) -> None:
        """A task of the C ABI outlives what it runs."""

    def deliver(self, machine: Machine, state: State, heard: Heard) -> Value | None:
        """The waitable is taken out of the set and the map, then what was registered is called."""
        registered = self._take(state)
        if registered is None:
            raise Final("not enabled")
        code = heard(state)
        self.host.perform(state, "waitable.join", {"may_leave": TRUE, "joins": FALSE, "is a set": FALSE})
        callback, pointer = registered.fields
        return machine.invoke(state, callback, (pointer, Scalar(code)))

    @property
    def keys(self) -> dict[str, Value]:
        return {}

    def others_ran(self, _machine: Machine, _state: State, answer: Value) -> Value | None:
        """They are on their own: what they ask of their tasks is in the C ABI."""
        return answer

    def _take(self, state: State) -> Aggregate | None:
        """What is registered, taken out of the map of the task that has it."""
        for number, root in enumerate(REGISTERED):
            found = entry(state, number)
            if found is not None:
                state.objects[root] = NONE
                return found
        return None

    def number(self, task: Value) -> int:
        for number, root in enumerate(TASKS):
            if task == self._this(root):
                return number
        raise NotModelled("a task other than those that are modelled")


def own_waitable(waitable: Value) -> None:
    """That a built-in is called on the one waitable that is modelled."""
    if waitable != Scalar(NUMBER):
        raise NotModelled("a built-in on another handle")


def entry(state: State, number: int) -> Aggregate | None:
    """What a task keeps of the waitable."""
    kept = state.settle(state.objects[REGISTERED[number]])
    assert isinstance(kept, Variant)
    if kept.index == 0:
        return None
    inner = state.settle(kept.fields[0])
    assert isinstance(inner, Aggregate)
    return inner


def change_names(state: State) -> None:
    """What one task has the other has."""
    first, second = REGISTERED
    names = dict(zip(TASKS, reversed(TASKS), strict=True))
    objects = {base: renamed(value, names) for base, value in state.objects.items() if base not in TASKS}
    objects[first], objects[second] = objects[second], objects[first]
    state.objects.update(objects)

"""The task side of the runtime, for one watched waitable: what its bodies call of the library and of the host.

The waitable is an arbitrary one, so that what is proved holds of every one. User code within the task's frames ends an
action (`task_phases`); there, and when the task is left, the contract is compared with what was done (`task_contract`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from extract.mir.compile import Panic
from smt_models.host.variants import ALL, Hypotheses
from smt_models.runtime.constants import STATIC
from smt_models.runtime.execute import START
from smt_models.runtime.facts import fold
from smt_models.runtime.library import TABLE
from smt_models.runtime.library_entry import Entry
from smt_models.runtime.library_values import pointer, scalar, unwrap
from smt_models.runtime.machine import BYTES, Call, Machine, Model
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.state import NO_SIZE, SINK, Frame, State, Then
from smt_models.runtime.task_allocations import Allocations
from smt_models.runtime.task_contract import Contract
from smt_models.runtime.task_defaults import Defaults
from smt_models.runtime.task_host import NUMBER, TaskHost, variables
from smt_models.runtime.task_library import TASK_TABLE, nullable
from smt_models.runtime.task_map import WatchedMap
from smt_models.runtime.task_model import TaskModel
from smt_models.runtime.task_ownership import ARC, ARC_INNER, COUNT
from smt_models.runtime.task_profile import TaskProfile
from smt_models.runtime.task_roots import (
    ARE_INDICES,
    BEFORE,
    CLONE,
    CONTEXT,
    CONTRACT,
    CURRENT,
    DELIVERING,
    FUTURE,
    INDICES,
    NO_TASK,
    OTHER_SLOT,
    OTHER_WAKE,
    PHASE,
    REFERENCE,
    ROOTS,
    SET,
    SHARED,
    SLOT_A,
    SLOT_B,
    VTABLE,
    WAITED,
    WAKE,
    WATCHED,
)
from smt_models.runtime.task_sets import Sets
from smt_models.runtime.unwinding import panics, passes
from smt_models.runtime.values import (
    MOVED,
    NONE,
    UNIT,
    Aggregate,
    Moved,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, Variable, equal, literal, negation


class TaskSubject(TaskModel):
    """Everything that stays the same. `generation`: 1, or from 2 on with `clone` and `drop`."""

    def __init__(
        self, program: Program, profile: TaskProfile, generation: int, panic: Panic, hypotheses: Hypotheses = ALL
    ) -> None:
        self.program, self.profile, self.generation = program, profile, generation
        self.name = f"task side, C ABI v{generation}"
        self.host = TaskHost(hypotheses)
        self.map = WatchedMap(profile.entry)
        self.contract = Contract(program, profile, self.map)
        self.sets = Sets(self.host, SET, self.map.is_watched)
        self.suspended: Callable[[State, str, tuple[Frame | Then, ...]], Value] = _nobody
        models: dict[str, Model] = {
            **{name: one.model for one in self.library for name in one.names},
            "alloc::sync::Arc::new": self._arc_new,
            "core::option::Option::unwrap": self._unwrap,
            **dict.fromkeys(
                ("core::panicking::panic", "core::panicking::panic_fmt", "core::panicking::assert_failed"), self._panics
            ),
            profile.task_set: self._task_set,
            profile.context_get: lambda _m, state, _call: state.load(Pointer(CONTEXT)),
            profile.context_set: self._context_set,
            profile.set_new: self.sets.new,
            profile.set_join: self.sets.join,
            profile.set_poll: self._set_poll,
            profile.set_drop: self.sets.drop,
            **({} if profile.set_wait is None else {profile.set_wait: self._set_wait}),
            WAKE: self._woken,
            OTHER_WAKE: lambda _m, state, _call: self.suspend(state, "a callback of another runs"),
            f"drop of {FUTURE}": self._drop_future,
            f"drop of {BEFORE}": _drop_pointer,
        }
        traits: dict[str, Model] = {
            "core::default::Default>::default": Defaults(program, profile.lock).default,
            "core::ops::FnOnce>::call_once": self._call_once,
            "core::future::Future>::poll": self._poll,
        }
        self.machine = Machine(program, panic, models, traits, never_panics=CONTRACT, watcher=Allocations())

    def compare(self, state: State, before: Mapping[int, Value], /) -> None:
        self.contract.compare(state, before)

    @property
    def roots(self) -> Mapping[int, str]:
        return ROOTS

    @property
    def arbitrary(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    @property
    def library(self) -> tuple[Entry, ...]:
        """A later row takes the place of an earlier one of the same name."""
        return (*TABLE, *TASK_TABLE, *self.map.entries())

    @property
    def constants(self) -> tuple[Variable, ...]:
        return INDICES

    @property
    def assumed(self) -> Term:
        return ARE_INDICES

    @property
    def words(self) -> tuple[Variable, ...]:
        return (*variables(), Variable(DELIVERING, BOOLEAN))

    def initial_roots(self) -> dict[int, Value]:
        slots: dict[int, Value] = dict.fromkeys((SLOT_A, SLOT_B, OTHER_SLOT), BYTES)
        empty: dict[int, Value] = dict.fromkeys((CURRENT, CONTEXT, CLONE), Null())
        return {PHASE: Opaque(NO_TASK), REFERENCE: NONE, **empty, SHARED: MOVED, VTABLE: MOVED, **slots}

    def state(self, values: dict[int, Value]) -> State:
        state = State()
        state.objects = {SINK: MOVED, NO_SIZE: BYTES, STATIC: BYTES, **values}
        state.names = {SINK: "a result", NO_SIZE: "an element without size", STATIC: "text", **ROOTS}
        state.host = {one.name: one for one in self.words}
        assert state.assume(self.assumed)
        return state

    def suspend(self, state: State, what: str) -> None:
        """User code runs here: the action ends, and another goes on when the user code returns."""
        frames = tuple(state.frames[1:])
        bottom = Then(what, lambda later, _: self.suspended(later, what, frames), passes)
        state.frames = [bottom, Then(START + what, lambda _later, _: UNIT, passes)]

    # Library

    def _arc_new(self, machine: Machine, state: State, call: Call) -> Value:
        machine.watcher.allocates(state)
        if not isinstance(state.settle(state.objects.get(SHARED, MOVED)), Moved):
            raise NotModelled("a second Arc")
        state.objects[SHARED] = Aggregate(ARC_INNER, (Variant(COUNT, 1, ()), Scalar(FALSE), call.arguments[0]))
        return Aggregate(ARC, (Pointer(SHARED),))

    def _unwrap(self, machine: Machine, state: State, call: Call) -> Value:
        if state.settle(call.arguments[0]) == NONE:
            return self._panics(machine, state, call)
        value = unwrap(machine, state, call)
        assert value is not None
        return value

    def _panics(self, _machine: Machine, state: State, call: Call) -> Value:
        """What is asked of a task never panics, but where the crate says so."""
        if state.where.function.startswith(self.profile.limits):
            panics(state, "a limit of the crate, with a message")
        raise Violation(CONTRACT, f"{call.name} aborts the task")

    def _call_once(self, machine: Machine, state: State, call: Call) -> Value | None:
        arguments = state.settle(call.arguments[1])
        if not isinstance(arguments, Aggregate):
            raise NotModelled("a call with arguments that are not known")
        return machine.invoke(state, call.arguments[0], arguments.fields)

    # The host

    def _task_set(self, _machine: Machine, state: State, call: Call) -> Value:
        """[cabi.rs] Sets the pointer and gives back the previous one."""
        old = state.load(Pointer(CURRENT))
        new = state.settle(call.arguments[0])
        state.objects[CURRENT] = new if new == Opaque(BEFORE) else nullable(state, new)
        return old

    def _context_set(self, _machine: Machine, state: State, call: Call) -> Value:
        state.objects[CONTEXT] = nullable(state, call.arguments[0])
        return UNIT

    def _set_poll(self, _machine: Machine, state: State, call: Call) -> Value:
        self.sets.own(state, call.arguments[0])
        index, code, ready = self.event(state, may_be_none=True)
        event = self.host.poll(state, ready)
        state.write(pointer(state, call.arguments[1]), Aggregate("[]", (Scalar(index), Scalar(code))))
        return Scalar(event)

    def _set_wait(self, _machine: Machine, state: State, call: Call) -> None:
        """The host steps: events come, other tasks and other exports run. They set their own tasks and restore what was
        set, as this one has to.
        """
        self.sets.own(state, call.arguments[0])
        if state.settle(state.objects[CURRENT]) != Opaque(BEFORE):
            raise Violation(CONTRACT, "the host is waited for, and the task that was set before is not set")
        self.host.waits(state)
        payload = pointer(state, call.arguments[1])
        state.frames.append(Then("the wait ends", partial(_told, payload), passes))
        self.suspend(state, WAITED)

    def event(self, state: State, may_be_none: bool) -> tuple[Term, Term, bool]:
        """An event of a member, or none: its waitable and its payload, and whether there is one."""
        member = state.is_true(state.host["member"])
        if member and state.is_true(state.chosen("an event of the watched waitable", BOOLEAN)):
            state.host[DELIVERING] = TRUE
            state.host["told"] = state.chosen("payload", NUMBER)
            return WATCHED, state.host["told"], True
        others = self.contract.map_of(state)[1]
        if state.is_true(others) and (
            not may_be_none or state.is_true(state.chosen("an event of another waitable", BOOLEAN))
        ):
            index = state.chosen("another waitable", NUMBER)
            if not state.assume(negation(equal(index, WATCHED))):
                raise Final("no other waitable")
            state.host[OTHER_WAKE] = TRUE
            return index, state.chosen("payload", NUMBER), True
        if not may_be_none:
            raise Final("no member has an event")
        return literal(0, NUMBER), literal(0, NUMBER), False

    # User code

    def _woken(self, _machine: Machine, state: State, call: Call) -> None:
        """The callback of the watched waitable is called."""
        if not state.is_true(state.host[DELIVERING]):
            raise Violation(CONTRACT, "a callback is called without an event")
        if state.settle(call.arguments[0]) != self.contract.registered(state):
            raise Violation(CONTRACT, "a callback is called with a pointer that is not registered")
        if not state.is_true(fold("=", scalar(state, call.arguments[1]).term, state.host["told"])):
            raise Violation(CONTRACT, "a callback is called with another code than the host gave")
        state.host[DELIVERING] = FALSE
        state.objects[REFERENCE] = NONE
        self.suspend(state, "a callback runs")

    def _poll(self, machine: Machine, state: State, call: Call) -> None:
        """Of an `async` block of the crate's own the body runs; the future itself is user code."""
        match state.load(pointer(state, call.arguments[0])):
            case Opaque():
                self.suspend(state, "the future is polled")
            case Aggregate(of, _) if of in self.program.coroutines:
                machine.enter(state, self.program.coroutines[of], call.arguments)
            case _:
                raise NotModelled("the poll of a future that is neither the user's nor an `async` block")

    def _drop_future(self, _machine: Machine, state: State, call: Call) -> None:
        state.write(pointer(state, call.arguments[0]), MOVED)
        self.suspend(state, "the future is dropped")


def _drop_pointer(_machine: Machine, state: State, call: Call) -> Value:
    """Of a raw pointer: nothing happens."""
    state.write(pointer(state, call.arguments[0]), MOVED)
    return UNIT


def _told(payload: Pointer, state: State, event: Value) -> Value:
    """[CABI canon_waitable_set_wait] The code is the result; waitable and payload are written."""
    assert isinstance(event, Aggregate)
    code, *told = event.fields
    state.write(payload, Aggregate("[]", tuple(told)))
    return code


def _nobody(_state: State, _what: str, _frames: tuple[Frame | Then, ...]) -> Value:
    raise NotModelled("user code outside of an action")

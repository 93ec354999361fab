"""One operation with its host, its task and its client: the words of the state, and the models of what it calls.

The task is a contract (`wasip3_task_vtable` in the runtime's own words): `waitable_register` adds the waitable to the
task's set and keeps callback and pointer, giving back a pointer that was there; `waitable_unregister` takes both out
and gives the pointer back, or null; an event is delivered once, after the waitable is taken out of both.
"""

from __future__ import annotations

from smt_models.host.variants import ALL, Element, Hypotheses, Peer, Variant
from smt_models.runtime.constants import STATIC
from smt_models.runtime.host import DEFINITE, Host
from smt_models.runtime.library import MODELS
from smt_models.runtime.library_memory import WAKER
from smt_models.runtime.library_values import LAYOUT, scalar
from smt_models.runtime.machine import BYTES, Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import Operation, Profile
from smt_models.runtime.program import Program
from smt_models.runtime.state import NO_SIZE, SINK, State
from smt_models.runtime.values import (
    MOVED,
    NONE,
    UNIT,
    Aggregate,
    FunctionPointer,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    some,
)
from smt_models.runtime.values import (
    Variant as Tagged,
)
from smt_models.runtime.watch import LENT, OPERATION, Obligations
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable

REGISTERED, CURRENT, TASK, VTABLE, HANDLE, STORAGE = 2, 3, 4, 5, 6, 8
FIRST_BLOCK = 20
GONE = -1
CODE = BitVec(32)
ROOTS = {
    LENT: "lent",
    REGISTERED: "registered",
    CURRENT: "current task",
    TASK: "task",
    VTABLE: "task vtable",
    HANDLE: "handle",
    OPERATION: "operation",
    STORAGE: "block of the caller",
}
GHOSTS: dict[str, Literal] = {
    "pinned": FALSE,
    "forgotten": FALSE,
    "asked": FALSE,
    "told": Literal(0, CODE),
}
"""Words of the client: pinned, forgotten; whether this operation called the host, and the last code it heard."""


class Subject:
    """Everything that stays the same over the actions of one operation."""

    def __init__(
        self, program: Program, profile: Profile, operation: Operation, peer: Peer, hypotheses: Hypotheses = ALL
    ) -> None:
        self.program, self.profile, self.operation = program, profile, operation
        variant = Variant(operation.end, operation.kind, peer, Element.OTHER)
        self.host = Host(variant, hypotheses)
        applied = f"{program.implementations[operation.implementor, profile.operation_trait][0]}::{profile.apply}"
        self.obligations = Obligations(applied)
        models: dict[str, Model] = {
            **MODELS,
            profile.task_set: self._task_set,
            "task::register": self._register,
            "task::unregister": self._unregister,
            "task::clone": lambda _m, _s, call: call.arguments[0],
            "task::drop": lambda _m, _s, _call: UNIT,
            "<O as core::clone::Clone>::clone": lambda _m, _s, _call: Opaque("O"),
            "drop of O": self._drop_parameter,
        }
        trait = f"{operation.element_trait}>"
        traits: dict[str, Model] = {
            f"{trait}::{operation.copy}": self._copy,
            f"{trait}::{operation.cancel_copy}": self._cancel,
            f"{trait}::{operation.layout}": self._layout,
        }
        traits.update({f"{trait}::{name}": self._answer for name in operation.answers})
        traits.update({f"{trait}::{name}": self._callback for name in operation.callbacks})
        self.machine = Machine(program, models, traits, self.obligations)

    @property
    def constants(self) -> tuple[Variable, ...]:
        """What stays the same for ever, whatever it is."""
        return tuple(Variable(name, BOOLEAN) for name in self.operation.answers)

    def initial_roots(self) -> dict[int, Value]:
        """No operation yet: a handle, a task, and nothing lent or registered."""
        any_code = Scalar(Variable("?", CODE))
        functions = (FunctionPointer("task::register"), FunctionPointer("task::unregister"))
        names = self.program.fields[self.operation.handle_type]
        known: dict[str, Value] = {
            "handle": any_code,
            "ops": Opaque("O"),
            "done": Scalar(FALSE),
        }
        if set(names) - set(known):
            raise NotModelled(f"the fields of {self.operation.handle_type}")
        task = Aggregate(self.profile.task_prefix, (any_code, Pointer(TASK, (0,)), *functions))
        more = (FunctionPointer("task::clone"), FunctionPointer("task::drop"))
        return {
            LENT: NONE,
            REGISTERED: NONE,
            CURRENT: Pointer(TASK, (0,)),
            TASK: Aggregate(self.profile.task, (task, Pointer(VTABLE))),
            VTABLE: Aggregate("the task's vtable", (*functions, *more)),
            HANDLE: Aggregate(self.operation.handle_type, tuple(known[name] for name in names)),
            OPERATION: MOVED,
            STORAGE: MOVED,
        }

    # Built-ins

    def _copy(self, machine: Machine, state: State, call: Call) -> Value:
        _, handle, pointer, count = call.arguments
        self._own(state, handle)
        machine.watcher.host_point(state, "a copy is started")
        pointer = state.settle(pointer)
        given = {**DEFINITE, "async": TRUE, "n": scalar(state, count).term}
        _, code = self.host.perform(state, self.host.variant.copy, given)
        state.host["asked"] = TRUE
        state.host["told"] = code
        state.objects[LENT] = some(pointer)
        self.settle_lease(state)
        machine.watcher.host_point(state, "a copy was started")
        return Scalar(code)

    def _cancel(self, machine: Machine, state: State, call: Call) -> Value:
        self._own(state, call.arguments[1])
        machine.watcher.host_point(state, "a copy is cancelled")
        _, code = self.host.perform(state, self.host.variant.cancel, {**DEFINITE, "async": FALSE})
        state.host["told"] = code
        self.settle_lease(state)
        machine.watcher.host_point(state, "a copy was cancelled")
        return Scalar(code)

    def _own(self, state: State, handle: Value) -> None:
        """That the built-in is called on the one end that is modelled."""
        place = self.program.fields[self.operation.handle_type].index("handle")
        own = state.load(Pointer(HANDLE, (place,)))
        if state.settle(handle) != own:
            raise NotModelled("a built-in on another handle")

    def settle_lease(self, state: State) -> None:
        if state.facts.simplify(state.host["lease"]) == FALSE:
            state.objects[LENT] = NONE

    def _layout(self, _machine: Machine, state: State, _call: Call) -> Value:
        size, align = (Scalar(state.chosen(name, CODE)) for name in ("size", "align"))
        return Aggregate(LAYOUT, (size, align))

    def _answer(self, _machine: Machine, _state: State, call: Call) -> Value:
        return Scalar(Variable(call.name.rpartition("::")[2], BOOLEAN))

    def _callback(self, machine: Machine, state: State, call: Call) -> Value:
        """User code on one element: it may let the host run, and cannot reach the operation, which is borrowed."""
        machine.touch(state, state.settle(call.arguments[-1]), writes=call.name.endswith("::lower"))
        machine.watcher.host_point(state, f"user code: {call.name.rpartition('::')[2]}")
        return Opaque("an element") if call.name.endswith("::lift") else UNIT

    def _drop_parameter(self, machine: Machine, state: State, call: Call) -> Value:
        place = call.arguments[0]
        assert isinstance(place, Pointer)
        state.take(place)
        machine.watcher.host_point(state, "the drop of the element's operations")
        return UNIT

    # The task's contract

    def _task_set(self, _machine: Machine, state: State, call: Call) -> Value:
        """[cabi.rs] Sets the pointer and gives back the previous one."""
        old = state.load(Pointer(CURRENT))
        state.objects[CURRENT] = state.settle(call.arguments[0])
        return old

    def _register(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable, callback, pointer = (state.settle(one) for one in call.arguments)
        self._own_task(task)
        self._own(state, waitable)
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": TRUE, "is a set": TRUE})
        old = state.settle(state.objects[REGISTERED])
        assert isinstance(old, Tagged)
        state.objects[REGISTERED] = some(Aggregate("()", (callback, pointer)))
        machine.watcher.host_point(state, "the waitable is registered")
        if old.index == 0:
            return Null()
        entry = state.settle(old.fields[0])
        assert isinstance(entry, Aggregate)
        return state.settle(entry.fields[1])

    def _unregister(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable = (state.settle(one) for one in call.arguments)
        self._own_task(task)
        self._own(state, waitable)
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": FALSE, "is a set": FALSE})
        old = state.settle(state.objects[REGISTERED])
        assert isinstance(old, Tagged)
        state.objects[REGISTERED] = NONE
        machine.watcher.host_point(state, "the waitable is unregistered")
        if old.index == 0:
            return Null()
        entry = state.settle(old.fields[0])
        assert isinstance(entry, Aggregate)
        return state.settle(entry.fields[1])

    def _own_task(self, task: Value) -> None:
        if task != Pointer(TASK, (0,)):
            raise NotModelled("a task other than the one that is modelled")

    def waker_context(self, state: State) -> Pointer:
        return Pointer(state.allocate(Aggregate("core::task::Context", (WAKER,)), "the context"))

    def state(self, values: dict[int, Value]) -> State:
        """A state that an action starts from."""
        state = State()
        state.objects = {SINK: MOVED, NO_SIZE: BYTES, STATIC: BYTES, **values}
        state.names = {SINK: "a result", NO_SIZE: "an element without size", STATIC: "text", **ROOTS}
        host: dict[str, Term] = {one.name: one for one in self.host.kept}
        state.host = host | {name: Variable(name, start.sort) for name, start in GHOSTS.items()}
        return state

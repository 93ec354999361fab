"""The methods of an operation's element trait: the host's built-ins, and user code. Which is which is the profile's."""

from __future__ import annotations

from functools import partial

from smt_models.host.codes import SubtaskState
from smt_models.host.variants import Kind
from smt_models.runtime.element_table import FUNCTION
from smt_models.runtime.facts import fold
from smt_models.runtime.host import DEFINITE, Host
from smt_models.runtime.library_values import LAYOUT, scalar
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import Access, Callback, Operation, Role
from smt_models.runtime.roots import CODE, INDEX, LENT, NUMBER
from smt_models.runtime.state import State
from smt_models.runtime.task import own_waitable
from smt_models.runtime.values import NONE, UNIT, Aggregate, Opaque, Pointer, Scalar, Value, some
from smt_models.runtime.watch import Obligations
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable, literal

ELEMENT = Opaque("an element")


class Elements:
    """Models of one operation's built-ins and of the user code that it calls."""

    def __init__(self, operation: Operation, host: Host, obligations: Obligations) -> None:
        self.operation = operation
        self.host = host
        self.obligations = obligations

    def models(self, foreign: dict[str, str]) -> dict[str, Model]:
        """Functions by name: foreign ones by the name that they link to."""
        roles = {f"foreign {link}": role for link, role in self.operation.foreign.items()}
        found = {name: roles[f"foreign {link}"] for name, link in foreign.items() if f"foreign {link}" in roles}
        user: dict[str, Model] = {
            "<O as core::clone::Clone>::clone": _user_clone,
            "drop of O": partial(_user_drop, "the element's operations"),
            "drop of an element": partial(_user_drop, "an element"),
            "client::default": partial(self._user, "default", Callback(gives=True)),
        }
        user.update({name: self._built_in(role) for name, role in found.items()})
        if self.operation.is_table:
            user.update({f"{FUNCTION}{name}": model for name, model in self._methods().items()})
        return user

    def traits(self) -> dict[str, Model]:
        """Methods and constants of the element trait, whatever implements it."""
        return {f"{self.operation.element_trait}>::{name}": model for name, model in self._methods().items()}

    def _methods(self) -> dict[str, Model]:
        found: dict[str, Model] = {name: self._built_in(role) for name, role in self.operation.built_ins.items()}
        found.update(dict.fromkeys(self.operation.layouts, _layout))
        found.update(dict.fromkeys(self.operation.numbers, _number))
        found.update(dict.fromkeys(self.operation.answers, _answer))
        user = self.operation.callbacks.items()
        return found | {name: partial(self._user, name, callback) for name, callback in user}

    def _built_in(self, role: Role) -> Model:
        match role:
            case Role.COPY:
                return self._copy
            case Role.CALL:
                return self._call
            case Role.CANCEL:
                return self._cancel
            case Role.DROP:
                return self._drop

    def _copy(self, machine: Machine, state: State, call: Call) -> Value:
        count = call.arguments[-1:] if self.operation.kind is Kind.STREAM else ()
        handle, pointer = call.arguments[len(call.arguments) - len(count) - 2 :][:2]
        own_waitable(handle)
        machine.watcher.host_point(state, "a copy is started")
        pointer = state.settle(pointer)
        given: dict[str, Term] = {**DEFINITE, "async": TRUE}
        if count:
            given["n"] = scalar(state, count[0]).term
        _, code = self.host.perform(state, self.host.calls.start, given)
        self._started(machine, state, pointer, code, "a copy was started")
        return Scalar(code)

    def _call(self, machine: Machine, state: State, call: Call) -> Value:
        """An asynchronous call of an import: parameters and results are in the block that the last argument names."""
        machine.watcher.host_point(state, "an import is called")
        pointer = state.settle(call.arguments[-1])
        state.host.update(self.host.initial())
        self.host.perform(state, self.host.calls.start, {**DEFINITE, "index": NUMBER})
        told = state.facts.simplify(state.host["told"])
        assert isinstance(told, Literal)
        number = SubtaskState[str(told.value)]
        packed: Term = literal(number, CODE)
        if state.is_true(state.host["held"]):
            packed = fold("concat", INDEX, literal(number, BitVec(4)))
        self._started(machine, state, pointer, literal(number, CODE), "an import was called")
        return Scalar(packed)

    def _started(self, machine: Machine, state: State, pointer: Value, code: Term, what: str) -> None:
        state.host["asked"] = TRUE
        if "consumed" in state.host:
            state.host["consumed"] = FALSE
        self.obligations.told(state, code)
        state.objects[LENT] = some(pointer)
        self.settle_lease(state)
        machine.watcher.host_point(state, what)

    def _cancel(self, machine: Machine, state: State, call: Call) -> Value:
        own_waitable(call.arguments[-1])
        machine.watcher.host_point(state, "a cancel is asked for")
        given: dict[str, Term] = {**DEFINITE, "async": FALSE}
        _, code = self.host.perform(state, self.host.calls.cancel, given, self.obligations.blocks)
        self.obligations.answered(state)
        self.obligations.told(state, code)
        self.settle_lease(state)
        machine.watcher.host_point(state, "a cancel was answered")
        return Scalar(code)

    def _drop(self, machine: Machine, state: State, call: Call) -> Value:
        own_waitable(call.arguments[-1])
        machine.watcher.host_point(state, "an end is dropped")
        self.host.perform(state, self.host.calls.drop, DEFINITE)
        return UNIT

    def settle_lease(self, state: State) -> None:
        if self.host.lease_is_open(state) == FALSE:
            state.objects[LENT] = NONE

    def _user(self, name: str, callback: Callback, machine: Machine, state: State, call: Call) -> Value:
        """User code on one element: it may let the host run, and cannot reach the operation, which is borrowed."""
        if callback.after is not None:
            self.obligations.subtask_is(state, name, callback.after)
        if callback.consumes:
            self.obligations.consumed(state, name)
        if callback.access is not Access.NONE:
            writes = callback.access is Access.WRITES
            machine.touch(state, state.settle(call.arguments[-1]), writes=writes)
        machine.user_code(state, f"user code: {name}")
        return ELEMENT if callback.gives else UNIT


def _layout(_machine: Machine, state: State, _call: Call) -> Value:
    size, align = (Scalar(state.chosen(name, CODE)) for name in ("size", "align"))
    return Aggregate(LAYOUT, (size, align))


def _number(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(state.chosen(call.name.rpartition("::")[2], CODE))


def _answer(_machine: Machine, _state: State, call: Call) -> Value:
    return Scalar(Variable(call.name.rpartition("::")[2], BOOLEAN))


def _user_clone(machine: Machine, state: State, _call: Call) -> Value:
    machine.user_code(state, "the clone of the element's operations")
    return Opaque("O")


def _user_drop(what: str, machine: Machine, state: State, call: Call) -> Value:
    place = call.arguments[0]
    if not isinstance(place, Pointer):
        raise NotModelled("a drop of what has no place")
    state.take(place)
    machine.user_code(state, f"the drop of {what}")
    return UNIT

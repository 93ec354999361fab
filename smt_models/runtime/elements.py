"""The methods of an operation's element trait: the host's built-ins, and user code. Which is which is the profile's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smt_models.host.codes import SubtaskState
from smt_models.host.ends import DELIVERY
from smt_models.host.variants import Kind
from smt_models.runtime import lending, one_element
from smt_models.runtime.element_table import FUNCTION
from smt_models.runtime.events import Chosen
from smt_models.runtime.extents import area_layout, element_layout
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import LOWERED
from smt_models.runtime.follower import Follower
from smt_models.runtime.host import DEFINITE, Host
from smt_models.runtime.library_memory import allocate_elements
from smt_models.runtime.library_raw import layout
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import ASYNC, Access, Argument, Callback, Held, Operation, Role
from smt_models.runtime.roots import CODE, INDEX, LENT, NUMBER
from smt_models.runtime.state import State
from smt_models.runtime.task import Tasks, own_waitable
from smt_models.runtime.template import ANY
from smt_models.runtime.values import NONE, UNIT, Opaque, Pointer, Scalar, Value, Variant, some
from smt_models.runtime.watch import Obligations
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Literal, Term, Variable, literal

ELEMENT = Opaque("an element")


class Elements:
    """Models of one operation's built-ins and of the user code that it calls."""

    def __init__(
        self,
        operation: Operation,
        host: Host,
        obligations: Obligations,
        argument: Callable[[State, Argument], Value],
        host_form: Term,
        following: Follower | None,
        tasks: Tasks,
    ) -> None:
        self.operation = operation
        self.host = host
        self.obligations = obligations
        self.argument = argument
        self.host_form = host_form
        """That the guest's form of an element is the host's."""
        self.following = following
        self.tasks = tasks

    def models(self, foreign: dict[str, str]) -> dict[str, Model]:
        """Functions by name: foreign ones by the name that they link to."""
        user: dict[str, Model] = {
            "<O as core::clone::Clone>::clone": _user_clone,
            "drop of O": partial(_user_drop, "the element's operations"),
            "drop of an element": partial(_user_drop, "an element"),
            "<T as core::default::Default>::default": partial(self._user, "default", Callback(gives=True)),
            "client::default": partial(self._user, "default", Callback(gives=True)),
        }
        if self.operation.sizes:
            user["alloc::alloc::alloc"] = user["alloc::alloc::alloc_zeroed"] = allocate_elements
        for name, link in foreign.items():
            role = self.operation.foreign.get(link.removeprefix(ASYNC))
            if role is not None:
                user[name] = self._built_in(role, link.startswith(ASYNC))
        if self.operation.is_table:
            user.update({f"{FUNCTION}{name}": model for name, model in self._methods().items()})
        return user

    def traits(self) -> dict[str, Model]:
        """Methods and constants of the element trait, whatever implements it."""
        return {f"{self.operation.element_trait}>::{name}": model for name, model in self._methods().items()}

    def _methods(self) -> dict[str, Model]:
        """They cancel synchronously."""
        roles = self.operation.built_ins.items()
        found = {name: self._built_in(role, is_async=role is Role.COPY) for name, role in roles}
        found.update({name: partial(self._layout, name) for name in self.operation.layouts})
        found.update(dict.fromkeys(self.operation.numbers, _number))
        found.update(dict.fromkeys(self.operation.answers, _answer))
        user = self.operation.callbacks.items()
        return found | {name: partial(self._user, name, callback) for name, callback in user}

    def _built_in(self, role: Role, is_async: bool) -> Model:
        match role:
            case Role.COPY:
                return partial(self._copy, is_async)
            case Role.CALL | Role.CALL_APART:
                return self._call
            case Role.RESOURCE_DROP:
                return self._resource_drop
            case Role.CANCEL:
                return partial(self._cancel, is_async)
            case Role.DROP:
                return self._drop

    def _copy(self, is_async: bool, machine: Machine, state: State, call: Call) -> Value:
        count = call.arguments[-1:] if self.operation.kind is Kind.STREAM else ()
        handle, buffer = call.arguments[len(call.arguments) - len(count) - 2 :][:2]
        own_waitable(handle)
        machine.watcher.host_point(state, "a copy is started")
        given: dict[str, Term] = {**DEFINITE, "async": TRUE if is_async else FALSE}
        number = scalar(state, count[0]).term if count else Literal(1, CODE)
        if count:
            given["n"] = number
        lending.elements(state, state.settle(buffer), number, self.host_form)
        if self.following is not None:
            self.following.lent(state, state.settle(buffer), number)
        state.objects[LENT] = some(state.settle(buffer))
        blocks = partial(machine.watcher.host_point, what="a copy blocks")
        _, code = self.host.perform(state, self.host.calls.start, given, blocks)
        if is_async:
            self._started(state, code)
        one_element.heard(state, code, self.operation.end)
        self._settled(machine, state, "a copy was started")
        return Scalar(code)

    def _call(self, machine: Machine, state: State, call: Call) -> Value:
        """An asynchronous call of an import. The last arguments name what is lent: the results' memory is the last."""
        machine.watcher.host_point(state, "an import is called")
        roots = list(self.host.leases)
        for root, place in zip(roots, call.arguments[-len(roots) :], strict=True):
            lending.area(state, state.settle(place), self.operation)
            state.objects[root] = some(state.settle(place))
        state.host.update(self.host.initial())
        self.host.perform(state, self.host.calls.start, {**DEFINITE, "index": NUMBER})
        told = state.facts.simplify(state.host["told"])
        assert isinstance(told, Literal)
        number = SubtaskState[str(told.value)]
        packed: Term = literal(number, CODE)
        if state.is_true(state.host["held"]):
            packed = fold("concat", INDEX, literal(number, BitVec(4)))
        self._started(state, literal(number, CODE))
        self._settled(machine, state, "an import was called")
        return Scalar(packed)

    def _started(self, state: State, code: Term) -> None:
        state.host["asked"] = TRUE
        if "consumed" in state.host:
            state.host["consumed"] = FALSE
        self.obligations.told(state, code)

    def _settled(self, machine: Machine, state: State, what: str) -> None:
        self.settle_lease(state)
        machine.watcher.host_point(state, what)

    def heard(self, state: State) -> Term:
        """The queued event is delivered."""
        _, code = self.host.perform(state, DELIVERY, {})
        self.obligations.told(state, code)
        one_element.heard(state, code, self.operation.end)
        self.settle_lease(state)
        return code

    def _cancel(self, is_async: bool, machine: Machine, state: State, call: Call) -> Value | None:
        own_waitable(call.arguments[-1])
        machine.watcher.host_point(state, "a cancel is asked for")
        given: dict[str, Term] = {**DEFINITE, "async": TRUE if is_async else FALSE}
        has_blocked: list[State] = []

        def blocks(state: State) -> None:
            self.obligations.blocks(state)
            has_blocked.append(state)

        _, code = self.host.perform(state, self.host.calls.cancel, given, blocks)
        self.obligations.answered(state)
        self.obligations.told(state, code)
        one_element.heard(state, code, self.operation.end)
        self.settle_lease(state)
        machine.watcher.host_point(state, "a cancel was answered")
        return self.tasks.others_ran(machine, state, Scalar(code)) if has_blocked else Scalar(code)

    def _drop(self, machine: Machine, state: State, call: Call) -> Value:
        own_waitable(call.arguments[-1])
        machine.watcher.host_point(state, "an end is dropped")
        self.host.perform(state, self.host.calls.drop, DEFINITE)
        return UNIT

    def _resource_drop(self, machine: Machine, state: State, call: Call) -> Value:
        machine.watcher.host_point(state, "a resource is dropped")
        self.obligations.resource_dropped(state, state.settle(call.arguments[-1]))
        return UNIT

    def _layout(self, name: str, _machine: Machine, state: State, _call: Call) -> Value:
        """Of an element, or of an area of its own: the same for ever, whatever it is."""
        size, align = element_layout() if self.operation.kind is not None else area_layout(name)
        for what, term in (("size", size), ("align", align)):
            state.log(Chosen(what, term, state.where))
        return layout(Scalar(size), Scalar(align), checked=True)

    def settle_lease(self, state: State) -> None:
        for root in self.host.leases:
            if self.host.is_lent(state, root) == FALSE:
                self._results(state, root)
                state.objects[root] = NONE

    def _results(self, state: State, root: int) -> None:
        """What the host has written by the time that the guest hears that the callee returned."""
        if self.operation.results is None or root != LENT:
            return
        lent = state.settle(state.objects[LENT])
        told = state.host["told"]
        if lent != NONE and state.is_true(fold("=", told, literal("RETURNED", told.sort))):
            assert isinstance(lent, Variant)
            state.write(pointer(state, lent.fields[0]), self.argument(state, self.operation.results))

    def _user(self, name: str, callback: Callback, machine: Machine, state: State, call: Call) -> Value:
        """User code on one element: it may let the host run, and cannot reach the operation, which is borrowed."""
        if callback.after is not None:
            self.obligations.subtask_is(state, name, callback.after)
        if callback.consumes:
            self.obligations.consumed(state, name)
        if callback.takes is not None:
            self._taken(state, name, callback.takes, call)
        if callback.access is not Access.NONE:
            writes = callback.access is Access.WRITES
            machine.touch(state, state.settle(call.arguments[-1]), writes=writes)
        machine.user_code(state, f"user code: {name}")
        if callback.lowers:
            one_element.lowered(state)
            return LOWERED
        return ELEMENT if callback.gives else UNIT

    def _taken(self, state: State, name: str, held: Held, call: Call) -> None:
        if self.operation.kind is not Kind.STREAM:
            one_element.taken(state, name, held)
        elif self.following is not None:
            self.following.consumed(state, name, held, state.settle(call.arguments[-1]))


def _number(_machine: Machine, _state: State, call: Call) -> Value:
    """The same for ever, whatever it is."""
    return Scalar(Variable(f"{ANY}{call.name.rpartition('::')[2]}", CODE))


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

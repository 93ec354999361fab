"""What may happen to an operation, each from any state that fits the template: the client's actions and delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from smt_models.runtime import caught, one_element
from smt_models.runtime.execute import START, Executor
from smt_models.runtime.extents import BLOCKS
from smt_models.runtime.library_raw import MAYBE_UNINIT
from smt_models.runtime.library_shared import UNIQUE
from smt_models.runtime.machine import Call, deliver
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Final, Violation
from smt_models.runtime.ownership import of_types
from smt_models.runtime.profile import RC, Invocation
from smt_models.runtime.relocation import blocks_as_roots, relocated, unreachable_blocks
from smt_models.runtime.roots import FIRST_BLOCK, HANDLE, LAST_CODE, OPERATION, OWN, ROOTS, STORAGE
from smt_models.runtime.state import MEMORY, State, Then
from smt_models.runtime.template import Template
from smt_models.runtime.unfolding import Unfolding
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    LAST,
    MOVED,
    UNIT,
    VECS,
    Aggregate,
    Moved,
    Pointer,
    Scalar,
    Value,
    mapped,
    parts,
    pointers,
    replaced,
)
from smt_models.system.model import Actor
from smt_models.system.terms import FALSE, TRUE, Term, Variable

PIN = Pointer(OPERATION)
Start = Callable[["Actions", State], None]


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    actor: Actor
    start: Start
    finish: Callable[[Actions, State, Value], Value]
    """Gives what the client is given back."""
    caught: Callable[[State], None]
    """What the client has left when it catches a panic of the action."""


class Actions:
    """Runs actions from a template. `sites`: the roots of the blocks that are allocated, by where.

    `grown`: a path left a state that did not fit the template, which does now. What was found before has other words.
    `grown_at`: how many blocks had been executed when one did last.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.executor = Executor(subject.machine, subject.most_turns)
        self.sites: dict[str, int] = {}
        self.grown = False
        self.grown_at = 0
        program = subject.program
        names = dict(ROOTS)
        constants = frozenset(one.name for one in (*subject.constants, *subject.fixed))
        operation, rooms = subject.operation, dict.fromkeys(BLOCKS, ("0",))
        arbitrary = {**subject.profile.arbitrary, **operation.arbitrary, **operation.cursors, **rooms}
        small = subject.operation.small
        self.template = Template(names, program.enums, program.fields, arbitrary, constants, small)
        for root, value in subject.initial_roots().items():
            self.template.join(root, value)

    def unfold(self, action: Action, shaped: tuple[Variable, ...]) -> Unfolding:
        """The action's paths from the template as it is now."""
        state = self.subject.state(dict(self.template.values))
        state.names.update(self.template.names)
        state.frames = [
            Then(
                f"end of {action.name}",
                lambda s, value: self._end(s, action.finish(self, s, value)),
                lambda s: self._caught(action, s),
            ),
            Then(START + action.name, lambda s, _: self._begin(action, s), passes),
        ]
        return Unfolding(self.executor, state, shaped)

    def _begin(self, action: Action, state: State) -> None:
        if self.subject.following is not None:
            self.subject.following.begins(state)
        action.start(self, state)

    def _caught(self, action: Action, state: State) -> None:
        """The client catches the panic and goes on as it likes (`std::panic::catch_unwind`)."""
        action.caught(state)
        state.result = self._end(state, UNIT)

    def _end(self, state: State, value: Value) -> Value:
        self._give_back(state, value)
        self.subject.obligations.at_rest(state)
        self.subject.tasks.at_rest(state)
        if self.subject.following is not None:
            self.subject.following.at_rest(state, value)
        _owns_what_lives(state, value)
        for base in self._blocks_of(value):
            state.end(base)  # what was given back is the client's, to do with as it likes
        for base in unreachable_blocks(state, self.template):
            state.end(base)
        self._normalise(state)
        grown = [root for root in list(self.template.names) if self.template.join(root, state.objects[root])]
        if grown:
            self.grown, self.grown_at = True, self.executor.blocks
        if self.grown:
            raise Final("the template grew")
        updates: dict[str, Term] = dict(state.host)
        for root in self.template.names:
            self.template.match(root, state.objects[root], state, updates)
        state.updates = updates
        return UNIT

    def _give_back(self, state: State, value: Value) -> None:
        """An end that comes back is the client's again."""
        if isinstance(value, Aggregate) and value.type == self.subject.operation.handle_type:
            state.objects[HANDLE] = value
            return
        if isinstance(value, Aggregate) and value.type == MAYBE_UNINIT and one_element.WORD in state.host:
            one_element.given_back(state)
        if value == Scalar(OWN):
            state.host["own"] = FALSE
        for part in parts(value):
            self._give_back(state, part)

    def _blocks_of(self, value: Value) -> list[int]:
        return sorted(base for base in pointers(value) if base >= FIRST_BLOCK or base == STORAGE)

    def _normalise(self, state: State) -> None:
        """Blocks made on the way become roots; what else was made is gone, and so are pointers to it."""
        renamed = blocks_as_roots(state, self.template, self.sites)
        roots = self.template.names
        values = {renamed.get(base, base): value for base, value in state.objects.items() if base not in roots}
        kept = {root: state.objects.get(root, MOVED) for root in roots}
        kept.update({root: values[root] for root in renamed.values()})
        objects = {root: mapped(relocated(value, renamed, roots), _without_distance) for root, value in kept.items()}
        last = state.resolved(objects.pop(LAST_CODE))
        objects = {root: replaced(state.resolved(value), last, LAST) for root, value in objects.items()}
        state.objects = {**objects, LAST_CODE: last}


def _owns_what_lives(state: State, value: Value) -> None:
    """Of what the client is given back: what it owns a block of, it reads and frees, in code that is safe."""
    for one in of_types(state, value, (*VECS, UNIQUE, RC)):
        for base in sorted(pointers(state.resolved(one))):
            if base >= FIRST_BLOCK and isinstance(state.settle(state.objects.get(base, MOVED)), Moved):
                raise Violation(MEMORY, "what is given back owns a block that is freed")


def _without_distance(value: Value) -> Value | None:
    """How far a pointer points into its object is looked at within an action only."""
    return replace(value, distance=None) if isinstance(value, Pointer) and value.distance is not None else None


# What must hold for an action to happen


def _enabled(state: State, there: bool, pinned: bool | None = None) -> None:
    """The client still has the operation, or (not `there`) has none and may make one."""
    if isinstance(state.settle(state.objects[OPERATION]), Moved) is there:
        raise Final("not enabled")
    wanted = {"forgotten": False} | ({} if pinned is None else {"pinned": pinned})
    for name, value in wanted.items():
        if state.is_true(state.host[name]) is not value:
            raise Final("not enabled")


def _given(_actions: Actions, _state: State, value: Value) -> Value:
    return value


def _open(actions: Actions, state: State) -> None:
    """The client is given its end, once."""
    if not actions.subject.operation.open or state.is_true(state.host["opened"]):
        raise Final("not enabled")
    _invoke_all(actions, state, actions.subject.operation.open, UNIT)


def _invoke_all(actions: Actions, state: State, calls: tuple[Invocation, ...], previous: Value) -> Value | None:
    first, *rest = calls
    if rest:
        actions.subject.machine.after(
            state, "the next call", lambda later, value: _invoke_all(actions, later, tuple(rest), value), passes
        )
    _invoke(actions, state, first, previous)
    return None


def _opened(_actions: Actions, state: State, value: Value) -> Value:
    state.objects[HANDLE] = value
    state.host["opened"] = TRUE
    return UNIT


def _new(actions: Actions, state: State) -> None:
    _enabled(state, there=False)
    if isinstance(state.settle(state.objects[HANDLE]), Moved):
        raise Final("not enabled")
    _invoke_all(actions, state, actions.subject.new, UNIT)


def _take_back(actions: Actions, state: State) -> None:
    """The client has no use for a buffer any more, but for its elements."""
    _enabled(state, there=False)
    _invoke_all(actions, state, actions.subject.operation.taken_back, UNIT)


def _made(_actions: Actions, state: State, value: Value) -> Value:
    state.objects[OPERATION] = value
    state.host.update({"pinned": FALSE, "asked": FALSE})
    return UNIT


def _poll(actions: Actions, state: State) -> None:
    _enabled(state, there=True)
    state.host["pinned"] = TRUE
    made = actions.subject.program.implementations[actions.subject.operation.future, "future::Future"]
    actions.subject.machine.enter(state, f"{made[0]}::poll", (PIN, actions.subject.waker_context(state)))


def _cancel(actions: Actions, state: State) -> None:
    _enabled(state, there=True)
    if actions.subject.operation.cancel is None:
        raise Final("not enabled")
    state.host["pinned"] = TRUE
    _call(actions, state, actions.subject.operation.cancel, (PIN,))


def _drop(actions: Actions, state: State) -> None:
    _enabled(state, there=True)
    done = actions.subject.machine.drop(state, (PIN,))
    if done is not None:
        deliver(state, done)


def _dropped(_actions: Actions, state: State, _value: Value) -> Value:
    state.end(OPERATION)
    return UNIT


def _move(_actions: Actions, state: State) -> None:
    """By value, to another address: what points into the old place points at nothing."""
    _enabled(state, there=True, pinned=False)
    place = state.allocate(state.take(PIN), "the operation, moved")
    state.end(OPERATION)
    state.objects = {base: relocated(value, {}, _without(state, OPERATION)) for base, value in state.objects.items()}
    state.objects[OPERATION] = state.objects.pop(place)
    deliver(state, UNIT)


def _without(state: State, base: int) -> dict[int, str]:
    return {one: name for one, name in state.names.items() if one != base}


def _forget(_actions: Actions, state: State) -> None:
    """`mem::forget`, or a leak: nothing is dropped. What was pinned must stay where it is (`pin`, "Drop guarantee")."""
    _enabled(state, there=True)
    if not state.is_true(state.host["pinned"]):
        state.end(OPERATION)
    state.host["forgotten"] = TRUE
    deliver(state, UNIT)


def _switch(actions: Actions, state: State) -> None:
    """The operation is handed to the other task, where tasks allow it: of the C ABI only later generations."""
    if actions.subject.stays:
        raise Final("not enabled")
    _enabled(state, there=True)
    if not state.is_true(actions.subject.tasks.is_handed_over):
        raise Final("not enabled")
    actions.subject.tasks.switch(state)
    deliver(state, UNIT)


def _drop_end(actions: Actions, state: State) -> None:
    """Of what the client holds when there is no operation; a forgotten one borrows it no longer."""
    if not isinstance(state.settle(state.objects[OPERATION]), Moved) and not state.is_true(state.host["forgotten"]):
        raise Final("not enabled")
    if not actions.subject.operation.open or isinstance(state.settle(state.objects[HANDLE]), Moved):
        raise Final("not enabled")
    done = actions.subject.machine.drop(state, (Pointer(HANDLE),))
    if done is not None:
        deliver(state, done)


def _deliver(actions: Actions, state: State) -> None:
    result = actions.subject.tasks.deliver(actions.subject.machine, state, actions.subject.elements.heard)
    if result is not None:
        deliver(state, result)


def _invoke(actions: Actions, state: State, call: Invocation, previous: Value) -> None:
    arguments = tuple(actions.subject.argument(state, one, previous) for one in call.arguments)
    _call(actions, state, call.function, arguments)


def _call(actions: Actions, state: State, path: str, arguments: tuple[Value, ...]) -> None:
    body = actions.subject.program.body_of(path)
    assert body is not None, path
    result = actions.subject.machine.call(state, Call(body, arguments))
    assert result is None


ACTIONS = (
    Action("open", Actor.CLIENT, _open, _opened, caught.nothing_made),
    Action("new", Actor.CLIENT, _new, _made, caught.nothing_made),
    Action("poll", Actor.CLIENT, _poll, _given, caught.still_there),
    Action("cancel", Actor.CLIENT, _cancel, _given, caught.still_there),
    Action("drop", Actor.CLIENT, _drop, _dropped, caught.dropped),
    Action("move", Actor.CLIENT, _move, _given, caught.nothing_panics),
    Action("forget", Actor.CLIENT, _forget, _given, caught.nothing_panics),
    Action("switch task", Actor.CLIENT, _switch, _given, caught.nothing_panics),
    Action("drop end", Actor.CLIENT, _drop_end, _given, caught.end_dropped),
    Action("deliver", Actor.HOST, _deliver, _given, caught.callback),
)
TAKE_BACK = Action("take back", Actor.CLIENT, _take_back, _given, caught.nothing_made)


def actions_of(subject: Subject) -> tuple[Action, ...]:
    """What is done to buffers alone is looked at where elements are followed."""
    return (*ACTIONS, TAKE_BACK) if subject.following is not None and subject.operation.taken_back else ACTIONS

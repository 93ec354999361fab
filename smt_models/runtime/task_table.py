"""The tasks as a contract, where a task is an object that is shared, with a table of the places that codes go to.

`register` adds the waitable to the task's set and keeps the place, or panics and does neither, as tables may be full;
`unregister` takes both out; an event puts its code into the place, and the entry stays. Whoever has a task shares it:
the set goes with the last one who does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from smt_models.host.codes import EventCode
from smt_models.runtime.host import DEFINITE, Host
from smt_models.runtime.library import MODELS
from smt_models.runtime.library_shared import clone_option_of_rc, is_shared
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.profile import RC, TaskTable
from smt_models.runtime.program import Program
from smt_models.runtime.roots import CODE, CURRENT, NUMBER, REGISTERED, TASKS
from smt_models.runtime.state import State
from smt_models.runtime.task import Heard, change_names, entry, own_waitable
from smt_models.runtime.task_table_seen import DELIVERED, SeenTable
from smt_models.runtime.thread_state import changed, is_at_rest, others_ran
from smt_models.runtime.thread_values import ThreadValues
from smt_models.runtime.values import NONE, UNIT, Aggregate, Null, Pointer, Scalar, Value, some
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, differ, literal

_ENDS = (
    "core::panicking::assert_failed", "core::panicking::panic", "core::panicking::panic_fmt", "std::process::abort",
    "std::rt::panic_fmt",
)  # fmt: skip
_OF_NO_WAITABLE = (EventCode.NONE, EventCode.TASK_CANCELLED)
SET_GONE = ("free", "a task's waitable set")


class TableTasks:
    """The contract's models. The host may run whenever one of them is called."""

    is_handed_over: Term = TRUE
    """Whoever polls an operation says in which task."""

    def __init__(
        self,
        profile: TaskTable,
        program: Program,
        arbitrary: Mapping[str, tuple[str, ...]],
        host: Host,
    ) -> None:
        """`arbitrary`: fields of types whose numbers are forgotten."""
        self.profile = profile
        self.host = host
        self.seen = SeenTable(profile, program.fields, arbitrary)
        self.thread = ThreadValues(program)
        self._program = program

    def models(self) -> dict[str, Model]:
        return {
            self.profile.current: self._current,
            self.profile.register: self._register,
            self.profile.unregister: self._unregister,
            f"drop of {self.profile.type}": self._drop,
            self.profile.join: self._join,
            "<core::option::Option as core::clone::Clone>::clone": clone_option_of_rc,
            **self.seen.models(),
            **self.thread.models(),
            **{name: _unless_delivered(MODELS[name]) for name in _ENDS},
        }

    @property
    def keys(self) -> dict[str, Value]:
        return self.thread.keys

    def traits(self) -> dict[str, Model]:
        return self.seen.traits()

    def roots(self) -> dict[int, Value]:
        """Nothing is registered, and the first task is the current one."""
        tasks = {root: self.seen.task(number) for number, root in enumerate(TASKS)}
        empty: dict[int, Value] = dict.fromkeys(REGISTERED, NONE)
        return {**tasks, **empty, CURRENT: Pointer(TASKS[0])}

    def switch(self, state: State) -> None:
        """The tasks are alike: they change names, so that the first is always the current one."""
        change_names(state)
        state.objects[CURRENT] = Pointer(TASKS[0])

    def _current(self, _machine: Machine, state: State, _call: Call) -> Value:
        return some(Aggregate(RC, (state.load(Pointer(CURRENT)),)))

    def _register(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable, place = (state.settle(one) for one in call.arguments)
        number = self.number(task)
        own_waitable(waitable)
        machine.may_panic(state, "a task with a table that is full")  # and registers nothing
        if entry(state, 1 - number) is not None:
            raise Violation("cross-task", "registered with a task while the other still has its entry")
        if entry(state, number) is not None:
            raise Violation("waker-unregistered", "registered with a task that has an entry of it already")
        state.objects[REGISTERED[number]] = some(Aggregate("()", (Null(), place)))
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": TRUE, "is a set": TRUE})
        machine.watcher.host_point(state, "the waitable is registered")
        return UNIT

    def _unregister(self, machine: Machine, state: State, call: Call) -> Value:
        task, waitable = (state.settle(one) for one in call.arguments)
        number = self.number(task)
        own_waitable(waitable)
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": FALSE, "is a set": FALSE})
        state.objects[REGISTERED[number]] = NONE
        machine.watcher.host_point(state, "the waitable is unregistered")
        return UNIT

    def _join(self, machine: Machine, state: State, call: Call) -> Value:
        """Beside the contract: the waitable leaves the set, and what is registered stays."""
        own_waitable(state.settle(call.arguments[0]))
        if state.settle(call.arguments[1]) != Scalar(literal(0, CODE)):
            raise NotModelled("a waitable that joins a set beside the contract")
        self.host.perform(state, "waitable.join", {**DEFINITE, "joins": FALSE, "is a set": FALSE})
        for number, root in enumerate(REGISTERED):
            left = entry(state, number)
            if left is not None and left.fields[1] == Null():
                state.objects[root] = NONE
        machine.watcher.host_point(state, "the waitable leaves its set")
        return UNIT

    def _drop(self, _machine: Machine, state: State, call: Call) -> Value:
        """`waitable-set.drop` traps while the set has members; an entry is there as long as the waitable is one."""
        state.note(*SET_GONE)
        if entry(state, self.number(call.arguments[0])) is not None:
            raise Violation("set-empty", "a task goes, and its set with it, while the waitable is in it")
        return UNIT

    def at_rest(self, state: State) -> None:
        """The client may let go of its tasks now: what is registered must share its task, so that the set stays."""
        is_at_rest(state, "an action ends")
        for number, root in enumerate(TASKS):
            if entry(state, number) is not None and not is_shared(state, Pointer(root)):
                raise Violation("set-empty", "nobody keeps a task, and its set, while the waitable is in it")

    def others_ran(self, machine: Machine, state: State, answer: Value) -> Value | None:
        """Events of other operations of the task came. That the task hears them as the contract says is proved of it,
        where values of the thread are what they are at first; where not, it is run as it is.
        """
        others_ran(state)
        if not changed(state) or not state.is_true(state.chosen("an event of another comes", BOOLEAN)):
            return answer
        event, number = (state.chosen(what, CODE) for what in ("event", "another waitable"))
        excluded = [(number, NUMBER), *((event, literal(int(one), CODE)) for one in _OF_NO_WAITABLE)]
        if not all(state.assume(differ(one, other)) for one, other in excluded):
            raise Final("no event of another")
        state.host[DELIVERED] = TRUE
        machine.after(state, "the event of another", _heard, _not_heard)
        body = self._program.body_of(self.profile.deliver)
        assert body is not None
        payload = Scalar(state.chosen("payload", CODE))
        machine.enter(state, body, (Pointer(TASKS[0]), Scalar(event), Scalar(number), payload))
        return None

    def deliver(self, _machine: Machine, state: State, heard: Heard) -> Value | None:
        """The event's code is put into its place. The first task that has an entry: `register` sees to it that there
        is one at most."""
        found = entry(state, 0) or entry(state, 1)
        if found is None:
            raise Final("not enabled")
        code = heard(state)
        if found.fields[1] == Null():
            raise NotModelled("an event of a waitable that is in a task's set, and has no entry there")
        place = pointer(state, found.fields[1])
        state.write(Pointer(place.base, (*place.path, 0)), some(Scalar(code)))
        return UNIT

    def number(self, task: Value) -> int:
        for number, root in enumerate(TASKS):
            if task == Pointer(root):
                return number
        raise NotModelled("a task other than those that are modelled")


def _heard(_state: State, _answer: Value) -> NoReturn:
    """What it comes to is not followed: without the table, the event is lost."""
    raise NotModelled("an event of another that is heard while a value of the thread is not as at first")


def _not_heard(_state: State) -> NoReturn:
    raise NotModelled("a panic where an event of another is heard")


def _unless_delivered(ends: Model) -> Model:
    """The program may end itself, but not over an event of another that comes while a cancel blocks."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        if DELIVERED in state.host:
            raise Violation("blocking-cancel", "an event of another that comes while a cancel blocks ends the program")
        return ends(machine, state, call)

    return model

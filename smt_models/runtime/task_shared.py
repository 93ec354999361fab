"""Tasks that are shared by `Rc`, each with a table of the places that codes go to, for one watched waitable.

The client calls them one at a time: nothing of them is on the stack while it runs, but for `enter`, which keeps what
was current before. The contract is that of `task_table`: what is registered has one entry, with its place, and is in
the set; an event puts its code into that place, and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir.compile import Panic
from smt_models.runtime.constants import STATIC
from smt_models.runtime.library import TABLE
from smt_models.runtime.library_entry import Entry, entry
from smt_models.runtime.library_shared import clone_option_of_rc
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import BYTES, Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.profile import RC
from smt_models.runtime.program import Program
from smt_models.runtime.state import NO_SIZE, SINK, Frame, State, Then
from smt_models.runtime.task_allocations import Allocations, black_box, vec_with_capacity
from smt_models.runtime.task_host import TaskHost, variables
from smt_models.runtime.task_model import TaskModel
from smt_models.runtime.task_roots import (
    ARE_INDICES,
    CONTRACT,
    CURRENT,
    INDICES,
    NO_TASK,
    PHASE,
    REFERENCE,
    SET,
    UNREGISTERED,
)
from smt_models.runtime.task_sets import Sets
from smt_models.runtime.task_shared_profile import SharedTaskProfile
from smt_models.runtime.task_table_watched import CELL, DUE, EMPTY_CELL, OTHER_CELL, OTHER_PLACE, WatchedTable
from smt_models.runtime.thread_state import is_at_rest
from smt_models.runtime.thread_values import ThreadValues
from smt_models.runtime.unwinding import panics
from smt_models.runtime.values import MOVED, NONE, UNIT, Aggregate, Null, Opaque, Pointer, Value, Variant, some
from smt_models.system.terms import Term, Variable

OWNER, PLACE_A, PLACE_B, ANOTHER, ITS_OWNER = 5, 7, 8, 17, 18
"""Roots: the executor's `Rc` of the task; where codes may go; another task, and its executor's `Rc`."""
ROOTS = {
    PHASE: "phase",
    REFERENCE: "reference",
    CURRENT: "current task",
    OWNER: "the executor's task",
    PLACE_A: "place A",
    PLACE_B: "place B",
    CELL: "the watched cell",
    OTHER_CELL: "another cell",
    OTHER_PLACE: "a place of another",
    DUE: "the other whose event came",
    ANOTHER: "another task",
    ITS_OWNER: "the other executor's task",
}
PLACES = (PLACE_A, PLACE_B, OTHER_PLACE)
HELD = {PLACE_A: 9, PLACE_B: 10, OTHER_PLACE: 11}
"""For each place the object that says what it held when the action began: of an action, that no state keeps."""
NO_CODE = EMPTY_CELL
REF_CELL, REF = "core::cell::RefCell", "core::cell::Ref"
RUNS = "client::run"
_WITH = "std::thread::LocalKey::with"
KEY = Opaque("the key of the thread's current task")


class SharedTaskSubject(TaskModel):
    generation = 0

    def __init__(self, program: Program, profile: SharedTaskProfile, panic: Panic) -> None:
        self.program, self.profile = program, profile
        self.name = "task side, shared tasks"
        self.host = TaskHost()
        self.table = WatchedTable(program, profile)
        self.thread = ThreadValues(program, (profile.key,))
        self.suspended: Callable[[State, str, tuple[Frame | Then, ...]], Value] = _nobody
        self._limits = tuple(program.body_of(one) for one in profile.limits)
        sets = Sets(self.host, SET, self.table.is_watched)
        models: dict[str, Model] = {
            **{name: one.model for one in self.library for name in one.names},
            **dict.fromkeys(("core::panicking::panic", "std::rt::panic_fmt", "std::process::abort"), self._aborts),
            profile.set_new: sets.new,
            profile.set_join: sets.join,
            profile.set_drop: sets.drop,
            RUNS: self._runs,
            _WITH: self._with,
        }
        traits: dict[str, Model] = {
            "core::ops::FnOnce>::call_once": _call_once,
            "core::iter::IntoIterator>::into_iter": self.table.walk,
        }
        self.machine = Machine(program, panic, models, traits, never_panics=CONTRACT, watcher=Allocations())

    @property
    def roots(self) -> Mapping[int, str]:
        return ROOTS

    @property
    def arbitrary(self) -> Mapping[str, tuple[str, ...]]:
        return self.profile.arbitrary

    @property
    def library(self) -> tuple[Entry, ...]:
        """A later row takes the place of an earlier one of the same name."""
        return (*TABLE, *_LIBRARY, *self.table.entries())

    @property
    def constants(self) -> tuple[Variable, ...]:
        return INDICES

    @property
    def assumed(self) -> Term:
        return ARE_INDICES

    @property
    def words(self) -> tuple[Variable, ...]:
        return variables()

    def initial_roots(self) -> dict[int, Value]:
        places: dict[int, Value] = dict.fromkeys((*PLACES, CELL, OTHER_CELL), NO_CODE)
        others: dict[int, Value] = {ANOTHER: BYTES, ITS_OWNER: Aggregate(RC, (Pointer(ANOTHER),))}
        nobody = Aggregate(REF_CELL, (NONE,))
        return {PHASE: Opaque(NO_TASK), REFERENCE: NONE, CURRENT: nobody, OWNER: MOVED, DUE: NONE, **places, **others}

    def state(self, values: dict[int, Value]) -> State:
        state = State()
        state.objects = {SINK: MOVED, NO_SIZE: BYTES, STATIC: BYTES, **values}
        state.names = {SINK: "a result", NO_SIZE: "an element without size", STATIC: "text", **ROOTS}
        state.host = {one.name: one for one in self.words}
        state.statics.update({**self.thread.keys, self.profile.key: KEY})
        assert state.assume(self.assumed)
        return state

    def compare(self, state: State, _before: Mapping[int, Value], /) -> None:
        is_at_rest(state, "an action ends")
        found, member = self.table.watched(state), state.is_true(state.host["member"])
        reference = registered(state)
        if found is not None and reference == Null():
            raise Violation(UNREGISTERED, "an entry outlives its registration")
        if member and reference == Null():
            raise Violation(CONTRACT, "the waitable is still in the set, and nobody is registered")
        if reference != Null():
            if found is None:
                raise Violation(CONTRACT, "the entry of a registration is lost")
            if not member:
                raise Violation(CONTRACT, "a registered waitable is not in the set")
            if state.settle(self.table.place(found)) != reference:
                raise Violation(CONTRACT, "the place is not the one that was registered")

    def _with(self, machine: Machine, state: State, call: Call) -> Value | None:
        """The thread's current task is a word of the state; other values are at first what they say."""
        key = state.settle(call.arguments[0])
        if (state.load(key) if isinstance(key, Pointer) else key) != KEY:
            return self.thread.with_value(machine, state, call)
        return machine.invoke(state, call.arguments[1], (Pointer(CURRENT),))

    def _aborts(self, _machine: Machine, state: State, call: Call) -> Value:
        """What is asked of a task never panics, but where the crate says so."""
        if state.where.function in self._limits:
            panics(state, "a limit of the crate, with a message")
        raise Violation(CONTRACT, f"{call.name} aborts the task")

    def _runs(self, machine: Machine, state: State, _call: Call) -> Value:
        """What the executor runs, within `enter`: its task is the current one. It may enter another, and leaves it; it
        may panic.
        """
        is_at_rest(state, "what the executor runs does")
        if held_by(state) != some(shared(state, state.objects[OWNER])):
            raise Violation(CONTRACT, "the executor's task runs, and is not the current one")
        if machine.panics(state, "what the executor runs"):
            panics(state, "what the executor runs panics")
        return UNIT


def registered(state: State) -> Value:
    """The place that is registered, or null."""
    reference = state.settle(state.objects[REFERENCE])
    assert isinstance(reference, Variant)
    return state.settle(reference.fields[0]) if reference.index == 1 else Null()


def held_by(state: State) -> Value:
    """What the thread's current task is."""
    cell = state.settle(state.objects[CURRENT])
    assert isinstance(cell, Aggregate)
    option = state.settle(cell.fields[0])
    assert isinstance(option, Variant)
    return some(shared(state, option.fields[0])) if option.index == 1 else NONE


def shared(state: State, value: Value) -> Value:
    """An Rc, and which task it is of."""
    value = state.settle(value)
    if not isinstance(value, Aggregate) or value.type != RC:
        raise NotModelled("a task that is not shared by Rc")
    return Aggregate(RC, (state.settle(value.fields[0]),))


def _nobody(_state: State, _what: str, _frames: tuple[Frame | Then, ...]) -> Value:
    raise NotModelled("user code outside of an action")


# Library: the thread's own cell


def _elsewhere(_machine: Machine, _state: State, call: Call) -> Value:
    raise NotModelled(f"{call.name} of a thread of which nothing is known")


def _call_once(machine: Machine, state: State, call: Call) -> Value | None:
    return machine.invoke(state, call.arguments[0], ())


def _inside(state: State, value: Value, of: str) -> Pointer:
    at = pointer(state, value)
    held = state.load(at)
    if not isinstance(held, Aggregate) or held.type != of:
        raise NotModelled(f"{of} of which nothing is known")
    return Pointer(at.base, (*at.path, 0), at.moved)


def _replace(_machine: Machine, state: State, call: Call) -> Value:
    if any(isinstance(one, Aggregate) and one.type == REF for one in state.objects.values()):
        raise NotModelled("RefCell::replace while it may be borrowed")
    at = _inside(state, call.arguments[0], REF_CELL)
    old = state.load(at)
    state.write(at, call.arguments[1])
    return old


def _borrow(_machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(REF, (_inside(state, call.arguments[0], REF_CELL),))


def _deref(_machine: Machine, state: State, call: Call) -> Value:
    return state.load(_inside(state, call.arguments[0], REF))


def _drop_ref(_machine: Machine, state: State, call: Call) -> Value:
    state.take(pointer(state, call.arguments[0]))
    return UNIT


_CELL_PAGE = "cell/struct.RefCell.html"
_KEY_PAGE = "thread/struct.LocalKey.html"
_LIBRARY = (
    entry(_WITH, "calls on the thread's value", "borrows", _KEY_PAGE, _elsewhere),
    entry(f"{REF_CELL}::replace", "holds another, gives the old one", "moves both", _CELL_PAGE, _replace),
    entry(f"{REF_CELL}::borrow", "a reference to the value", "borrows", _CELL_PAGE, _borrow),
    entry(f"<{REF} as core::ops::Deref>::deref", "the reference", "borrows", "cell/struct.Ref.html", _deref),
    entry(f"drop of {REF}", "the borrow ends", "ends it", "cell/struct.Ref.html", _drop_ref),
    entry(
        "<core::option::Option as core::clone::Clone>::clone",
        "of an Rc: one more that shares the value",
        "shares",
        "option/enum.Option.html",
        clone_option_of_rc,
    ),
    entry(
        "alloc::vec::Vec::with_capacity",
        "an empty Vec with a block, or none for capacity 0",
        "owns it",
        "vec/struct.Vec.html",
        vec_with_capacity,
    ),
    entry("core::hint::black_box", "its argument", "moves", "hint/fn.black_box.html", black_box),
)

"""The table of a task, as what an operation runs of it beside the contract sees it.

An operation may do more with its task than `register` and `unregister`: such functions are run as they are, on the
table that the contract stands for. What they do to the entry of the operation's waitable is done to what is registered;
it may leave the waitable in the set without an entry. The cells of others hold any entries, or none, and are to be left
as they are: an operation has nothing to do with what others wait for.
"""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir import types as t
from smt_models.runtime.constants import USIZE
from smt_models.runtime.library import MODELS
from smt_models.runtime.library_cells import CELL as CELL_TYPE
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.profile import TaskTable
from smt_models.runtime.roots import CODE, COPIED_INDEX, NUMBER, REGISTERED, SEEN
from smt_models.runtime.state import State
from smt_models.runtime.task import entry
from smt_models.runtime.thread_state import made_once, time
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    MOVED,
    NONE,
    TABLE,
    UNIT,
    Aggregate,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    some,
)
from smt_models.system.terms import BOOLEAN, Term, apply, equal, literal, negation

DELIVERED = "an event of another is delivered"
"""A word of an action, that no state keeps."""
_WALK, _COPIES, _PAIRS = "a walk over the table of a task", "copies of what its cells held", "a walk with copies"
_ANY = Opaque("any cell of the table")
_OWN, _OTHERS = Opaque("the operation's cell"), Opaque("a cell of another, or of nobody")
_NOT_SEEN, _IS_SEEN = Opaque("the operation's cell is to come"), Opaque("the operation's cell was come to")
"""No truth values: loops widen those."""
_AT_START, _UNDER_WAY = Opaque("at its start"), Opaque("under way")
_CHANGED = ("set", "take", "replace")


class SeenTable:
    def __init__(
        self, profile: TaskTable, fields: Mapping[str, tuple[str, ...]], arbitrary: Mapping[str, tuple[str, ...]]
    ) -> None:
        """`fields` of types, in order; `arbitrary`: those that hold cells of a `usize` which is forgotten."""
        self._type, self._fields = profile.type, fields.get(profile.type, ())
        self._arbitrary = arbitrary.get(profile.type, ())
        self._entries, self._entry = profile.entries, profile.entry
        names = fields.get(profile.entry, ())
        self._width = len(names)
        self._waitable, self._place = names.index(profile.waitable), names.index(profile.place)

    def task(self, number: int) -> Value:
        """Of its fields nothing but the table is known."""
        return Aggregate(self._type, tuple(self._field(name, number) for name in self._fields))

    def _field(self, name: str, number: int) -> Value:
        if name == self._entries:
            return Aggregate(TABLE, (Opaque(str(number)), _ANY))
        if name in self._arbitrary:
            return Aggregate(CELL_TYPE, (Scalar(literal(0, USIZE)),))
        return Opaque(f"{name} of a task")

    def models(self) -> dict[str, Model]:
        names = {f"{CELL_TYPE}::{name}": MODELS[f"{CELL_TYPE}::{name}"] for name in _CHANGED}
        changed = {name: self._changing(name, model) for name, model in names.items()}
        return {
            **changed,
            f"{CELL_TYPE}::get": self._get,
            "core::array::from_fn": self._copies,
            "core::slice::<impl [_]>::iter": self._walk,
            "<core::slice::Iter as core::iter::Iterator>::next": self._next,
            "<core::slice::Iter as core::iter::Iterator>::zip": _zip,
            "<core::iter::Zip as core::iter::Iterator>::next": self._next_pair,
            f"drop of {_PAIRS}": lambda _machine, _state, _call: UNIT,
        }

    def traits(self) -> dict[str, Model]:
        return {"core::iter::IntoIterator>::into_iter": self._walk}

    def _walk(self, _machine: Machine, state: State, call: Call) -> Value:
        if DELIVERED in state.host:
            raise NotModelled("a task that looks for another's entry while a value of the thread is not as at first")
        given = state.settle(call.arguments[0])
        if isinstance(given, Aggregate) and given.type in (_WALK, _PAIRS):
            return given  # an iterator is one of itself
        table = state.load(pointer(state, given))
        if not isinstance(table, Aggregate) or table.type != TABLE:
            raise NotModelled("a walk over something else than the table of a task")
        return Aggregate(_WALK, (table.fields[0], _NOT_SEEN, _AT_START))

    def _next(self, _machine: Machine, state: State, call: Call) -> Value:
        at = pointer(state, call.arguments[0])
        walk = state.load(at)
        if not isinstance(walk, Aggregate) or walk.type != _WALK:
            raise NotModelled("a walk of which nothing is known")
        table, seen, _ = walk.fields
        assert isinstance(table, Opaque)
        state.write(at, Aggregate(_WALK, (table, seen, _UNDER_WAY)))
        place = self._registered(state, int(table.what))
        if place is not None and seen == _NOT_SEEN:
            if state.is_true(state.chosen("the next cell is the operation's", BOOLEAN)):
                state.write(at, Aggregate(_WALK, (table, _IS_SEEN, _UNDER_WAY)))
                return self._shows(state, table, _OWN, self._made(NUMBER, place))
        elif state.is_true(state.chosen("no more cells", BOOLEAN)):
            return NONE
        return self._shows(state, table, _OTHERS, self._of_another(state, "the next cell has an entry"))

    def _of_another(self, state: State, whether: str) -> Value:
        if not state.is_true(state.chosen(whether, BOOLEAN)):
            return NONE
        number = state.chosen("another waitable", CODE)
        if not state.assume(negation(equal(number, NUMBER))):
            raise NotModelled("no other waitable")
        return self._made(number, Scalar(state.chosen("the address of another's place", USIZE)))

    def _get(self, machine: Machine, state: State, call: Call) -> Value | None:
        """Of any cell of the table, too."""
        at = state.settle(call.arguments[0])
        if not isinstance(at, Pointer) or state.read(at) != _ANY:
            return MODELS[f"{CELL_TYPE}::get"](machine, state, call)
        table = state.load(Pointer(at.base, at.path[:-1]))
        assert isinstance(table, Aggregate)
        number = table.fields[0]
        assert isinstance(number, Opaque)
        place = self._registered(state, int(number.what))
        if place is not None and state.is_true(state.chosen("the cell is the operation's", BOOLEAN)):
            self._shows(state, number, _OWN, self._made(NUMBER, place))
        else:
            self._shows(state, number, _OTHERS, self._of_another(state, "the cell has an entry"))
        return MODELS[f"{CELL_TYPE}::get"](machine, state, Call(call.name, (Pointer(SEEN[0]),)))

    # Copies of the whole table

    def _copies(self, machine: Machine, state: State, call: Call) -> Value | None:
        """Of every cell what it holds: seen of any one."""
        state.end(SEEN[1])
        index = state.chosen("an index", USIZE)
        length = _length(call)
        if not state.assume(apply("bvult", index, literal(length, USIZE))):
            raise NotModelled("an array without elements")
        state.host[COPIED_INDEX] = index
        machine.after(state, "an element of the array", _copied, passes)
        return machine.invoke(state, call.arguments[0], (Scalar(index),))

    def _next_pair(self, machine: Machine, state: State, call: Call) -> Value | None:
        at = pointer(state, call.arguments[0])
        pairs = state.load(at)
        if not isinstance(pairs, Aggregate) or pairs.type != _PAIRS:
            raise NotModelled("pairs of something else than a table and copies of it")
        copies = pairs.fields[1]
        assert isinstance(copies, Aggregate)
        walk = Pointer(at.base, (*at.path, 0))
        found = self._next(machine, state, Call(call.name, (walk,)))
        if found == NONE:
            return NONE
        _, whose, held = _parts(state.objects[SEEN[1]])
        if copies.fields[1] != time(state):
            if whose == _OWN:
                raise NotModelled("a copy of the operation's own cell, over a cancel that blocks")
            held = self._of_another(state, "the cell had an entry when it was copied")
        return some(Aggregate("()", (Pointer(SEEN[0]), held)))

    def _shows(self, state: State, table: Value, whose: Value, held: Value) -> Value:
        """One cell at a time has a place: a walk that keeps several is not followed."""
        cell, shown = SEEN
        state.names[cell], state.names[shown] = "a cell of the table", "what the cell held"
        state.objects[cell] = Aggregate(CELL_TYPE, (held,))
        state.objects[shown] = Aggregate("()", (table, whose, held))
        return some(Pointer(cell))

    def _made(self, number: Term, place: Value) -> Value:
        made: list[Value] = [Opaque("nothing known")] * self._width
        made[self._waitable], made[self._place] = Scalar(number), place
        return some(Aggregate(self._entry, tuple(made)))

    def _registered(self, state: State, number: int) -> Value | None:
        """The place that the task has for the waitable; None without an entry."""
        found = entry(state, number)
        return None if found is None or found.fields[1] == Null() else found.fields[1]

    def _changing(self, name: str, model: Model) -> Model:
        def changes(machine: Machine, state: State, call: Call) -> Value | None:
            cell = state.settle(call.arguments[0])
            given = model(machine, state, call)
            if isinstance(cell, Pointer) and cell.base == SEEN[0]:
                self._changed(state, name.endswith("::take"))
            return given

        return changes

    def _changed(self, state: State, is_taken: bool) -> None:
        """Something was put into the cell."""
        cell = state.settle(state.objects[SEEN[0]])
        assert isinstance(cell, Aggregate)
        table, whose, held = _parts(state.objects[SEEN[1]])
        now = state.settle(cell.fields[0])
        assert isinstance(table, Opaque)
        if now == held:
            return
        if whose == _OTHERS and (is_taken or held == NONE):  # it may be put back, or be the operation's from here on
            raise NotModelled("the cell of another, or of nobody, that is changed beside the contract")
        if whose == _OTHERS:
            raise Violation("blocking-cancel", "what another operation has in the table of its task is overwritten")
        if now != NONE:
            raise NotModelled("another entry in the place of the operation's")
        left = some(Aggregate("()", (Null(), Null()))) if state.is_true(state.host["wset"]) else NONE
        state.objects[REGISTERED[int(table.what)]] = left
        state.objects[SEEN[1]] = Aggregate("()", (table, whose, NONE))


def _parts(shown: Value) -> tuple[Value, Value, Value]:
    assert isinstance(shown, Aggregate)
    table, whose, held = shown.fields
    return table, whose, held


def _length(call: Call) -> int:
    """Of what `from_fn::<T, N, F>` makes."""
    last = call.path.segments[-1] if call.path is not None else None
    match last.generics if isinstance(last, t.Name) else ():
        case (_, t.ConstArgument(text), _) if text.isdigit():
            return int(text)
        case _:
            raise NotModelled("an array whose length is not known")


def _copied(state: State, value: Value) -> Value:
    del state.host[COPIED_INDEX]
    made_once(state)
    shown = state.objects.get(SEEN[1], MOVED)
    if not isinstance(shown, Aggregate) or state.settle(value) != shown.fields[2]:
        raise NotModelled("an array that is made of something else than what each cell of a table holds")
    return Aggregate(_COPIES, (shown.fields[0], time(state)))


def _zip(_machine: Machine, state: State, call: Call) -> Value:
    walk, copies = (state.settle(one) for one in call.arguments)
    is_walk = isinstance(walk, Aggregate) and walk.type == _WALK
    if not is_walk or not isinstance(copies, Aggregate) or copies.type != _COPIES:
        raise NotModelled("pairs of something else than a table and copies of it")
    assert isinstance(walk, Aggregate)
    if walk.fields[2] != _AT_START or walk.fields[0] != copies.fields[0]:
        raise NotModelled("pairs of a table and copies of another, or not from the first cell on")
    return Aggregate(_PAIRS, (walk, copies))

"""A table of cells, each with an entry or none, of which the watched waitable's is looked at.

A walk over the table comes to that cell once, and to any number of others before and after, of which nothing is known
but that each is empty or has an entry of another waitable. If somebody waits for an event that came, the walk comes to
a cell with its entry too: what is proved of the watched waitable in every state before holds of every other.
"""

from __future__ import annotations

from smt_models.runtime.facts import fold
from smt_models.runtime.library_entry import Entry, entry
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.task_roots import CONTRACT, WATCHED
from smt_models.runtime.task_shared_profile import SharedTaskProfile
from smt_models.runtime.values import NONE, UNIT, Aggregate, Opaque, Pointer, Scalar, Value, Variant, some
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, equal, negation

TABLE_VALUE = Opaque("the table")
CELL_TYPE = "core::cell::Cell"
EMPTY_CELL = Aggregate(CELL_TYPE, (NONE,))
WALK = "a walk over the table"
CELL, OTHER_CELL, OTHER_PLACE, DUE = 13, 14, 15, 16
"""Roots: the watched waitable's cell, another one, where another's codes go, and the other whose event came."""


class WatchedTable:
    def __init__(self, program: Program, profile: SharedTaskProfile) -> None:
        names = program.fields[profile.entry]
        self._profile = profile
        self._waitable, self._place = names.index(profile.waitable), names.index(profile.place)
        self._width = len(names)

    def entries(self) -> tuple[Entry, ...]:
        page = "primitive.array.html"
        step = "<core::slice::Iter as core::iter::Iterator>::next"
        return (
            entry(step, "each cell once, then None", "borrows", "slice/struct.Iter.html", self._next),
            entry(f"drop of {TABLE_VALUE.what}", "nothing: its cells have nothing to drop", "ends it", page, _drop),
        )

    def is_watched(self, state: State, number: Value) -> bool:
        return state.is_true(fold("=", scalar(state, number).term, WATCHED))

    def watched(self, state: State) -> Aggregate | None:
        """The entry of the watched waitable, wherever it was put; of the other cells nothing is known from here on."""
        self._absorb(state)
        state.objects[OTHER_CELL] = EMPTY_CELL
        return self._held(state, CELL)

    def number(self, found: Aggregate) -> Value:
        return found.fields[self._waitable]

    def place(self, found: Aggregate) -> Value:
        return found.fields[self._place]

    def _held(self, state: State, root: int) -> Aggregate | None:
        cell = state.settle(state.objects[root])
        if not isinstance(cell, Aggregate) or cell.type != CELL_TYPE:
            raise NotModelled("a cell of the table of which nothing is known")
        option = state.settle(cell.fields[0])
        assert isinstance(option, Variant)
        if option.index == 0:
            return None
        held = state.settle(option.fields[0])
        assert isinstance(held, Aggregate)
        return held

    def _absorb(self, state: State) -> bool:
        """Another cell that was given an entry of the watched waitable is that waitable's from now on."""
        held = self._held(state, OTHER_CELL)
        if held is None or not self.is_watched(state, self.number(held)):
            return False
        if self._held(state, CELL) is not None:
            raise Violation(CONTRACT, "two entries of one waitable")
        state.objects[CELL], state.objects[OTHER_CELL] = state.objects[OTHER_CELL], EMPTY_CELL
        return True

    def walk(self, _machine: Machine, state: State, call: Call) -> Value:
        if state.load(pointer(state, call.arguments[0])) != TABLE_VALUE:
            raise NotModelled("a walk over another array")
        return Aggregate(WALK, (Scalar(FALSE), Scalar(FALSE)))

    def _next(self, _machine: Machine, state: State, call: Call) -> Value:
        at = pointer(state, call.arguments[0])
        walk = state.load(at)
        if not isinstance(walk, Aggregate) or walk.type != WALK:
            raise NotModelled("a walk of which nothing is known")
        seen, met = (scalar(state, one).term for one in walk.fields)
        if self._absorb(state):
            seen = TRUE
        due = self._due(state)
        if self._held(state, CELL) is not None and not state.is_true(seen):
            if state.is_true(state.chosen("the next cell is the watched waitable's", BOOLEAN)):
                state.write(at, Aggregate(WALK, (Scalar(TRUE), Scalar(met))))
                return some(Pointer(CELL))
        elif (due is None or state.is_true(met)) and state.is_true(state.chosen("no more cells", BOOLEAN)):
            state.write(at, Aggregate(WALK, (Scalar(seen), Scalar(met))))
            return NONE
        content, met = self._of_another(state, due, met)
        state.objects[OTHER_CELL] = Aggregate(CELL_TYPE, (content,))
        state.write(at, Aggregate(WALK, (Scalar(seen), Scalar(met))))
        return some(Pointer(OTHER_CELL))

    def _of_another(self, state: State, due: Term | None, met: Term) -> tuple[Value, Term]:
        is_due = due is not None and not state.is_true(met)
        if due is not None and is_due and state.is_true(state.chosen("the next cell is that of the event", BOOLEAN)):
            return self._entry(due), TRUE
        if not state.is_true(state.chosen("the next cell has an entry", BOOLEAN)):
            return NONE, met
        number = state.chosen("another waitable", WATCHED.sort)
        others = [WATCHED] if due is None else [WATCHED, due]
        if not all(state.assume(negation(equal(number, one))) for one in others):
            raise NotModelled("no other waitable")
        return self._entry(number), met

    def _due(self, state: State) -> Term | None:
        value = state.settle(state.objects[DUE])
        assert isinstance(value, Variant)
        return scalar(state, value.fields[0]).term if value.index == 1 else None

    def _entry(self, number: Term) -> Value:
        made: list[Value] = [Opaque("nothing known")] * self._width
        made[self._waitable], made[self._place] = Scalar(number), Pointer(OTHER_PLACE)
        return some(Aggregate(self._profile.entry, tuple(made)))


def _drop(_machine: Machine, state: State, call: Call) -> Value:
    state.take(pointer(state, call.arguments[0]))
    return UNIT

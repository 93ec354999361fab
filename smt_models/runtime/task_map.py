"""A map from waitables, of which one key is watched: its entry, and whether there are others.

Operations on other keys leave the entry alone (keys are numbers, and these are equal or not), and what they give is
not known but that it is an entry of the same type, of some other operation.
"""

from __future__ import annotations

from smt_models.runtime.constants import boolean
from smt_models.runtime.facts import fold
from smt_models.runtime.library_entry import Entry, entry
from smt_models.runtime.library_values import pointer, scalar
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.state import State
from smt_models.runtime.task_ownership import aggregate, inside
from smt_models.runtime.task_roots import MAP, OTHER_SLOT, OTHER_WAKE, WATCHED
from smt_models.runtime.values import MOVED, NONE, UNIT, Aggregate, FunctionPointer, Pointer, Scalar, Value, some
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term

EMPTY = Aggregate(MAP, (NONE, Scalar(FALSE)))
_PAGE = "collections/struct.BTreeMap.html"


class WatchedMap:
    """`entry` is the type of what a map holds: a callback and its pointer."""

    def __init__(self, entry: str) -> None:
        self._entry = entry

    def entries(self) -> tuple[Entry, ...]:
        return (
            entry(f"{MAP}::insert", "puts a value at a key, and gives the old one", "moves in", _PAGE, self._insert),
            entry(f"{MAP}::remove", "takes the value at a key", "moves out", _PAGE, self._remove),
            entry(f"{MAP}::is_empty", "whether there is no key", "reads", _PAGE, self._is_empty),
            entry(f"drop of {MAP}", "keys and values", "ends them", _PAGE, self._drop),
        )

    def parts(self, state: State, value: Value) -> tuple[Pointer, Value, Term]:
        at = pointer(state, value)
        found, others = aggregate(state, at, MAP).fields
        return at, state.settle(found), scalar(state, others).term

    def is_watched(self, state: State, key: Value) -> bool:
        return state.is_true(fold("=", scalar(state, key).term, WATCHED))

    def _insert(self, machine: Machine, state: State, call: Call) -> Value:
        """ "If the map did have this key present, the value is updated, and the old value is returned"; for a new one
        there may be no room, and in an empty map there is none: "new .. does not allocate anything on its own".
        """
        at, found, others = self.parts(state, call.arguments[0])
        if self.is_watched(state, call.arguments[1]):
            if found == NONE:
                machine.watcher.allocates(state)
            state.write(inside(at, 0), some(call.arguments[2]))
            return found
        state.write(inside(at, 1), Scalar(TRUE))
        if self._another(state, others):
            return self._entry_of_another()
        machine.watcher.allocates(state)
        return NONE

    def _remove(self, _machine: Machine, state: State, call: Call) -> Value:
        """ "Removes a key from the map, returning the value at the key if the key was previously in the map"."""
        at, found, others = self.parts(state, call.arguments[0])
        if self.is_watched(state, state.load(pointer(state, call.arguments[1]))):
            state.write(inside(at, 0), NONE)
            return found
        if not self._another(state, others):
            return NONE
        state.host.pop(OTHER_WAKE, None)
        state.write(inside(at, 1), Scalar(state.fresh("others remain", BOOLEAN)))
        return self._entry_of_another()

    def _another(self, state: State, others: Term) -> bool:
        """Whether the map has this other key. It does if an event came of it, for then it is in the set: what is proved
        of the watched waitable in every state before holds of every other.
        """
        return state.is_true(others) and (
            OTHER_WAKE in state.host or state.is_true(state.chosen("the other waitable has an entry", BOOLEAN))
        )

    def _entry_of_another(self) -> Value:
        return some(Aggregate(self._entry, (FunctionPointer(OTHER_WAKE), Pointer(OTHER_SLOT))))

    def _is_empty(self, _machine: Machine, state: State, call: Call) -> Value:
        _, found, others = self.parts(state, call.arguments[0])
        return boolean(found == NONE and not state.is_true(others))

    def _drop(self, _machine: Machine, state: State, call: Call) -> Value:
        """Keys and entries are dropped: numbers and pointers, which nobody hears of."""
        at = pointer(state, call.arguments[0])
        aggregate(state, at, MAP)
        state.write(at, MOVED)
        return UNIT

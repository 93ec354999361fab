"""The contract that a task keeps, as the proofs of operations rest on it (`task`), and the comparison with what it did.

`waitable_register` adds the waitable to the task's set and keeps callback and pointer, giving back a pointer that was
there before, or null; `waitable_unregister` takes both out and gives the pointer back, or null; an event is delivered
once, after the waitable was taken out of both. The contract is a state of its own, `REFERENCE`: the pointer that is
registered, if any.
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.task_map import WatchedMap
from smt_models.runtime.task_profile import TaskProfile
from smt_models.runtime.task_roots import CONTRACT, DELIVERING, REFERENCE, SHARED, UNREGISTERED, WAKE
from smt_models.runtime.values import (
    MOVED,
    NONE,
    OPTION,
    Aggregate,
    Choice,
    FunctionPointer,
    Moved,
    Null,
    Pointer,
    Value,
    Variant,
)
from smt_models.system.terms import BOOLEAN, FALSE, Term, Variable


class Contract:
    def __init__(self, program: Program, profile: TaskProfile, watched: WatchedMap) -> None:
        self._program, self._profile, self._map = program, profile, watched

    def registered(self, state: State) -> Value:
        """The pointer that is registered, or null."""
        reference = state.settle(state.objects[REFERENCE])
        assert isinstance(reference, Variant)
        return state.settle(reference.fields[0]) if reference.index == 1 else Null()

    def map_of(self, state: State) -> tuple[Value, Term]:
        """The watched waitable's entry, and whether there are others; none of both once the shared state is gone."""
        shared = state.settle(state.objects.get(SHARED, MOVED))
        if isinstance(shared, Moved):
            return NONE, FALSE
        _, entry, others = self._map.parts(state, Pointer(SHARED, self._map_path()))
        return entry, others

    def _map_path(self) -> tuple[int, ...]:
        fields = self._program.fields
        return 2, fields[self._profile.shared].index(self._profile.map), fields[self._profile.lock].index("data"), 0

    def _is_as_before(self, state: State, before: Mapping[int, Value]) -> bool:
        """Whether nothing that is compared was written: then it is as it was when it was compared last."""
        words = all(state.host[name] == Variable(name, BOOLEAN) for name in ("member", DELIVERING))
        same = state.objects.get(REFERENCE) == before[REFERENCE]
        kept = _part(state.objects.get(SHARED, MOVED), self._map_path())
        return words and same and kept is not None and kept == _part(before[SHARED], self._map_path())

    def compare(self, state: State, before: Mapping[int, Value]) -> None:
        """That the map and the set are as the contract says. Called whenever somebody else may look."""
        if self._is_as_before(state, before):
            return
        entry = self.map_of(state)[0]
        reference = self.registered(state)
        member = state.is_true(state.host["member"])
        if not isinstance(entry, Variant) or entry.type != OPTION:
            raise NotModelled("an entry of which nothing is known")
        if entry != NONE and reference == Null():
            raise Violation(UNREGISTERED, "an entry outlives its registration")
        if member and reference == Null():
            raise Violation(CONTRACT, "the waitable is still in the set, and nobody is registered")
        if reference != Null():
            if entry == NONE:
                raise Violation(CONTRACT, "the entry of a registration is lost")
            if not member:
                raise Violation(CONTRACT, "a registered waitable is not in the set")
            registered = state.settle(entry.fields[0])
            if not isinstance(registered, Aggregate) or registered.type != self._profile.entry:
                raise NotModelled("an entry of which nothing is known")
            place = self._program.fields[self._profile.entry]
            callback = state.settle(registered.fields[place.index("callback")])
            kept = state.settle(registered.fields[place.index("callback_ptr")])
            if callback != FunctionPointer(WAKE) or kept != reference:
                raise Violation(CONTRACT, "callback or pointer are not those that were registered last")
        if state.is_true(state.host[DELIVERING]):
            raise Violation(CONTRACT, "an event is not delivered")


def _part(value: Value, path: tuple[int, ...]) -> Value | None:
    """Of the one option that has parts; None if there is none."""
    for step in path:
        options = value.options if isinstance(value, Choice) else (value,)
        found = [one for one in options if isinstance(one, Aggregate)]
        if len(found) != 1:
            return None
        value = found[0].fields[step]
    return value

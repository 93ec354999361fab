"""The built-ins of a task's waitable set, as its bodies call them: by the rows of `TaskHost`."""

from __future__ import annotations

from collections.abc import Callable

from smt_models.runtime.facts import fold
from smt_models.runtime.library_values import scalar
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.state import State
from smt_models.runtime.task_host import NUMBER, TaskHost
from smt_models.runtime.values import UNIT, Scalar, Value
from smt_models.system.terms import FALSE, TRUE, Variable, literal


class Sets:
    """`set`: the index that the host gave; `is_watched`: whether a number is the watched waitable."""

    def __init__(self, host: TaskHost, set_: Variable, is_watched: Callable[[State, Value], bool]) -> None:
        self._host, self._set, self._is_watched = host, set_, is_watched

    def own(self, state: State, value: Value) -> None:
        if not state.is_true(fold("=", scalar(state, value).term, self._set)):
            raise NotModelled("a built-in on another set")

    def new(self, _machine: Machine, state: State, _call: Call) -> Value:
        if state.is_true(state.host["held"]):
            raise NotModelled("a second set of one task")
        state.host.update({"held": TRUE, "waiting": FALSE})
        state.note("host", "waitable-set.new [CABI canon_waitable_set_new]")
        return Scalar(self._set)

    def join(self, _machine: Machine, state: State, call: Call) -> Value:
        into = scalar(state, call.arguments[1])
        joins = into.term != literal(0, NUMBER)
        if joins:
            self.own(state, into)
        if self._is_watched(state, call.arguments[0]):
            self._host.join(state, joins)
        elif joins and not state.is_true(state.host["held"]):
            raise Violation("host-trap", "waitable.join traps: there is no set")
        return UNIT

    def drop(self, _machine: Machine, state: State, call: Call) -> Value:
        self.own(state, call.arguments[0])
        self._host.drop(state)
        return UNIT

"""What the exploration of a runtime's tasks needs to know of them, in whatever form they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from smt_models.runtime.library_entry import Entry
from smt_models.runtime.machine import Machine
from smt_models.runtime.program import Program
from smt_models.runtime.state import Frame, State, Then
from smt_models.runtime.values import Value
from smt_models.system.terms import Term, Variable


class TaskModel(Protocol):
    """`generation`: of the C ABI of tasks; 0 where tasks are objects that are shared. `roots`: the objects that outlive
    an action. `arbitrary`: fields of types whose numbers are forgotten between actions. `suspended`: what becomes of
    frames in which user code runs.
    """

    program: Program
    machine: Machine
    name: str
    generation: int
    suspended: Callable[[State, str, tuple[Frame | Then, ...]], Value]

    def compare(self, state: State, before: Mapping[int, Value], /) -> None:
        """With the contract, whenever somebody else may look. Raises Violation."""

    @property
    def roots(self) -> Mapping[int, str]: ...

    @property
    def arbitrary(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def library(self) -> tuple[Entry, ...]: ...

    @property
    def constants(self) -> tuple[Variable, ...]:
        """What stays the same for ever."""

    @property
    def assumed(self) -> Term:
        """Of the constants."""

    @property
    def words(self) -> tuple[Variable, ...]:
        """Of the state, besides the objects."""

    def initial_roots(self) -> dict[int, Value]: ...

    def state(self, values: dict[int, Value]) -> State: ...

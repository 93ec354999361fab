"""What looks on while the guest runs."""

from __future__ import annotations

from typing import Protocol

from smt_models.runtime.state import State
from smt_models.runtime.values import Pointer, Value
from smt_models.system.terms import Term


class Watcher(Protocol):
    """The obligations that look on while the guest runs."""

    def frees(self, state: State, base: int) -> None: ...

    def writes(self, state: State, base: int) -> None: ...

    def assigned(self, state: State, at: Pointer) -> None:
        """A place with parts that are known, or a part of one."""

    def host_point(self, state: State, what: str) -> None: ...

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None: ...

    def allocates(self, state: State) -> None: ...

    def counts(self, state: State, count: Term) -> None:
        """A block for so many elements is allocated, and nobody checked that count * size does not wrap."""

    def panics(self, state: State) -> None:
        """User code panics."""

    @property
    def counts_turns(self) -> bool:
        """Whether numbers are kept that each turn of a loop adds one to."""

    def claims(self, state: State) -> None:
        """Says what holds at a loop's head, whatever the loop changes, and forgets how it came to hold."""

    def resumes(self, state: State) -> None:
        """Takes it for granted again: numbers that the loop changes may be others by now."""


class NoWatcher:
    """For programs without a host."""

    def frees(self, state: State, base: int) -> None:
        pass

    def writes(self, state: State, base: int) -> None:
        pass

    def assigned(self, state: State, at: Pointer) -> None:
        pass

    def host_point(self, state: State, what: str) -> None:
        pass

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        pass

    def allocates(self, state: State) -> None:
        pass

    def counts(self, state: State, count: Term) -> None:
        pass

    def panics(self, state: State) -> None:
        pass

    counts_turns = False

    def claims(self, state: State) -> None:
        pass

    def resumes(self, state: State) -> None:
        pass

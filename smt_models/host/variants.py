"""What a model is of: which end, of what, with what behind it; and what is taken on faith about the host."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from smt_models.host.codes import EventCode


class End(enum.Enum):
    READER = "reader"
    WRITER = "writer"


class Kind(enum.Enum):
    STREAM = "stream"
    FUTURE = "future"


class Peer(enum.Enum):
    """Who implements the other end."""

    WASM = "wasm"  # another component: [CABI] SharedStreamImpl, SharedFutureImpl
    SAME = "same instance"  # as WASM, but both ends are the guest's own
    HOST = "host"  # something host-defined behind [CABI] ReadableStream, WritableStream, ReadableFuture, WritableFuture


class Element(enum.Enum):
    """The type of an element, as far as the rules ask for it."""

    UNIT = "unit"  # no type at all: the buffer's address is not looked at
    NUMBER = "number"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Variant:
    """`bits`: the width of codes and counts, 32 in the ABI."""

    end: End
    kind: Kind
    peer: Peer
    element: Element = Element.OTHER
    bits: int = 32

    def __str__(self) -> str:
        return f"{self.kind.value} {self.end.value}, peer {self.peer.value}, element {self.element.value}"

    @property
    def copy(self) -> str:
        """The built-in that starts a copy: `stream.read` and so on."""
        return f"{self.kind.value}.{self._verb}"

    @property
    def cancel(self) -> str:
        return f"{self.kind.value}.cancel-{self._verb}"

    @property
    def drop(self) -> str:
        return f"{self.kind.value}.drop-{'readable' if self.end is End.READER else 'writable'}"

    @property
    def event(self) -> EventCode:
        """The code of the events of this end."""
        return EventCode[f"{self.kind.name}_{self._verb.upper()}"]

    @property
    def _verb(self) -> str:
        return "read" if self.end is End.READER else "write"


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """What is taken on faith about the host; each can be switched off, to show what it carries.

    h1: a synchronous `subtask.cancel` answers 2, 3 or 4. The prose says so; the executable text asserts it, and the
    assertion fails when an undelivered STARTED event is queued.
    h2: a synchronous copy-cancel never answers BLOCKED.
    h3: the host touches guest memory only while a lease is open.
    h4: the host honours the traps.
    h5: the host says of no more elements than it was lent. It follows from the rules: the lease automaton shows it of
    itself. A runtime's model forgets counts, and so has to take it where it rests on it.
    h5_unchecked: H5 is taken of runtimes, too, that are to check what the host says: where cursors divide a buffer, and
    where a panic ends the process.
    """

    h1: bool = True
    h2: bool = True
    h3: bool = True
    h4: bool = True
    h5: bool = True
    h5_unchecked: bool = False


ALL = Hypotheses()


def without_cancels(hypotheses: Hypotheses) -> Hypotheses:
    """But for those of what a cancel answers."""
    return replace(hypotheses, h1=False, h2=False)


WITHOUT_H1, WITHOUT_H2 = "(without H1)", "(without H2)"
"""What a row's name ends with that only a host takes which does not keep the hypothesis."""


def is_without(row: str) -> bool:
    """Of a row's name: whether it is no row of a host that keeps H1 and H2."""
    return row.endswith((WITHOUT_H1, WITHOUT_H2))

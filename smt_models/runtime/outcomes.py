"""How the execution of a path ends, and what stops it on the way."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.system.terms import Term


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the program: function, block, and the line of the Rust source."""

    function: str
    block: int
    source: str

    def __str__(self) -> str:
        return f"{self.function} bb{self.block} ({self.source})"


@dataclass(frozen=True, slots=True)
class Done:
    """The action came to its end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing happens any more: a panic that aborts, a trap that the host promises (`why`)."""

    why: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A loop came back to a state that another path goes on from: nothing is cut."""


@dataclass(frozen=True, slots=True)
class Violated:
    """An obligation is broken here."""

    obligation: str
    why: str
    where: Where


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not modelled, by name; what reaches it has no meaning here."""

    what: str
    where: Where


Outcome = Done | Ended | Covered | Violated | Unknown


class Fork(Exception):
    """The current instruction needs to know which of these holds: it is run again under each."""

    def __init__(self, *alternatives: Term) -> None:
        super().__init__(len(alternatives))
        self.alternatives = alternatives


class Stop(Exception):
    """The path ends here. Raised where no `Where` is at hand; the executor adds it."""


class Violation(Stop):
    def __init__(self, obligation: str, why: str) -> None:
        super().__init__(f"{obligation}: {why}")
        self.obligation = obligation
        self.why = why


class NotModelled(Stop):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Final(Stop):
    """The program ends: a trap of the host, a panic that may not unwind any further."""


class Unwinds(Exception):
    """A panic starts, or (without `why`) goes on: the program ends unless it unwinds."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why

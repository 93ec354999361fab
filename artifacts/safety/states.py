"""What stands of a claim now. Only a certificate that was accepted a moment ago makes one hold."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

Assumed = tuple[str, str, str]
"""An assumption: id, what it is about, text."""


class State(enum.Enum):
    """From the worst to the best: what is above stands on what is worst below it."""

    REFUTED = "refuted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    MISSING = "missing"
    UNKNOWN = "unknown"
    BOUNDED = "bounded"
    VACUOUS = "vacuous"
    UNCHECKED = "unchecked"
    HOLDS = "holds"

    @property
    def sign(self) -> str:
        """Tells states apart without colour."""
        return _SIGNS[self]


_SIGNS = {
    State.REFUTED: "✗",
    State.REJECTED: "✗",
    State.EXPIRED: "!",
    State.MISSING: "-",
    State.UNKNOWN: "?",
    State.BOUNDED: "?",
    State.VACUOUS: "?",
    State.UNCHECKED: "?",
    State.HOLDS: "✓",
}
_RANK = {state: rank for rank, state in enumerate(State)}


def worst(states: Iterable[State]) -> State:
    """Of nothing it is MISSING: an empty argument holds nothing up."""
    return min(states, key=_RANK.__getitem__, default=State.MISSING)


LRAT = "LRAT"
"""In the place of a solver: propositional proofs, checked without one."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate as it lies there. `about`: subject, obligation, instance. `evidence`: its kind. `solver`: what
    answers its queries now, with its version, or LRAT; None without any.
    """

    about: tuple[str, str, str]
    file: str
    sha256: str
    rule_pack: str
    tool_version: str
    evidence: str
    solver: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`why`: in words, for readers. `assumptions`: of the certificate that holds; else as the report says."""

    state: State
    why: str
    certificate: Certified | None = None
    assumptions: tuple[Assumed, ...] = ()

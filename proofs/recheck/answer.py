"""What the checker answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The certificate proves its claim of the subject, under its assumptions: (id, about, text) each."""

    obligation: str
    instance: str
    subject: str
    sha256: str
    assumptions: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The certificate proves nothing; `reason` names what and where."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """The certificate is well formed, but its subject is not at hand, or no solver for its invariant."""

    reason: str


Answer = Accepted | Rejected | NotChecked

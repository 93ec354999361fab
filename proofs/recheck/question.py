"""What a certificate about an invariant asks, whoever answers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the invariant holds in every state of the model, and excludes these. `ghosts`: as in `ghosts.py`."""

    model: str
    invariant: str
    excluded: tuple[str, ...]
    ghosts: bool

    @property
    def inductive_file(self) -> str:
        """The name of the file of proofs that the invariant holds at first and is kept."""
        return f"{_sha256(_sha256(self.model), _sha256(self.invariant))}.lrat"

    @property
    def excluded_file(self) -> str:
        return f"{_sha256(_sha256(self.model), _sha256(self.invariant), *self.excluded)}.lrat"


def _sha256(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

"""What a certificate about an invariant asks, whoever answers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from proofs.recheck.buffer_certificate import BufferInvariant
from proofs.recheck.pool_certificate import PoolInvariant
from proofs.recheck.runtime_certificate import Invariant
from proofs.recheck.shared import Shared, read_shared
from proofs.recheck.statics_certificate import StaticsInvariant


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


def question_of(evidence: Invariant | PoolInvariant | StaticsInvariant | BufferInvariant, shared: Shared) -> Question:
    """With the texts that the evidence names. Raises `Refused`."""
    model, invariant = read_shared(evidence.model, shared), read_shared(evidence.invariant, shared)
    return Question(model, invariant, evidence.excluded, ghosts=isinstance(evidence, PoolInvariant))


def _sha256(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

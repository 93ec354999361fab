"""The example runtime keeps every obligation that there is a model for; with a fault it does not, and harmless changes
make no difference. A few faults always, all of tests/mutants with PROOFMARK_ALL_MODULES=1 in the environment.
"""

from __future__ import annotations

import pytest
from example_runtime import committed

from proofs.kinds import RuntimeKind
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous

NO_CONDITION = {RuntimeKind.EXTENT, RuntimeKind.PARTIAL_WRITE, RuntimeKind.PANIC_IN_CALLBACK}
"""Lengths are not modelled; and nothing unwinds under `panic = "abort"`."""
OPERATIONS = ("future-read", "future-write", "subtask", "stream-read", "stream-write")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_right_runtime_is_proved(operation: str) -> None:
    found = {kind: one.verdict for kind, one in committed().judged(operation).items()}
    assert {kind for kind, one in found.items() if isinstance(one, Unknown)} == NO_CONDITION
    assert not {kind: one for kind, one in found.items() if isinstance(one, Refuted)}
    proved = {kind for kind, one in found.items() if isinstance(one, Proved)}
    assert {RuntimeKind.MEMORY, RuntimeKind.CANCEL_BEFORE_FREE, RuntimeKind.COMPLETION_RACE} <= proved
    assert all(isinstance(found[kind], Vacuous) for kind in set(found) - proved - NO_CONDITION)

"""What unwinds is proved of a stream only where the elements of its buffer are followed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime.judge import NOT_NAMED, Judged, OperationUnderProof, is_of_elements, unless_of_elements
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import NotConfirmed, Proved, Refuted, Unknown, Violation
from smt_models.host.variants import Peer

KIND = RuntimeKind.PANIC_IN_CALLBACK
PROVED = Proved(Invariant("", "", (), (), (), (), ()), ())


def _asked(operation: str, panic: Panic, named: bool = True) -> OperationUnderProof:
    """`named`: the profile says which cursors divide a buffer."""
    example = committed(panic)
    found = example.profile.operation(operation)
    found = found if named else replace(found, cursors={})
    return OperationUnderProof(example.program, example.profile, found, Peer.HOST, panic)


@pytest.mark.parametrize("operation", ["stream-read", "stream-write"])
def test_of_streams_it_is_about_elements(operation: str) -> None:
    assert is_of_elements(KIND, _asked(operation, Panic.UNWIND))
    assert not is_of_elements(KIND, _asked(operation, Panic.UNWIND, named=False))
    assert not is_of_elements(RuntimeKind.MEMORY, _asked(operation, Panic.UNWIND))


def test_of_what_lends_one_element_it_is_not() -> None:
    asked = _asked("future-write", Panic.UNWIND)
    assert not is_of_elements(KIND, asked)
    assert unless_of_elements(asked, Judged(KIND, PROVED, 0.0)).verdict == PROVED


def test_without_elements_nothing_is_proved_and_what_is_broken_is() -> None:
    asked = _asked("stream-write", Panic.UNWIND, named=False)
    assert unless_of_elements(asked, Judged(KIND, PROVED, 0.0)).verdict == Unknown(NOT_NAMED, final=True)
    assert unless_of_elements(asked, Judged(RuntimeKind.MEMORY, PROVED, 0.0)).verdict == PROVED
    broken = Refuted(Violation((), NotConfirmed("")))  # type: ignore[arg-type]
    assert unless_of_elements(asked, Judged(KIND, broken, 0.0)).verdict == broken

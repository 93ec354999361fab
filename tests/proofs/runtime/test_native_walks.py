"""The crate under random walks: the mock host sees no fault where there is none, and sees those that are put in."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_steps import WRITE, assert_no_fault, run
from native_twins import twin
from native_walks import walk

from proofs.runtime.native.confirm import confirm
from proofs.runtime.native.program import program_of
from proofs.runtime.native.scenario import Act, NotConfirmed, Operation


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("operation", Operation, ids=lambda one: one.value)
def test_right_crate_passes(operation: Operation, seed: int) -> None:
    assert_no_fault(run(walk(operation, seed, lives=40)))


def test_walk_sees_a_broken_twin(tmp_path: Path) -> None:
    result = confirm(program_of(walk(WRITE, 0, lives=40)), twin("free before cancel", tmp_path), tmp_path / "cache")
    assert not isinstance(result, NotConfirmed) or "fault was seen (" in result.why, result


def test_walks_go_everywhere() -> None:
    for operation in Operation:
        acts = {action.act for seed in range(10) for action in walk(operation, seed).actions}
        never = {Act.OPEN, Act.CANCEL, Act.DROP_END} if operation is Operation.SUBTASK else set()
        never |= set() if operation.is_stream else {Act.DROP_END}
        assert acts == set(Act) - never - {Act.FORGET, Act.TAKE_BACK}

"""The published crate's task side keeps its contract, for both generations of the C ABI; its broken twins do not."""

from __future__ import annotations

from functools import cache

import pytest
from task_twins import TWINS, Twin, right

from proofs.runtime.engine import Budget, Reachable, prove
from proofs.runtime.task_side import TaskProof, prove_task
from smt_models.runtime.task_emit import TASK_OBLIGATIONS, task_system
from smt_models.runtime.task_explore import explore_task
from smt_models.system.model import Bad
from smt_models.system.operators import Enum

BUDGET = Budget(120, 4096)


@cache
def proved(generation: int) -> TaskProof:
    return prove_task(right(generation), BUDGET)


@pytest.mark.parametrize("generation", [1, 2])
def test_the_published_task_keeps_the_contract(generation: int) -> None:
    proof = proved(generation)
    assert proof.explored.unknown() == {}
    assert set(proof.answers) > set(TASK_OBLIGATIONS)
    assert proof.holds


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_a_broken_twin_is_refuted(twin: Twin) -> None:
    system = task_system(explore_task(twin.subject(), rounds=twin.rounds))
    assert isinstance(prove(system, (twin.broken,), BUDGET), Reachable)


@pytest.mark.parametrize("what", ["a callback runs", "the task is gone"])
def test_what_the_proofs_speak_of_can_be_reached(what: str) -> None:
    proof = proved(1)
    (phase,) = (one for one in proof.explored.variables if one.name == "phase")
    assert isinstance(phase.sort, Enum)
    members = [one for one in phase.sort.members if one.partition(",")[0] == what]
    system = proof.system.with_bad(Bad(what, phase.in_(*members)))
    assert isinstance(prove(system, (what,), BUDGET), Reachable)

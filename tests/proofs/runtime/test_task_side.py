"""The published crate's task side keeps its contract, for both generations of the C ABI; its broken twins do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from explore_corpus import assert_opens
from task_twins import TWINS, Twin, published, right

from extract.mir.compile import Panic
from proofs.kinds import TASK_KINDS, RuntimeKind
from proofs.recheck import Session
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.judge import Spending
from proofs.runtime.modelled import modelled_task
from proofs.runtime.task_side import TaskUnderProof, judge_task
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved, Refuted, Unknown, Violation
from smt_models.runtime.task_emit import TASK_OBLIGATIONS
from smt_models.runtime.task_explore import explore_task

BUDGET = Budget(120, 4096)
SPENDING = Spending(Budget(600, 4096), BUDGET, session=Session())


def asked(generation: int) -> TaskUnderProof:
    return TaskUnderProof(published(), right(generation).profile, generation, Panic.ABORT)


def test_obligations_are_those_of_the_model() -> None:
    assert {kind.value for kind in TASK_KINDS} == set(TASK_OBLIGATIONS)


def test_the_published_task_keeps_the_contract() -> None:
    """In the first generation of the C ABI; tests/proofmark/test_runtime_commands.py has both."""
    judged = judge_task(asked(1), TASK_KINDS, SPENDING)
    assert [one.kind for one in judged] == list(TASK_KINDS)
    for one in judged:
        assert isinstance(one.verdict, Proved), one
        evidence = one.verdict.evidence
        assert isinstance(evidence, Invariant)
        assert set(TASK_OBLIGATIONS) < set(evidence.excluded)
        assert "interface" in {assumption.id for assumption in one.verdict.assumptions}


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_a_broken_twin_is_refuted(twin: Twin) -> None:
    """By a trace, each step of which is one of the system (`concrete`)."""
    modelled = modelled_task(explore_task(twin.subject(), rounds=twin.rounds))
    verdict = Case(modelled, ("H3", "H4"), BUDGET, (), None).verdict(RuntimeKind(twin.broken))
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    steps = verdict.trace.trace.steps
    assert steps[0].action == "start"
    assert steps[-1].events[-1].kind == "violation"
    assert_opens(verdict.trace.trace)


def test_unwinding_is_refused_by_name() -> None:
    unwinding = replace(asked(1), panic=Panic.UNWIND)
    verdicts = {one.verdict for one in judge_task(unwinding, TASK_KINDS, SPENDING)}
    assert verdicts == {Unknown("what unwinds through the frames of a task is not modelled", final=True)}

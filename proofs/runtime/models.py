"""The model of one part of a runtime, made for its own sake: to walk through it, or to see what rests on what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from proofs.runtime.judge import OperationUnderProof, Spending, spend, subject_of
from proofs.runtime.modelled import Modelled, modelled_operation, modelled_task
from proofs.runtime.task_side import TaskUnderProof
from proofs.runtime.task_side import subject_of as task_subject_of
from proofs.runtime.trace import WHOLE, Made
from smt_models.host.variants import Hypotheses, without_cancels
from smt_models.runtime.explore import Explored, explore
from smt_models.runtime.held import explore_held
from smt_models.runtime.task_explore import explore_task

PartUnderProof = OperationUnderProof | TaskUnderProof


def model_of(
    asked: PartUnderProof,
    hypotheses: Hypotheses,
    follows: bool,
    spending: Spending,
    tell: Callable[[], None] = lambda: None,
    made: Made = WHOLE,
) -> Modelled:
    """`follows`: with one element followed, as partial-write needs it. Neither it nor hypotheses say anything of tasks,
    nor does `made`. `tell`: called again and again on the way. Raises NoFixpoint, NotModelled, and what `tell` does.
    """
    within = spend(spending.explore)

    def look() -> None:
        tell()
        within()

    match asked:
        case OperationUnderProof():
            of_host = replace(hypotheses, h5_unchecked=made.counts_kept or hypotheses.h5_unchecked)
            return modelled_operation(_explored(asked, of_host, follows, made, look), spending.prove)
        case TaskUnderProof():
            return modelled_task(explore_task(task_subject_of(asked), look))


def _explored(
    asked: OperationUnderProof, hypotheses: Hypotheses, follows: bool, made: Made, look: Callable[[], None]
) -> Explored:
    """As it was for a verdict: what is looked at near the start alone is explored under its hypotheses."""
    if made.steps is not None:
        return explore(subject_of(asked, asked.program, hypotheses, follows, made.turns), look, made.steps)
    subject = subject_of(asked, asked.program, without_cancels(hypotheses), follows, made.turns)
    return explore_held(subject, hypotheses.h1 and hypotheses.h2, look)

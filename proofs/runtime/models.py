"""The model of one part of a runtime, made for its own sake: to walk through it, or to see what rests on what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from proofs.runtime.judge import OperationUnderProof, Spending, spend, subject_of
from proofs.runtime.modelled import Modelled, modelled_operation, modelled_task
from proofs.runtime.task_side import TaskUnderProof
from proofs.runtime.task_side import subject_of as task_subject_of
from proofs.runtime.trace import WHOLE, Made
from smt_models.host.variants import Hypotheses
from smt_models.runtime.explore import explore
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
            subject = subject_of(asked, asked.program, of_host, follows, made.turns)
            return modelled_operation(explore(subject, look, made.steps), spending.prove)
        case TaskUnderProof():
            return modelled_task(explore_task(task_subject_of(asked), look))

"""The task side of a runtime, proved to keep the contract that the proofs of its operations rest on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime.case import Case
from proofs.runtime.controls import controls
from proofs.runtime.engine import Budget
from proofs.runtime.judge import NO_CONDITION, Judged, Spending, spend, with_controls
from proofs.runtime.modelled import modelled_task
from proofs.runtime.near import PartSoFar, explored_or_refuted
from proofs.runtime_verdicts import Control
from proofs.verdicts import Unknown
from smt_models.runtime.edges import Edges
from smt_models.runtime.explore import NoFixpoint
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import Program
from smt_models.runtime.task_edges import task_edges
from smt_models.runtime.task_emit import TASK_OBLIGATIONS, task_system
from smt_models.runtime.task_explore import ExploredTask, explore_task, task_stages
from smt_models.runtime.task_model import TaskModel
from smt_models.runtime.task_profile import AnyTaskProfile, TaskProfile
from smt_models.runtime.task_shared import SharedTaskSubject
from smt_models.runtime.task_shared_profile import SharedTaskProfile
from smt_models.runtime.task_subject import TaskSubject

_HYPOTHESES = ("H3", "H4")
BLOCKING = (
    "`block_on` is called where a task may block; while it waits for the host, what else runs restores the task that "
    "was set, and nobody registers with the task that waits"
)
EXPORTED = 'what exports its tasks is generated and extern "C": a panic that comes there ends the process'


@dataclass(frozen=True, slots=True)
class TaskUnderProof:
    """`generation`: of the C ABI of tasks, 0 where they are shared. `build`: what the making of the MIR took for
    granted, a sentence each.
    """

    program: Program
    profile: AnyTaskProfile
    generation: int
    panic: Panic
    build: tuple[str, ...] = ()


def judge_task(asked: TaskUnderProof, kinds: tuple[RuntimeKind, ...], spending: Spending) -> tuple[Judged, ...]:
    """In the order of `kinds`. H1 and H2 say nothing of tasks."""
    started = time.monotonic()
    try:
        stages = task_stages(subject_of(asked), spend(spending.explore))
        explored = explored_or_refuted(stages, _so_far, kinds, spending.prove)
    except (NoFixpoint, NotModelled) as error:
        why = f"the task side was not explored to its end: {error}"
        unknown = Unknown(why, final=isinstance(error, NotModelled))
        return tuple(Judged(kind, unknown, time.monotonic() - started) for kind in kinds)
    if not isinstance(explored, ExploredTask):
        each = (time.monotonic() - started) / len(kinds)
        return tuple(Judged(kind, verdict, each) for kind, (verdict, _) in explored.items())
    build = (*asked.build, *_exported(asked), *_blocking(asked))
    case = Case(modelled_task(explored), _HYPOTHESES, spending.prove, build, spending.keep, spending.session, kinds)
    found: dict[RuntimeKind, Judged] = {}
    for kind in kinds:
        verdict = case.verdict(kind) if kind.value in case.conditions else Unknown(NO_CONDITION, final=True)
        found[kind] = Judged(kind, verdict, time.monotonic() - started)
        started = time.monotonic()
    if spending.controls:
        found = with_controls(found, task_controls(asked, explored, case.reached, spending))
    return tuple(found.values())


def _so_far(explored: ExploredTask) -> PartSoFar:
    return PartSoFar(task_edges(explored), task_system(explored))


def task_controls(
    asked: TaskUnderProof, explored: ExploredTask, reached: frozenset[str], spending: Spending
) -> Iterator[Control]:
    """`reached`: the obligations that are broken without an edit."""

    def again(program: Program, look: Callable[[], None]) -> Edges:
        return task_edges(explore_task(subject_of(replace(asked, program=program)), look))

    unbroken = tuple(name for name in TASK_OBLIGATIONS if name not in reached)
    return controls(explored, again, unbroken, Budget(spending.controls, spending.explore.megabytes), spend)


def _exported(asked: TaskUnderProof) -> tuple[str, ...]:
    """What is taken for granted of the functions that call the crate's: they are not in it."""
    has_exports = isinstance(asked.profile, TaskProfile)
    return (EXPORTED,) if has_exports and asked.panic is Panic.UNWIND else ()


def _blocking(asked: TaskUnderProof) -> tuple[str, ...]:
    """What is taken for granted of the guest code that the host runs meanwhile."""
    match asked.profile:
        case TaskProfile(block_on=str()):
            return (BLOCKING,)
        case _:
            return ()


def subject_of(asked: TaskUnderProof) -> TaskModel:
    match asked.profile:
        case TaskProfile() as profile:
            return TaskSubject(asked.program, profile, asked.generation, asked.panic)
        case SharedTaskProfile() as profile:
            return SharedTaskSubject(asked.program, profile, asked.panic)

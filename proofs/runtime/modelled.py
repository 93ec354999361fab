"""What was explored, as `Case` needs it: an operation's model, or that of a runtime's tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime.engine import Budget
from proofs.runtime.exercised import Exercised
from proofs.runtime.feasible import without_impossible_faults
from proofs.runtime.relations import related_numbers
from proofs.runtime.search import Search
from proofs.runtime.task_exercised import TaskExercised
from proofs.runtime_wording import task_abi
from smt_models.runtime.edges import Edges, edges_of
from smt_models.runtime.emit import system_of
from smt_models.runtime.explore import Explored
from smt_models.runtime.library import TABLE
from smt_models.runtime.library_entry import Entry
from smt_models.runtime.task_edges import task_edges
from smt_models.runtime.task_emit import task_system
from smt_models.runtime.task_events import WAIT_ENDS
from smt_models.runtime.task_explore import ExploredTask
from smt_models.runtime.task_subject import TaskSubject
from smt_models.system.model import System


class Exercises(Protocol):
    def missing(self, kind: RuntimeKind) -> str | None:
        """What never happens and would have to, for the obligation to say something; None if nothing is missing."""


@dataclass(frozen=True, slots=True)
class Modelled:
    """`library`: the functions that were modelled, as documented. `interface`: what those who use the subject are taken
    to keep to, if anybody does. `certain`: nothing was given up for want of time, so that another machine makes the
    same model. `faults_decided`: edges to faults that nothing can take are left out.
    """

    explored: Explored | ExploredTask
    system: System
    edges: Edges
    library: tuple[Entry, ...]
    interface: str | None
    exercised: Callable[[Search], Exercises]
    certain: bool = True
    faults_decided: bool = False


def modelled_operation(explored: Explored, budget: Budget) -> Modelled:
    numbers = related_numbers(explored, budget)
    edges = edges_of(explored, numbers)
    follows = explored.actions.subject.following is not None
    if follows:
        edges = without_impossible_faults(edges, budget)
    system = system_of(explored, numbers)
    return Modelled(
        explored,
        system,
        edges,
        TABLE,
        None,
        lambda search: Exercised(explored, edges, search),
        numbers.certain,
        faults_decided=follows,
    )


def modelled_task(explored: ExploredTask) -> Modelled:
    edges = task_edges(explored)
    subject = explored.actions.subject
    interface = task_abi(subject.generation)
    blocks = isinstance(subject, TaskSubject) and subject.profile.block_on is not None
    entries = ("start", *(("block_on",) if blocks else ()))
    delivers = ("event", *(("a callback returns",) if subject.generation else ()), *((WAIT_ENDS,) if blocks else ()))
    panics = subject.machine.panic is Panic.ABORT or bool(explored.noted("panic"))
    return Modelled(
        explored,
        task_system(explored),
        edges,
        subject.library,
        interface,
        lambda search: TaskExercised(edges, search, entries, delivers, None if panics else "no user code unwinds"),
    )

"""The task side of a runtime, proved to keep the contract that the proofs of its operations rest on.

What the exploration found to be all states is tried as an invariant first, by another solver than the engine's: then
nothing needs to be searched for. Only if it is none the engine is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from proofs.runtime.engine import Answer, Budget, Proved, check_invariant, prove
from smt_models.runtime.task_emit import closed_set, task_system
from smt_models.runtime.task_explore import ExploredTask, explore_task
from smt_models.runtime.task_subject import TaskSubject
from smt_models.system.model import System


@dataclass(frozen=True, slots=True)
class TaskProof:
    """`answers`: for each bad condition of the system. Those that nothing is missing are among them, and without these
    proved no other proof means anything: see `holds`.
    """

    explored: ExploredTask
    system: System
    answers: Mapping[str, Answer]

    @property
    def holds(self) -> bool:
        """Whether everything is proved."""
        return all(isinstance(one, Proved) for one in self.answers.values())


def prove_task(
    subject: TaskSubject, budget: Budget, keep: Path | None = None, spend: Callable[[], None] = lambda: None
) -> TaskProof:
    """Raises NoFixpoint or NotModelled: it was not explored to its end."""
    explored = explore_task(subject, spend)
    system = task_system(explored)
    started = time.monotonic()
    names = tuple(one.name for one in system.bad)
    guess = closed_set(explored)
    checks = check_invariant(system, guess, names, budget)
    if not isinstance(checks, str):
        proved = Proved(names, guess, checks, time.monotonic() - started)
        return TaskProof(explored, system, dict.fromkeys(names, proved))
    places = {name: None if keep is None else keep / name.replace(" ", "-") for name in names}
    return TaskProof(explored, system, {name: prove(system, (name,), budget, places[name]) for name in names})

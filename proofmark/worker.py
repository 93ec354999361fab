"""One job, wherever it runs: what comes back is a value, whatever went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from extract.errors import InputError

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofmark.jobs import AnyJob


@dataclass(frozen=True, slots=True)
class Done:
    """The job came to an end; `warnings` are plain lines for the user."""

    outcomes: tuple[Outcome, ...]
    warnings: tuple[str, ...] = ()
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The input is at fault."""

    error: InputError


@dataclass(frozen=True, slots=True)
class Faulted:
    """We are at fault: the exception in one line, and in full for those who ask."""

    text: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker ended without an answer, twice."""

    why: str


Attempt = Done | Refused | Faulted | Lost

Prover = Callable[["AnyJob"], Done]
"""Raises InputError for bad input; has to be picklable by reference."""


@runtime_checkable
class Remembering(Protocol):
    """A prover that may have the answer to a job at hand, for less than it takes to start a worker."""

    def remembered(self, job: AnyJob) -> Done | None: ...


def remembered(prover: Prover, job: AnyJob) -> Done | None:
    """What needs no worker. Whatever goes wrong here goes wrong again where the job runs, and is said there."""
    if not isinstance(prover, Remembering):
        return None
    try:
        return prover.remembered(job)
    except Exception:
        return None


def prove(job: AnyJob) -> Done:
    """The plain prover: nothing cached."""
    from proofmark.job import Job, prove_file

    if isinstance(job, Job):
        return Done(prove_file(job))
    from proofmark.pool_job import PoolJob, prove_pool

    if isinstance(job, PoolJob):
        return Done(prove_pool(job))
    from proofmark.statics_job import StaticsJob, prove_statics

    if isinstance(job, StaticsJob):
        return Done(prove_statics(job))
    from proofmark.buffers_job import BuffersJob, prove_buffers

    if isinstance(job, BuffersJob):
        return Done(prove_buffers(job))
    from proofmark.runtime_job import prove_part

    return Done(prove_part(job))


def attempt(prover: Prover, job: AnyJob) -> Attempt:
    """Runs `prover` on `job`. What it raises comes back as a value, since not every exception can be pickled."""
    try:
        return prover(job)
    except InputError as error:
        return Refused(error)
    except Exception as error:
        return faulted(error)


def faulted(error: BaseException) -> Faulted:
    text = " ".join(str(error).split())
    name = type(error).__name__
    return Faulted(f"{name}: {text}" if text else name, "".join(traceback.format_exception(error)))

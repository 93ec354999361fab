"""A Dask cluster by address (the optional extra `cluster`).

The workers have to see the files under the same absolute paths, and to run the same version of this tool.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from extract.errors import InputError
from proofmark.buffers_job import BuffersJob
from proofmark.errors import UsageError
from proofmark.job import Job
from proofmark.pool import Pool
from proofmark.pool_job import PoolJob
from proofmark.runtime_job import RuntimeJob
from proofmark.statics_job import StaticsJob
from proofmark.version import VERSION
from proofmark.vetting import Distrusted, vet, vet_operation, vet_pool, vet_statics
from proofmark.worker import Attempt, Done, Faulted, Lost, Prover, Refused, attempt

if TYPE_CHECKING:
    from proofmark.jobs import AnyJob

_CONNECT_SECONDS = 15
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Remote:
    """The task for a worker: runs `prover`, if the worker is one that may answer for us."""

    prover: Prover
    version: str

    def __call__(self, job: AnyJob) -> Attempt:
        if self.version != VERSION:
            return Lost(f"the worker runs proofmark {VERSION}, not {self.version}")
        return attempt(self.prover, job)


def sent(job: AnyJob) -> AnyJob:
    """The job as a worker elsewhere can find its file."""
    if isinstance(job, RuntimeJob | StaticsJob | BuffersJob):
        return job  # its files have absolute paths
    return replace(job, path=str(Path(job.path).absolute()))


def received(job: AnyJob, answer: Attempt) -> Attempt:
    """The answer under the path that the user wrote; Lost if it is about other bytes than those here, or a proof that
    the checker does not accept here.
    """
    match answer:
        case Done():
            if isinstance(job, Job):
                return _same_file(job, answer)
            if isinstance(job, StaticsJob | BuffersJob):
                return _same_statics(job, answer)
            return _same_pool(job, answer) if isinstance(job, PoolJob) else _same_operation(job, answer)
        case Refused(error):
            return Refused(InputError(job.path, error.position, error.found, error.expected))
        case Faulted() | Lost():
            return answer


def _same_file(job: Job, done: Done) -> Done | Lost:
    try:
        with open(job.path, "rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    except OSError as error:
        return Lost(f"{job.path} cannot be read here: {error.strerror}")
    outcomes = []
    for outcome in done.outcomes:
        if outcome.result.subject.sha256 != sha256:
            return Lost(f"the worker read another file as {job.path}: SHA-256 {outcome.result.subject.sha256}")
        subject = replace(outcome.result.subject, path=job.path)
        outcomes.append(replace(outcome, result=replace(outcome.result, subject=subject)))
    try:
        for kind, outcome in zip(job.kinds, outcomes, strict=True):
            vet(job, kind, sha256, size, outcome)
    except (Distrusted, ValueError) as error:
        return Lost(f"the worker's answer about {job.path} cannot be believed: {error}")
    return replace(done, outcomes=tuple(outcomes))


def _same_pool(job: PoolJob, done: Done) -> Done | Lost:
    try:
        return replace(done, outcomes=vet_pool(job, done.outcomes))
    except (Distrusted, OSError) as error:
        return Lost(f"the worker's answer about {job.label} cannot be believed: {error}")


def _same_operation(job: RuntimeJob, done: Done) -> Done | Lost:
    try:
        vet_operation(job, done.outcomes)
    except (Distrusted, OSError) as error:
        return Lost(f"the worker's answer about {job.label} cannot be believed: {error}")
    return done


def _same_statics(job: StaticsJob | BuffersJob, done: Done) -> Done | Lost:
    try:
        vet_statics(job, done.outcomes)
    except (Distrusted, OSError) as error:
        return Lost(f"the worker's answer about {job.label} cannot be believed: {error}")
    return done


class Connection:
    """A client of the scheduler at `address`. Raises UsageError if there is none, or no `distributed`."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise UsageError(
                "--scheduler needs the package distributed; install it with: pip install 'proofmark[cluster]'"
            ) from error
        connect: Any = Client
        try:
            self._client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, ImportError) as error:  # ImportError: no such protocol
            raise UsageError(f"--scheduler {address}: no Dask scheduler answers there: {error}") from error
        self._last_seen = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @contextmanager
    def open(self, width: int) -> Iterator[Pool]:
        """A pool on the cluster. What still runs when it closes is cancelled."""
        executor = self._client.get_executor(pure=False)
        self._last_seen = time.monotonic()
        try:
            yield Pool(executor, width, self._ailing)
        finally:
            executor.shutdown(wait=False)  # this cancels them

    def _ailing(self) -> str | None:
        """Without this a job would wait for ever for a worker that never comes back."""
        if self._client.status != "running":
            return f"the connection to the scheduler is {self._client.status}"
        if self._client.scheduler_info()["workers"]:
            self._last_seen = time.monotonic()
        if time.monotonic() - self._last_seen > _PATIENCE_SECONDS:
            return f"the cluster has had no worker for {_PATIENCE_SECONDS:.0f} seconds"
        return None

"""Where jobs run: in this process, in worker processes, or on a Dask cluster, through `concurrent.futures`.

A job whose worker dies is tried once more, alone, and then comes back as Lost: never dropped, never green.
"""

from __future__ import annotations

import concurrent.futures as futures
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from proofmark.pool import OpenPool, Pool
from proofmark.version import VERSION
from proofmark.worker import Attempt, Lost, Prover, attempt, remembered

if TYPE_CHECKING:
    from proofmark.jobs import AnyJob


@dataclass(frozen=True, slots=True)
class InProcess:
    """One job after the other, here."""


@dataclass(frozen=True, slots=True)
class Processes:
    """At most `workers` jobs at once, each in a process of this machine."""

    workers: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """All jobs at once to the Dask scheduler at `address`."""

    address: str


Backend = InProcess | Processes | Cluster


Task = Callable[["AnyJob"], Attempt]

_TICK_SECONDS = 1.0


def attempts(jobs: Sequence[AnyJob], prover: Prover, backend: Backend) -> Generator[tuple[int, Attempt]]:
    """Yields each job's number and attempt, once each, as they end. Close it to end the workers."""
    match backend:
        case InProcess():
            for number, job in enumerate(jobs):
                yield number, attempt(prover, job)
        case Processes(workers):
            from proofmark.processes import open_processes

            waiting: deque[tuple[int, AnyJob]] = deque()
            for number, job in enumerate(jobs):
                kept = remembered(prover, job)
                if kept is None:
                    waiting.append((number, job))
                else:
                    yield number, kept
            yield from _pooled(waiting, partial(attempt, prover), open_processes, min(workers, len(waiting)))
        case Cluster(address):
            from proofmark.cluster import Connection, Remote, received, sent

            with Connection(address) as connection:
                there = [sent(job) for job in jobs]
                for number, answer in _pooled(
                    deque(enumerate(there)), Remote(prover, VERSION), connection.open, len(jobs)
                ):
                    yield number, received(jobs[number], answer)


def _pooled(
    waiting: deque[tuple[int, AnyJob]], task: Task, open_pool: OpenPool, width: int
) -> Iterator[tuple[int, Attempt]]:
    suspects: list[tuple[int, AnyJob, str]] = []
    while waiting:
        with open_pool(width) as pool:
            yield from _drive(pool, task, waiting, suspects)
    for number, job, why in sorted(suspects, key=lambda suspect: suspect[0]):
        alone = deque([(number, job)])
        again: list[tuple[int, AnyJob, str]] = []
        with open_pool(1) as pool:
            yield from _drive(pool, task, alone, again)
        for _, _, why_again in again:
            yield number, Lost(why if why == why_again else f"{why}; then, alone: {why_again}")


def _drive(
    pool: Pool, task: Task, waiting: deque[tuple[int, AnyJob]], suspects: list[tuple[int, AnyJob, str]]
) -> Iterator[tuple[int, Attempt]]:
    """Runs what waits until nothing does or the pool breaks; what was running then joins `suspects`.

    No more than `pool.width` jobs are handed over at a time, so that a broken pool takes no more than those with it.
    """
    running: dict[futures.Future[Attempt], tuple[int, AnyJob]] = {}
    broken: str | None = None
    while broken is None and (waiting or running):
        while waiting and len(running) < pool.width and broken is None:
            number, job = waiting.popleft()
            try:
                running[pool.executor.submit(task, job)] = number, job
            except Exception as error:  # the pool takes no more work
                broken = _reason(error)
                suspects.append((number, job, broken))
        ended, _ = futures.wait(running, timeout=_TICK_SECONDS, return_when=futures.FIRST_COMPLETED)
        for future in ended:
            number, job = running.pop(future)
            failure = futures.CancelledError() if future.cancelled() else future.exception()
            if failure is None:
                yield number, future.result()
                continue
            suspects.append((number, job, _reason(failure)))
            if isinstance(failure, futures.BrokenExecutor):
                broken = _reason(failure)
        if not ended and broken is None:
            broken = pool.ailing()
    suspects.extend((number, job, broken or "") for number, job in running.values())


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

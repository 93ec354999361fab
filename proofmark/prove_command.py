"""`proofmark prove`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.run import Expected, Run, exit_status
from extract.errors import InputError
from proofmark import console, guard, reports
from proofmark.errors import UsageError
from proofmark.job import Job
from proofmark.plan import DEFAULT_KINDS, expected_of
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs
from proofmark.scheduler import Backend, Cluster, InProcess, Processes
from proofmark.version import VERSION
from proofmark.worker import Prover, prove
from proofs.verdicts import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line. None is what it does not say."""

    files: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    roots: tuple[str, ...] = ()
    allocators: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    out: Path | None = None
    formats: tuple[reports.Format, ...] = ()
    on_stdout: reports.Format | None = None
    workers: int | None = None
    scheduler: str | None = None
    cached: bool = True
    replay_seconds: float | None = None
    quiet: bool = False
    manifest: Path | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    jobs: tuple[Job, ...]
    expected: tuple[Expected, ...]
    workers: int | None
    out: Path | None


def run(asked: Asked) -> int:
    """Proves, reports, and gives back the exit status."""
    _check_options(asked)
    try:
        plan = _plan(asked)
    except InputError as error:
        nothing = Run(VERSION, "incomplete", (), (), (), (str(error),), Path.cwd())
        return _report(asked, asked.out, Finished(nothing, (), (), (), (error,), False))
    if plan.out:
        reports.prepare(plan.out)
    progress = Progress(None if asked.quiet else sys.stderr, len(plan.jobs))
    finished = run_jobs(plan.jobs, plan.expected, _prover(asked), _backend(asked, plan), progress)
    return _report(asked, plan.out, finished)


def _check_options(asked: Asked) -> None:
    if not asked.files:
        if asked.kinds or asked.roots or asked.allocators or asked.boundary or asked.assume:
            raise UsageError("options about obligations need a FILE; without one the manifest says them")
    elif asked.manifest:
        raise UsageError("--manifest and FILE exclude each other")
    if Kind.NO_ALLOC_PATH in asked.kinds and not asked.roots:
        raise UsageError("--obligation no-alloc-path needs --root NAME, the function that must not allocate")
    if asked.scheduler and asked.workers:
        raise UsageError("--jobs and --scheduler exclude each other: the cluster's workers set how many run at once")


def _plan(asked: Asked) -> _Plan:
    if not asked.files:
        from proofmark.manifest import NAME, read_manifest

        manifest = read_manifest(asked.manifest or Path(NAME), asked.replay_seconds)
        return _Plan(manifest.jobs, manifest.expected, asked.workers or manifest.workers, asked.out or manifest.out)
    seconds = 10.0 if asked.replay_seconds is None else asked.replay_seconds
    jobs = tuple(
        Job(path, asked.kinds or DEFAULT_KINDS, asked.roots, asked.allocators, asked.boundary, asked.assume, seconds)
        for path in dict.fromkeys(asked.files)
    )
    return _Plan(jobs, expected_of(jobs), asked.workers, asked.out)


def _prover(asked: Asked) -> Prover:
    if not asked.cached:
        return prove
    from proofmark.cache import CachedProver

    return CachedProver(prove)


def _backend(asked: Asked, plan: _Plan) -> Backend:
    if asked.scheduler:
        return Cluster(asked.scheduler)
    workers = plan.workers or os.cpu_count() or 1
    return InProcess() if min(workers, len(plan.jobs)) <= 1 else Processes(workers)


def _report(asked: Asked, out: Path | None, finished: Finished) -> int:
    if not asked.quiet:
        _say_results(finished, to_stderr=asked.on_stdout is not None)
    for error in finished.run.errors:
        console.err(f"error: {error}")
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    if finished.interrupted:
        console.err("interrupted: the report holds what was reached")
    if out:
        reports.prepare(out)
        reports.write(out, finished.run, finished.outcomes, asked.formats)
    if asked.on_stdout:
        console.out(reports.rendered(finished.run, asked.on_stdout))
    return guard.INTERRUPTED if finished.interrupted else exit_status(finished.run)


def _say_results(finished: Finished, to_stderr: bool) -> None:
    from artifacts.text import result_lines

    console.results([result_lines(result) for result in finished.run.results], to_stderr)
    for warning in finished.warnings:
        console.err(f"warning: {warning}")
    said = {error.file for error in finished.refused}
    _say_missing([wanted for wanted in finished.run.missing if wanted.subject_path not in said])


def _say_missing(missing: Sequence[Expected]) -> None:
    from artifacts.names import visible

    for wanted in missing:
        console.err(f"missing: {wanted.obligation} of {visible(wanted.subject_path)} ({wanted.instance}) has no result")

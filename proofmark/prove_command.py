"""`proofmark prove`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.run import Expected, Run, exit_status
from extract.errors import InputError
from proofmark import console, guard, reports
from proofmark.asked_runtimes import NO_RUNTIMES, AskedRuntimes
from proofmark.errors import UsageError
from proofmark.job import Job
from proofmark.plan import DEFAULT_KINDS, expected_of
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs
from proofmark.scheduler import Backend, Cluster, InProcess, Processes
from proofmark.version import VERSION
from proofmark.worker import Prover, prove
from proofs.kinds import PoolKind
from proofs.verdicts import Kind

if TYPE_CHECKING:
    from proofmark.buffers_plan import BuffersPlan, BuffersSubject
    from proofmark.jobs import AnyJob
    from proofmark.key_files import Signer
    from proofmark.pool_joins import AskedJoin
    from proofmark.pool_plan import PoolPlan
    from proofmark.runtime_plan import RuntimePlan, RuntimeSubject
    from proofmark.signed_store import SignedStore
    from proofmark.statics_plan import StaticsPlan, StaticsSubject


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line. None is what it does not say."""

    files: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    roots: tuple[str, ...] = ()
    allocators: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    pool_kinds: tuple[PoolKind, ...] = ()
    found_pools: bool = False
    static_pools: bool = False
    buffers: bool = False
    seconds: int | None = None
    assume: tuple[str, ...] = ()
    out: Path | None = None
    embed: bool = False
    sign: Path | None = None
    formats: tuple[reports.Format, ...] = ()
    on_stdout: reports.Format | None = None
    workers: int | None = None
    scheduler: str | None = None
    cached: bool = True
    replay_seconds: float | None = None
    quiet: bool = False
    manifest: Path | None = None
    runtimes: AskedRuntimes = NO_RUNTIMES

    @property
    def of_crates(self) -> bool:
        """Whether the crates that are named are asked something else than of a runtime."""
        return self.static_pools or self.buffers

    @property
    def about_pools(self) -> bool:
        return bool(self.pools or self.found_pools or (self.pool_kinds and not self.of_crates))


@dataclass(frozen=True, slots=True)
class _Plan:
    """`refused`: subjects that no job can be made of. `joins`: of crates with modules, once there are verdicts."""

    jobs: tuple[AnyJob, ...]
    expected: tuple[Expected, ...]
    workers: int | None
    out: Path | None
    refused: tuple[InputError, ...] = ()
    warnings: tuple[str, ...] = ()
    joins: tuple[AskedJoin, ...] = ()


def run(asked: Asked) -> int:
    """Proves, reports, and gives back the exit status."""
    signer = None
    if asked.sign:
        from proofmark.key_files import read_signer  # of signatures only

        signer = read_signer(asked.sign)
    return _report(asked, *proved(asked), signer)


def proved(asked: Asked) -> tuple[Path | None, Finished]:
    """What came of it, and the directory for the reports."""
    _check_options(asked)
    try:
        plan = _plan(asked)
    except InputError as error:
        nothing = Run(VERSION, "incomplete", (), (), (), (str(error),), Path.cwd())
        return asked.out, Finished(nothing, (), (), (), (error,), False)
    if plan.out:
        reports.prepare(plan.out)
    elif asked.embed or asked.sign:
        raise UsageError("--embed and --sign need --out DIR, where their files are written")
    progress = Progress(None if asked.quiet else sys.stderr, len(plan.jobs))
    finished = run_jobs(plan.jobs, plan.expected, _prover(asked), _backend(asked, plan), progress)
    return plan.out, _with(finished, plan)


def _with(finished: Finished, plan: _Plan) -> Finished:
    """What the plan already knew stands beside what came of its jobs."""
    refused = (*plan.refused, *finished.refused)
    warnings = tuple(dict.fromkeys((*plan.warnings, *finished.warnings)))
    errors = tuple(dict.fromkeys(str(error) for error in refused))
    run = replace(finished.run, errors=errors, warnings=plan.warnings)
    if plan.joins:
        from proofmark.pool_joins import join_all  # of joins only

        run = replace(run, joins=join_all(plan.joins, plan.jobs, run.results))
    return replace(finished, run=run, refused=refused, warnings=warnings)


def _check_options(asked: Asked) -> None:
    about_files = asked.kinds or asked.roots or asked.allocators or asked.boundary or asked.assume or asked.pools
    if (about_files or asked.found_pools) and not asked.files:
        raise UsageError("options about obligations need a FILE; without one the manifest says them")
    if asked.manifest and (asked.files or asked.runtimes.subjects):
        raise UsageError("--manifest and FILE exclude each other")
    if asked.pool_kinds and not asked.files and not asked.of_crates:
        raise UsageError(
            f"--obligation {asked.pool_kinds[0].value} needs a FILE with a pool, --static-pools or --buffers"
        )
    if asked.found_pools and asked.pools:
        raise UsageError("--pool and --found-pools exclude each other")
    if asked.static_pools and asked.buffers:
        raise UsageError("--static-pools and --buffers exclude each other")
    if asked.of_crates:
        _check_of_crates(asked)
    budget_of_pools = NO_RUNTIMES if not asked.about_pools else replace(NO_RUNTIMES, seconds=asked.seconds)
    if not asked.runtimes.subjects and asked.runtimes not in (NO_RUNTIMES, budget_of_pools):
        raise UsageError("options about runtimes need --package, --crate or --mir; without one the manifest says them")
    if len(asked.runtimes.mirs) != len(asked.runtimes.sources):
        raise UsageError("each --mir FILE needs its --src DIR, in the same order")
    if Kind.NO_ALLOC_PATH in asked.kinds and not asked.roots:
        raise UsageError("--obligation no-alloc-path needs --root NAME, the function that must not allocate")
    if asked.scheduler and asked.workers:
        raise UsageError("--jobs and --scheduler exclude each other: the cluster's workers set how many run at once")


def _check_of_crates(asked: Asked) -> None:
    from proofmark import buffers_job, statics_job

    option, what = ("--buffers", "buffers") if asked.buffers else ("--static-pools", "static pools")
    kinds = buffers_job.KINDS if asked.buffers else tuple(statics_job.KINDS)
    if not asked.runtimes.subjects:
        raise UsageError(f"{option} needs --crate, --package or --mir")
    other = [kind.value for kind in (*asked.pool_kinds, *asked.runtimes.kinds) if kind not in kinds]
    if other:
        known = ", ".join(kind.value for kind in kinds)
        raise UsageError(f"--obligation {other[0]}: of the {what} of a crate only {known} are known")


def _plan(asked: Asked) -> _Plan:
    if not asked.files and not asked.runtimes.subjects:
        from proofmark.manifest import NAME, read_manifest

        manifest = read_manifest(asked.manifest or Path(NAME), asked.replay_seconds)
        plan = _Plan(
            (*manifest.jobs, *manifest.pools),
            manifest.expected,
            asked.workers or manifest.workers,
            asked.out or manifest.out,
        )
        plan = _with_statics(_with_runtimes(plan, manifest.runtimes, asked), manifest.static_pools, asked)
        return _with_buffers(plan, manifest.buffers, asked)
    seconds = 10.0 if asked.replay_seconds is None else asked.replay_seconds
    files = tuple(dict.fromkeys(asked.files))
    kinds = asked.kinds or (() if asked.about_pools else DEFAULT_KINDS)
    more_of_job = (kinds, asked.roots, asked.allocators, asked.boundary, asked.assume, seconds)
    jobs = tuple(Job(path, *more_of_job) for path in files if kinds)
    plan = _Plan(jobs, expected_of(jobs), asked.workers, asked.out)
    if files and asked.about_pools:
        from proofmark.pool_plan import plan_pools  # of pools only

        say = (lambda _: None) if asked.quiet else console.err
        more = plan_pools(files, asked.pools, asked.pool_kinds, (seconds, asked.seconds), say)
        plan = replace(_added(plan, more), refused=(*plan.refused, *more.refused))
    if not asked.runtimes.subjects:
        return plan
    from proofmark.runtime_plan import asked_subjects

    subjects = asked_subjects(asked.runtimes)
    if asked.static_pools:
        from proofmark.statics_plan import StaticsSubject  # of static pools only

        return _with_statics(plan, [StaticsSubject(one, kinds=asked.pool_kinds) for one in subjects], asked)
    if asked.buffers:
        from proofmark.buffers_plan import BuffersSubject  # of buffers only

        return _with_buffers(plan, [BuffersSubject(one, kinds=asked.pool_kinds) for one in subjects], asked)
    return _with_runtimes(plan, subjects, asked)


def _with_buffers(plan: _Plan, subjects: Iterable[BuffersSubject], asked: Asked) -> _Plan:
    """A subject that is bad input keeps no other from being proved."""
    for subject in subjects:
        from proofmark.buffers_plan import plan_buffers  # of buffers only

        try:
            plan = _added(plan, plan_buffers(subject, (lambda _: None) if asked.quiet else console.err))
        except InputError as error:
            plan = replace(plan, refused=(*plan.refused, error))
    return plan


def _with_statics(plan: _Plan, subjects: Iterable[StaticsSubject], asked: Asked) -> _Plan:
    """A subject that is bad input keeps no other from being proved."""
    for subject in subjects:
        from proofmark.statics_plan import plan_statics  # of static pools only

        try:
            more = plan_statics(subject, (lambda _: None) if asked.quiet else console.err)
            plan = replace(_added(plan, more), joins=(*plan.joins, *more.joins))
        except InputError as error:
            plan = replace(plan, refused=(*plan.refused, error))
    return plan


def _added(plan: _Plan, more: RuntimePlan | StaticsPlan | BuffersPlan | PoolPlan) -> _Plan:
    return replace(
        plan,
        jobs=(*plan.jobs, *more.jobs),
        expected=(*plan.expected, *more.expected),
        warnings=(*plan.warnings, *more.warnings),
    )


def _with_runtimes(plan: _Plan, subjects: Iterable[RuntimeSubject], asked: Asked) -> _Plan:
    """A subject that is bad input keeps no other from being proved."""
    keep = None if plan.out is None else plan.out / "undecided"
    for subject in subjects:
        from proofmark.runtime_plan import plan_runtime  # of runtimes only

        try:
            say = (lambda _: None) if asked.quiet else console.err
            plan = _added(plan, plan_runtime(subject, say, keep, _store(asked)))
        except InputError as error:
            plan = replace(plan, refused=(*plan.refused, error))
    return plan


def _store(asked: Asked) -> SignedStore | None:
    """Without one every file is read again."""
    from proofmark.signed_store import open_store

    if not asked.cached:
        return None
    try:
        return open_store()
    except OSError:
        return None


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


def _report(asked: Asked, out: Path | None, finished: Finished, signer: Signer | None) -> int:
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
        if asked.embed:
            from proofmark.embedding import write_embedded  # of --embed only

            for line in write_embedded(out, finished.outcomes):
                console.err(f"warning: {line}")
        if signer is not None:
            _attest(out, finished, signer)
    if asked.on_stdout:
        console.out(reports.rendered(finished.run, asked.on_stdout))
    return guard.INTERRUPTED if finished.interrupted else exit_status(finished.run)


def _attest(out: Path, finished: Finished, signer: Signer) -> None:
    """Only a run in which everything was proved is signed."""
    from proofmark.attesting import write_attestation

    if exit_status(finished.run) == 0 and not finished.interrupted:
        write_attestation(out, finished.outcomes, signer)
    else:
        console.err("warning: not signed: not everything was proved")


def _say_results(finished: Finished, to_stderr: bool) -> None:
    from artifacts.joins import join_lines
    from artifacts.text import all_lines

    console.results(all_lines(finished.run.results), to_stderr)
    console.results(map(join_lines, finished.run.joins), to_stderr)
    for warning in finished.warnings:
        console.err(f"warning: {warning}")
    said = {error.file for error in finished.refused}
    _say_missing([wanted for wanted in finished.run.missing if wanted.subject_path not in said])


def _say_missing(missing: Sequence[Expected]) -> None:
    from artifacts.names import visible

    for wanted in missing:
        console.err(f"missing: {wanted.obligation} of {visible(wanted.subject_path)} ({wanted.instance}) has no result")

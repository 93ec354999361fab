"""From what is asked to a plan: the jobs, and the verdicts that are expected of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from artifacts.run import Expected
from extract.errors import InputError
from proofmark import console
from proofmark.asked import Asked
from proofmark.job import Job
from proofmark.plan import DEFAULT_KINDS, expected_of

if TYPE_CHECKING:
    from proofmark.buffers_plan import BuffersPlan, BuffersSubject
    from proofmark.jobs import AnyJob
    from proofmark.pool_joins import AskedJoin
    from proofmark.pool_plan import PoolPlan
    from proofmark.runtime_plan import RuntimePlan, RuntimeSubject
    from proofmark.signed_store import SignedStore
    from proofmark.statics_plan import StaticsPlan, StaticsSubject

Say = Callable[[str], None]
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Plan:
    """`refused`: subjects that no job can be made of. `joins`: of crates with modules, once there are verdicts."""

    jobs: tuple[AnyJob, ...]
    expected: tuple[Expected, ...]
    workers: int | None
    out: Path | None
    refused: tuple[InputError, ...] = ()
    warnings: tuple[str, ...] = ()
    joins: tuple[AskedJoin, ...] = ()


def plan_of(asked: Asked) -> Plan:
    """Raises InputError for a manifest, or files, that say nothing to prove."""
    say: Say = (lambda _: None) if asked.quiet else console.err
    if not asked.files and not asked.runtimes.subjects:
        return _of_manifest(asked, say)
    plan = _of_files(asked, say)
    return _of_crates(plan, asked, say) if asked.runtimes.subjects else plan


def _of_manifest(asked: Asked, say: Say) -> Plan:
    from proofmark.manifest import NAME, read_manifest

    manifest = read_manifest(asked.manifest or Path(NAME), asked.replay_seconds)
    jobs: tuple[AnyJob, ...] = (*manifest.jobs, *manifest.pools)
    plan = Plan(jobs, manifest.expected, asked.workers or manifest.workers, asked.out or manifest.out)
    plan = _with(plan, manifest.runtimes, partial(_runtime, asked, say))
    plan = _with(plan, manifest.static_pools, partial(_statics, say))
    return _with(plan, manifest.buffers, partial(_buffers, say))


def _of_files(asked: Asked, say: Say) -> Plan:
    seconds = 10.0 if asked.replay_seconds is None else asked.replay_seconds
    files = tuple(dict.fromkeys(asked.files))
    kinds = asked.kinds or (() if asked.about_pools else DEFAULT_KINDS)
    more_of_job = (kinds, asked.roots, asked.allocators, asked.boundary, asked.assume, seconds)
    jobs = tuple(Job(path, *more_of_job) for path in files if kinds)
    plan = Plan(jobs, expected_of(jobs), asked.workers, asked.out)
    if not files or not asked.about_pools:
        return plan
    from proofmark.pool_plan import plan_pools  # of pools only

    more = plan_pools(files, asked.pools, asked.pool_kinds, (seconds, asked.seconds), say)
    return replace(_added(plan, more), refused=(*plan.refused, *more.refused))


def _of_crates(plan: Plan, asked: Asked, say: Say) -> Plan:
    from proofmark.runtime_plan import asked_subjects

    subjects = asked_subjects(asked.runtimes)
    if asked.static_pools:
        from proofmark.statics_plan import StaticsSubject  # of static pools only

        statics = [StaticsSubject(one, kinds=asked.pool_kinds) for one in subjects]
        return _with(plan, statics, partial(_statics, say))
    if asked.buffers:
        from proofmark.buffers_plan import BuffersSubject  # of buffers only

        buffers = [BuffersSubject(one, kinds=asked.pool_kinds) for one in subjects]
        return _with(plan, buffers, partial(_buffers, say))
    return _with(plan, subjects, partial(_runtime, asked, say))


def _with(plan: Plan, subjects: Iterable[Subject], added: Callable[[Plan, Subject], Plan]) -> Plan:
    """A subject that is bad input keeps no other from being proved."""
    for subject in subjects:
        try:
            plan = added(plan, subject)
        except InputError as error:
            plan = replace(plan, refused=(*plan.refused, error))
    return plan


def _runtime(asked: Asked, say: Say, plan: Plan, subject: RuntimeSubject) -> Plan:
    from proofmark.runtime_plan import plan_runtime  # of runtimes only

    keep = None if plan.out is None else plan.out / "undecided"
    return _added(plan, plan_runtime(subject, say, keep, _store(asked)))


def _statics(say: Say, plan: Plan, subject: StaticsSubject) -> Plan:
    from proofmark.statics_plan import plan_statics  # of static pools only

    more = plan_statics(subject, say)
    return replace(_added(plan, more), joins=(*plan.joins, *more.joins))


def _buffers(say: Say, plan: Plan, subject: BuffersSubject) -> Plan:
    from proofmark.buffers_plan import plan_buffers  # of buffers only

    return _added(plan, plan_buffers(subject, say))


def _added(plan: Plan, more: RuntimePlan | StaticsPlan | BuffersPlan | PoolPlan) -> Plan:
    return replace(
        plan,
        jobs=(*plan.jobs, *more.jobs),
        expected=(*plan.expected, *more.expected),
        warnings=(*plan.warnings, *more.warnings),
    )


def _store(asked: Asked) -> SignedStore | None:
    """Without one every file is read again."""
    from proofmark.signed_store import open_store

    if not asked.cached:
        return None
    try:
        return open_store()
    except OSError:
        return None

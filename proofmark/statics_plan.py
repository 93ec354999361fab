"""What is asked of a crate's static pools to jobs: it is compiled, and statics that calls touch together are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.run import Expected
from extract.errors import InputError, WholeFile
from extract.mir.compile import Build, CompiledCrate, Panic, compile_crate, default_cache
from proofmark.pool_joins import AskedJoin
from proofmark.runtime_plan import GivenMir, RuntimeSubject
from proofmark.statics_job import MEGABYTES, StaticsJob, load
from proofs.kinds import PoolKind

if TYPE_CHECKING:
    from smt_models.static_pools.subject import Subject


@dataclass(frozen=True, slots=True)
class StaticsSubject:
    """What is asked of one crate. `statics`: their paths; none: all that have an array. `kinds`: none: all. `modules`:
    files that the crate is in, whose pools are joined with its statics.
    """

    crate: RuntimeSubject
    statics: tuple[str, ...] = ()
    kinds: tuple[PoolKind, ...] = ()
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaticsPlan:
    jobs: tuple[StaticsJob, ...]
    expected: tuple[Expected, ...]
    warnings: tuple[str, ...]
    joins: tuple[AskedJoin, ...] = ()


def plan_statics(asked: StaticsSubject, say: Callable[[str], None]) -> StaticsPlan:
    """Raises InputError: no such crate, one that does not compile, statics that are not there, or none at all."""
    from extract.mir.settings import settings_of
    from smt_models.static_pools.model import groups, pools_of

    subject = asked.crate
    say(f"{'reading' if isinstance(subject.source, GivenMir) else 'compiling'} {subject.path}")
    crate = _crate(subject)
    settings = settings_of(crate, Panic.ABORT, subject.toolchain)
    statics = load(crate, settings)
    found = [(group, pools_of(statics, group)) for group in groups(statics)]
    untouched = sorted(set(pools_of(statics, tuple(statics.statics))) - {one for _, pools in found for one in pools})
    warnings = [f"{subject.path}: static {one}: no call of a public function touches it" for one in untouched]
    if asked.statics:
        there = {one for _, pools in found for one in pools}
        for name in asked.statics:
            if name not in there:
                expected = f"one of {', '.join(sorted(there))}" if there else "a static with an array that calls touch"
                raise InputError(subject.path, WholeFile(), f"no static {name}", expected)
        found = [(group, tuple(one for one in pools if one in asked.statics)) for group, pools in found]
    jobs = tuple(
        StaticsJob(
            path=subject.path,
            source=None if isinstance(subject.source, GivenMir) else subject.source,
            crate=crate,
            settings=settings,
            statics=group,
            pools=pools,
            kinds=asked.kinds,
            seconds=subject.seconds,
            megabytes=min(subject.megabytes, MEGABYTES),
            default_features=subject.default_features,
            toolchain=subject.toolchain,
        )
        for group, pools in found
        if pools
    )
    if not jobs:
        raise InputError(subject.path, WholeFile(), "no static with an array that calls touch", "a static pool")
    expected_results = tuple(Expected(job.path, kind.value, one) for job in jobs for kind, one in job.expected)
    joins = (_join(asked, crate.name, statics, jobs),) if asked.modules else ()
    return StaticsPlan(
        jobs, expected_results, (*warnings, *(f"{subject.path}: {one}" for one in crate.warnings)), joins
    )


def _join(asked: StaticsSubject, crate: str, statics: Subject, jobs: tuple[StaticsJob, ...]) -> AskedJoin:
    from smt_models.static_pools.arrays import arrays_of

    arrays = tuple(one for job in jobs for one in arrays_of(statics, job.pools))
    pools = tuple(pool for job in jobs for pool in job.pools)
    return AskedJoin(asked.crate.path, crate, pools, arrays, asked.modules)


def _crate(asked: RuntimeSubject) -> CompiledCrate:
    if isinstance(asked.source, GivenMir):
        from extract.mir.given import given_mir

        crate = given_mir(asked.source.mir, asked.source.source, Panic.ABORT)
        return replace(crate, features=asked.features or (), mir_path=str(Path(crate.mir_path).resolve()))
    build = Build(
        asked.source, asked.features or (), asked.default_features, cfg=(), target=asked.target,
        toolchain=asked.toolchain,
    )  # fmt: skip
    return compile_crate(build, default_cache(), Panic.ABORT)

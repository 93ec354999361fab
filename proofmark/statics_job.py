"""Statics of a crate through the house: MIR, the model of those that belong together, a verdict for each obligation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extract.mir.compile import CompiledCrate, LocalCrate, RegistryPackage, default_cache
from proofs import statics_wording as wording
from proofs.kinds import PoolKind
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Result, Subject, Vacuous

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofs.pools.bounded import Route
    from proofs.static_pools.judge import Judged
    from smt_models.static_pools.model import StaticPools
    from smt_models.static_pools.subject import Subject as Statics

KINDS = (PoolKind.INDEX_IN_BOUNDS, PoolKind.RANGE_IN_BOUNDS, PoolKind.ALIGNED, PoolKind.DISJOINT)
SECONDS, MEGABYTES = 60, 2048


@dataclass(frozen=True, slots=True)
class StaticsJob:
    """All obligations of statics that calls touch together. `pools`: those of them with an array. `kinds`: none: those
    that apply.

    `source`: what can be built and run; None if there is no crate. `settings`: the configuration that the sources are
    read under.
    """

    path: str
    source: RegistryPackage | LocalCrate | None
    crate: CompiledCrate
    settings: tuple[str, ...]
    statics: tuple[str, ...]
    pools: tuple[str, ...]
    kinds: tuple[PoolKind, ...]
    seconds: int = SECONDS
    megabytes: int = MEGABYTES
    default_features: bool = False
    toolchain: str | None = None

    @property
    def label(self) -> str:
        """For the progress display."""
        return f"{self.path}: {', '.join(f'static {one}' for one in self.pools)}"

    @property
    def subject(self) -> Subject:
        """The MIR text, under a name of its own."""
        crate = self.crate
        version = "" if crate.version is None else f"-{crate.version}"
        name = f"{crate.name}{version}-statics.mir"
        return Subject(self.path, name, Path(crate.mir_path).stat().st_size, crate.mir_sha256)

    @property
    def instances(self) -> tuple[str, ...]:
        """One for each pool, and each has a result."""
        from smt_models.static_pools.values import WIDTH

        return tuple(wording.instance(pool, WIDTH) for pool in self.pools)

    @property
    def expected(self) -> tuple[tuple[PoolKind, str], ...]:
        """Obligations and instances that were named, each of which must have a result."""
        return tuple((kind, one) for one in self.instances for kind in self.kinds)


def prove_statics(job: StaticsJob) -> tuple[Outcome, ...]:
    """A result for each obligation. Raises InputError for bad input, RecheckFault for a fault of ours."""
    from proofmark.job import Outcome
    from proofmark.own_check import own_check
    from proofs.recheck import Session
    from smt_models.static_pools.values import WIDTH

    outcomes = []
    with Session() as session:
        for one in _applying(job, _judged(job)):
            found = Result(job.subject, one.kind, wording.instance(one.pool, WIDTH), one.verdict, one.seconds)
            result, certificate = own_check(found, Path(job.crate.mir_path), job.label, job.seconds, session)
            outcomes.append(Outcome(result, certificate, job.crate.mir_path, job.crate.source_directory))
    return tuple(outcomes)


def _applying(job: StaticsJob, judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Without those that were not named and say nothing of a pool, if others do."""
    if job.kinds:
        return judged
    some = {one.pool for one in judged if not isinstance(one.verdict, Vacuous)}
    first = {one.pool: one for one in reversed(judged)}
    return tuple(
        one
        for one in judged
        if not isinstance(one.verdict, Vacuous) or (one.pool not in some and one is first[one.pool])
    )


def load(crate: CompiledCrate, settings: tuple[str, ...]) -> Statics:
    """Raises InputError: MIR or sources that cannot be read."""
    from extract.mir.parser import read_mir
    from extract.rust.configuration import Configuration
    from smt_models.static_pools.subject import load_subject

    configuration = Configuration.of(settings, crate.features or ())
    return load_subject(read_mir(crate.mir_path), Path(crate.source_directory), configuration)


def _judged(job: StaticsJob) -> tuple[Judged, ...]:
    from proofs.runtime.engine import Budget
    from proofs.static_pools.judge import decide

    subject = load(job.crate, job.settings)

    def confirm(model: StaticPools, route: Route) -> ConfirmedNatively | NotConfirmed:
        return _replayed(job, subject, model, route)

    budget = Budget(job.seconds, job.megabytes)
    return decide(subject, job.statics, job.pools, job.kinds or KINDS, budget, confirm)


def _replayed(job: StaticsJob, subject: Statics, model: StaticPools, route: Route) -> ConfirmedNatively | NotConfirmed:
    from proofs.crate_programs import Buildable
    from proofs.static_pools.replay import replay

    if job.source is None:
        return NotConfirmed("only MIR was given: there is no crate to build and run", final=True)
    crate = Buildable(job.source, job.crate.features or (), job.default_features, job.toolchain)
    return replay(subject, model, route, crate, default_cache())

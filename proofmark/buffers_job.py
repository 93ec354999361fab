"""A buffer of a crate through the house: MIR, the model of its functions, a verdict for each obligation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extract.mir.compile import CompiledCrate, LocalCrate, RegistryPackage, default_cache
from proofs import buffer_wording as wording
from proofs.kinds import LENDING_KINDS, PoolKind
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Result, Subject, Unknown, Vacuous
from smt_models.buffers.supposed import Elements

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofs.buffers.judge import Judged
    from proofs.pools.bounded import Route
    from smt_models.buffers.model import BufferModel
    from smt_models.static_pools.subject import Subject as Crate

KINDS = tuple(kind for kind in wording.CLAIMS if kind not in LENDING_KINDS)


def kinds_of(elements: Elements) -> tuple[PoolKind, ...]:
    """What can be asked of an instance: of lending only where it is counted which elements were handed over."""
    return LENDING_KINDS if elements is Elements.COUNTED else KINDS


SECONDS, MEGABYTES = 60, 2048


@dataclass(frozen=True, slots=True)
class BuffersJob:
    """All obligations of one buffer: a type that owns a block, or a realloc. `kinds`: none: those that apply.

    `source`: what can be built and run; None if there is no crate. `settings`: the configuration that the sources are
    read under. `elements`: what is supposed of those that are passed.
    """

    path: str
    source: RegistryPackage | LocalCrate | None
    crate: CompiledCrate
    settings: tuple[str, ...]
    buffer: str
    kinds: tuple[PoolKind, ...]
    seconds: int = SECONDS
    megabytes: int = MEGABYTES
    default_features: bool = False
    toolchain: str | None = None
    elements: Elements = Elements.ANY

    @property
    def label(self) -> str:
        """For the progress display."""
        supposed = "" if self.elements is Elements.ANY else f", elements={self.elements.value}"
        return f"{self.path}: buffer {self.buffer}{supposed}"

    @property
    def subject(self) -> Subject:
        """The MIR text, under a name of its own."""
        crate = self.crate
        version = "" if crate.version is None else f"-{crate.version}"
        name = f"{crate.name}{version}-buffers.mir"
        return Subject(self.path, name, Path(crate.mir_path).stat().st_size, crate.mir_sha256)

    @property
    def instances(self) -> tuple[str, ...]:
        """There is one, and it has a result."""
        from smt_models.static_pools.values import WIDTH

        return (wording.instance(self.buffer, WIDTH, self.elements),)

    @property
    def expected(self) -> tuple[tuple[PoolKind, str], ...]:
        """Obligations that were named, each of which must have a result."""
        return tuple((kind, one) for one in self.instances for kind in self.kinds)


def prove_buffers(job: BuffersJob) -> tuple[Outcome, ...]:
    """A result for each obligation. Raises InputError for bad input, RecheckFault for a fault of ours."""
    from proofmark.job import Outcome
    from proofmark.own_check import own_check
    from proofs.recheck import Session

    outcomes = []
    (instance,) = job.instances
    with Session() as session:
        for one in _applying(job, _judged(job)):
            found = Result(job.subject, one.kind, instance, one.verdict, one.seconds)
            result, certificate = own_check(found, Path(job.crate.mir_path), job.label, job.seconds, session)
            outcomes.append(Outcome(result, certificate, job.crate.mir_path, job.crate.source_directory))
    return tuple(outcomes)


def _applying(job: BuffersJob, judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Without those that were not named and of which there is nothing to say, if there is of others."""
    if job.kinds:
        return judged
    return tuple(one for one in judged if not isinstance(one.verdict, Vacuous)) or judged[:1]


def _judged(job: BuffersJob) -> tuple[Judged, ...]:
    from proofmark.statics_job import load
    from proofs.buffers.judge import Judged, judge
    from proofs.runtime.engine import Budget
    from smt_models.buffers.model import model_of
    from smt_models.buffers.subject import buffers_of

    subject = load(job.crate, job.settings)
    buffer = next(one for one in buffers_of(subject) if one.name == job.buffer)
    asked = job.kinds or kinds_of(job.elements)
    kinds = tuple(kind for kind in asked if kind in kinds_of(job.elements))
    nowhere = Unknown("asked of types that lend elements, where these are counted, and of nothing else", final=True)
    others = tuple(Judged(kind, nowhere, 0.0) for kind in asked if kind not in kinds)
    if not kinds:
        return others
    try:
        model = model_of(subject, buffer, job.elements)
    except LookupError as error:
        why = Unknown(f"not modelled: {error.args[0]}", final=True)
        return (*others, *(Judged(kind, why, 0.0) for kind in kinds))

    def confirm(wide: BufferModel, route: Route, kind: PoolKind) -> ConfirmedNatively | NotConfirmed:
        return _replayed(job, subject, wide, route, kind)

    return (*others, *judge(model, kinds, Budget(job.seconds, job.megabytes), confirm))


def _replayed(
    job: BuffersJob, subject: Crate, wide: BufferModel, route: Route, kind: PoolKind
) -> ConfirmedNatively | NotConfirmed:
    from proofs.buffers.replay import replay
    from proofs.crate_programs import Buildable

    if job.source is None:
        return NotConfirmed("only MIR was given: there is no crate to build and run", final=True)
    crate = Buildable(job.source, job.crate.features or (), job.default_features, job.toolchain)
    return replay(subject, wide, route, kind, crate, default_cache())

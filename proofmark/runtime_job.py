"""One part of a runtime through the house: MIR, its model, a verdict for each obligation, and the re-checks."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extract.mir.compile import CompiledCrate, LocalCrate, Panic, RegistryPackage, default_cache
from proofmark.runtime_parts import OperationPart, Part, TaskPart
from proofs.kinds import RuntimeKind
from proofs.runtime_verdicts import CrateBuild
from proofs.verdicts import (
    ConfirmedNatively,
    NotConfirmed,
    Refuted,
    Result,
    Subject,
    Unknown,
    Verdict,
    Violation,
)

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofs.recheck import Session
    from proofs.runtime.judge import OperationUnderProof, Spending
    from proofs.runtime.native import scenario as native
    from proofs.runtime.task_side import TaskUnderProof
    from proofs.runtime.trace import RuntimeTrace
    from smt_models.runtime.program import Program


@dataclass(frozen=True, slots=True)
class RuntimeJob:
    """All obligations of one part of a runtime, under one panic strategy.

    `path`: the subject as the user wrote it. `source`: what can be built and run; None if only MIR was given.
    `profile`: of operations for an operation, of tasks for these, if there is one. `settings`: the configuration that
    the sources are read under. `seconds` and `megabytes` are the budget of each query, and of the exploration five
    times the seconds; `controls` that of negative controls, 0 for none. `keep`: a directory for undecided queries.
    """

    path: str
    source: RegistryPackage | LocalCrate | None
    crate: CompiledCrate
    panic: Panic
    settings: tuple[str, ...]
    sources_sha256: str
    profile: str
    profile_sha256: str
    part: Part
    kinds: tuple[RuntimeKind, ...]
    seconds: int
    megabytes: int
    toolchain: str | None = None
    keep: str | None = None
    controls: int = 0

    @property
    def label(self) -> str:
        """Short, for the progress display."""
        return f"{self.path}: {self.part.label}, panic {self.panic.value}"

    @property
    def instance(self) -> str:
        return self.part.instance(self.panic)

    @property
    def subject(self) -> Subject:
        """The MIR text, under a name of its own."""
        crate = self.crate
        version = "" if crate.version is None else f"-{crate.version}"
        build = CrateBuild(
            crate=crate.name,
            version=crate.version,
            compiler=None if crate.compiler is None else f"rustc {crate.compiler.release} ({crate.compiler.commit})",
            target=crate.target,
            features=crate.features,
            cfg=crate.cfg,
            panic=self.panic.value,
            overflow_checks=crate.overflow_checks,
            sources_sha256=self.sources_sha256,
            profile_sha256=self.profile_sha256,
        )
        name = f"{crate.name}{version}-{self.panic.value}.mir"
        return Subject(self.path, name, Path(crate.mir_path).stat().st_size, crate.mir_sha256, build)


def prove_part(job: RuntimeJob) -> tuple[Outcome, ...]:
    """A result for each obligation, in the job's order. Raises InputError for bad input."""
    from proofmark.job import Outcome
    from proofmark.own_check import own_check
    from proofs.recheck import Session

    subject = job.subject
    outcomes = []
    with Session() as session:
        for kind, verdict, seconds in _verdicts(job, session):
            found = Result(subject, kind, job.instance, _run_natively(job, kind, verdict), seconds)
            result, certificate = own_check(found, Path(job.crate.mir_path), job.label, job.seconds, session)
            outcomes.append(Outcome(result, certificate, job.crate.mir_path, job.crate.source_directory))
    return tuple(outcomes)


def _verdicts(job: RuntimeJob, session: Session) -> tuple[tuple[RuntimeKind, Verdict, float], ...]:
    match job.part:
        case TaskPart(generation, why):
            return _unknown(job, why) if generation is None else _of_tasks(job, generation, session)
        case OperationPart(implementor, name, peer):
            why = f"no operation of the profile {Path(job.profile).stem} is of {implementor}"
            return _unknown(job, why) if name is None else _of_operation(job, name, peer, session)


def _unknown(job: RuntimeJob, why: str) -> tuple[tuple[RuntimeKind, Verdict, float], ...]:
    return tuple((kind, Unknown(why, final=True), 0.0) for kind in job.kinds)


def _of_operation(
    job: RuntimeJob, name: str, peer: str, session: Session
) -> tuple[tuple[RuntimeKind, Verdict, float], ...]:
    from proofs.runtime.judge import judge

    asked = operation_under_proof(job, name, peer)
    judged = judge(asked, job.kinds, spending_of(job, session))
    return tuple((one.kind, one.verdict, one.seconds) for one in judged)


def operation_under_proof(job: RuntimeJob, name: str, peer: str) -> OperationUnderProof:
    """Raises InputError."""
    from proofs.runtime.judge import OperationUnderProof
    from smt_models.host.variants import Peer
    from smt_models.runtime.profile_files import load_profile

    profile = load_profile(Path(job.profile))
    return OperationUnderProof(
        load(job), profile, profile.operation(name), Peer(peer), job.panic, job.crate.assumptions
    )


def _of_tasks(job: RuntimeJob, generation: int, session: Session) -> tuple[tuple[RuntimeKind, Verdict, float], ...]:
    from proofs.runtime.task_side import judge_task

    asked = task_under_proof(job, generation)
    judged = judge_task(asked, job.kinds, spending_of(job, session))
    return tuple((one.kind, one.verdict, one.seconds) for one in judged)


def task_under_proof(job: RuntimeJob, generation: int) -> TaskUnderProof:
    """Raises InputError."""
    from proofs.runtime.task_side import TaskUnderProof
    from smt_models.runtime.task_profile import load_task_profile

    profile = load_task_profile(Path(job.profile))
    return TaskUnderProof(load(job), profile, generation, job.panic, job.crate.assumptions)


def spending_of(job: RuntimeJob, session: Session | None = None) -> Spending:
    from proofs.runtime.engine import Budget
    from proofs.runtime.judge import Spending

    keep = None if job.keep is None else Path(job.keep)
    explore, prove = Budget(5 * job.seconds, job.megabytes), Budget(job.seconds, job.megabytes)
    return Spending(explore, prove, keep, job.controls, session)


def _run_natively(job: RuntimeJob, kind: RuntimeKind, verdict: Verdict) -> Verdict:
    """A refutation with what the crate itself did in the same steps."""
    match verdict:
        case Refuted(Violation(trace, _)):
            return Refuted(Violation(trace, _said_by_the_crate(job, kind, trace)))
        case _:
            return verdict


def _said_by_the_crate(job: RuntimeJob, kind: RuntimeKind, trace: RuntimeTrace) -> ConfirmedNatively | NotConfirmed:
    from proofs.runtime.native import scenario as native
    from proofs.runtime.native.confirm import confirm

    if job.source is None:
        return NotConfirmed("only MIR was given: there is no crate to build and run", final=True)
    crate = native.Crate(job.source, job.crate.features or (), job.panic, job.toolchain)
    program = native_program(job.part, trace, conforms(kind.value))
    said = program if isinstance(program, native.NotConfirmed) else confirm(program, crate, default_cache())
    match said:
        case native.Confirmed() as confirmed:
            return ConfirmedNatively(confirmed.how)
        case native.NotConfirmed(why, _, final):
            return NotConfirmed(why, final)


def native_program(part: Part, trace: RuntimeTrace, conforming: bool) -> native.Program | native.NotConfirmed:
    """What takes the steps of a trace on the crate itself; or why nothing does. `conforming`: under all hypotheses."""
    from proofs.runtime.native import scenario as native
    from proofs.runtime.native.from_trace import scenario_of
    from proofs.runtime.native.program import program_of
    from proofs.runtime.native.tasks import task_program

    match part:
        case OperationPart(operation=str(operation)):
            scenario = scenario_of(trace, operation, conforming)
            return scenario if isinstance(scenario, native.NotConfirmed) else program_of(scenario)
        case TaskPart(generation=int(generation)) if generation:
            return task_program(trace, generation)
        case _:
            return native.NotConfirmed("no program here drives it")


def conforms(obligation: str) -> bool:
    """Whether its traces are of hosts that keep H1 and H2: but for one, that is about others."""
    return obligation != RuntimeKind.CANCEL_IS_FINAL.value


def load(job: RuntimeJob) -> Program:
    """The program of a job. Raises InputError."""
    return load_crate(job.crate, job.settings, job.sources_sha256)


@functools.lru_cache(maxsize=2)
def load_crate(crate: CompiledCrate, settings: tuple[str, ...], sources_sha256: str) -> Program:
    """Read once in a process for all parts of a crate, which comes in two, one for each panic strategy: known again by
    the hashes of MIR and sources. Raises InputError: MIR or sources that cannot be read, or are others by now.
    """
    from extract.errors import InputError, WholeFile
    from extract.mir.parser import read_mir
    from extract.rust.configuration import Configuration
    from smt_models.runtime.program import load_program

    directory = Path(crate.source_directory)
    configuration = Configuration.of(settings, crate.features or ())
    program = load_program(read_mir(crate.mir_path), directory, configuration)
    if sha256_of_files(directory, program.files) != sources_sha256:
        raise InputError(crate.source_directory, WholeFile(), "other sources than before", "sources that stay the same")
    return program


def sha256_of_files(directory: Path, files: tuple[str, ...]) -> str:
    """Of names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        content = (directory / name).read_bytes()
        digest.update(f"{len(name.encode())} {name} {len(content)}\n".encode() + content)
    return digest.hexdigest()

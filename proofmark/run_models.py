"""From a result that a run wrote down back to what it is about: the program, from MIR and sources, and only if they are
those of the run.

What a report names is not compiled because it names it: whoever opens a report says where the program is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.explore.json_reading import Node
from artifacts.names import visible
from extract.errors import InputError, WholeFile
from extract.mir.compile import Panic, RegistryPackage, registry_package
from extract.mir.parser import sha256_of
from proofmark.runtime_job import RuntimeJob, operation_under_proof, task_under_proof
from proofmark.runtime_parts import OperationPart, TaskPart
from proofmark.runtime_plan import GivenMir, RuntimeSubject, plan_runtime

if TYPE_CHECKING:
    from proofs.runtime.models import PartUnderProof


@dataclass(frozen=True, slots=True)
class ProgramAt:
    """Where the program is. `sources`: the directory of the crate that the MIR text was made from; `package`:
    NAME@VERSION, which is compiled; `mir`: directories where the MIR text may be, by the name that the run gives it.
    """

    sources: Path | None = None
    package: str | None = None
    mir: tuple[Path, ...] = ()


def job_of(result: Node, program: ProgramAt) -> RuntimeJob:
    """`result`: of a report, or a certificate. Raises InputError: no runtime, no program at hand, or another one."""
    subject = result.child("subject")
    if not subject.has("build"):
        raise InputError(result.file, WholeFile(), "a result about no runtime", "one of a runtime, which has a model")
    build = subject.child("build")
    panic = next((one for one in Panic if one.value == build.child("panic").value), None)
    if panic is None:
        raise build.child("panic").fail("abort or unwind")
    features = None if not build.has("features") else tuple(one.text() for one in build.child("features").items())
    source = source_of(subject, program)
    path = program.package or str(program.sources)
    plan = plan_runtime(RuntimeSubject(path, source, features, panics=(panic,)), lambda _: None)
    instance = result.child("instance").text()
    for job in plan.jobs:
        if job.instance == instance:
            _is_the_same(job, subject)
            return job
    raise InputError(path, WholeFile(), f"no {visible(instance)}", "the program of the run")


def part_of(job: RuntimeJob) -> PartUnderProof:
    """Raises InputError: a part that nobody described, and that has no model."""
    match job.part:
        case OperationPart(_, str(name), peer):
            return operation_under_proof(job, name, peer)
        case TaskPart(int(generation)):
            return task_under_proof(job, generation)
        case _:
            raise InputError(
                job.path, WholeFile(), f"{job.instance}, which no profile describes", "a part with a model"
            )


def source_of(subject: Node, program: ProgramAt) -> GivenMir | RegistryPackage:
    """Raises InputError: nobody says where the program is, or its MIR text is not there."""
    if program.package is not None:
        return registry_package(program.package)
    name = visible(subject.child("name").text())
    if program.sources is None:
        expected = "where the program is: --src DIR, the crate that it was made from, or --package NAME@VERSION"
        raise InputError(subject.file, WholeFile(), f"a result about {name}, without a program", expected)
    given = subject.child("path").text_or_none() or ""
    for path in (*(place / name for place in program.mir), Path(given)):
        if path.is_file() and sha256_of(str(path)) == subject.child("sha256").value:
            return GivenMir(str(path), str(program.sources))
    expected = "it among the certificates, as `prove --out` leaves it"
    raise InputError(subject.file, WholeFile(), f"no MIR text {name} with the SHA-256 of the run", expected)


def _is_the_same(job: RuntimeJob, subject: Node) -> None:
    build = subject.child("build")
    for what, made, said in (
        ("MIR", job.crate.mir_sha256, subject.child("sha256")),
        ("sources", job.sources_sha256, build.child("sources_sha256")),
        ("profile", job.profile_sha256, build.child("profile_sha256")),
    ):
        if made != said.value:
            raise InputError(job.path, WholeFile(), f"another {what} than that of the run", "the same program")

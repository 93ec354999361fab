"""A counterexample of a runtime as a Rust project of its own: the crate, a mock host, and the steps as a program."""

from __future__ import annotations

import shutil
from pathlib import Path

from artifacts.explore.json_reading import Node, read_json
from artifacts.names import visible
from artifacts.runtime_trace_reading import runtime_trace
from extract.errors import InputError, WholeFile
from extract.mir.compile import LocalCrate, RegistryPackage, default_cache
from proofmark.run_models import ProgramAt, job_of
from proofmark.runtime_job import RuntimeJob, conforms, native_program
from proofs.runtime.native.confirm import export
from proofs.runtime.native.scenario import Crate, NotConfirmed, Program

PROGRAM = "counterexample"


def write_test(result: Node, trace: Path, program: ProgramAt, folder: Path) -> str:
    """The project, in a folder that is made; and what to do with it. `result`: of a run's report, with its
    `trace`. Raises InputError.
    """
    job = job_of(result, program)
    project, path = export(_program(job, trace), _crate(job, program), default_cache())
    shutil.copytree(project.directory, folder, ignore=shutil.ignore_patterns("target", "bin", "Cargo.lock"))
    written = folder / "src" / "bin" / f"{PROGRAM}.rs"
    written.parent.mkdir()
    shutil.copyfile(path, written)
    return (
        f"{visible(str(written))}\nin {visible(str(folder))}, `cargo run --bin {PROGRAM}` takes these steps: it ends "
        "with status 101 and `fault: ...` where the crate breaks the rule, and with 0 and `no fault` where it does not"
    )


def _program(job: RuntimeJob, trace: Path) -> Program:
    read = runtime_trace(read_json(trace))
    program = native_program(job.part, read, conforms(read.obligation))
    if isinstance(program, NotConfirmed):
        raise InputError(str(trace), WholeFile(), program.why, "steps that a client can take")
    return program


def _crate(job: RuntimeJob, program: ProgramAt) -> Crate:
    source: RegistryPackage | LocalCrate
    match job.source:
        case None:
            assert program.sources is not None
            source = LocalCrate(str(program.sources))
        case given:
            source = given
    return Crate(source, job.crate.features or (), job.panic, job.toolchain)

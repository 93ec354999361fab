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
from proofmark.runtime_job import RuntimeJob, conforms
from proofmark.runtime_parts import OperationPart
from proofs.runtime.native.confirm import export
from proofs.runtime.native.from_trace import scenario_of
from proofs.runtime.native.scenario import Crate, NotConfirmed, Scenario

PROGRAM = "counterexample"


def write_test(result: Node, trace: Path, program: ProgramAt, folder: Path) -> str:
    """The project, in a folder that is made; and what to do with it. `result`: of a run's report, with its
    `trace`. Raises InputError.
    """
    job = job_of(result, program)
    scenario = _scenario(job, trace)
    project, path = export(scenario, _crate(job, program), default_cache())
    shutil.copytree(project.directory, folder, ignore=shutil.ignore_patterns("target", "bin", "Cargo.lock"))
    written = folder / "src" / "bin" / f"{PROGRAM}.rs"
    written.parent.mkdir()
    shutil.copyfile(path, written)
    return (
        f"{visible(str(written))}\nin {visible(str(folder))}, `cargo run --bin {PROGRAM}` takes these steps: it ends "
        "with status 101 and `fault: ...` where the crate breaks the rule, and with 0 and `no fault` where it does not"
    )


def _scenario(job: RuntimeJob, trace: Path) -> Scenario:
    if not isinstance(job.part, OperationPart) or job.part.operation is None:
        raise InputError(str(trace), WholeFile(), f"a run of {visible(job.instance)}", "one of an operation")
    read = runtime_trace(read_json(trace))
    scenario = scenario_of(read, job.part.operation, conforming=conforms(read.obligation))
    if isinstance(scenario, NotConfirmed):
        raise InputError(str(trace), WholeFile(), scenario.why, "steps that a client can take")
    return scenario


def _crate(job: RuntimeJob, program: ProgramAt) -> Crate:
    source: RegistryPackage | LocalCrate
    match job.source:
        case None:
            assert program.sources is not None
            source = LocalCrate(str(program.sources))
        case given:
            source = given
    return Crate(source, job.crate.features or (), job.panic, job.toolchain)

"""A Rust project with a test that makes the calls of a counterexample, on a crate that it depends on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from artifacts.explore.json_reading import Node, read_json
from artifacts.itf import ACTION
from artifacts.names import visible
from extract.errors import InputError, WholeFile
from extract.mir.compile import CompiledCrate, LocalCrate, RegistryPackage
from proofmark.buffers_job import BuffersJob
from proofmark.files import write_atomically
from proofmark.statics_job import StaticsJob
from proofs.crate_programs import Buildable, manifest_of

TEST = "counterexample"
J = TypeVar("J", BuffersJob, StaticsJob)


def recorded_calls(trace: Path) -> list[str]:
    """As a run's trace names them. Raises InputError."""
    _, *states = read_json(trace).child("states").items()
    return [one.child(ACTION).text() for one in states]


def job_of(result: Node, jobs: Iterable[J], path: str) -> J:
    """The one that has this result. `path`: of the program that the jobs are of. Raises InputError: another program."""
    instance = result.child("instance").text()
    for job in jobs:
        if instance in job.instances and job.crate.mir_sha256 == result.child("subject").child("sha256").value:
            return job
    raise InputError(path, WholeFile(), f"no {visible(instance)} in the MIR of the run", "the same program")


def buildable(
    source: RegistryPackage | LocalCrate | None, crate: CompiledCrate, default_features: bool, toolchain: str | None
) -> Buildable:
    """Where only MIR was given, its sources."""
    of = LocalCrate(crate.source_directory) if source is None else source
    return Buildable(of, crate.features or (), default_features, toolchain)


def write_project(text: str, crate: Buildable, folder: Path) -> str:
    """In a folder that is made; and what to do with it. Raises InputError."""
    (folder / "tests").mkdir(parents=True)
    (folder / "src").mkdir()
    write_atomically(folder / "Cargo.toml", manifest_of(crate).encode())
    write_atomically(folder / "src" / "lib.rs", b"//! The test is in `tests/`.\n")
    test = folder / "tests" / f"{TEST}.rs"
    write_atomically(test, text.encode())
    return (
        f"{visible(str(test))}\nin {visible(str(folder))}, `cargo test` makes these calls: it fails with `fault: ...`, "
        "or with what the library says of an index or range, where the crate breaks the obligation"
    )

"""A Rust project with a test that makes the calls of a counterexample, on a crate that it depends on."""

from __future__ import annotations

from pathlib import Path

from artifacts.names import visible
from extract.mir.compile import CompiledCrate, LocalCrate, RegistryPackage
from proofmark.files import write_atomically
from proofs.crate_programs import Buildable, manifest_of

TEST = "counterexample"


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

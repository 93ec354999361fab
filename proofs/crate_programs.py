"""Programs that are built with an unmodified crate and run under limits: what a counterexample's calls do in it.

The crate is compiled with the checks of its library (`debug-assertions`), which end a program that goes beyond an array
without a check of its own, and without those for overflow, which the shipped code does not have.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from extract.errors import InputError
from extract.mir.cargo import find_package
from extract.mir.compile import LocalCrate, RegistryPackage
from extract.mir.toolchain import build_environment, rust_command
from proofs.runtime.native import limited
from proofs.runtime.native.kept import kept_project
from proofs.runtime.native.project import write
from proofs.runtime.native.running import Ended, run
from proofs.verdicts import NotConfirmed

BUILD_SECONDS, RUN_SECONDS, MEGABYTES = 120.0, 10, 1024
_MANIFEST = """# Runs counterexamples on the crate `subject`.
[package]
name = "native-calls"
version = "0.0.0"
edition = "2021"
publish = false

[workspace]

[dependencies]
{others}

[dependencies.subject]
package = "{name}"
{source}
default-features = {default_features}
features = [{features}]

[profile.dev]
debug = false
debug-assertions = true
overflow-checks = false
incremental = false
"""


@dataclass(frozen=True, slots=True)
class Buildable:
    """A crate that can be built, and how. `others`: what a program needs beside it, as lines of its manifest."""

    source: RegistryPackage | LocalCrate
    features: tuple[str, ...] = ()
    default_features: bool = False
    toolchain: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended that says `call N` before each call. `lines`: without empty ones. `reached`: the last one."""

    status: int | None
    lines: tuple[str, ...]
    reached: int

    @property
    def went_through(self) -> bool:
        """To its end, without a fault."""
        return self.status == 0 and self.lines[-1:] == ("no fault",)

    @property
    def last(self) -> str:
        return self.lines[-1] if self.lines else "silently"


def said_by(text: str, crate: Buildable, cache: Path) -> Said | NotConfirmed:
    """What the program with this text says; why there is none."""
    try:
        program = _built(text, crate, cache)
    except InputError as error:
        return NotConfirmed(f"no program: {error.file}: {error.found}")
    if isinstance(program, NotConfirmed):
        return program
    command = [sys.executable, "-I", limited.__file__, str(MEGABYTES), str(RUN_SECONDS), str(program)]
    return _said(run(command, {**os.environ, "RUST_BACKTRACE": "0"}, program.parent, RUN_SECONDS + 5))


def _said(ended: Ended) -> Said:
    lines = tuple(line.strip() for line in ended.output.splitlines() if line.strip())
    reached = max((int(line[5:]) for line in lines if re.fullmatch(r"call [0-9]+", line)), default=0)
    return Said(ended.status, lines, reached)


def manifest_of(crate: Buildable) -> str:
    """Of a project that depends on the crate. Raises InputError."""
    match crate.source:
        case LocalCrate(directory):
            path = Path(directory).resolve()
            name, source = find_package(path / "Cargo.toml", crate.toolchain, None, []).name, f'path = "{path}"'
        case RegistryPackage(name, version):
            source = f'version = "={version}"'
    features = ", ".join(f'"{one}"' for one in sorted(set(crate.features)))
    return _MANIFEST.format(
        name=name,
        source=source,
        features=features,
        default_features=str(crate.default_features).lower(),
        others="\n".join(crate.others),
    )


def _built(text: str, crate: Buildable, cache: Path) -> Path | NotConfirmed:
    """The program. Raises InputError."""
    manifest = manifest_of(crate)
    project = kept_project(cache.resolve() / "native-calls" / hashlib.sha256(manifest.encode()).hexdigest()[:16])
    (project / "src" / "bin").mkdir(parents=True, exist_ok=True)
    write(project / "Cargo.toml", manifest)
    binary = f"s{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    write(project / "src" / "bin" / f"{binary}.rs", text)
    command = [*rust_command("cargo", crate.toolchain), "build", "--quiet", "--bin", binary]
    environment = {**build_environment(), "RUSTFLAGS": "-Awarnings"}
    environment.pop("CARGO_TARGET_DIR", None)
    ended = run(command, environment, project, BUILD_SECONDS)
    if ended.status is None:
        return NotConfirmed(f"cargo had no end within {BUILD_SECONDS:g} s")
    if ended.status:
        lines = [line for line in ended.output.splitlines() if line.startswith("error")]
        return NotConfirmed(f"the program does not compile: {(lines or ['no message'])[0]}")
    return project / "target" / "debug" / binary

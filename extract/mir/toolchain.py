"""The Rust compiler at hand: which it is, and whether this reader was ever tried on what it writes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

from extract.errors import InputError, WholeFile

TRIED = ("1.85.0", "1.88.0", "1.91.0", "1.95.0", "1.97.0-nightly")
"""Releases whose MIR of a real runtime was read and proved, with the same verdicts (`docs/runtime-verdicts.md`)."""
OLDEST = (1, 85)
INSTALL = "a Rust toolchain (https://rustup.rs), or MIR text made elsewhere (`--mir FILE --src DIR`)"
_SECONDS = 1200


@dataclass(frozen=True, slots=True)
class Compiler:
    """What `rustc -vV` says."""

    release: str
    commit: str
    host: str
    sysroot: str


def run(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs to the end. A program that is missing, or does not end, is an InputError."""
    if shutil.which(command[0]) is None:
        raise InputError(command[0], WholeFile(), "no such program", INSTALL)
    try:
        return subprocess.run(
            command,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise InputError(command[0], WholeFile(), error.strerror or str(error), INSTALL) from error
    except subprocess.TimeoutExpired as error:
        raise InputError(
            command[0], WholeFile(), f"no end after {_SECONDS} s of `{' '.join(command[:4])}`", "an end"
        ) from error


def rust_command(program: str, toolchain: str | None) -> list[str]:
    """`cargo` or `rustc`, of a toolchain that rustup knows if one is named."""
    return [program] if toolchain is None else [program, f"+{toolchain}"]


def find_compiler(toolchain: str | None) -> Compiler:
    """Raises InputError if there is none, with what to install."""
    command = rust_command("rustc", toolchain)
    version = run([*command, "-vV"])
    root = run([*command, "--print", "sysroot"])
    if version.returncode or root.returncode:
        message = _first_line(version.stderr or root.stderr)
        raise InputError("rustc", WholeFile(), message, INSTALL)
    fields = dict(line.split(": ", 1) for line in version.stdout.splitlines() if ": " in line)
    try:
        return Compiler(fields["release"], fields["commit-hash"], fields["host"], root.stdout.strip())
    except KeyError as error:
        raise InputError("rustc", WholeFile(), f"no {error} in `rustc -vV`", INSTALL) from error


def warnings_about(compiler: Compiler) -> tuple[str, ...]:
    """A compiler never tried may print what reads the same and means something else."""
    if compiler.release in TRIED:
        return ()
    numbers = compiler.release.split("-")[0].split(".")
    old = all(number.isdigit() for number in numbers) and tuple(map(int, numbers[:2])) < OLDEST
    reason = f"older than {OLDEST[0]}.{OLDEST[1]}" if old else "never tried"
    return (f"rustc {compiler.release} is {reason}: its MIR was read as that of {', '.join(TRIED)}",)


def build_environment() -> dict[str, str]:
    """That of this process without what would change the build behind our back."""
    dropped = {"RUSTFLAGS", "RUSTC_BOOTSTRAP", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTC", "CARGO_INCREMENTAL"}
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in dropped and not key.startswith(("CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_ENCODED_"))
    }
    return {**kept, "CARGO_TERM_COLOR": "never", "CARGO_INCREMENTAL": "0"}


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")

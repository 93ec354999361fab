"""Cargo's answers: packages, artifacts, and the compiler's messages with file and line.

[cargo: "External tools / JSON messages", "cargo metadata"; rustc: "JSON output / Diagnostics"]
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.errors import InputError, LineColumn, WholeFile
from extract.mir.toolchain import INSTALL, build_environment, run, rust_command


@dataclass(frozen=True, slots=True)
class Package:
    """`library` is the name of the library's crate, with `_`."""

    name: str
    version: str
    directory: Path
    library: str
    workspace: Path


@dataclass(frozen=True, slots=True)
class Built:
    """What cargo says of the one crate that was compiled."""

    features: tuple[str, ...]
    overflow_checks: bool
    debug_assertions: bool


def find_package(manifest: Path, toolchain: str | None, wanted: str | None, options: list[str]) -> Package:
    """The package of the manifest, or its dependency `wanted`. Fetches what is missing. Raises InputError."""
    depth = [] if wanted else ["--no-deps"]
    command = [*rust_command("cargo", toolchain), "metadata", "--format-version", "1", *depth, *options]
    done = run([*command, "--manifest-path", str(manifest)], build_environment())
    if done.returncode:
        raise InputError(wanted or str(manifest), WholeFile(), _message(done.stderr), "a package that cargo can read")
    try:
        data = json.loads(done.stdout)
        packages = [
            package
            for package in data["packages"]
            if (package["name"] == wanted if wanted else Path(package["manifest_path"]).samefile(manifest))
        ]
        workspace = Path(data["workspace_root"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError("cargo", WholeFile(), f"metadata without {error}", INSTALL) from error
    if len(packages) != 1:
        raise InputError(
            wanted or str(manifest), WholeFile(), f"{len(packages)} packages", "one package, not a workspace"
        )
    package = packages[0]
    libraries = [target for target in package["targets"] if {"lib", "rlib", "cdylib"} & set(target["kind"])]
    if not libraries:
        raise InputError(package["manifest_path"], WholeFile(), "no library", "a crate with a library")
    directory = Path(package["manifest_path"]).parent
    return Package(package["name"], package["version"], directory, libraries[0]["name"].replace("-", "_"), workspace)


def compile_library(command: list[str], environment: dict[str, str], package: Package) -> Built:
    """Runs `cargo rustc`, and checks its exit status: a compiler that fails can still leave files behind."""
    done = run(command, environment)
    messages = list(_messages(done.stdout))
    if done.returncode:
        _raise_error(messages, done.stderr, package)
    for message in messages:
        target = message.get("target") or {}
        if message.get("reason") == "compiler-artifact" and target.get("name", "").replace("-", "_") == package.library:
            profile = message["profile"]
            return Built(
                tuple(sorted(message["features"])),
                bool(profile["overflow_checks"]),
                bool(profile["debug_assertions"]),
            )
    raise InputError(package.name, WholeFile(), "no word from cargo about the library", "an artifact")


def _messages(output: str) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _raise_error(messages: list[dict[str, Any]], stderr: str, package: Package) -> None:
    errors = [
        message["message"]
        for message in messages
        if message.get("reason") == "compiler-message" and message["message"]["level"].startswith("error")
    ]
    for error in errors:
        code = (error.get("code") or {}).get("code")
        text = f"{error['message']} [{code}]" if code else error["message"]
        if (code == "E0463" and "core" in error["message"] + stderr) or "target may not be installed" in str(error):
            raise InputError("rustc", WholeFile(), text, "the target installed (`rustup target add TARGET`)")
        for span in error["spans"]:
            if span["is_primary"]:
                file = str(package.directory / span["file_name"])
                position = LineColumn(span["line_start"], span["column_start"])
                raise InputError(file, position, text, "a crate that compiles")
    if errors:
        raise InputError(str(package.directory), WholeFile(), errors[0]["message"], "a crate that compiles")
    raise InputError(str(package.directory), WholeFile(), _message(stderr), "a crate that compiles")


def _message(stderr: str) -> str:
    """Cargo's own error, in one line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if line.startswith("error")), 0)
    return "; ".join(lines[start : start + 6]) or "no message"

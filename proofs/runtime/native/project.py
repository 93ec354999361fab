"""A Rust project in the cache: the crate as a dependency, the mock host as a library, a program for each scenario.

Off wasm the crate replaces the host's built-ins by functions that panic. So its configuration is forced, for that one
crate, by a wrapper around the compiler; then they are foreign functions, which the mock host defines.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from extract.errors import InputError, WholeFile
from extract.mir.cargo import Package, find_package
from extract.mir.compile import LocalCrate, RegistryPackage
from extract.mir.toolchain import find_compiler
from extract.mir.wasm_arch import FORCED_ARCH, stand_in_for_core
from proofs.runtime.native.kept import kept_project
from proofs.runtime.native.scenario import Crate

_FORCED = ('target_family="wasm"', 'target_env="p1"')
_MOCK = files("proofs.runtime.native") / "mock"
_MANIFEST = """# Runs counterexamples on the crate `subject`: cargo run --bin NAME.
[package]
name = "native"
version = "0.0.0"
edition = "2021"
publish = false

[workspace]

# What this version of the crate has, or names otherwise.
[features]
default = [{mock_features}]
close = []
futures = []
subtasks = []
tasks = []

[dependencies.subject]
{subject}
default-features = false
features = [{features}]

# Compiled as the shipped crate is, but for optimisation.
[profile.dev]
panic = "{panic}"
debug = false
debug-assertions = false
overflow-checks = false
incremental = false
"""
_CONFIGURATION = '[build]\nrustc-wrapper = "./forced-cfg"\n'
_WRAPPER = """#!/bin/sh
# cargo runs this as `forced-cfg rustc ARGUMENTS`. Off wasm the crate would have no host: its built-ins would panic.
case " $* " in
*" --crate-name {library} "*) exec "$@" {forced} -A explicit_builtin_cfgs_in_flags ;;
*) exec "$@"{others} ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Project:
    """`directory` holds everything; it may be copied, and `cargo run` works there."""

    directory: Path
    package: Package
    clients: tuple[str, ...]
    """Modules of the mock host with clients for this version of the crate."""


def make_project(crate: Crate, cache: Path) -> Project:
    """Raises InputError: no toolchain, no such package."""
    directory = kept_project((cache / "native" / _key(crate)).resolve())
    (directory / "src" / "bin").mkdir(parents=True, exist_ok=True)
    (directory / ".cargo").mkdir(exist_ok=True)
    for resource in _MOCK.iterdir():
        if resource.name.endswith(".rs"):
            write(directory / "src" / resource.name, resource.read_text(encoding="utf-8"))
    manifest = directory / "Cargo.toml"
    if not manifest.is_file():
        write(manifest, _manifest(crate, ()))
    write(directory / ".cargo" / "config.toml", _CONFIGURATION)
    name = crate.source.name if isinstance(crate.source, RegistryPackage) else _local(crate).name
    package = find_package(manifest, crate.toolchain, name, [])
    features = _features_of_mock(package)
    write(manifest, _manifest(crate, features))
    inside = _module_of_runtime(package)
    write(
        directory / "src" / "subject.rs",
        "//! Where the crate has its runtime.\n\n"
        f"pub(crate) use subject::{inside}async_support as runtime;\npub(crate) use subject::{inside}cabi_realloc;\n",
    )
    write(directory / "forced-cfg", _wrapper(crate, package, cache), executable=True)
    return Project(directory, package, ("streams", *features))


def _key(crate: Crate) -> str:
    match crate.source:
        case RegistryPackage(name, version):
            source = f"{name}-{version}"
        case LocalCrate(path):
            source = f"{Path(path).name}-{hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:12]}"
    words = [source, *sorted(set(crate.features)), crate.panic.value, *([crate.toolchain] if crate.toolchain else [])]
    return re.sub(r"[^A-Za-z0-9_.-]", "_", "-".join(words))[:200]


def _manifest(crate: Crate, mock_features: tuple[str, ...]) -> str:
    match crate.source:
        case RegistryPackage(name, version):
            subject = f'package = "{name}"\nversion = "={version}"'
        case LocalCrate(path):
            subject = f'package = "{_local(crate).name}"\npath = {_quoted(str(Path(path).resolve()))}'
    features = ", ".join(_quoted(feature) for feature in sorted(set(crate.features)))
    mock = ", ".join(map(_quoted, mock_features))
    return _MANIFEST.format(subject=subject, features=features, mock_features=mock, panic=crate.panic.value)


def _local(crate: Crate) -> Package:
    assert isinstance(crate.source, LocalCrate)
    manifest = Path(crate.source.directory).resolve() / "Cargo.toml"
    if not manifest.is_file():
        raise InputError(str(manifest), WholeFile(), "no such file", "the directory of a crate")
    return find_package(manifest, crate.toolchain, None, [])


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if not escaped.isprintable():
        raise InputError(text, WholeFile(), "a name with control characters", "a plain name")
    return f'"{escaped}"'


def _module_of_runtime(package: Package) -> str:
    """The runtime was a crate of its own once: then it is at the root."""
    for inside, path in (("rt::", "src/rt/async_support.rs"), ("", "src/async_support.rs")):
        if (package.directory / path).is_file():
            return inside
    raise InputError(package.name, WholeFile(), "no module `async_support`", "a wit-bindgen runtime")


def _features_of_mock(package: Package) -> tuple[str, ...]:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((package.directory / "src").rglob("*.rs")))
    words = {
        "close": "pub close_writable:",
        "futures": "default: fn() -> T",
        "subtasks": "fn abi_layout(&mut self)",
        "tasks": "pub struct wasip3_task_vtable",
    }
    return tuple(feature for feature, word in words.items() if word in text)


def _wrapper(crate: Crate, package: Package, cache: Path) -> str:
    """Older runtimes ask for the architecture, and then for what only the `core` of wasm has."""
    sources = (package.directory / "src").rglob("*.rs")
    old = any('target_arch = "wasm32"' in path.read_text(encoding="utf-8") for path in sources)
    forced = "".join(f"--cfg '{word}' " for word in (*_FORCED, *([FORCED_ARCH] if old else [])))
    others = ""
    if old:
        core = stand_in_for_core(cache.resolve(), find_compiler(crate.toolchain), crate.toolchain)
        forced += f"--extern 'core={core}'"
        others = f" -L 'dependency={core.parent}'"
    return _WRAPPER.format(library=package.library, forced=forced.strip(), others=others)


def write(path: Path, text: str, executable: bool = False) -> None:
    """Only if it changes: cargo looks at the time, and another run may be reading it."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    if executable:
        temporary.chmod(0o755)
    temporary.replace(path)

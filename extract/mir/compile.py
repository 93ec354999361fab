"""A crate to MIR text, by the Rust compiler: after drop elaboration, not optimised, with the places of the source.

`--emit=mir` holds neither drop glue nor the bodies that drop a suspended `async fn`; the latter stand in a dump of
the pass `coroutine_drop`, which is skipped in silence when compilation is incremental. Off wasm, a runtime
replaces the host's built-ins by functions that panic: so the configuration of that one crate is forced. Unstable
flags need RUSTC_BOOTSTRAP, which names that crate and no other.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from extract.errors import InputError, WholeFile
from extract.mir.cargo import Built, Package, compile_library, find_package
from extract.mir.parser import sha256_of
from extract.mir.toolchain import Compiler, build_environment, find_compiler, rust_command, warnings_about
from extract.mir.wasm_arch import FORCED_ARCH, stand_in_for_core

WASM_CFG = ('target_family="wasm"', FORCED_ARCH, 'target_env="p1"')
"""What is forced for the one crate when the target is not wasm. Runtimes up to 0.48 ask for the architecture before
they call the host, later ones for the family; without `p1` they leave `cabi_realloc` out.
"""
MIR_FLAGS = (
    "-Zmir-opt-level=0",
    "-Zmir-enable-passes=-CheckAlignment,-CheckNull",
    "-Zmir-include-spans=on",
    "-Ztrim-diagnostic-paths=no",  # else `Option` may be anybody's
)


class Panic(Enum):
    ABORT = "abort"
    UNWIND = "unwind"


@dataclass(frozen=True, slots=True)
class RegistryPackage:
    """A published package, unmodified."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class LocalCrate:
    """A directory with a `Cargo.toml`."""

    directory: str


@dataclass(frozen=True, slots=True)
class Build:
    """What to compile and how. No target is the host's; no overflow checks named are those of the release profile."""

    source: RegistryPackage | LocalCrate
    features: tuple[str, ...] = ()
    default_features: bool = False
    cfg: tuple[str, ...] = WASM_CFG
    target: str | None = None
    toolchain: str | None = None
    overflow_checks: bool | None = None


@dataclass(frozen=True, slots=True)
class CompiledCrate:
    """MIR text and how it came about. None is what nobody said: the MIR was made elsewhere."""

    name: str
    version: str | None
    library: str | None
    source_directory: str
    compiler: Compiler | None
    target: str | None
    features: tuple[str, ...] | None
    cfg: tuple[str, ...] | None
    panic: Panic | None
    overflow_checks: bool | None
    debug_assertions: bool | None
    mir_path: str
    mir_sha256: str
    coroutine_drops: tuple[str, ...]
    """Files, each with the body that drops one suspended coroutine."""
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    """What the build takes on faith: configuration that is forced, widths that differ."""


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")
_FEATURE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.:/-]*")
_TOOLCHAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CFG = re.compile(r'[A-Za-z_][A-Za-z0-9_]*(?:="[^"\\]*")?')


def registry_package(text: str) -> RegistryPackage:
    """`NAME@VERSION`, the version whole. Raises InputError."""
    name, _, version = text.partition("@")
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise InputError(text, WholeFile(), f"`{text}`", "NAME@VERSION, as in `wit-bindgen@0.63.0`")
    return RegistryPackage(name, version)


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/proofmark`, or `~/.cache/proofmark`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "proofmark"


@dataclass(frozen=True, slots=True)
class _Selected:
    """What the panic strategies have in common."""

    build: Build
    cache: Path
    compiler: Compiler
    package: Package
    command: list[str]
    """The `cargo rustc` that compiles the package, up to the flags of the compiler."""
    cfg: tuple[str, ...]
    flags: list[str]


def compile_crate(build: Build, cache: Path, panic: Panic = Panic.UNWIND) -> CompiledCrate:
    """Raises InputError: no toolchain, no such package, a crate that does not compile."""
    return compile_crates(build, cache, (panic,))[0]


def compile_crates(build: Build, cache: Path, panics: tuple[Panic, ...]) -> tuple[CompiledCrate, ...]:
    """One for each strategy, all at the same time: most of it is waiting. Raises InputError as `compile_crate`."""
    _check(build)
    selected = _selected(build, cache.resolve())
    with ThreadPoolExecutor(len(panics)) as threads:
        return tuple(threads.map(partial(_compile, selected), panics))


def _compile(selected: _Selected, panic: Panic) -> CompiledCrate:
    package, cache = selected.package, selected.cache
    # A new directory for each run changes the arguments, so that cargo compiles anew and the dumps are written.
    output = Path(tempfile.mkdtemp(prefix="run-", dir=cache / "mir"))
    try:
        flags = [*selected.flags, f"--emit=mir={output / 'crate.mir'}"]
        flags += ["-Zdump-mir=coroutine_drop", f"-Zdump-mir-dir={output / 'drops'}"]
        environment = _environment(selected.build, package, cache, panic)
        built = compile_library([*selected.command, "--", *flags], environment, package)
        if not (output / "crate.mir").is_file():
            raise InputError(package.name, WholeFile(), "no MIR from the compiler", "a file of MIR text")
        digest = sha256_of(str(output / "crate.mir"))
        final = cache / "mir" / f"{package.name}-{package.version}-{panic.value}-{digest[:16]}"
        _settle(output, final)
    finally:
        shutil.rmtree(output, ignore_errors=True)
    return _compiled(selected, panic, built, final, digest)


def _compiled(selected: _Selected, panic: Panic, built: Built, final: Path, digest: str) -> CompiledCrate:
    package, compiler = selected.package, selected.compiler
    target = selected.build.target or compiler.host
    drops = sorted(str(path) for path in (final / "drops").glob("*.coroutine_drop.*.mir"))
    return CompiledCrate(
        name=package.name,
        version=package.version,
        library=package.library,
        source_directory=str(package.directory),
        compiler=compiler,
        target=target,
        features=built.features,
        cfg=selected.cfg,
        panic=panic,
        overflow_checks=built.overflow_checks,
        debug_assertions=built.debug_assertions,
        mir_path=str(final / "crate.mir"),
        mir_sha256=digest,
        coroutine_drops=tuple(drops),
        warnings=warnings_about(compiler),
        assumptions=_assumptions(target, selected.cfg),
    )


def _check(build: Build) -> None:
    """What goes into a command or a manifest is what it seems."""
    groups = ((build.features, _FEATURE, "feature"), (build.cfg, _CFG, "cfg"))
    for words, form, what in groups:
        for word in words:
            if not form.fullmatch(word):
                raise InputError(word, WholeFile(), f"`{word}`", f"the name of a {what}")
    for option, what in ((build.toolchain, "toolchain"), (build.target, "target")):
        if option is not None and not _TOOLCHAIN.fullmatch(option):
            raise InputError(option, WholeFile(), f"`{option}`", f"the name of a {what}")


def _selected(build: Build, cache: Path) -> _Selected:
    compiler = find_compiler(build.toolchain)
    package, command = _package(build, cache)
    is_wasm = (build.target or compiler.host).startswith("wasm")
    cfg = () if is_wasm else build.cfg
    (cache / "mir").mkdir(parents=True, exist_ok=True)
    flags = [*_flags(cfg, compiler, package), *_stand_in(cfg, compiler, build, cache)]
    return _Selected(build, cache, compiler, package, command, cfg, flags)


def _package(build: Build, cache: Path) -> tuple[Package, list[str]]:
    """The package, and the command that compiles it."""
    common = [*rust_command("cargo", build.toolchain), "rustc", "--release", "--lib", "--message-format=json"]
    if build.target:
        common += ["--target", build.target]
    match build.source:
        case RegistryPackage(name, version):
            manifest = _private_project(name, version, build, cache)
            package = find_package(manifest, build.toolchain, name, [])
            return package, [*common, "--manifest-path", str(manifest), "-p", f"{name}@{version}"]
        case LocalCrate(directory):
            manifest = Path(directory).resolve() / "Cargo.toml"
            if not manifest.is_file():
                raise InputError(str(manifest), WholeFile(), "no such file", "the directory of a crate")
            package = find_package(manifest, build.toolchain, None, [])
            features = [] if build.default_features else ["--no-default-features"]
            features += ["--features", ",".join(build.features)] if build.features else []
            # As an rlib, because a cdylib would be linked, and the host's built-ins are not there.
            return package, [*common, "--manifest-path", str(manifest), "--crate-type", "lib", *features]


def _private_project(name: str, version: str, build: Build, cache: Path) -> Path:
    """A project that depends on the package and nothing else, so that cargo fetches and selects features."""
    features = ", ".join(f'"{feature}"' for feature in sorted(set(build.features)))
    manifest = (
        '[package]\nname = "proofmark-subject"\nversion = "0.0.0"\nedition = "2021"\npublish = false\n\n'
        f'[lib]\npath = "lib.rs"\n\n[workspace]\n\n[dependencies.{name}]\nversion = "={version}"\n'
        f"default-features = {str(build.default_features).lower()}\nfeatures = [{features}]\n"
    )
    kind = "-".join([*sorted(set(build.features)), *(["default"] if build.default_features else [])])
    directory = cache / "projects" / re.sub(r"[^A-Za-z0-9_.-]", "_", f"{name}-{version}-{kind}")[:200]
    directory.mkdir(parents=True, exist_ok=True)
    _write(directory / "lib.rs", "")
    _write(directory / "Cargo.toml", manifest)
    return directory / "Cargo.toml"


def _write(path: Path, text: str) -> None:
    """Only if it changes: another run may be reading it."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _flags(cfg: tuple[str, ...], compiler: Compiler, package: Package) -> list[str]:
    """For the one crate. Paths are made relative to its directory, so that the text is the same on every machine."""
    forced = [flag for word in cfg for flag in ("--cfg", word)]
    if forced:
        forced += ["-A", "explicit_builtin_cfgs_in_flags"]
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo").resolve()
    remapped = [
        (f"{home}/", "cargo/"),
        (f"{compiler.sysroot}/lib/rustlib/src/rust/", f"/rustc/{compiler.commit}/"),
        (f"{package.workspace}/", "workspace/"),
        (f"{package.directory}/", ""),
    ]
    return [*MIR_FLAGS, *forced, *(f"--remap-path-prefix={old}={new}" for old, new in remapped)]


def _stand_in(cfg: tuple[str, ...], compiler: Compiler, build: Build, cache: Path) -> list[str]:
    return [f"--extern=core={stand_in_for_core(cache, compiler, build.toolchain)}"] if FORCED_ARCH in cfg else []


def _assumptions(target: str, cfg: tuple[str, ...]) -> tuple[str, ...]:
    if not cfg:
        return ()
    return (
        f"compiled for {target} with {', '.join(cfg)} forced: widths and layouts are those of {target}, not of wasm",
        *(["core::arch::wasm32 is a stand-in that is named and never run"] if FORCED_ARCH in cfg else []),
    )


def _environment(build: Build, package: Package, cache: Path, panic: Panic) -> dict[str, str]:
    profile = {"PANIC": panic.value, "OPT_LEVEL": "0", "INCREMENTAL": "false", "LTO": "off", "DEBUG": "0"}
    if build.overflow_checks is not None:
        profile["OVERFLOW_CHECKS"] = str(build.overflow_checks).lower()
    return {
        **build_environment(),
        **{f"CARGO_PROFILE_RELEASE_{key}": value for key, value in profile.items()},
        # One for each strategy: cargo locks it while it builds.
        "CARGO_TARGET_DIR": str(cache / "target" / f"{package.name}-{package.version}-{panic.value}"),
        "RUSTC_BOOTSTRAP": package.library,
    }


def _settle(output: Path, final: Path) -> None:
    """To the place that its content names. What another run put there is the same, and may be being read."""
    if final.is_dir():
        kept = final / "crate.mir"
        if kept.is_file() and sha256_of(str(kept)) == sha256_of(str(output / "crate.mir")):
            return
        shutil.rmtree(final, ignore_errors=True)
    try:
        output.rename(final)
    except OSError as error:
        if not (final / "crate.mir").is_file():
            raise InputError(str(final), WholeFile(), error.strerror or str(error), "a cache to write to") from error

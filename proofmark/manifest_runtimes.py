"""The manifest's `[[runtime]]`, `[[static_pools]]` and `[[buffers]]` entries as subjects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extract.mir.compile import LocalCrate, Panic, RegistryPackage, registry_package
from proofmark.buffers_plan import BuffersSubject
from proofmark.runtime_plan import MEGABYTES, PEERS, SECONDS, GivenMir, RuntimeSubject
from proofmark.statics_plan import StaticsSubject
from proofs.kinds import PoolKind, RuntimeKind


def runtime_subject(entry: dict[str, Any], base: Path) -> RuntimeSubject:
    """Of an entry that fits the schema and names one source; paths are relative to `base`. Raises InputError."""
    path, source = _source(entry, base)
    features = entry.get("features")
    return RuntimeSubject(
        path=path,
        source=source,
        features=None if features is None else tuple(features),
        default_features=entry.get("default_features", False),
        panics=tuple(Panic(one) for one in entry.get("panic", ())) or tuple(Panic),
        peers=tuple(entry.get("peers", PEERS)),
        kinds=tuple(RuntimeKind(one) for one in entry.get("obligations", ())),
        operations=tuple(entry.get("operations", ())),
        profile=str(base / entry["profile"]) if "profile" in entry else None,
        task_profile=str(base / entry["task_profile"]) if "task_profile" in entry else None,
        target=entry.get("target"),
        toolchain=entry.get("toolchain"),
        seconds=entry.get("seconds", SECONDS),
        megabytes=entry.get("megabytes", MEGABYTES),
        controls=entry.get("controls", 0),
    )


def statics_subject(entry: dict[str, Any], base: Path) -> StaticsSubject:
    """As above."""
    modules = tuple(str(base / one) for one in entry.get("modules", ()))
    return StaticsSubject(_crate(entry, base, ()), tuple(entry.get("statics", ())), _kinds(entry), modules)


def buffers_subject(entry: dict[str, Any], base: Path) -> BuffersSubject:
    """As above."""
    return BuffersSubject(_crate(entry, base, None), tuple(entry.get("buffers", ())), _kinds(entry))


def _crate(entry: dict[str, Any], base: Path, default: tuple[str, ...] | None) -> RuntimeSubject:
    """`default`: the features where none are named; None: those that the package is known to need."""
    path, source = _source(entry, base)
    return RuntimeSubject(
        path=path,
        source=source,
        features=tuple(entry["features"]) if "features" in entry else default,
        default_features=entry.get("default_features", False),
        target=entry.get("target"),
        toolchain=entry.get("toolchain"),
        seconds=entry.get("seconds", SECONDS),
    )


def _kinds(entry: dict[str, Any]) -> tuple[PoolKind, ...]:
    return tuple(kind for kind in PoolKind if kind.value in entry.get("obligations", ()))


def _source(entry: dict[str, Any], base: Path) -> tuple[str, RegistryPackage | LocalCrate | GivenMir]:
    if "package" in entry:
        return entry["package"], registry_package(entry["package"])
    if "crate" in entry:
        path = str(base / entry["crate"])
        return path, LocalCrate(path)
    path = str(base / entry["mir"])
    return path, GivenMir(path, str(base / entry["src"]))

"""The crates that a crate can name, by its `Cargo.toml` [Cargo book, "Specifying Dependencies"]."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from extract.errors import InputError, WholeFile

_ELSEWHERE = frozenset(("git", "package", "path", "registry", "workspace"))
"""What a dependency says that is not the crate of its name that is published."""


def dependencies(directory: Path) -> frozenset[str]:
    """By the names that they have there, and their own; none, where there is no manifest. Raises InputError."""
    found: set[str] = set()
    for name, given in _named(_manifest(directory)):
        found.add(name.replace("-", "_"))
        if isinstance(given, Mapping) and isinstance(package := given.get("package"), str):
            found.add(package.replace("-", "_"))
    return frozenset(found)


def published(directory: Path) -> frozenset[str]:
    """Those of them that are as they are published, by what the manifest says, and those of workspaces that it may be
    in. Raises InputError.
    """
    manifest = _manifest(directory)
    if any({"patch", "replace"} & each.keys() for each in (manifest, *map(_manifest, directory.resolve().parents))):
        return frozenset()
    all_of_it = list(_named(manifest))
    changed = {name for name, given in all_of_it if isinstance(given, Mapping) and _ELSEWHERE & given.keys()}
    return frozenset(name.replace("-", "_") for name, _ in all_of_it if name not in changed)


def _manifest(directory: Path) -> Mapping[str, object]:
    manifest = directory / "Cargo.toml"
    if not manifest.is_file():
        return {}
    try:
        return tomllib.loads(manifest.read_text(encoding="utf-8"))
    except ValueError as error:  # TOML and UTF-8
        raise InputError(str(manifest), WholeFile(), str(error), "a manifest of cargo, in TOML") from error


def _named(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Those of `[dependencies]`, and of `[target.'cfg(..)'.dependencies]`."""
    for key, value in table.items():
        if key == "dependencies" and isinstance(value, Mapping):
            yield from value.items()
        elif key == "target" and isinstance(value, Mapping):
            for each in value.values():
                yield from _named(each)

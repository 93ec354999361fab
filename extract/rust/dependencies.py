"""The crates that a crate can name, by its `Cargo.toml` [Cargo book, "Specifying Dependencies"]."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from extract.errors import InputError, WholeFile


def dependencies(directory: Path) -> frozenset[str]:
    """By the names that they have there, and their own; none, where there is no manifest. Raises InputError."""
    manifest = directory / "Cargo.toml"
    if not manifest.is_file():
        return frozenset()
    try:
        found = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except ValueError as error:  # TOML and UTF-8
        raise InputError(str(manifest), WholeFile(), str(error), "a manifest of cargo, in TOML") from error
    return frozenset(name.replace("-", "_") for name in _named(found))


def _named(table: Mapping[str, object]) -> Iterator[str]:
    """Those of `[dependencies]`, and of `[target.'cfg(..)'.dependencies]`."""
    for key, value in table.items():
        if key == "dependencies" and isinstance(value, Mapping):
            for name, given in value.items():
                yield name
                if isinstance(given, Mapping) and isinstance(package := given.get("package"), str):
                    yield package
        elif key == "target" and isinstance(value, Mapping):
            for each in value.values():
                yield from _named(each)

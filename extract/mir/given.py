"""MIR text made elsewhere, with the sources it was made from (`--mir FILE --src DIR`)."""

from __future__ import annotations

import tomllib
from pathlib import Path

from extract.errors import InputError, WholeFile
from extract.mir.compile import CompiledCrate, Panic
from extract.mir.parser import sha256_of


def given_mir(mir: str, source: str, panic: Panic | None = None, drops: tuple[str, ...] = ()) -> CompiledCrate:
    """Raises InputError if either is not there. `drops` are dumps of the pass `coroutine_drop`."""
    directory = Path(source)
    if not directory.is_dir():
        raise InputError(source, WholeFile(), "no such directory", "the sources of the crate (`--src DIR`)")
    digest = sha256_of(mir)
    name, version = _package(directory)
    warnings = [f"{Path(mir).name}: nobody said which compiler made it, for which target and with what configuration"]
    if not drops:
        warnings.append(f"{Path(mir).name}: without the bodies that drop suspended coroutines")
    return CompiledCrate(
        name=name or Path(mir).stem,
        version=version,
        library=None,
        source_directory=str(directory),
        compiler=None,
        target=None,
        features=None,
        cfg=None,
        panic=panic,
        overflow_checks=None,
        debug_assertions=None,
        mir_path=mir,
        mir_sha256=digest,
        coroutine_drops=drops,
        warnings=tuple(warnings),
        assumptions=("nobody said how the MIR was made: configuration, target and widths are taken as they must be",),
    )


def _package(directory: Path) -> tuple[str | None, str | None]:
    """Name and version from a manifest beside the sources or above them, where there is one."""
    for place in (directory, directory.parent):
        try:
            package = tomllib.loads((place / "Cargo.toml").read_text(encoding="utf-8")).get("package", {})
        except (OSError, ValueError):
            continue
        name, version = package.get("name"), package.get("version")
        return name if isinstance(name, str) else None, version if isinstance(version, str) else None
    return None, None

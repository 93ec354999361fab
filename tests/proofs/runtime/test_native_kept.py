"""Projects for native runs do not grow without bound, and none that may be in use goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from proofs.runtime.native.kept import IN_USE_SECONDS, kept_project

_SIZE = 1 << 16


def _project(cache: Path, name: str, hours: float) -> Path:
    """Last used so many hours ago."""
    directory = cache / name
    (directory / "target" / "debug").mkdir(parents=True)
    program = directory / "target" / "debug" / "program"
    program.write_bytes(b"x" * _SIZE)
    os.link(program, directory / "target" / "debug" / "program-with-hash")
    then = time.time() - 3600 * hours
    os.utime(directory, (then, then))
    return directory


def _names(cache: Path) -> set[str]:
    return {one.name for one in cache.iterdir()}


def test_those_that_were_used_last_are_kept(tmp_path: Path) -> None:
    for name, hours in (("old", 9), ("older", 30), ("new", 2)):
        _project(tmp_path, name, hours)
    made = kept_project(tmp_path / "made", 2 * _SIZE + 4096)
    assert made.is_dir()
    assert _names(tmp_path) == {"made", "new", "old"}
    kept_project(tmp_path / "old", 2 * _SIZE + 4096)
    assert _names(tmp_path) == {"made", "new", "old"}
    kept_project(tmp_path / "old", _SIZE)
    assert _names(tmp_path) == {"made", "old"}, "what was just used stays, and an empty one takes no room"


def test_nothing_goes_that_may_be_in_use(tmp_path: Path) -> None:
    _project(tmp_path, "a moment ago", 0.5 * IN_USE_SECONDS / 3600)
    _project(tmp_path, "long ago", 2 * IN_USE_SECONDS / 3600)
    kept_project(_project(tmp_path, "now", 5), 1)
    assert _names(tmp_path) == {"a moment ago", "now"}


def test_all_stay_where_there_is_room(tmp_path: Path) -> None:
    for hours in range(5):
        _project(tmp_path, str(hours), 100 * hours)
    kept_project(tmp_path / "0")
    assert _names(tmp_path) == {"0", "1", "2", "3", "4"}

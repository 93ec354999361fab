"""Projects stay in the cache for other programs of the same crate: within a bound, those that were used last."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

MOST_BYTES = 1 << 30
IN_USE_SECONDS = 3600
"""No build and no run takes that long: whatever was used since may be in use by another process."""


def kept_project(directory: Path, most_bytes: int = MOST_BYTES) -> Path:
    """The directory, made if need be, and used now. Others beside it go, the longest unused first, until all together
    have no more than so many bytes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    os.utime(directory)
    used = sorted(((_used(one), one) for one in directory.parent.iterdir() if one != directory), reverse=True)
    left = most_bytes - _bytes_in(directory)
    for seconds, one in used:
        left -= _bytes_in(one)
        if left < 0 and time.time() - seconds > IN_USE_SECONDS:
            _remove(one)
    return directory


def _used(directory: Path) -> float:
    try:
        return directory.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it


def _bytes_in(directory: Path) -> int:
    """On the disk, where a file with several names counts once. What goes meanwhile does not count."""
    found: dict[int, int] = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                status = os.lstat(os.path.join(parent, name))
            except OSError:
                continue
            found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def _remove(directory: Path) -> None:
    """At once for whoever looks for it, as removing it file by file takes a while."""
    going = directory.with_name(f".going-{os.getpid()}-{directory.name}")
    try:
        directory.rename(going)
    except OSError:
        return  # another process has removed it, or the cache is not ours
    shutil.rmtree(going, ignore_errors=True)

"""Opens files that others may have put there: nothing that keeps its reader waiting, or has no end."""

from __future__ import annotations

import errno
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """To be read, as bytes. Raises OSError, also for pipes and devices."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "no regular file", str(path))
    return open(path, "rb")


def read_regular(path: Path, most: int) -> bytes:
    """All of a file of at most `most` bytes. Raises OSError."""
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"more than {most} bytes", str(path))
    return data

"""A subject file opened for reading: its bytes, its size, its SHA-256."""

from __future__ import annotations

import mmap
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from extract.digest import Digest
from extract.errors import InputError, WholeFile
from extract.wasm import limits

# Below this a plain read is quicker than a mapping; above it a mapping keeps the peak of memory low.
_MAPPED_FROM = 1 << 20


@dataclass(frozen=True, slots=True)
class SubjectFile:
    """`data` is the binary form (of text, what the converter made of it); size and hash are those of the file."""

    path: str
    name: str
    size: int
    digest: Digest
    data: bytes | mmap.mmap
    is_text: bool

    @property
    def sha256(self) -> str:
        return self.digest.sha256


def read_subject(path: str) -> SubjectFile:
    """Opens a module or component, binary or text.

    Raises InputError if the file cannot be read, is over the size limit, or its text does not assemble.
    """
    if "\\" in Path(path).name:  # a separator elsewhere: no certificate may name such a file
        raise InputError(path, WholeFile(), "a backslash in the name of the file", "a name without")
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # one that has no end, or never begins
            raise InputError(path, WholeFile(), "a directory, pipe or device", "a regular file")
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.MAX_MODULE_BYTES:
                raise InputError(path, WholeFile(), f"{size} bytes", f"at most {limits.MAX_MODULE_BYTES}")
            data: bytes | mmap.mmap
            if size >= _MAPPED_FROM:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            else:
                data = file.read(_MAPPED_FROM)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(path, WholeFile(), reason, "a readable WebAssembly file") from error
    digest = Digest(data)
    if data[:4] == b"\0asm":
        return SubjectFile(path, Path(path).name, len(data), digest, data, False)
    from extract.assembler import assemble  # needed for text only

    return SubjectFile(path, Path(path).name, len(data), digest, assemble(path, bytes(data[:])), True)

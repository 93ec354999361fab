"""A subject file opened for reading: its bytes, its size, its SHA-256."""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from extract.errors import ByteOffset, InputError, LineColumn, WholeFile
from extract.wasm import limits

# Below this a plain read is quicker than a mapping; above it a mapping keeps the peak of memory low.
_MAPPED_FROM = 1 << 20
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class SubjectFile:
    """`data` is the binary form (of text, what the converter made of it); size and hash are those of the file."""

    path: str
    name: str
    size: int
    sha256: str
    data: bytes | mmap.mmap
    is_text: bool


def release(data: bytes | mmap.mmap, start: int, end: int) -> None:
    """Lets the system take back the pages of a mapped range that will not be read again soon."""
    if isinstance(data, bytes) or not hasattr(data, "madvise"):
        return
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    size = end // mmap.PAGESIZE * mmap.PAGESIZE - first
    if size > 0:
        data.madvise(mmap.MADV_DONTNEED, first, size)


def read_subject(path: str) -> SubjectFile:
    """Opens a module or component, binary or text.

    Raises InputError if the file cannot be read, is over the size limit, or its text does not assemble.
    """
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
    size = len(data)
    digest = _sha256(data)
    is_text = data[:4] != b"\0asm"
    return SubjectFile(path, Path(path).name, size, digest, _assemble(path, data) if is_text else data, is_text)


def _sha256(data: bytes | mmap.mmap) -> str:
    digest = hashlib.sha256()
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK):
        digest.update(view[start : start + _CHUNK])
        release(data, start, min(start + _CHUNK, len(data)))
    view.release()
    return digest.hexdigest()


_TEXT_PLACE = re.compile(r"-->\s*\S*?:(\d+):(\d+)")
_ASSEMBLER_SECONDS = 60
_ASSEMBLER = """
import sys, wasmtime
try:
    sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.buffer.read().decode()))
except wasmtime.WasmtimeError as error:
    sys.exit(str(error))
"""


def _assemble(path: str, data: bytes | mmap.mmap) -> bytes:
    head = data[:64].lstrip()
    if not head.startswith((b"(", b";")):
        raise InputError(
            path, ByteOffset(0), f"bytes {bytes(data[:4]).hex(' ') or '(none)'}", "`\\0asm`, or WebAssembly text"
        )
    text = bytes(data[:])
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise InputError(path, ByteOffset(error.start), "a byte that is not UTF-8", "WebAssembly text") from error
    # In a process of its own: there is text on which the assembler aborts, and takes its process with it.
    command = [sys.executable, "-c", _ASSEMBLER]
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=_ASSEMBLER_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        found = f"text that takes over {_ASSEMBLER_SECONDS} s to assemble"
        raise InputError(path, WholeFile(), found, "WebAssembly text") from error
    if done.returncode == 0:
        return done.stdout
    message = str(done.stderr, "utf-8", "replace").strip()
    place = _TEXT_PLACE.search(message)
    position = LineColumn(int(place[1]), int(place[2])) if place else WholeFile()
    first_line = message.splitlines()[0] if done.returncode == 1 and message else "text on which the assembler aborts"
    raise InputError(path, position, first_line, "WebAssembly text")


def why_invalid(file: SubjectFile) -> str | None:
    """What wasmtime, with every proposal that it has, finds invalid about a core module; None if nothing.

    Components are not asked about.
    """
    if file.data[4:8] != b"\x01\0\0\0":
        return None
    import wasmtime  # slow to load, and needed only when something is wrong

    config = wasmtime.Config()
    for name in dir(config):
        if name.startswith("wasm_"):
            setattr(config, name, True)
    try:
        wasmtime.Module.validate(wasmtime.Engine(config), bytes(file.data[:]))
    except wasmtime.WasmtimeError as error:
        return " ".join(str(error).split())
    return None

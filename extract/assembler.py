"""Text to binary, by the `wasmtime` package."""

from __future__ import annotations

import re
import subprocess
import sys

from extract.errors import ByteOffset, InputError, LineColumn, WholeFile

_TEXT_PLACE = re.compile(r"-->\s*\S*?:(\d+):(\d+)")
_ASSEMBLER_SECONDS = 60
_ASSEMBLER = """
import sys, wasmtime
try:
    sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.buffer.read().decode()))
except wasmtime.WasmtimeError as error:
    sys.exit(str(error))
"""


def assemble(path: str, text: bytes) -> bytes:
    """The binary form of text. Raises InputError with line and column."""
    head = text[:64].lstrip()
    if not head.startswith((b"(", b";")):
        raise InputError(path, ByteOffset(0), f"bytes {text[:4].hex(' ') or '(none)'}", "`\\0asm`, or WebAssembly text")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise InputError(path, ByteOffset(error.start), "a byte that is not UTF-8", "WebAssembly text") from error
    # In a process of its own: there is text on which the assembler aborts, and takes its process with it.
    command = [sys.executable, "-P", "-c", _ASSEMBLER]
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

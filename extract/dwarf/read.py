"""A module's DWARF to the places of its variables, within limits of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from extract.errors import ByteOffset, InputError
from extract.wasm.reader import Buffer

SECTIONS = (
    *("debug_info", "debug_abbrev", "debug_str", "debug_line_str", "debug_str_offsets", "debug_addr"),
    *("debug_rnglists", "debug_loclists"),  # units refer to them in what else they say
)
MAX_DEBUG_BYTES = 1 << 26
SECONDS = 30
MEMORY_BYTES = 1 << 30


class DebugObject(NamedTuple):
    """A variable, or an array within one. `element`: of an array, the size of an entry, which is `compound` if it is no
    number. `offset`: of the variable's entry in the file.
    """

    name: str
    base: int
    size: int
    element: int | None
    compound: bool
    offset: int


def debug_objects(data: Buffer, sections: Mapping[str, tuple[int, int]], file: str) -> tuple[DebugObject, ...]:
    """`sections`: where the contents of custom sections begin and end. Raises InputError."""
    info = sections.get(".debug_info")
    if info is None:
        return ()
    there = {name: place for name in SECTIONS if (place := sections.get(f".{name}")) is not None}
    size = sum(end - start for start, end in there.values())
    if size > MAX_DEBUG_BYTES:
        raise InputError(file, ByteOffset(info[0]), f"{size} bytes of DWARF", f"at most {MAX_DEBUG_BYTES}")
    first = {"bytes": MEMORY_BYTES, "seconds": SECONDS, "sections": {n: end - at for n, (at, end) in there.items()}}
    given = json.dumps(first).encode() + b"\n" + b"".join(bytes(data[at:end]) for at, end in there.values())
    answer = _answer(given)
    if answer is None:
        limit = f"less than {SECONDS} s and {MEMORY_BYTES >> 20} MiB to read it"
        raise InputError(file, ByteOffset(info[0]), "DWARF that takes longer, or more memory", limit)
    if "why" in answer:
        raise InputError(file, ByteOffset(info[0] + answer["offset"]), answer["why"], "DWARF that pyelftools reads")
    return tuple(_objects(answer, info[0]))


def _answer(given: bytes) -> Any:
    """None if the process did not come to an end."""
    command = [sys.executable, "-m", "extract.dwarf.child"]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(command, input=given, capture_output=True, cwd=root, timeout=4 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout) if done.returncode == 0 else None


def _objects(answer: Mapping[str, Any], start: int) -> Iterator[DebugObject]:
    for one in answer["objects"]:
        yield DebugObject(**{**one, "offset": start + one["offset"]})

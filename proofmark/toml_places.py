"""Where a key of a TOML document is written, since the standard library's reader keeps no places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.errors import LineColumn

Key = str | int
"""A key of a table, or the number of a table in an array of tables."""

_BARE_OR_QUOTED = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_NAME = rf"{_BARE_OR_QUOTED}(?:\s*\.\s*{_BARE_OR_QUOTED})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_NAME})\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(rf"\s*({_NAME})\s*=")


def places(text: str) -> dict[tuple[Key, ...], LineColumn]:
    """The place of every table header and of every key that begins a line, by its path from the top."""
    found: dict[tuple[Key, ...], LineColumn] = {}
    counts: dict[tuple[Key, ...], int] = {}
    table: tuple[Key, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _entered(_names(header[2]), counts)
            if header[1] == "[[":
                found.setdefault(table, LineColumn(number, header.start(1) + 1))
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, LineColumn(number, header.start(1) + 1))
        elif assignment := _ASSIGNMENT.match(line):
            found.setdefault((*table, *_names(assignment[1])), LineColumn(number, assignment.start(1) + 1))
    return found


def _entered(names: tuple[Key, ...], counts: dict[tuple[Key, ...], int]) -> tuple[Key, ...]:
    """A header's path: below an array of tables, it goes into the last of them that was written (TOML 1.0)."""
    *around, last = names
    path: tuple[Key, ...] = ()
    for name in around:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, last)


def nearest(found: dict[tuple[Key, ...], LineColumn], path: Sequence[Key]) -> LineColumn:
    """The place of `path`, or of the closest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if place := found.get(tuple(path[:length])):
            return place
    return LineColumn(1, 1)


def _names(dotted: str) -> tuple[Key, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_BARE_OR_QUOTED, dotted))

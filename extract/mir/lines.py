"""The lines of one file of MIR text, read one after the other; every fault has its line and column."""

from __future__ import annotations

import re
from typing import NoReturn

from extract.errors import InputError, LineColumn
from extract.mir import limits
from extract.mir.lexer import TooDeep, read_span
from extract.mir.tree import Source

_SCOPE = re.compile(r"(?:in |return place in )?scope ([0-9]{1,9}) at (.*)")


class Lines:
    """A cursor over lines. Comment lines (but for the head of a twin) and empty ones are passed over."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._lines = text.split("\n")
        self._next = 0
        self.number = 0
        """Of the line that was read last, from 1."""
        self._sources: dict[str, Source | None] = {}

    def fail(self, found: str, expected: str, column: int = 1, line: int | None = None) -> NoReturn:
        raise InputError(self._file, LineColumn(line or max(self.number, 1), column), found, expected)

    def read(self, inside: str) -> str:
        """The next line that says something; the end of the file is a fault, for it is inside of something."""
        line = self.read_or_end()
        if line is None:
            self.fail("the end of the file", f"the rest of {inside}")
        return line

    def read_or_end(self) -> str | None:
        lines = self._lines
        while self._next < len(lines):
            line = lines[self._next]
            self._next += 1
            self.number = self._next
            if len(line) > limits.MAX_LINE_CHARACTERS:
                self.fail(f"a line of {len(line)} characters", f"at most {limits.MAX_LINE_CHARACTERS}")
            content = line.lstrip()
            if content and (not content.startswith("//") or content.startswith("// MIR FOR CTFE")):
                return line
        return None

    def too_deep(self, error: TooDeep) -> NoReturn:
        raise InputError(
            self._file, LineColumn(self.number, 1), "types or places nested too deeply", f"at most {limits.MAX_NESTING}"
        ) from error

    def split(self, line: str) -> tuple[str, Source]:
        """What a line says, without indentation, and the comment at its end as a source."""
        head, found, comment = line.rpartition(" // ")
        if found:
            if comment not in self._sources:
                self._sources[comment] = _source(comment)
            known = self._sources[comment]
            if known is not None:
                return head.strip(), Source(self.number, known.scope, known.span)
        return line.strip(), Source(self.number)


def _source(comment: str) -> Source | None:
    found = _SCOPE.fullmatch(comment)
    if found is None:
        # The comment at the head of a scope that was inlined.
        return Source(0) if comment.startswith("at ") and read_span(comment[3:]) else None
    span = read_span(found[2])
    if span is None and found[2] != "no-location":
        return None  # a string that looks like a comment
    return Source(0, int(found[1]), span[0] if span else None)

"""A range of a source file, spelled as the compiler's MIR text spells it."""

from __future__ import annotations

from dataclasses import dataclass

from extract.errors import LineColumn


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to `end`, which is not part of it; columns count characters, from 1, as rustc does."""

    file: str
    start: LineColumn
    end: LineColumn

    def __str__(self) -> str:
        return f"{self.file}:{self.start}: {self.end}"

    def to(self, other: Span) -> Span:
        """From the start of this one to the end of the other, which lies in the same file."""
        return Span(self.file, self.start, other.end)

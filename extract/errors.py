"""The one error that a fault of the input raises, with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ByteOffset:
    """A place in a binary file, in bytes from its beginning."""

    offset: int

    def __str__(self) -> str:
        return f"byte {self.offset:#x}"


@dataclass(frozen=True, slots=True)
class LineColumn:
    """A place in a text file, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class WholeFile:
    """The file as a whole: it is missing, unreadable or empty."""

    def __str__(self) -> str:
        return "file"


Position = ByteOffset | LineColumn | WholeFile


class InputError(Exception):
    """The input is not what it must be: the file, the position, what was found, what was expected."""

    def __init__(self, file: str, position: Position, found: str, expected: str) -> None:
        super().__init__(file, position, found, expected)
        self.file = file
        self.position = position
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.file}:{self.position}: found {self.found}; expected {self.expected}"

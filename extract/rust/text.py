"""Source text, and text that a macro made, both with the place in a file that each byte comes from.

A token that went through macros has a place in each of them: where it was written, and, in the body of each macro
that handed it on, the place of the `$name` that stood for it. A range from one token to another is measured where both
have a place, which is what rustc 1.95 prints (`<impl at ...>` of an `impl Trait for $type` ends at the `$type`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from extract.errors import InputError, LineColumn, WholeFile
from extract.rust import limits
from extract.rust.places import Span

Trail = tuple[tuple[int, Span], ...]
"""Places of one token by expansion (0: none), the place where it was written first."""


class Text(Protocol):
    """Bytes that can be parsed, each of which has a place."""

    @property
    def file(self) -> str: ...

    @property
    def data(self) -> bytes: ...

    def trail(self, start: int, end: int) -> Trail:
        """The places of one token."""
        ...

    def span(self, start: int, end: int) -> Span:
        """The place of a run of tokens; of its first where no place is shared by both ends."""
        ...

    def shared_span(self, start: int, end: int) -> Span | None:
        """The place of a run of tokens whose ends were written at one place."""
        ...


class SourceText:
    """The text of one file."""

    __slots__ = ("_lines", "data", "file")

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self.data = data
        self._lines = [0]
        at = data.find(b"\n")
        while at >= 0:
            self._lines.append(at + 1)
            at = data.find(b"\n", at + 1)

    def place(self, offset: int) -> LineColumn:
        line = bisect_right(self._lines, offset) - 1
        before = self.data[self._lines[line] : offset]
        return LineColumn(line + 1, len(before.decode("utf-8", "replace")) + 1)

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, self.place(start), self.place(end))

    def shared_span(self, start: int, end: int) -> Span | None:
        return self.span(start, end)

    def trail(self, start: int, end: int) -> Trail:
        return ((0, self.span(start, end)),)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `spaced` says that something stood between it and the token before."""

    kind: str
    text: str
    spaced: bool
    trail: Trail


class ExpandedText:
    """The text that an expansion gave, of tokens with their places."""

    __slots__ = ("_starts", "_tokens", "data", "file")

    def __init__(self, file: str, tokens: Sequence[Token]) -> None:
        self.file = file
        self._tokens = tokens
        self._starts: list[int] = []
        pieces: list[bytes] = []
        at = 0
        for token in tokens:
            if token.spaced:
                pieces.append(b" ")
                at += 1
            self._starts.append(at)
            piece = token.text.encode()
            pieces.append(piece)
            at += len(piece)
        self.data = b"".join(pieces)

    def trail(self, start: int, end: int) -> Trail:  # noqa: ARG002
        at = max(bisect_right(self._starts, start) - 1, 0)
        return self._tokens[at].trail

    def span(self, start: int, end: int) -> Span:
        if not self._tokens:
            return Span(self.file, LineColumn(1, 1), LineColumn(1, 1))
        shared = self.shared_span(start, end)
        return shared if shared is not None else self.trail(start, start + 1)[0][1]

    def shared_span(self, start: int, end: int) -> Span | None:
        first, last = self.trail(start, start + 1), self.trail(max(end - 1, start), end)
        for expansion, place in first:
            for other, end_place in last:
                if expansion == other and place.file == end_place.file:
                    return place.to(end_place)
        return None


def read_text(path: Path, spelled: str) -> SourceText:
    """Reads one source file, named `spelled` in what is said about it.

    Raises InputError if it cannot be read, is over the limit, or is not UTF-8. A byte order mark is no part of the text
    (reference, "Input format").
    """
    try:
        with path.open("rb") as file:
            data = file.read(limits.MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(spelled, WholeFile(), reason, "a readable Rust source file") from error
    return text_of(data, spelled)


def text_of(data: bytes, spelled: str) -> SourceText:
    """Checks the bytes of one source file. Raises InputError as `read_text` does."""
    if len(data) > limits.MAX_FILE_BYTES:
        raise InputError(spelled, WholeFile(), f"{len(data)} bytes or more", f"at most {limits.MAX_FILE_BYTES}")
    data = data.removeprefix(b"\xef\xbb\xbf")
    text = SourceText(spelled, data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(spelled, text.place(error.start), "a byte that is not UTF-8", "UTF-8") from error
    if (at := data.find(b"\0")) >= 0:
        raise InputError(spelled, text.place(at), "a zero byte", "Rust source text")
    return text

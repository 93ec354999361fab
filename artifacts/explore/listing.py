"""The text beside a trace: the lines of Rust and the blocks of MIR that its places speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from artifacts.explore.model import Excerpt, Listing
from artifacts.names import visible
from smt_models.runtime.outcomes import Where

AROUND = 6
"""Lines of Rust before and after each place."""
_WIDTH = 400
_MOST_LINES = 80
_LARGEST = 64 << 20
_SOURCE = re.compile(r"(.+?):([1-9][0-9]*)(?::[0-9]+)*")
_BLOCK = re.compile(r" {4}bb(0|[1-9][0-9]*)(?: \(cleanup\))?: \{")


def listing(places: Iterable[Where], sources: Path | None, mir: Path | None) -> Listing:
    """`sources`: the directory of the crate, `mir`: the MIR text; None where neither is at hand."""
    wanted = tuple(places)
    rust, unread = _rust(wanted, sources)
    text = _text(mir) if mir is not None else None
    blocks = {} if text is None else dict(_mir(wanted, text))
    missing = list(unread)
    if text is None and wanted:
        missing.append("the MIR text is not at hand")
    return Listing(rust, blocks, tuple(missing))


def source_line(where: Where) -> tuple[str, int] | None:
    """File and line of a place."""
    found = _SOURCE.fullmatch(where.source)
    return None if found is None else (found[1], int(found[2]))


def _rust(places: Iterable[Where], directory: Path | None) -> tuple[dict[str, tuple[Excerpt, ...]], list[str]]:
    lines: dict[str, set[int]] = {}
    for place in filter(None, map(source_line, places)):
        lines.setdefault(place[0], set()).add(place[1])
    if directory is None:
        return {}, ["the Rust sources are not at hand (`--src DIR` names the crate)"] if lines else []
    found: dict[str, tuple[Excerpt, ...]] = {}
    missing = []
    for name, numbers in sorted(lines.items()):
        text = _within(directory, name)
        if text is None:
            missing.append(f"{visible(name)} is not among the Rust sources at hand")
        else:
            found[name] = tuple(_excerpts(text.splitlines(), sorted(numbers)))
    return found, missing


def _within(directory: Path, name: str) -> str | None:
    """The text of a file of the crate; nothing outside its directory is read."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return None
    full = directory / path
    return _text(full) if full.resolve().is_relative_to(directory.resolve()) else None


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _excerpts(lines: Sequence[str], numbers: Sequence[int]) -> Iterator[Excerpt]:
    """Lines around each number; excerpts that touch are one."""
    start = end = 0
    for number in numbers:
        first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
        if start and first <= end + 1:
            end = max(end, last)
            continue
        if start:
            yield _excerpt(lines, start, end)
        start, end = first, last
    if start and start <= end:
        yield _excerpt(lines, start, end)


def _excerpt(lines: Sequence[str], first: int, last: int) -> Excerpt:
    return Excerpt(first, tuple(shown_line(line) for line in lines[first - 1 : last]))


def shown_line(line: str) -> str:
    """A line of a file for people: its indentation stays, and no tab or control character does."""
    return visible(line.expandtabs(4).rstrip(), _WIDTH)


def _mir(places: Iterable[Where], text: str) -> Iterator[tuple[str, dict[int, tuple[str, ...]]]]:
    wanted: dict[str, set[int]] = {}
    for place in places:
        wanted.setdefault(place.function, set()).add(place.block)
    for function, numbers in sorted(wanted.items()):
        blocks = {number: lines for number, lines in _blocks(text, function) if number in numbers}
        if blocks:
            yield function, blocks


def _blocks(text: str, function: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The blocks of the first body of this name."""
    head = f"fn {function}("
    start = 0 if text.startswith(head) else text.find(f"\n{head}") + 1
    if start == 0 and not text.startswith(head):
        return
    end = text.find("\n}\n", start)
    number, lines = -1, list[str]()
    for line in text[start : len(text) if end < 0 else end].splitlines():
        if found := _BLOCK.match(line):
            number, lines = int(found[1]), []
        if number >= 0 and len(lines) < _MOST_LINES:
            lines.append(shown_line(line[4:]))
        if number >= 0 and line == "    }":
            yield number, tuple(lines)
            number = -1

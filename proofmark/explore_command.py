"""`proofmark explore`: counterexamples and proofs, in the terminal or on a page."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from artifacts.explore.model import Exploration
from artifacts.explore.page import TooLarge, page
from artifacts.names import visible
from artifacts.sentences import count
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.explore.opening import Asked, opened, view_at
from proofmark.files import write_atomically


@dataclass(frozen=True, slots=True)
class Shown:
    """How to show it: `page`: a file to write, `web`: serve the page; `address`: where to begin."""

    page: Path | None
    web: bool
    address: str | None


def run(asked: Asked, shown: Shown) -> int:
    """Raises UsageError, InputError."""
    in_terminal = shown.page is None and not shown.web
    if in_terminal and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this is no interactive terminal; expected --html FILE, which writes a page, or --web")
    exploration = opened(asked)
    view_at(exploration, shown.address)
    if shown.page is not None:
        _write(shown.page, exploration, shown.address)
    if shown.web:
        from proofmark.explore.web import serve

        serve(_page(exploration), shown.address)
    if in_terminal:
        from proofmark.explore.terminal.app import Explorer  # loads Textual

        program = Explorer(exploration, shown.address or "")
        program.run()
        return guard.FAULT if program.return_code else 0
    return 0


def _page(exploration: Exploration) -> bytes:
    try:
        return page(exploration)
    except TooLarge as error:
        raise UsageError(f"--html: {error}; explore a single trace, certificate or module") from error


def _write(path: Path, exploration: Exploration, address: str | None) -> None:
    data = _page(exploration)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UsageError(f"--html {path}: {error.strerror}; expected a file that can be written") from error
    place = f"#{address.removeprefix('#')}" if address else ""
    results = count(len(exploration.views), "result")
    console.err(f"{visible(str(path))}{visible(place)}: {results}, {len(data)} bytes")

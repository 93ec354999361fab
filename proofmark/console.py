"""What goes to the user: results to standard output, all else to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

_COLOURS = {"proved": 32, "accepted": 32, "holds": 32, "refuted": 31, "rejected": 31, "error": 31, "fault": 31}
_OTHER = 33


def out(data: bytes | str) -> None:
    """Writes to standard output. A reader that has gone away changes nothing: the exit status is the verdict."""
    raw = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence(sys.stdout)


def err(line: str) -> None:
    """Writes a line to standard error, as far as anybody reads it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except BrokenPipeError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Points a stream whose reader is gone to nowhere, so that the interpreter's last flush does not fail on it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError:  # no real file behind it
        return


def coloured(line: str, stream: TextIO) -> str:
    """`line` with its first word in the colour of what it says, where `stream` and the environment ask for colour."""
    word = line.split(maxsplit=1)[0] if line[:1].strip() else ""
    plain = word.rstrip(":")
    if not plain or not _wants_colour(stream):
        return line
    return f"\x1b[{_COLOURS.get(plain, _OTHER)}m{plain}\x1b[0m{line[len(plain) :]}"


def results(blocks: Iterable[tuple[str, ...]], to_stderr: bool) -> None:
    """Prints blocks of lines, each of which begins with a verdict."""
    stream = sys.stderr if to_stderr else sys.stdout
    for block in blocks:
        text = "\n".join((coloured(block[0], stream), *block[1:]))
        if to_stderr:
            err(text)
        else:
            out(text + "\n")


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

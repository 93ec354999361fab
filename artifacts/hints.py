"""Repairs that were proved, in words with the line of Rust: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from artifacts.canonical import Json
from artifacts.names import visible
from artifacts.sentences import SENTENCE_LIMIT, place
from proofs.runtime.hints import Hint

FORMAT = "proofmark-hints/1"


@dataclass(frozen=True, slots=True)
class Hinted:
    """Of one refutation. `lines`: the text of each hint's line of Rust, "" where the file is not at hand. `ended`: how
    far the search for more came, or why there is none.
    """

    obligation: str
    instance: str
    hints: tuple[Hint, ...]
    lines: tuple[str, ...]
    ended: str


def document(hinted: Hinted) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "obligation": hinted.obligation,
        "instance": hinted.instance,
        "hints": [_entry(hint, line) for hint, line in zip(hinted.hints, hinted.lines, strict=True)],
        "ended": hinted.ended,
    }


def _entry(hint: Hint, line: str) -> Json:
    return {
        "edit": visible(hint.what, SENTENCE_LIMIT),
        "where": [hint.where.function, hint.where.block, hint.where.source],
        "rust": line,
        "proved": list(hint.proved),
        "assumptions": [{"id": one.id, "about": one.about, "text": one.text} for one in hint.assumptions],
    }


def text(hinted: Hinted) -> tuple[str, ...]:
    return tuple(_lines(hinted))


def _lines(hinted: Hinted) -> Iterator[str]:
    many = f"{len(hinted.hints)} proved" if hinted.hints else "none"
    yield f"hints: {many} for {visible(hinted.obligation)} ({visible(hinted.instance)}); {visible(hinted.ended, 600)}"
    for hint, line in zip(hinted.hints, hinted.lines, strict=True):
        yield f"  {visible(hint.what, 600)}"
        yield f"    at {visible(place(hint.where), 600)}" + (f": {visible(line.strip(), 200)}" if line else "")
        yield f"    with it, proved: {', '.join(hint.proved)}"
    if hinted.hints:
        yield "  Each is a hypothesis: what the step was there for, only its author knows. Nothing was changed."

"""That the functions and blocks which a certificate lists are those of the MIR text under proof."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache

from proofs.recheck.faults import Refused
from proofs.recheck.runtime_certificate import Invariant

Listed = tuple[tuple[str, tuple[int, ...]], ...]

_BLOCK = re.compile(r"^ {4}bb(0|[1-9][0-9]*)(?: \(cleanup\))?: \{", re.MULTILINE)
_WORDS = ("fn ", "const ", "static ", "promoted[")
_PROMOTED = re.compile(r"(.+)::(promoted\[[0-9]+\])")


@dataclass(frozen=True, slots=True)
class Mir:
    """The subject, known by its hash: certificates about one operation list the same blocks of it."""

    sha256: str
    data: bytes = field(compare=False, repr=False)


def check_blocks(mir: Mir, evidence: Invariant) -> None:
    """Every block of each function that is listed is listed once, as covered or as not. Raises `Refused`."""
    _check(mir, evidence.covered, evidence.uncovered)


@lru_cache(maxsize=32)
def _check(mir: Mir, covered_: Listed, uncovered_: Listed) -> None:
    try:
        text = "\n" + mir.data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("subject: no text of MIR") from None
    covered, uncovered = dict(covered_), dict(uncovered_)
    for function in sorted(uncovered.keys() - covered.keys()):
        raise Refused(f"evidence.uncovered: no block of {function[:200]} is covered")
    heads = _heads(text)
    for function, numbers in covered.items():
        listed = sorted([*numbers, *uncovered.get(function, ())])
        bodies = [_blocks_at(text, start) for start in _starts(heads, function)]
        if not bodies:
            raise Refused(f"subject: no body of {function[:200]}")
        if listed not in bodies:
            raise Refused(f"evidence.covered: the blocks of {function[:200]} are others")


def _heads(text: str) -> list[tuple[str, int]]:
    """The lines with which bodies begin, sorted, and where they stand."""
    heads = []
    for word in _WORDS:
        at = text.find(f"\n{word}")
        while at >= 0:
            end = text.find("\n", at + 1)
            heads.append((text[at + 1 : end if end >= 0 else len(text)], at + 1))
            at = text.find(f"\n{word}", at + 1)
    return sorted(heads)


def _starts(heads: list[tuple[str, int]], function: str) -> list[int]:
    """Where bodies of this name begin: constructors stand twice."""
    begins = [f"fn {function}(", *(f"{word} {function}: " for word in ("const", "static", "static mut"))]
    if found := _PROMOTED.fullmatch(function):
        begins.append(f"{found[2]} in {found[1]}: ")
    starts = []
    for begin in begins:
        at = bisect_left(heads, (begin, 0))
        while at < len(heads) and heads[at][0].startswith(begin):
            starts.append(heads[at][1])
            at += 1
    return starts


def _blocks_at(text: str, start: int) -> list[int]:
    end = text.find("\n}\n", start)
    return sorted(int(found[1]) for found in _BLOCK.finditer(text, start, len(text) if end < 0 else end))

"""That the functions and blocks which a certificate lists are those of the MIR text under proof."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from proofs.recheck.faults import Refused
from proofs.recheck.runtime_certificate import Invariant

Listed = tuple[tuple[str, tuple[int, ...]], ...]
Body = tuple[int, int]
"""Where it begins and ends."""

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
        bodies = _bodies(heads, function)
        if not bodies:
            raise Refused(f"subject: no body of {function[:200]}")
        if not any(_blocks(text, body) == listed for body in bodies):
            raise Refused(f"evidence.covered: the blocks of {function[:200]} are others")


def functions_of(data: bytes) -> Functions:
    """Raises `Refused`."""
    try:
        return Functions([head for head, _ in _heads("\n" + data.decode("utf-8"))])
    except UnicodeDecodeError:
        raise Refused("subject: no text of MIR") from None


@dataclass(frozen=True, slots=True)
class Functions:
    """Of a MIR text: the lines with which its bodies begin, sorted."""

    heads: list[str]

    def demand(self, names: Iterable[str], where: str) -> None:
        """That there is each of these functions. Raises `Refused`."""
        for name in names:
            begin = f"fn {name}("
            at = bisect_left(self.heads, begin)
            if not name or at == len(self.heads) or not self.heads[at].startswith(begin):
                raise Refused(f"{where}: the subject has no function {name!r}")


def _heads(text: str) -> list[tuple[str, Body]]:
    """The lines with which bodies begin, sorted, and the bodies: each ends before the next, if it has no end."""
    starts = []
    for word in _WORDS:
        at = text.find(f"\n{word}")
        while at >= 0:
            starts.append(at + 1)
            at = text.find(f"\n{word}", at + 1)
    heads = []
    for start, following in pairwise((*sorted(starts), len(text))):
        line, body = (text.find(mark, start, following) for mark in ("\n", "\n}\n"))
        heads.append((text[start : line if line >= 0 else following], (start, body if body >= 0 else following)))
    return sorted(heads)


def _bodies(heads: list[tuple[str, Body]], function: str) -> list[Body]:
    """Those of this name: constructors stand twice."""
    begins = [f"fn {function}(", *(f"{word} {function}: " for word in ("const", "static", "static mut"))]
    if found := _PROMOTED.fullmatch(function):
        begins.append(f"{found[2]} in {found[1]}: ")
    bodies = []
    for begin in begins:
        at = bisect_left(heads, (begin, (0, 0)))
        while at < len(heads) and heads[at][0].startswith(begin):
            bodies.append(heads[at][1])
            at += 1
    return bodies


def _blocks(text: str, body: Body) -> list[int]:
    return sorted(int(found[1]) for found in _BLOCK.finditer(text, *body))

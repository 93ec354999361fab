"""Checks that clauses contradict each other, by a proof in the form LRAT: each line a clause and the numbers of earlier
ones that it follows from by unit propagation, in that order; the last is empty. Linear in what the lines name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from proofs.recheck.circuit import Clause
from proofs.recheck.faults import Refused

_LINE = re.compile(r"[1-9][0-9]*+(?> (?:0|d|-?[1-9][0-9]*+))++")
MOST_WORK = 400_000_000
"""Literals that are looked at, of one proof."""


def check_lrat(clauses: Sequence[Clause], lines: Iterable[str]) -> None:
    """Raises `Refused` unless the lines derive the empty clause from these clauses, numbered from 1."""
    known: dict[int, Clause] = dict(enumerate(clauses, 1))
    last, work = len(known), 0
    for line in lines:
        words = line.split(" ")
        if words[1:2] == ["d"]:
            _forget(known, _numbers(words[2:], line), line)
            continue
        identity, literals, hints = _parts(_numbers(words, line), line)
        if identity <= last:
            raise Refused(f"lrat: the line {identity} comes after {last}")
        last = identity
        work += _follows(known, literals, hints, identity, MOST_WORK - work)
        if not literals:
            return
        known[identity] = literals
    raise Refused("lrat: it ends without the empty clause")


def _numbers(words: list[str], line: str) -> list[int]:
    """Each written in the one way there is, so that all who read the file read the same."""
    try:
        if _LINE.fullmatch(line):
            return [int(word) for word in words]
    except ValueError:  # `d` in another place, or more digits than Python takes
        pass
    raise Refused(f"lrat: not a line of numbers: {line[:60]!r}")


def _forget(known: dict[int, Clause], numbers: list[int], line: str) -> None:
    if numbers[-1:] != [0]:
        raise Refused(f"lrat: a line that does not end: {line[:60]!r}")
    for number in numbers[:-1]:
        if known.pop(number, None) is None:
            raise Refused(f"lrat: there is no clause {number} to forget")


def _parts(numbers: list[int], line: str) -> tuple[int, Clause, list[int]]:
    if numbers.count(0) != 2 or numbers[-1] != 0 or numbers[0] <= 0:
        raise Refused(f"lrat: not a number, literals, 0, hints and 0: {line[:60]!r}")
    end = numbers.index(0)
    return numbers[0], tuple(numbers[1:end]), numbers[end + 1 : -1]


def _follows(known: dict[int, Clause], literals: Clause, hints: list[int], identity: int, most: int) -> int:
    """How many literals were looked at, once the hints contradict that all of these literals are false."""
    false = set(literals)
    work = len(literals)
    for hint in hints:
        clause = known.get(hint)
        if clause is None:
            raise Refused(f"lrat: line {identity} names {hint}, which is no clause that stands")
        work += len(clause)
        if work > most:
            raise Refused("lrat: more work than this checker does")
        left = {literal for literal in clause if literal not in false}
        if not left:
            return work
        if len(left) > 1:
            raise Refused(f"lrat: line {identity}: nothing follows from clause {hint}")
        false.add(-left.pop())
    raise Refused(f"lrat: line {identity} does not follow from its hints")

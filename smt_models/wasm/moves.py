"""What a counted loop copies, from the loads and stores of one iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smt_models.system.terms import TRUE, Apply, Term, Variable, both, disjunction, equal
from smt_models.wasm.build import make, number, same, width_of
from smt_models.wasm.closed_form import Moved
from smt_models.wasm.memory import ADDRESS, at
from smt_models.wasm.paths import Access

Line = Callable[[Term], tuple[Term, int] | None]
"""A term of any iteration as its first value and what each iteration adds; None if it does not change so."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A local that begins as what lies at `source` when the loop is come to; `after`: what an iteration makes of it."""

    source: Term
    after: Term


def moved_by(line: Line, accesses: list[Access], carried: Mapping[Variable, Carried]) -> Moved | None:
    """None unless each load is followed by the store of what it gave, or of what it gave and the one before."""
    pairs = [*zip(accesses[::2], accesses[1::2], strict=False)]
    if len(accesses) % 2 or not all(_is_pair(*pair) for pair in pairs):
        return None
    if len(pairs) == 1:
        return _moved(line, pairs) or _shifted(line, *pairs[0], carried)
    return _moved(line, pairs)


def _is_pair(loaded: Access, stored: Access) -> bool:
    of_first_memory = loaded.memory == stored.memory == 0
    return stored.store and not loaded.store and of_first_memory and None not in (loaded.value, stored.value)


def _moved(line: Line, pairs: list[tuple[Access, Access]]) -> Moved | None:
    """Each store is of what the load before it gave; together they are neighbours, and go on by what they are long."""
    if not pairs or not all(_same(loaded.value, stored.value) for loaded, stored in pairs):
        return None
    first = _start(line, pairs[0])
    if first is None:
        return None
    target, source, stride = first
    done = 0
    for pair in pairs:
        here = _start(line, pair)
        by = number(done, ADDRESS)
        if here is None or here[2] != stride:
            return None
        if not (same(here[0], make("bvadd", target, by)) and same(here[1], make("bvadd", source, by))):
            return None
        assert pair[1].value is not None
        done += width_of(pair[1].value) // 8
    return Moved(TRUE, target, source, done, len(pairs)) if done == stride else None


def _shifted(line: Line, loaded: Access, stored: Access, carried: Mapping[Variable, Carried]) -> Moved | None:
    """Words of the source, which is not aligned as the target is: of each word stored, the lower bytes are the upper
    ones of the word that the iteration before loaded, and the upper bytes the lower ones of that just loaded [so does
    memcpy of compiler-builtins]. Every byte that is copied was loaded no later than a plain copy would load it.
    """
    parts = _parts(stored.value)
    start = _start(line, (loaded, stored))
    if parts is None or start is None or loaded.value is None:
        return None
    (before, down), (now, up) = parts
    kept = carried.get(before) if isinstance(before, Variable) else None
    by, back = line(down), line(up)
    if kept is None or by is None or back is None or by[1] or back[1]:
        return None
    target, second, stride = start
    width = width_of(now)
    word = width // 8
    follows = same(second, make("bvadd", kept.source, number(word, ADDRESS)))
    if not (same(now, loaded.value) and same(kept.after, loaded.value) and follows and stride == word):
        return None
    ways = [
        both(equal(by[0], number(8 * gone, width)), equal(back[0], number(width - 8 * gone, width)))
        for gone in range(1, word)
    ]
    gone = make("bvlshr", by[0], number(3, width))
    if width != ADDRESS:
        gone = make("extract", gone, indices=(ADDRESS - 1, 0))
    return Moved(disjunction(ways), target, make("bvadd", kept.source, gone), word, 1)


def _parts(value: Term | None) -> tuple[tuple[Term, Term], tuple[Term, Term]] | None:
    """Of (x >> n) | (y << m), in any order: x and n, and y and m."""
    match value:
        case Apply("bvor", (Apply("bvlshr", (low, down)), Apply("bvshl", (high, up)))):
            return (low, down), (high, up)
        case Apply("bvor", (Apply("bvshl", (high, up)), Apply("bvlshr", (low, down)))):
            return (low, down), (high, up)
        case _:
            return None


def _same(one: Term | None, other: Term | None) -> bool:
    return one is not None and other is not None and same(one, other)


def _start(line: Line, pair: tuple[Access, Access]) -> tuple[Term, Term, int] | None:
    """Where a load and its store begin, and by what both go on."""
    source, target = (line(at(one.base, one.displacement)) for one in pair)
    if source is None or target is None or source[1] != target[1]:
        return None
    return target[0], source[0], target[1]

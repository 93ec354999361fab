"""The conjuncts of a term, each by itself, with those `let`s around it that it has need of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from proofs.recheck.script import Expression, expressions

MOST_TEXT = 1 << 26
"""Characters of the conjuncts of a term, if each had all that is bound around it."""


@dataclass(frozen=True, slots=True)
class Conjunct:
    """`names`: every name in its text, those of operators and of what is bound in it among them."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Bound:
    """One name that a `let` around the conjuncts binds, and the names in what it stands for."""

    name: str
    text: str
    names: frozenset[str]


def conjuncts(term: str) -> list[Conjunct]:
    """Terms that hold together where, and only where, this one holds; itself, if they would be too long."""
    (found,) = expressions(term, "invariant")
    whole = Conjunct(term, _names_in(found))
    heads: list[tuple[_Bound, ...]] = []
    while found.parts and found.parts[0].token == "let":
        _, bindings, found = found.parts
        heads.append(tuple(_bound(pair) for pair in bindings.parts or ()))
    if not found.parts or found.parts[0].token != "and" or len(found.parts) * len(term) > MOST_TEXT:
        return [whole]
    return [_under(heads, one) for one in found.parts[1:]]


def _bound(pair: Expression) -> _Bound:
    name, value = pair.parts or ()
    return _Bound(str(name.name), pair.text, _names_in(value))


def _under(heads: list[tuple[_Bound, ...]], one: Expression) -> Conjunct:
    """From the inside out: what nothing names that was come to so far need not be bound. The text is put together once:
    heads may be as many as characters.
    """
    names = set(_each_name(one))
    around: list[str] = []
    for head in reversed(heads):
        needed = [each for each in head if each.name in names]
        if needed:
            around.append(f"(let ({' '.join(each.text for each in needed)}) ")
            names.update(*(each.names for each in needed))
    return Conjunct("".join((*reversed(around), one.text, ")" * len(around))), frozenset(names))


def _names_in(expression: Expression) -> frozenset[str]:
    return frozenset(_each_name(expression))


def _each_name(expression: Expression) -> Iterator[str]:
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        if one.name is not None:
            yield one.name
        waiting.extend(one.parts or ())

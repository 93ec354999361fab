"""What numbers of a model are for: those that are multiplied with each other, and those that loops count with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smt_models.buffers.model import BufferModel, PathStep
from smt_models.system.terms import Apply, Literal, Term, Variable


@dataclass(frozen=True, slots=True)
class Factors:
    """`multiplied`: what is a factor of a product of two unknown numbers somewhere, and what it is copied from and to;
    `counting`: what is moved on by a constant.
    """

    multiplied: frozenset[Variable]
    counting: frozenset[Variable]

    @staticmethod
    def of(model: BufferModel) -> Factors:
        found = {one for path in model.paths for term in terms_of(path) for one in _factors(term)}
        copies = [
            {Variable(name, term.sort), term}
            for path in model.paths
            for name, term in path.step.step.updates
            if isinstance(term, Variable)
        ]
        count = -1
        while count < len(found):
            count = len(found)
            for pair in copies:
                if pair & found:
                    found |= pair
        counting = {
            Variable(name, term.sort)
            for path in model.paths
            for name, term in path.step.step.updates
            if _is_moved_on(name, term)
        }
        return Factors(frozenset(found), frozenset(counting))


def terms_of(path: PathStep) -> Iterator[Term]:
    yield path.step.step.guard
    yield from (term for _, term in path.step.step.updates)


def parts_of(terms: Iterator[Term]) -> Iterator[Term]:
    """Every term within, once."""
    seen: set[Term] = set()
    waiting = list(terms)
    while waiting:
        term = waiting.pop()
        if term not in seen:
            seen.add(term)
            yield term
            if isinstance(term, Apply):
                waiting.extend(term.arguments)


def _factors(term: Term) -> Iterator[Variable]:
    """Of products of two unknown numbers."""
    for one in parts_of(iter((term,))):
        match one:
            case Apply("bvmul", (left, right)) if not isinstance(left, Literal) and not isinstance(right, Literal):
                yield from (each for each in (left, right) if isinstance(each, Variable))
            case _:
                pass


def _is_moved_on(name: str, term: Term) -> bool:
    match term:
        case Apply("bvadd", (Variable(moved), Literal())):
            return moved == name
        case _:
            return False

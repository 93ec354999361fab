"""Terms with other names for their variables: what differs in nothing else is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smt_models.system.smtlib import sort_text
from smt_models.system.terms import Apply, Literal, Term, Variable, variables_of


def numbered(term: Term) -> Term:
    """With its variables numbered in the order of their occurrence."""
    return renamed((term,), ())[0][0]


def renamed(words: Sequence[Term], conditions: Sequence[Term]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """With variables numbered in the order of their occurrence in all of them."""
    names: dict[str, Variable] = {}
    for term in (*words, *conditions):
        if isinstance(term, Literal):
            continue
        for one in variables_of(term):
            if one.name not in names:
                names[one.name] = Variable(f"word {len(names)} {sort_text(one.sort)}", one.sort)
    done: dict[Apply, Term] = {}
    return tuple(_with(one, names, done) for one in words), tuple(_with(one, names, done) for one in conditions)


def _with(term: Term, names: Mapping[str, Variable], done: dict[Apply, Term]) -> Term:
    match term:
        case Literal():
            return term
        case Variable(name):
            return names[name]
        case Apply(operator, arguments, sort, indices):
            made = done.get(term)
            if made is None:
                made = Apply(operator, tuple([_with(one, names, done) for one in arguments]), sort, indices)
                done[term] = made
            return made

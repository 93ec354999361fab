"""Terms with other names for their variables: what differs in nothing else is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smt_models.system.operators import Sort
from smt_models.system.smtlib import sort_text
from smt_models.system.terms import Apply, Literal, Term, Variable, variables_of


def numbered(term: Term) -> Term:
    """With its variables numbered in the order of their occurrence."""
    return Renaming().renamed((term,), ())[0][0]


class Renaming:
    """Of many terms that have much in common: what was renamed in the same way before is not made again."""

    def __init__(self) -> None:
        self._made: dict[tuple[Apply, tuple[str, ...]], Term] = {}
        self._variables: dict[tuple[int, Sort], Variable] = {}

    def renamed(self, words: Sequence[Term], conditions: Sequence[Term]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """With variables numbered in the order of their occurrence in all of them."""
        names: dict[str, Variable] = {}
        done: dict[Apply, Term] = {}
        every = tuple([self._with(term, names, done) for term in (*words, *conditions)])
        return every[: len(words)], every[len(words) :]

    def _with(self, term: Term, names: dict[str, Variable], done: dict[Apply, Term]) -> Term:
        match term:
            case Literal():
                return term
            case Variable():
                return self._named(term, names)
            case Apply():
                new = tuple([self._named(one, names).name for one in variables_of(term)])
                made = self._made.get((term, new))
                if made is None:
                    made = self._made[term, new] = _with(term, names, done)
                return made

    def _named(self, variable: Variable, names: dict[str, Variable]) -> Variable:
        found = names.get(variable.name)
        if found is None:
            key = (len(names), variable.sort)
            found = self._variables.get(key)
            if found is None:
                name = f"word {len(names)} {sort_text(variable.sort)}"
                found = self._variables[key] = Variable(name, variable.sort)
            names[variable.name] = found
        return found


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

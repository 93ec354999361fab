"""What a state's conditions say of its words: the rest is dropped, without saying less of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from smt_models.system.operators import BitVec
from smt_models.system.terms import Apply, Term, Variable, conjunction, variables_of


def components(conditions: Iterable[Term]) -> tuple[Term, ...]:
    """Conjunctions that share no variable with each other."""
    return tuple(conjunction(terms) for _, terms in _groups(conditions))


def about(live: set[str], conditions: Iterable[Term], text: Callable[[Term], str] = repr) -> tuple[Term, ...]:
    """Those that the live variables share something with, in an order of their own: that of `text`.

    A number that is not live and is only said to differ from others can always be chosen, if there are enough numbers:
    what says so is dropped as well.
    """
    parts = dict.fromkeys(part for one in conditions for part in _conjuncts(one))
    while free := _free(live, parts):
        parts = {one: None for one in parts if not any(variable.name in free for variable in variables_of(one))}
    kept = [one for names, terms in _groups(parts) if names & live for one in terms]
    return tuple(sorted(kept, key=text))


def _free(live: set[str], parts: Iterable[Term]) -> set[str]:
    """Variables that can always be chosen. What is dropped for one of them frees no other less."""
    mentions: dict[str, list[Term]] = {}
    for part in parts:
        for one in variables_of(part):
            if one.name not in live:
                mentions.setdefault(one.name, []).append(part)
    free: set[str] = set()
    for name, those in mentions.items():
        widths = {_differs(name, one) for one in those}
        if None not in widths and all(len(those) < 1 << width for width in widths if width is not None):
            free.add(name)
    return free


def _differs(name: str, part: Term) -> int | None:
    """How many bits the number has, if it is said to differ from what does not mention it."""
    match part:
        case Apply("not", (Apply("=", (left, right)),)):
            for one, other in ((left, right), (right, left)):
                if isinstance(one, Variable) and one.name == name and name not in _names(other):
                    return one.sort.width if isinstance(one.sort, BitVec) else None
    return None


def _conjuncts(term: Term) -> tuple[Term, ...]:
    if isinstance(term, Apply) and term.operator == "and":
        return tuple(part for one in term.arguments for part in _conjuncts(one))
    return (term,)


def _names(term: Term) -> set[str]:
    return {one.name for one in variables_of(term)}


def _groups(conditions: Iterable[Term]) -> list[tuple[set[str], list[Term]]]:
    """Those that share no variable with each other, with their variables: groups in the order of what joined them last,
    and in a group first what was in others before, in their order.
    """
    groups: dict[int, tuple[set[str], list[Term]]] = {}
    of: dict[str, int] = {}
    for number, condition in enumerate(conditions):
        names = _names(condition)
        terms: list[Term] = []
        for linked in sorted({of[name] for name in names if name in of}):
            others, before = groups.pop(linked)
            names |= others
            terms += before
        groups[number] = (names, [*terms, condition])
        of.update(dict.fromkeys(names, number))
    return list(groups.values())

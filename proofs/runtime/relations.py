"""How the numbers of a state are related: guessed from templates, and kept if every step keeps them (Houdini).

Only numbers that an obligation rests on are looked at: those that its faults speak of, and what these come from. That
what is kept is an invariant is shown again, with the rest of it, by the checker of certificates.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.solve import refutable
from smt_models.runtime.constants import USIZE
from smt_models.runtime.emit import Numbers, canonical
from smt_models.runtime.explore import Explored
from smt_models.runtime.facts import Facts, fold
from smt_models.runtime.lending import EXTENT
from smt_models.runtime.outcomes import Done, Violated
from smt_models.runtime.template import ANY, default
from smt_models.system.terms import TRUE, Term, Variable, both, conjunction, either, equal, negation, variables_of

MOST = 24
"""How many numbers are related to each other at most."""
GLANCE = 2
"""Seconds for the question whether one step keeps one relation: of products of words the solver may never know."""


@dataclass(frozen=True, slots=True)
class NumberStep:
    """What one or several paths do with the numbers."""

    condition: Term
    updates: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """`certain`: the solver knew of each relation whether it is kept, so that another machine finds the same."""

    relations: tuple[Term, ...]
    certain: bool


def related_numbers(explored: Explored, budget: Budget) -> Numbers:
    """If they are too many, or the solver has no answer in time, nothing is known of how they are related."""
    template = explored.actions.template
    every = {one.name: one for one in (*template.numbers(), *template.variables()) if one.sort == USIZE}
    names = _needed(explored, every)
    if not names:
        return Numbers()
    found = [every[name] for name in every if name in names]
    fixed = {one.name: one for one in explored.actions.subject.fixed}
    related = [one for one in found if one.name not in fixed]
    variables = (*(one for one in found if one.name.startswith(ANY)), *(one for one in fixed.values() if one in found))
    there = tuple(_where_there(related, template.chosen_by()))
    tags = {one.name for term in there for one in variables_of(term)}
    steps = tuple(dict.fromkeys(_steps(explored, names | tags)))
    candidates = (*there, *candidates_of(related)) if len(related) <= MOST else ()
    try:
        kept = kept_by(steps, candidates, budget)
    except NoAnswer:
        kept = Kept((), certain=False)
    return Numbers(variables, kept.relations, frozenset(fixed), kept.certain)


def _needed(explored: Explored, every: Mapping[str, Variable]) -> set[str]:
    """The numbers that faults of length speak of, and what they come from."""
    faults = [path for _, path in explored.paths if isinstance(path.outcome, Violated)]
    spoken = [one.state.facts for one in faults if one.outcome.obligation == EXTENT]  # type: ignore[union-attr]
    names = {v.name for facts in spoken for fact in facts.assumed for v in variables_of(fact)} & every.keys()
    updates = [path.state.updates for _, path in explored.paths if path.state.updates is not None]
    while True:
        before = len(names)
        for given in updates:
            for name in names & given.keys():
                names = names | ({one.name for one in variables_of(given[name])} & every.keys())
        if len(names) == before:
            return names


def _steps(explored: Explored, names: set[str]) -> Iterator[NumberStep]:
    for _, path in explored.paths:
        if not isinstance(path.outcome, Done) or path.state.updates is None:
            continue
        given = path.state.updates
        changed = ((name, term) for name, term in given.items() if name in names)
        updates = tuple((name, term) for name, term in changed if not _is_itself(name, term))
        if updates:
            one = canonical(_linked(path.state.facts, updates, names), updates, names)
            yield NumberStep(one.condition, one.updates)


def _is_itself(name: str, term: Term) -> bool:
    return isinstance(term, Variable) and term.name == name


def _linked(facts: Facts, updates: Sequence[tuple[str, Term]], names: set[str]) -> Facts:
    """What is known of these numbers and of what they become."""
    needed = names | {one.name for _, term in updates for one in variables_of(term)}
    waiting = {one: {v.name for v in variables_of(one)} for one in facts.assumed}
    found = Facts()
    while linked := [one for one, of in waiting.items() if of & needed]:
        for one in linked:
            needed |= waiting.pop(one)
            found.assume(one)
    return found


def _where_there(numbers: Sequence[Variable], chosen_by: Mapping[str, tuple[Term, ...]]) -> Iterator[Term]:
    """A number that is not there is 0."""
    for one in numbers:
        for chosen in chosen_by.get(one.name, ()):
            yield either(equal(one, default(one)), chosen)


def candidates_of(numbers: Sequence[Variable]) -> Iterator[Term]:
    """`x <= y`, and of parts of one value `x <= y - z`."""
    for one, other in itertools.permutations(numbers, 2):
        yield fold("bvule", one, other)
    for one, other, less in itertools.permutations(numbers, 3):
        if _owner(one) == _owner(other) == _owner(less):
            yield both(fold("bvule", less, other), fold("bvule", one, fold("bvsub", other, less)))


def _owner(number: Variable) -> str:
    """The value that it is a part of: what comes first in its name, with the variant that it is in."""
    return ".".join(number.name.removeprefix(ANY).split(".")[:3])


def kept_by(steps: Sequence[NumberStep], candidates: Sequence[Term], budget: Budget) -> Kept:
    """The largest part that each step keeps, if it held before, as far as the solver sees it at a glance: what it does
    not see is given up too, and what is left is kept all the same. Raises NoAnswer.
    """
    ends = time.monotonic() + budget.seconds
    kept, certain = list(candidates), True
    while True:
        left = replace(budget, seconds=max(1, round(ends - time.monotonic())))
        asked = [(one, query) for step in steps for one, query in _broken(step, kept)]
        never = refutable([query for _, query in asked], left, GLANCE)
        broken = {one for (one, _), holds in zip(asked, never, strict=True) if not holds}
        certain = certain and None not in never
        if not broken:
            return Kept(tuple(kept), certain)
        kept = [one for one in kept if one not in broken]


def _broken(step: NumberStep, kept: Sequence[Term]) -> Iterator[tuple[Term, Term]]:
    after = dict(step.updates)
    known = Facts()
    known.assume(step.condition)
    before = both(step.condition, conjunction(kept))
    for one in kept:
        then = known.simplify(one, after)
        if then not in (TRUE, one):
            yield one, both(before, negation(then))

"""Counterexamples of a few steps, from an exploration that is not at its end: they refute; that there are none proves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from proofs.kinds import RuntimeKind
from proofs.runtime.concrete import NoNumbers, concrete
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.questions import Questions
from proofs.runtime.relations import related_numbers
from proofs.runtime.search import Limits, Search
from proofs.verdicts import NotConfirmed, Refuted, Violation
from smt_models.runtime.edges import Edges, edges_of
from smt_models.runtime.emit import system_of
from smt_models.runtime.exploration import Exploration, Stage
from smt_models.runtime.explore import Explored
from smt_models.system.model import System
from smt_models.system.terms import Term

E = TypeVar("E", bound=Exploration[Any])
Near = Mapping[RuntimeKind, tuple[Refuted, bool]]
"""The refutations, and whether the host does on their routes what it may not under all hypotheses."""


def refuted_within(
    explored: Explored, kinds: tuple[RuntimeKind, ...], steps: int, budget: Budget
) -> dict[RuntimeKind, Refuted]:
    """Those of the obligations that so many steps violate, each with a shortest trace; `explored` has all runs of no
    more steps. A trace whose numbers cannot be together is left out. Raises NoAnswer, and NoReplay, a fault of ours.
    """
    found = _searched(PartSoFar.of_operation(explored, budget), kinds, steps, budget)
    return {kind: refuted for kind, (refuted, _) in found.items()}


@dataclass(frozen=True, slots=True)
class PartSoFar:
    """What was explored so far, as a search needs it."""

    edges: Edges
    system: System

    @classmethod
    def of_operation(cls, explored: Explored, budget: Budget) -> PartSoFar:
        numbers = related_numbers(explored, budget)
        return cls(edges_of(explored, numbers), system_of(explored, numbers))


def explored_or_refuted(
    stages: Iterator[Stage[E]], part: Callable[[E], PartSoFar], kinds: tuple[RuntimeKind, ...], budget: Budget
) -> E | Near:
    """The whole exploration, unless all the obligations are refuted by what comes before its end: then as near the
    start as they would be with all of it. It is looked for only where paths break all of them, and if in vain, again
    once there are twice as many shapes, so that it takes little of what exploring takes. Raises what `stages` does, and
    NoReplay.
    """
    least = 0
    for stage in stages:
        explored = stage.explored()
        if stage.steps is None:
            return explored
        if len(explored.shapes) < least or not {kind.value for kind in kinds} <= explored.broken():
            continue
        least = 2 * len(explored.shapes)
        try:
            found = _searched(part(explored), kinds, stage.steps, budget)
        except NoAnswer:
            continue  # the whole exploration says why, if it matters
        if len(found) == len(kinds):
            return found
    raise AssertionError("an exploration ends with all of it")


def _searched(part: PartSoFar, kinds: tuple[RuntimeKind, ...], steps: int, budget: Budget) -> Near:
    edges, system = part.edges, part.system
    conditions = {one.name for one in system.bad}
    goals: dict[str, Term] = {kind.value: system.condition(kind.value) for kind in kinds if kind.value in conditions}
    limits = Limits(steps, seconds=budget.seconds, megabytes=budget.megabytes)
    with Questions(budget) as questions:
        routes = Search(edges, goals, limits, questions.satisfiable).run().routes
    found: dict[RuntimeKind, tuple[Refuted, bool]] = {}
    for kind in kinds:
        route = routes.get(kind.value)
        if route is None:
            continue
        try:
            trace = concrete(edges, kind.value, route, system, budget)
        except NoNumbers:
            continue
        refuted = Refuted(Violation(trace, NotConfirmed("no native run was tried")))
        found[kind] = refuted, edges.breaks_a_hypothesis(route)
    return found

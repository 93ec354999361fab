"""Counterexamples of a few steps, from an exploration that was stopped after so many rounds: they refute; that there
are none proves nothing.
"""

from __future__ import annotations

from proofs.kinds import RuntimeKind
from proofs.runtime.concrete import NoNumbers, concrete
from proofs.runtime.engine import Budget
from proofs.runtime.questions import Questions
from proofs.runtime.relations import related_numbers
from proofs.runtime.search import Limits, Search
from proofs.verdicts import NotConfirmed, Refuted, Violation
from smt_models.runtime.edges import edges_of
from smt_models.runtime.emit import system_of
from smt_models.runtime.explore import Explored
from smt_models.system.terms import Term


def refuted_within(
    explored: Explored, kinds: tuple[RuntimeKind, ...], steps: int, budget: Budget
) -> dict[RuntimeKind, Refuted]:
    """Those of the obligations that so many steps violate, each with a shortest trace; `explored` has all runs of no
    more steps. A trace whose numbers cannot be together is left out. Raises NoAnswer, and NoReplay, a fault of ours.
    """
    numbers = related_numbers(explored, budget)
    edges, system = edges_of(explored, numbers), system_of(explored, numbers)
    conditions = {one.name for one in system.bad}
    goals: dict[str, Term] = {kind.value: system.condition(kind.value) for kind in kinds if kind.value in conditions}
    limits = Limits(steps, seconds=budget.seconds, megabytes=budget.megabytes)
    with Questions(budget) as questions:
        routes = Search(edges, goals, limits, questions.satisfiable).run().routes
    found: dict[RuntimeKind, Refuted] = {}
    for kind in kinds:
        if kind.value not in routes:
            continue
        try:
            trace = concrete(edges, kind.value, routes[kind.value], system, budget)
        except NoNumbers:
            continue
        found[kind] = Refuted(Violation(trace, NotConfirmed("no native run was tried")))
    return found

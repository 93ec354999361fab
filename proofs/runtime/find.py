"""The shortest counterexample of an obligation, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from proofs.runtime.concrete import concrete
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.questions import Questions
from proofs.runtime.search import Limits, Search, Searched
from proofs.runtime.trace import Found, NotFound
from smt_models.runtime.edges import Edges
from smt_models.system.model import System

LIMITS = Limits()


def find_traces(
    edges: Edges, system: System, obligations: Sequence[str], limits: Limits = LIMITS
) -> Mapping[str, Found]:
    """One search for all of them: bad conditions of the system, by name; probes too, whose traces are witnesses.
    Raises NoReplay, a fault of ours.
    """
    budget = Budget(limits.seconds, limits.megabytes)
    goals = {one: system.condition(one) for one in obligations}
    try:
        with Questions(budget) as questions:
            searched = Search(edges, goals, limits, questions.satisfiable).run()
        return {one: _found(edges, system, searched, one, budget) for one in obligations}
    except NoAnswer as error:
        return {one: NotFound(str(error), 0, False) for one in obligations}


def _found(edges: Edges, system: System, searched: Searched, obligation: str, budget: Budget) -> Found:
    route = searched.routes.get(obligation)
    if route is not None:
        return concrete(edges, obligation, route, system, budget)
    return NotFound(f"{searched.why}: {searched.states} states", searched.steps, searched.whole)

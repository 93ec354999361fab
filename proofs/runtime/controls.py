"""Negative controls: the search again, on the program with one step taken away.

An obligation that fails then has a shortest violation, found by the search that finds traces. Where none fails, every
state was looked at: the proofs do not rest on that step. Whatever ends otherwise is neither, and says why. Nothing here
makes a proof better or worse; it tells a reader whether there was anything that could have failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.questions import Questions
from proofs.runtime.search import Limits, Search
from proofs.runtime_verdicts import Control
from smt_models.runtime.edges import Edges
from smt_models.runtime.edits import Edit, edited, edits_of
from smt_models.runtime.emit import FAULT, UNKNOWN
from smt_models.runtime.explore import Explored, NoFixpoint
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import Program
from smt_models.runtime.task_explore import ExploredTask

Spend = Callable[[], None]
MOST = 1000
"""As many as a certificate takes."""


def controls(
    explored: Explored | ExploredTask,
    edges_of: Callable[[Program, Spend], Edges],
    unbroken: Iterable[str],
    budget: Budget,
    spend_of: Callable[[Budget], Spend],
) -> Iterator[Control]:
    """Of every step that can be taken away, calls before branches, as far as the budget for all of it goes. `edges_of`:
    of a program in place of the one that was explored; it raises NoFixpoint and NotModelled.
    `unbroken`: the obligations that no route breaks without an edit. All of them, not those alone that are asked for: a
    fault ends its run, and would hide what comes after it.
    """
    ends = time.monotonic() + budget.seconds
    wanted = tuple(unbroken)
    original = explored.actions.subject.program
    for edit in sorted(edits_of(explored), key=lambda one: one.rank)[:MOST]:
        left = int(ends - time.monotonic())
        if left <= 0:
            yield Control(edit.what, edit.where, (), f"{budget.seconds} s were spent on others")
            continue
        limits = Limits(seconds=left, megabytes=budget.megabytes)
        try:
            again = edges_of(edited(original, edit), spend_of(Budget(left, budget.megabytes)))
            yield control(edit, again, wanted, limits)
        except (NoFixpoint, NotModelled, NoAnswer) as error:
            yield Control(edit.what, edit.where, (), str(error))


def control(edit: Edit, edges: Edges, wanted: tuple[str, ...], limits: Limits) -> Control:
    """What becomes of the wanted obligations on the edited program's edges. Raises NoAnswer."""
    budget = Budget(limits.seconds, limits.megabytes)
    goals = {name: FAULT.is_(name) for name in (*wanted, UNKNOWN)}
    with Questions(budget) as questions:
        searched = Search(edges, goals, limits, questions.satisfiable).run()
    fails = tuple(sorted(searched.routes.keys() - {UNKNOWN}))
    undecided = "" if searched.whole or searched.routes.keys() == goals.keys() else searched.why
    if UNKNOWN in searched.routes:
        fault = edges.edges[searched.routes[UNKNOWN][-1]].fault
        undecided = f"not modelled: {fault.why if fault is not None else edit.what}"
    return Control(edit.what, edit.where, fails, undecided)

"""Negative controls: the proof again, on the program with one step taken away.

A control that fails has a shortest violation, found by the search that finds traces. One that stays proved had every
state looked at: the proof does not rest on that step. Whatever ends otherwise is neither, and says why.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from proofs.runtime.engine import Budget
from proofs.runtime.search import Limits, Search
from proofs.runtime.solve import NoAnswer, satisfiable
from smt_models.runtime.edges import Edges, edges_of
from smt_models.runtime.edits import Edit, edited
from smt_models.runtime.emit import FAULT, OBLIGATIONS, UNKNOWN
from smt_models.runtime.explore import NoFixpoint, explore
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import NotModelled, Where
from smt_models.runtime.program import Program

_BROKEN = "broken"


class Outcome(enum.Enum):
    FAILED = "failed"  # as it must
    STAYED = "stayed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Control:
    """`step`: what was taken away, and `where`. `obligation` and `steps`: what failed, and how near it is. `why`: of an
    unknown one.
    """

    step: str
    where: Where
    outcome: Outcome
    obligation: str = ""
    steps: int = 0
    why: str = ""


def controls(
    original: Program,
    chosen: Iterable[Edit],
    rebuilt: Callable[[Program], Subject],
    refuted: Collection[str],
    limits: Limits,
) -> Iterator[Control]:
    """`refuted`: the obligations that fail without an edit too, and therefore show nothing."""
    wanted = tuple(one for one in OBLIGATIONS if one not in refuted)
    for edit in chosen:
        try:
            program = edited(original, edit)
            yield control(edit, edges_of(explore(rebuilt(program))), wanted, limits)
        except (NoFixpoint, NotModelled, NoAnswer) as error:
            yield Control(edit.what, edit.where, Outcome.UNKNOWN, why=str(error))


def control(edit: Edit, edges: Edges, wanted: tuple[str, ...], limits: Limits) -> Control:
    """What becomes of the wanted obligations on the edited program's edges. Raises NoAnswer."""
    budget = Budget(limits.seconds, limits.megabytes)
    search = Search(edges, {_BROKEN: FAULT.in_(*wanted)}, limits, lambda asked: satisfiable(asked, budget))
    searched = search.run()
    route = searched.routes.get(_BROKEN)
    if route is not None:
        fault = edges.edges[route[-1]].fault
        assert fault is not None
        return Control(edit.what, edit.where, Outcome.FAILED, fault.obligation, len(route))
    if not searched.whole:
        return Control(edit.what, edit.where, Outcome.UNKNOWN, why=searched.why)
    missing = [one.fault for one in edges.edges if one.fault is not None and one.fault.obligation == UNKNOWN]
    if missing:
        return Control(edit.what, edit.where, Outcome.UNKNOWN, why=f"not modelled: {missing[0].why}")
    return Control(edit.what, edit.where, Outcome.STAYED)

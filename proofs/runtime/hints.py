"""Repairs of a refuted obligation, each proved before it is told: by the engine that proves the runtime itself.

A hint is a hypothesis. What is proved of the edited model is safety: that a step may be left out says nothing of what
it was there for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from proofs.ablation.left import Clock
from proofs.kinds import RuntimeKind
from proofs.runtime.engine import Budget
from proofs.runtime.judge import (
    ALL,
    FEW,
    Judged,
    OperationUnderProof,
    Spending,
    is_of_elements,
    judge,
    spend,
    subject_of,
)
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.models import PartUnderProof
from proofs.runtime.questions import Questions
from proofs.runtime.relations import related_numbers
from proofs.runtime.search import Limits, Search
from proofs.runtime.task_side import TaskUnderProof, judge_task
from proofs.runtime.task_side import subject_of as task_subject_of
from proofs.verdicts import Assumption, Proved
from smt_models.host.variants import Hypotheses
from smt_models.runtime.edges import Edges, edges_of
from smt_models.runtime.emit import FAULT, NO_NUMBERS, NOT_MODELLED, UNKNOWN, updates_of
from smt_models.runtime.events import Noted, Told
from smt_models.runtime.execute import Path
from smt_models.runtime.explore import NoFixpoint, explore
from smt_models.runtime.outcomes import NotModelled, Where
from smt_models.runtime.program import Program
from smt_models.runtime.repairs import Repair, repaired, repairs
from smt_models.runtime.task_edges import task_edges
from smt_models.runtime.task_emit import task_updates
from smt_models.runtime.task_explore import explore_task
from smt_models.system.terms import FALSE, Term, either

WRONG, NEVER = "wrong", ""


@dataclass(frozen=True, slots=True)
class Hint:
    """`proved`: what is proved with the edit, the refuted obligation first. `assumptions`: of that proof."""

    what: str
    where: Where
    proved: tuple[str, ...]
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind` is refuted, and so are `broken`; `kept` were proved."""

    part: PartUnderProof
    kind: RuntimeKind
    kept: tuple[RuntimeKind, ...]
    broken: tuple[RuntimeKind, ...]


@dataclass(slots=True)
class Hints:
    """`most`: as many are looked for. `tried`: how many edits were looked at, of `known`."""

    asked: Asked
    spending: Spending
    clock: Clock
    most: int
    tried: int = 0
    known: int = 0
    _can_be: dict[Term, bool] = field(default_factory=dict)
    """What the solver said: one small edit leaves most conditions as they are."""

    def found(self) -> Iterator[Hint]:
        """As they are found, the simplest edits first. Raises NoFixpoint, NotModelled, NoAnswer."""
        program = self.asked.part.program
        before = self._looked_at(program, ALL, whole=True)
        before = before if before.run else self._looked_at(program, FEW, whole=True)
        every = tuple(repairs(program, before.run or ()))
        self.known = len(every)
        found = 0
        for repair in every:
            if self.clock.spent is not None or found == self.most:
                return
            self.tried += 1
            hint = self._hint(repair, repaired(program, repair), before)
            if hint is not None:
                found += 1
                yield hint

    def _hint(self, repair: Repair, program: Program, before: _Looked) -> Hint | None:
        try:
            after = self._looked_at(program, FEW if before.few else ALL, whole=False)
        except (NoFixpoint, NotModelled, NoAnswer):
            return None
        if after.run is not None or not before.does <= after.does:
            return None
        wanted = (self.asked.kind, *self.asked.kept)
        judged = self._judged(program, (*wanted, *self.asked.broken))
        proofs = {one.kind: one.verdict for one in judged if isinstance(one.verdict, Proved)}
        if not proofs.keys() >= set(wanted):
            return None
        earlier = {one.about for proof in proofs.values() for one in proof.assumptions if one.id == "earlier-fault"}
        if not earlier <= {kind.value for kind in self.asked.broken}:
            return None  # another fault ends the run before
        proved = tuple(kind.value for kind in proofs)
        return Hint(repair.what, repair.where, proved, proofs[self.asked.kind].assumptions)

    def _looked_at(self, program: Program, hypotheses: Hypotheses, whole: bool) -> _Looked:
        """`whole`: also what can be done besides. Raises NoFixpoint, NotModelled, NoAnswer."""
        left = max(1, self.clock.left)
        budget = Budget(min(left, self.spending.prove.seconds), self.clock.megabytes)
        edges, paths = self._edges(program, hypotheses, budget)
        goals = {
            WRONG: either(FAULT.is_(self.asked.kind.value), FAULT.is_(UNKNOWN)),
            **({NEVER: FALSE} if whole else {}),
        }
        limits = Limits(60, seconds=budget.seconds, megabytes=budget.megabytes)
        with Questions(budget) as questions:
            search = Search(edges, goals, limits, lambda asked: self._satisfiable(asked, questions))
            route = search.run().routes.get(WRONG)
        blocks = None if route is None else _blocks_of(edges, paths, route)
        return _Looked(blocks, _done_by(edges, search), hypotheses == FEW)

    def _edges(self, program: Program, hypotheses: Hypotheses, budget: Budget) -> tuple[Edges, list[Path]]:
        """And the paths that the last of them are of, in that order: those of the host come before. Raises NoFixpoint,
        NotModelled, NoAnswer.
        """
        left = max(1, min(self.clock.left, self.spending.explore.seconds))
        look = spend(replace(budget, seconds=left))
        match self.asked.part:
            case OperationUnderProof() as part:
                explored = explore(subject_of(part, program, hypotheses, is_of_elements(self.asked.kind, part)), look)
                numbers = related_numbers(explored, budget) if self.asked.kind.value in NOT_MODELLED else NO_NUMBERS
                edges = edges_of(explored, numbers)
                every = (*edges.variables, *numbers.variables, FAULT)
                return edges, [path for action, path in explored.paths for _ in updates_of(action, path, every)]
            case TaskUnderProof() as part:
                of_task = explore_task(task_subject_of(replace(part, program=program)), look)
                edges = task_edges(of_task)
                words = (*edges.variables, FAULT)
                return edges, [path for action, path in of_task.paths for _ in task_updates(action, path, words)]

    def _judged(self, program: Program, kinds: tuple[RuntimeKind, ...]) -> tuple[Judged, ...]:
        match self.asked.part:
            case OperationUnderProof() as part:
                return judge(replace(part, program=program), kinds, self.spending)
            case TaskUnderProof() as part:
                return judge_task(replace(part, program=program), kinds, self.spending)

    def _satisfiable(self, asked: Sequence[Term], questions: Questions) -> tuple[bool, ...]:
        """Raises NoAnswer."""
        new = [one for one in dict.fromkeys(asked) if one not in self._can_be]
        self._can_be.update(zip(new, questions.satisfiable(new), strict=True))
        return tuple(self._can_be[one] for one in asked)


@dataclass(frozen=True, slots=True)
class _Looked:
    """`run`: the blocks of a shortest run that breaks the obligation, or to what is not modelled; None if there is
    none. `does`: what some run does to the host. `few`: of a host that keeps neither H1 nor H2.
    """

    run: tuple[tuple[str, int], ...] | None
    does: frozenset[str]
    few: bool


def _done_by(edges: Edges, search: Search) -> frozenset[str]:
    """A repair after which something of this is never done is none: it takes away what the program is there for."""
    events = (event for at in search.taken if at is not None for event in edges.edges[at].events)
    told = (event for event in events if isinstance(event, Told))
    return frozenset(f"{one.call} {dict(one.arguments).get('joins', '')}" for one in told)


def _blocks_of(edges: Edges, paths: Sequence[Path], route: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    """Function by function, as the run enters them, the one of the violation last. `paths`: of the last edges."""
    hosts = len(edges.edges) - len(paths)
    blocks = {pair for at in route if at >= hosts for pair in paths[at - hosts].state.blocks}
    events = [event for at in route for event in edges.edges[at].events]
    entered = [event.text for event in events if isinstance(event, Noted) and event.kind == "call"]
    fault = edges.edges[route[-1]].fault if route else None
    entered += [] if fault is None else [fault.where.function]
    rank = {name: at for at, name in enumerate(entered)}
    return tuple(sorted((one for one in blocks if one[0] in rank), key=lambda one: (rank[one[0]], one[1])))

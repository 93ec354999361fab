"""One system and all that is known of it: by one search, and by an engine where the search ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from proofs.kinds import RuntimeKind
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.invariant import check_invariant
from proofs.recheck.solver_process import Session, check_seconds
from proofs.runtime.concrete import NoNumbers, concrete
from proofs.runtime.covering import covered_blocks, trusted_functions, uncovered_blocks
from proofs.runtime.engine import Budget, Proved, Reachable, Undecided, prove
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.modelled import Modelled
from proofs.runtime.questions import Questions
from proofs.runtime.reached import reached_states
from proofs.runtime.search import Limits, Search, Searched
from proofs.runtime.step_by_step import explored_states, possible_faults
from proofs.runtime_verdicts import Blocks, Invariant
from proofs.runtime_wording import assumption
from proofs.verdicts import Assumption, NotConfirmed, Refuted, Unknown, Vacuous, Verdict, Violation
from proofs.verdicts import Proved as ProvedVerdict
from smt_models.runtime.edges import Edges, with_numbers
from smt_models.runtime.emit import FAULT, NOT_MODELLED, OUTSIDE, UNKNOWN
from smt_models.runtime.events import Told
from smt_models.system.model import System
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import FALSE, Apply, Literal, Term, both, either, negation

_STEPS = 60
_MANY = 1_000
"""States: where there are more, it is asked whether the search may end."""
_NEVER = ""
"""A goal that is never reached, so that the search looks at everything."""


@dataclass(frozen=True, slots=True)
class _Closed:
    """An invariant, and the bad conditions that it excludes. `stopped`: why nothing can be proved all the same."""

    invariant: Term
    excluded: tuple[str, ...]
    stopped: str | None = None


class Case:
    """`conditions`: the obligations that the model has a bad condition for. `hypotheses`: those that it rests on.
    `session`: of the checker that is asked whether an invariant is one. `asked`: what alone will be asked for, if that
    is known: nothing is searched for beyond it.
    """

    def __init__(
        self,
        modelled: Modelled,
        hypotheses: tuple[str, ...],
        budget: Budget,
        build: tuple[str, ...],
        keep: Path | None,
        session: Session | None = None,
        asked: tuple[RuntimeKind, ...] = (),
    ) -> None:
        self._modelled = modelled
        self._explored = modelled.explored
        self._hypotheses = hypotheses
        self._budget = budget
        self._build = build
        self._keep = keep
        self._session = session
        self._asked_for = asked
        self._system: System = modelled.system
        self._edges: Edges = modelled.edges
        no_conditions = (OUTSIDE, UNKNOWN, *NOT_MODELLED.values())
        self.conditions = tuple(one.name for one in self._system.bad if one.name not in no_conditions)
        emitted = _emitted(self._system)
        names = (one.name for one in self._system.bad if one.name != OUTSIDE)
        self._possible = {name for name in names if _faults(self._system, name) & emitted}
        self._model = model_script(self._system)
        with Questions(budget) as questions:
            goals, limits = self._goals(), _limits(budget)
            self._search = Search(self._edges, goals, limits, questions.satisfiable, self._is_enough)
            self._searched = self._run()

    def _goals(self) -> dict[str, Term]:
        return {**{name: self._system.condition(name) for name in sorted(self._possible)}, _NEVER: FALSE}

    def _is_enough(self, reached: Set[str]) -> bool:
        """Whether all that is asked for is reached; or was seen to happen, and is excluded by an invariant that rests
        on no search. Of what is proved a search that comes to its end says more, so that a small one is let go on.
        """
        if self._asked_for and all(kind.value in reached for kind in self._asked_for):
            return True
        if len(self._search.nodes) < _MANY or not self._modelled.faults_decided:
            return False
        exercised = self._modelled.exercised(self._search)
        return all(exercised.missing(kind) is None for kind in self._asked_for) and self._by_steps is not None

    def _run(self) -> Searched:
        try:
            return self._search.run()
        except NoAnswer as error:
            return Searched({}, 0, len(self._search.nodes), False, str(error))

    @property
    def reached(self) -> frozenset[str]:
        """The bad conditions that the search found a route to."""
        return frozenset(self._searched.routes)

    def verdict(self, kind: RuntimeKind) -> Verdict:
        route = self._searched.routes.get(kind.value)
        if route is not None:
            return self._refuted(kind, route)
        if self._closed.stopped is not None:
            return Unknown(self._closed.stopped, final=UNKNOWN in self._searched.routes)
        not_modelled = NOT_MODELLED.get(kind.value, UNKNOWN)
        if not_modelled in self._searched.routes:
            return Unknown(self._reaches(not_modelled, self._explored.noted(not_modelled)), final=True)
        missing = self._modelled.exercised(self._search).missing(kind)
        if missing is not None:
            why = f"{missing} in any state that can be"
            return Vacuous(why) if self._searched.whole else Unknown(f"{missing}, as far as {self._searched.why}")
        if kind.value in self._closed.excluded:
            return self._proved(kind, self._closed.invariant, self._closed.excluded)
        return self._by_engine(kind)

    def fails_by_the_host(self, kind: RuntimeKind, cancel: str | None) -> bool:
        """Whether H1 and H2 are to be tried: where what is not modelled is come to by a host that does not keep them,
        since without such a step it would be come to under them, too; and where a refutation has an answer to `cancel`.
        That is then recorded as a run of the model that other ways from it are asked of.
        """
        routes = self._searched.routes
        if kind.value in routes:
            events = (event for at in routes[kind.value] for event in self._edges.edges[at].events)
            return any(isinstance(event, Told) and event.call == cancel for event in events)
        against = (UNKNOWN, NOT_MODELLED.get(kind.value, UNKNOWN))
        return self._edges.breaks_a_hypothesis(next((routes[name] for name in against if name in routes), ()))

    # An invariant for everything at once

    @cached_property
    def _by_steps(self) -> tuple[Term, tuple[str, ...]] | None:
        """That of the steps alone, if it excludes all that is asked for."""
        invariant, possible = explored_states(self._edges), possible_faults(self._edges)
        excluded = tuple(one.name for one in self._system.bad if not _faults(self._system, one.name) & possible)
        wanted = {UNKNOWN, OUTSIDE}
        for kind in self._asked_for:
            wanted |= {kind.value, NOT_MODELLED.get(kind.value, UNKNOWN)}
        if not self._asked_for or not wanted <= set(excluded) or self._holds(invariant, excluded) is not None:
            return None
        return invariant, excluded

    @cached_property
    def _closed(self) -> _Closed:
        """Excluded are all that were not found to be reached, if the search looked at everything; else those that no
        step leads to. Asked only where something is not refuted.
        """
        reached = self._searched.routes.keys()
        stopped = self._reaches(UNKNOWN, self._explored.unknown()) if UNKNOWN in reached else None
        if self._searched.whole:
            faults = either(*(FAULT.is_(name) for name in sorted(reached) if name in _members()))
            reached_ = reached_states(self._edges, self._search.nodes)
            invariant = either(both(FAULT.is_("none"), reached_, *self._edges.numbers.relations), faults)
            excluded = tuple(one.name for one in self._system.bad if one.name not in reached)
            if self._holds(invariant, excluded) is None:
                return _Closed(invariant, excluded, stopped)
        if self._modelled.faults_decided and self._by_steps is not None:
            return _Closed(*self._by_steps, stopped)
        never = tuple(one.name for one in self._system.bad if one.name not in self._possible)
        closed = both(*(negation(self._system.condition(name)) for name in never))
        why = self._holds(closed, never)
        if why is not None:
            stopped = stopped or f"that no state is missing could not be shown: {why}"
        elif UNKNOWN in self._possible and stopped is None:
            return self._without_unknown(closed, never)
        return _Closed(closed, never, stopped)

    def _reaches(self, name: str, places: Mapping[str, int]) -> str:
        """What is not modelled: first what the search came to, then where other paths end so, if they can be taken."""
        fault = self._edges.edges[self._searched.routes[name][-1]].fault
        assert fault is not None
        why, at = fault.why, fault.where
        this = (f"{why}, at {at}", f"{why}, in {at.function} ({at.source})")  # as paths end, and as noted
        others = {one: count for one, count in places.items() if one not in this}
        rest = f"; perhaps {_listed(others)}" if others else ""
        return f"reaches what is not modelled: {why}, at {at}{rest}"

    def _without_unknown(self, closed: Term, never: tuple[str, ...]) -> _Closed:
        answer = self._asked(UNKNOWN)
        if isinstance(answer, Proved):
            return _Closed(both(closed, answer.invariant), (*never, UNKNOWN))
        return _Closed(closed, never, f"may reach what is not modelled: {_listed(self._explored.unknown())}")

    def _holds(self, invariant: Term, excluded: tuple[str, ...]) -> str | None:
        """None, or why it is no invariant that excludes these: by the checker of certificates."""
        try:
            text, seconds = invariant_text(self._system, invariant), check_seconds(self._budget.seconds)
            check_invariant(self._model, text, tuple(sorted(excluded)), seconds=seconds, session=self._session)
        except (Refused, NotDecided) as refused:
            return str(refused)
        return None

    # One obligation

    def _refuted(self, kind: RuntimeKind, route: tuple[int, ...]) -> Verdict:
        try:
            trace = concrete(self._edges, kind.value, route, self._system, self._budget)
        except NoAnswer as error:
            return Unknown(f"reached in {len(route)} steps, but no numbers for them were found: {error}")
        except NoNumbers:
            return self._refuted_with_numbers(kind)
        return Refuted(Violation(trace, NotConfirmed("no native run was tried")))

    def _refuted_with_numbers(self, kind: RuntimeKind) -> Verdict:
        """The route takes numbers that cannot be together: another search looks at all of them, as far as it comes."""
        goal = {kind.value: self._system.condition(kind.value)}
        edges = with_numbers(self._edges)
        limits = _limits(self._budget)
        try:
            with Questions(self._budget) as questions:
                searched = Search(edges, goal, limits, questions.satisfiable).run()
            route = searched.routes.get(kind.value)
            if route is None:
                return Unknown(f"it may be violated, by numbers whose relation was not found: {searched.why}")
            trace = concrete(edges, kind.value, route, self._system, self._budget)
        except (NoAnswer, NoNumbers) as error:
            return Unknown(f"it may be violated, by numbers whose relation was not found: {error}")
        return Refuted(Violation(trace, NotConfirmed("no native run was tried")))

    def _asked(self, name: str) -> Proved | Reachable | Undecided:
        keep = None if self._keep is None else self._keep / name.replace(" ", "-")
        return prove(self._system, (name,), self._budget, keep)

    def _by_engine(self, kind: RuntimeKind) -> Verdict:
        match self._asked(kind.value):
            case Proved(_, invariant):
                closed = self._closed
                return self._proved(kind, both(closed.invariant, invariant), (*closed.excluded, kind.value))
            case Reachable():
                places = _listed(why for obligation, why in self._explored.violations() if obligation == kind.value)
                return Unknown(f"the engine says that it is violated, and no trace shows it: {places}")
            case Undecided(_, why, query):
                kept = "" if query is None else f"; the query is kept in {query.parent.parent.name}/{query.parent.name}"
                return Unknown(f"{why}{kept}; the search: {self._searched.why}")

    def _proved(self, kind: RuntimeKind, invariant: Term, excluded: tuple[str, ...]) -> Verdict:
        evidence = Invariant(
            model=self._model,
            invariant=invariant_text(self._system, invariant),
            excluded=tuple(sorted(excluded)),
            hypotheses=self._hypotheses,
            trusted=trusted_functions(self._explored, self._modelled.library),
            covered=self._blocks[0],
            uncovered=self._blocks[1],
        )
        return ProvedVerdict(evidence, tuple(sorted(self._assumptions(kind, evidence))))

    @cached_property
    def _blocks(self) -> tuple[tuple[Blocks, ...], tuple[Blocks, ...]]:
        """Those that were run, and the others: the same for every proof."""
        return covered_blocks(self._explored), uncovered_blocks(self._explored)

    def _assumptions(self, kind: RuntimeKind, evidence: Invariant) -> Iterator[Assumption]:
        yield assumption("model")
        if self._modelled.interface is not None:
            yield assumption("interface", self._modelled.interface)
        for sentence in self._build:
            yield assumption("build", sentence)
        for name in evidence.hypotheses:
            yield assumption("hypothesis", name)
        for one in evidence.trusted:
            yield assumption("library" if one.page else "contract", one.name)
        for name in (one.name for one in self._system.bad):
            if name not in evidence.excluded and name != kind.value:
                yield assumption("earlier-fault", name)


def _limits(budget: Budget) -> Limits:
    return Limits(_STEPS, seconds=budget.seconds, megabytes=budget.megabytes)


def _emitted(system: System) -> set[str]:
    values = (term for step in system.steps for name, term in step.updates if name == FAULT.name)
    return {str(one.value) for one in values if isinstance(one, Literal)}


def _members() -> tuple[str, ...]:
    return getattr(FAULT.sort, "members", ())


def _faults(system: System, name: str) -> set[str]:
    """The members of `FAULT` that a bad condition asks for."""
    found: set[str] = set()
    waiting = [system.condition(name)]
    while waiting:
        match waiting.pop():
            case Apply("=", (left, Literal(value))) if left == FAULT:
                found.add(str(value))
            case Apply(_, arguments):
                waiting.extend(arguments)
            case _:
                pass
    return found


def _listed(places: Iterator[str] | Mapping[str, int], most: int = 3) -> str:
    every = list(places)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return "; ".join(every[:most]) + more

"""One operation, explored once, and a verdict for each obligation that is asked for.

A step that is missing from the model would make every proof worthless. So what must be shown first, for all of them,
is that nothing that is not modelled and no state outside the shapes explored is ever reached. A fault ends its run: a
proof beside a refutation says "not before that one", and lists it.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from proofs.runtime.covering import covered_blocks, trusted_functions, uncovered_blocks
from proofs.runtime.engine import Budget, Proved, Reachable, Undecided, check_invariant, prove
from proofs.runtime_verdicts import Invariant, RuntimeKind
from proofs.runtime_wording import assumption
from proofs.verdicts import Assumption, Unknown, Verdict
from proofs.verdicts import Proved as ProvedVerdict
from smt_models.runtime.emit import OBLIGATIONS, OUTSIDE, UNKNOWN, system_of
from smt_models.runtime.explore import Explored, NoFixpoint, explore
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import NotModelled
from smt_models.system.model import System
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import Literal, Term, both, negation

PARTLY = {"extent": "the model has the count that is lent and not the bounds of the block"}
"""Conditions of the model that say less than the obligation of their name."""
NO_CONDITION = "the model has no condition for it yet"


@dataclass(frozen=True, slots=True)
class Judged:
    kind: RuntimeKind
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Spending:
    """`explore`: for the paths of one operation; `prove`: for each query."""

    explore: Budget
    prove: Budget


def judge(
    subject: Subject,
    kinds: tuple[RuntimeKind, ...],
    spending: Spending,
    build: tuple[str, ...] = (),
    keep: Path | None = None,
) -> tuple[Judged, ...]:
    """In the order of `kinds`. `build`: what the making of the MIR took for granted, a sentence each. `keep`: a
    directory for the queries that were not decided.
    """
    started = time.monotonic()
    modelled = [one for one in kinds if one.value in OBLIGATIONS and one.value not in PARTLY]
    found: dict[RuntimeKind, tuple[Verdict, float]] = {
        one: (Unknown(PARTLY.get(one.value, NO_CONDITION)), 0.0) for one in kinds if one not in modelled
    }
    if modelled:
        try:
            explored = explore(subject, _spend(spending.explore))
        except (NoFixpoint, NotModelled) as error:
            verdict = Unknown(f"{subject.operation.name} was not explored to its end: {error}")
            found |= {one: (verdict, time.monotonic() - started) for one in modelled}
        else:
            case = _Case(explored, spending.prove, build, keep)
            found |= {one.kind: (one.verdict, one.seconds) for one in case.judged(modelled, started)}
    return tuple(Judged(kind, *found[kind]) for kind in kinds)


def _spend(budget: Budget) -> Callable[[], None]:
    end = time.monotonic() + budget.seconds

    def spend() -> None:
        if time.monotonic() > end:
            raise NoFixpoint(f"more than {budget.seconds} s")
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > budget.megabytes * 1024:
            raise NoFixpoint(f"more than {budget.megabytes} MB")

    return spend


class _Case:
    """The system of one operation, and what is already known of it."""

    def __init__(self, explored: Explored, budget: Budget, build: tuple[str, ...], keep: Path | None) -> None:
        self.explored = explored
        self.build = build
        self.system: System = system_of(explored)
        self.budget = budget
        self.keep = keep
        self.emitted = tuple(name for name in (*OBLIGATIONS, UNKNOWN) if name in _emitted(self.system))
        self.never = tuple(name for name in (*OBLIGATIONS, UNKNOWN) if name not in self.emitted)
        self.closed: Term | None = None
        """An invariant that shows that no step is missing, and no fault is that no step makes."""

    def judged(self, kinds: list[RuntimeKind], started: float) -> Iterator[Judged]:
        stopped = self._close()
        if stopped is not None:
            seconds = time.monotonic() - started
            yield from (Judged(kind, Unknown(stopped), seconds) for kind in kinds)
            return
        never = [one for one in kinds if one.value not in self.emitted]
        for kind in never:
            yield Judged(kind, self._proved(kind, self.closed_invariant), time.monotonic() - started)
            started = time.monotonic()
        rest = [one for one in kinds if one.value in self.emitted]
        for kind in rest:
            yield Judged(kind, self._decided(kind), time.monotonic() - started)
            started = time.monotonic()

    @property
    def closed_invariant(self) -> Term:
        assert self.closed is not None
        return self.closed

    def _close(self) -> str | None:
        """Why nothing can be proved, or None."""
        excluded = (OUTSIDE, *self.never)
        closed = both(*(negation(self.system.condition(name)) for name in excluded))
        checks = check_invariant(self.system, closed, excluded, self.budget)
        if isinstance(checks, str):
            return f"that no state is missing could not be shown: {checks}"
        if UNKNOWN in self.emitted:
            answer = self._prove(UNKNOWN)
            if not isinstance(answer, Proved):
                return f"reaches what is not modelled: {_listed(self.explored.unknown())}"
            closed = both(closed, answer.invariant)
        self.closed = closed
        return None

    def _prove(self, name: str) -> Proved | Reachable | Undecided:
        keep = None if self.keep is None else self.keep / name.replace(" ", "-")
        return prove(self.system, (name,), self.budget, keep)

    def _decided(self, kind: RuntimeKind) -> Verdict:
        answer = self._prove(kind.value)
        match answer:
            case Proved(_, invariant):
                return self._proved(kind, both(self.closed_invariant, invariant))
            case Reachable():
                places = _listed(
                    f"{why}" for (obligation, why) in self.explored.violations() if obligation == kind.value
                )
                return Unknown(f"the engine says that it is violated in the model, and no trace shows it: {places}")
            case Undecided(_, why, query):
                kept = "" if query is None else f"; the query is in {query.name} of {query.parent.name}"
                return Unknown(f"{why}{kept}")

    def _proved(self, kind: RuntimeKind, invariant: Term) -> Verdict:
        evidence = Invariant(
            model=model_script(self.system),
            invariant=invariant_text(self.system, invariant),
            excluded=tuple(sorted({kind.value, OUTSIDE, UNKNOWN, *self.never})),
            hypotheses=self._hypotheses(),
            trusted=trusted_functions(self.explored),
            covered=covered_blocks(self.explored),
            uncovered=uncovered_blocks(self.explored),
        )
        return ProvedVerdict(evidence, tuple(sorted(self._assumptions(kind, evidence))))

    def _hypotheses(self) -> tuple[str, ...]:
        return ("H2", "H3", "H4")

    def _assumptions(self, kind: RuntimeKind, evidence: Invariant) -> Iterator[Assumption]:
        yield assumption("model")
        for sentence in self.build:
            yield assumption("build", sentence)
        for name in evidence.hypotheses:
            yield assumption("hypothesis", name)
        for one in evidence.trusted:
            yield assumption("library" if one.page else "contract", one.name)
        for name in self.emitted:
            if name not in (kind.value, UNKNOWN):
                yield assumption("earlier-fault", name)


def _emitted(system: System) -> set[str]:
    values = (term for step in system.steps for name, term in step.updates if name == "fault")
    return {str(one.value) for one in values if isinstance(one, Literal)}


def _listed(places: Iterable[str], most: int = 3) -> str:
    every = list(places)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return "; ".join(every[:most]) + more

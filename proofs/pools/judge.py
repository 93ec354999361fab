"""From a pool's model to a verdict for each kind: templates prove, bounded search refutes, and a run confirms.

What cannot be excluded as having no model keeps everything from being proved. What was found by search and the module
itself does not show is no refutation: loads from outside the cells and loops in closed form say less than the module
does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from proofs import pool_wording as wording
from proofs.kinds import PoolKind
from proofs.pool_steps import step_of
from proofs.pool_verdicts import CellFact, PoolInvariant, RoleFact
from proofs.pools.bounded import CallMade, Route, possible, search
from proofs.pools.exclusion import Excluded, Lost, shown
from proofs.pools.replay import Played, fact_of, replay, tried
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.trace import RuntimeTrace, TraceEvent
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from smt_models.pools import conditions as c
from smt_models.pools.calls import Calls
from smt_models.pools.model import PoolModel, applying, model_of
from smt_models.pools.pool import ROLES, Host, Pool
from smt_models.pools.shapes import slot_count
from smt_models.pools.templates import cases, tiers
from smt_models.system.model import Actor
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import Term

QUESTION_SECONDS = 20.0
SEARCH_SECONDS = 30.0
SHALLOW = 3
LIVES = (200, 3000)
TRIAL_SECONDS = 30.0
MOST_CALLS = 20


@dataclass(frozen=True, slots=True)
class Judged:
    kind: PoolKind
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` and `sha256`: of the file, for replay."""

    path: str
    sha256: str
    pool: Pool
    host: Host
    kinds: tuple[PoolKind, ...]
    budget: Budget
    replay_seconds: float


def judge(asked: Asked, calls: Calls) -> tuple[Judged, ...]:
    """A verdict for each kind that is asked for."""
    started = time.perf_counter()
    try:
        whys = applying(asked.pool, calls)
        model = model_of(asked.pool, calls, asked.host)
    except LookupError as error:
        return all_unknown(asked.kinds, str(error.args[0]), started)
    verdicts: dict[str, Verdict] = {kind: Vacuous(why) for kind, why in whys.items() if why is not None}
    with Session(asked.budget, QUESTION_SECONDS) as session:
        case = _Case(asked, model, session)
        try:
            verdicts |= case.decided()
        except NoAnswer as error:
            verdicts |= case.undecided(str(error))
    return _judged(asked.kinds, verdicts, started)


def all_unknown(kinds: tuple[PoolKind, ...], why: str, started: float) -> tuple[Judged, ...]:
    return _judged(kinds, {kind.value: Unknown(why) for kind in kinds}, started)


def _judged(kinds: tuple[PoolKind, ...], verdicts: dict[str, Verdict], started: float) -> tuple[Judged, ...]:
    each = (time.perf_counter() - started) / max(1, len(kinds))
    return tuple(Judged(kind, verdicts[kind.value], each) for kind in kinds)


class _Case:
    """One pool under one host, while it is decided."""

    def __init__(self, asked: Asked, model: PoolModel, session: Session) -> None:
        self._asked = asked
        self._model = model
        self._session = session
        self._cases = cases(model)
        self._found: dict[str, Verdict] = {}
        self._lost: str | None = None
        self._notes: dict[str, str] = {}
        self._possible: bool | None = None

    @property
    def _open(self) -> tuple[str, ...]:
        wanted = {kind.value for kind in self._asked.kinds}
        return tuple(kind for kind in self._model.kinds if kind not in self._found and kind in wanted)

    def decided(self) -> dict[str, Verdict]:
        """Raises NoAnswer; what was reached stays."""
        for tier, candidates in enumerate(tiers(self._model)):
            self._prove(candidates)
            if not self._open:
                break
            if tier == 0:
                self._refute(1, SHALLOW)
                self._try(LIVES[0])
            if not self._open:
                break
        self._try(LIVES[1])
        self._refute(SHALLOW + 1, self._depth())
        return self.undecided("no invariant was found among the templates, and no violation by search")

    def undecided(self, why: str) -> dict[str, Verdict]:
        """What was decided, and why the rest was not."""
        for kind in self._open:
            reason = self._lost or self._notes.get(kind) or why
            self._found[kind] = Unknown(reason)
        return {**{kind: Unknown(why) for kind in self._model.kinds}, **self._found}

    def _depth(self) -> int:
        return min(MOST_CALLS, slot_count(self._model) + 1)

    def _prove(self, candidates: tuple[Term, ...]) -> None:
        match shown(self._session, self._model, self._model.kinds, candidates, self._cases):
            case Lost(steps) as lost:
                calls = dict.fromkeys(self._model.steps[number].call for number in steps)
                self._lost = lost.told("not excluded", (name for call in calls for name in _lost_in(self._model, call)))
            case Excluded(excluded, invariant):
                self._lost = None
                proof = self._proof(invariant, excluded)
                for kind in self._open:
                    if kind in excluded:
                        why = self._nothing_happens(kind)
                        self._found[kind] = proof if why is None else Vacuous(why)

    def _nothing_happens(self, kind: str) -> str | None:
        """Why a proof would say nothing: what it is about cannot happen."""
        if kind == c.INDEX and not self._asked.pool.allocate:
            return None
        if self._possible is None:
            self._possible = possible(self._session, self._model, self._asked.budget.seconds / 4)
        return None if self._possible else "no call that hands out a block can succeed"

    def _proof(self, invariant: Term, excluded: tuple[str, ...]) -> Proved:
        model = self._model
        evidence = evidence_of(model, invariant_text(model.system, invariant), excluded)
        return Proved(evidence, tuple(wording.assumptions(evidence, model.kinds)))

    # Counterexamples

    def _refute(self, first: int, last: int) -> None:
        """All kinds at once, as long as that finds something."""
        for depth in range(first, last + 1):
            while wanted := tuple(kind for kind in self._open if kind not in self._notes):
                seconds = min(SEARCH_SECONDS, self._session.left / 3)
                try:
                    route = search(self._session, self._model, wanted, depth, seconds)
                except NoAnswer as error:
                    self._notes |= dict.fromkeys(wanted, f"the search for {depth} calls: {error}")
                    break
                if route is None:
                    break
                self._confirm(route)

    def _try(self, lives: int) -> None:
        """The module itself is called in many ways: what is deep is sooner met so than by search."""
        asked = self._asked
        seconds = min(TRIAL_SECONDS, self._session.left / 2)
        if self._open and seconds > 1 and asked.replay_seconds > 0:
            for route in tried(asked.path, asked.sha256, self._model, self._open, lives, seconds):
                self._confirm(route)

    def _confirm(self, route: Route) -> None:
        asked = self._asked
        said = replay(asked.path, asked.sha256, self._model, route, asked.replay_seconds)
        if isinstance(said, Played):
            self._found[route.kind] = Refuted(Violation(trace_of(route, said), said.replayed))
        else:
            self._notes[route.kind] = f"the model allows {_told(route)}, and the module does not show it: {said.why}"


def _lost_in(model: PoolModel, name: str) -> Iterator[str]:
    for call in model.calls.calls:
        if call.name == name:
            for one in call.execution.lost:
                yield f"{one.name} at offset {one.offset:#x} (function {one.function})"


def evidence_of(model: PoolModel, invariant: str, excluded: tuple[str, ...]) -> PoolInvariant:
    pool, calls = model.pool, model.calls
    return PoolInvariant(
        pool=fact_of(pool),
        host=model.host.value,
        model=model_script(model.system),
        invariant=invariant,
        excluded=excluded,
        roles=tuple(role for name in sorted(call.name for call in calls.calls) for role in _roles(pool, name)),
        cells=tuple(CellFact(cell.address, cell.size, first) for cell, first in calls.cells),
        fixed=tuple(CellFact(cell.address, cell.size, value) for cell, value in calls.fixed),
        idle=calls.idle,
        left_out=calls.left_out,
        hypothesis=wording.HYPOTHESES[model.host.value],
    )


def _roles(pool: Pool, export: str) -> list[RoleFact]:
    found = [(name, role) for name in sorted(ROLES) for role in getattr(pool, name) if role.export == export]
    return [RoleFact(export, name, role.parameters, role.indices, role.unit) for name, role in found] or [
        RoleFact(export, "other")
    ]


def trace_of(route: Route, played: Played) -> RuntimeTrace:
    """The calls as a trace, with what the module did to the pool, up to the one that broke it."""
    made = route.calls[: len(played.run.moments) - 1]
    steps = []
    for number, one in enumerate(made, 1):
        broken = TraceEvent("violation", played.seen, None) if number == len(made) else None
        steps.append(step_of(number, Actor.HOST, _call(one), played.run, broken))
    return RuntimeTrace(route.kind, wording.CLAIMS_BROKEN[route.kind], None, (), tuple(steps), played.run)


def _call(one: CallMade) -> str:
    return f"{one.name}({', '.join(map(str, one.arguments))})"


def _told(route: Route) -> str:
    return ", ".join(_call(one) for one in route.calls)

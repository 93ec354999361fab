"""From the statics of a crate to a verdict for each obligation: templates prove, bounded search refutes, and the crate
itself is run.

What cannot be excluded as having no model keeps everything from being proved. A route through steps of which the model
says more than the code does is no refutation unless the crate itself shows it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from proofs import statics_wording as wording
from proofs.kinds import PoolKind
from proofs.pool_steps import step_of
from proofs.pool_verdicts import StaticsInvariant
from proofs.pools.bounded import Route, possible_step, search
from proofs.pools.exclusion import Excluded, Lost, shown
from proofs.pools.relevance import only_where
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.trace import RuntimeTrace, TraceEvent
from proofs.static_pools.calls import written
from proofs.static_pools.owned import given_to, went_twice
from proofs.static_pools.run import run_of
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from smt_models.pools import conditions as c
from smt_models.static_pools.model import KINDS, StaticPools, condition, model_of, without_elements
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.templates import tiers
from smt_models.static_pools.values import WIDTH
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import Term

QUESTION_SECONDS = 20.0
SEARCH_SECONDS = 30.0
POSSIBLE_SECONDS = 30.0
CALLS, HEADS = 4, 8
"""A use is looked for that so many calls come to, at so many heads of loops on their way."""
SHALLOW = 4
DEEP = 12
_OF_PLACES = (PoolKind.INDEX_IN_BOUNDS, PoolKind.RANGE_IN_BOUNDS)
"""Which elements and bytes calls reach: what the elements say is no part of it."""

Confirm = Callable[[Route], ConfirmedNatively | NotConfirmed]
"""Runs the calls on the crate itself."""
ConfirmOf = Callable[[StaticPools, Route], ConfirmedNatively | NotConfirmed]
"""As the model has them."""


@dataclass(frozen=True, slots=True)
class Judged:
    kind: PoolKind
    pool: str
    verdict: Verdict
    seconds: float


def decide(
    subject: Subject,
    names: tuple[str, ...],
    pools: tuple[str, ...],
    kinds: tuple[PoolKind, ...],
    budget: Budget,
    confirm: ConfirmOf,
) -> tuple[Judged, ...]:
    """Of statics that calls touch together. What is true whatever the elements of arrays are is soon proved without
    them; the model with them is made for what that leaves open.
    """
    started = time.perf_counter()
    known = proved_without_elements(subject, names, pools, kinds, budget)
    wanted = [(pool, kind) for pool in pools for kind in kinds]
    if not all(condition(kind.value, pool) in known for pool, kind in wanted):
        try:
            model = model_of(subject, names)
            return judge(subject, model, pools, kinds, budget, partial(confirm, model), known)
        except LookupError as error:
            why = Unknown(f"not modelled: {error.args[0]}", final=True)
            known = {condition(kind.value, pool): why for pool, kind in wanted} | known
    each = (time.perf_counter() - started) / max(1, len(wanted))
    return tuple(Judged(kind, pool, known[condition(kind.value, pool)], each) for pool, kind in wanted)


def judge(
    subject: Subject,
    model: StaticPools,
    pools: tuple[str, ...],
    kinds: tuple[PoolKind, ...],
    budget: Budget,
    confirm: Confirm,
    known: Mapping[str, Verdict] | None = None,
) -> tuple[Judged, ...]:
    """A verdict for each pool and kind that is asked for; of those that are `known`, by their conditions, that one."""
    started = time.perf_counter()
    with Session(budget, QUESTION_SECONDS) as session:
        case = _Case(subject, model, model, pools, kinds, session, confirm, dict(known or {}))
        try:
            case.decide()
        except NoAnswer as error:
            case.give_up(str(error))
    wanted = [(pool, kind) for pool in pools for kind in kinds]
    each = (time.perf_counter() - started) / max(1, len(wanted))
    return tuple(Judged(kind, pool, case.found[condition(kind.value, pool)], each) for pool, kind in wanted)


def proved_without_elements(
    subject: Subject, names: tuple[str, ...], pools: tuple[str, ...], kinds: tuple[PoolKind, ...], budget: Budget
) -> dict[str, Verdict]:
    """What a model proves that keeps no elements of arrays, and what it finds is asked of no call; by condition. The
    code need not do what this model allows: it refutes nothing, and a proof has to be about a call that is possible
    whatever the elements are.
    """
    model = without_elements(subject, names)
    if model is None:
        return {}
    with Session(Budget(max(1, budget.seconds // 3), budget.megabytes), QUESTION_SECONDS) as session:
        case = _Case(subject, model, model.of_known_numbers, pools, kinds, session, _not_asked)
        case.look_for_uses()
        unused = dict(case.found)
        with contextlib.suppress(NoAnswer):
            for candidates in tiers(model):
                if case.open:
                    case.prove(candidates)
    about = {condition(kind.value, pool) for kind in _OF_PLACES for pool in pools}
    return unused | {name: one for name, one in case.found.items() if isinstance(one, Proved) and name in about}


def _not_asked(_: Route) -> NotConfirmed:
    raise AssertionError("a model without elements refutes nothing")


@dataclass
class _Case:
    """The statics of one group, while they are decided. `possible`: the calls by which it is seen that a proof is about
    something. `notes`: why what was found is no refutation; `unshown`: where only that the crate did not show it.
    """

    subject: Subject
    model: StaticPools
    possible: StaticPools
    pools: tuple[str, ...]
    kinds: tuple[PoolKind, ...]
    session: Session
    confirm: Confirm
    found: dict[str, Verdict] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    unshown: set[str] = field(default_factory=set)
    lost: str | None = None

    @property
    def open(self) -> tuple[str, ...]:
        wanted = {condition(kind.value, pool) for kind in self.kinds for pool in self.pools}
        return tuple(name for name in self.model.kinds if name in wanted and name not in self.found)

    def decide(self) -> None:
        """Raises NoAnswer; what was reached stays."""
        self.look_for_uses()
        for tier, candidates in enumerate(tiers(self.model)):
            if not self.open:
                return
            self.prove(candidates)
            if tier == 0:
                self._refute(1, SHALLOW)
        self._refute(SHALLOW + 1, DEEP)
        self.give_up("no invariant was found among the templates, and no violation by search")

    def look_for_uses(self) -> None:
        """What is asked of no call is vacuous."""
        for pool in self.pools:
            for kind in self.kinds:
                if condition(kind.value, pool) in self.found:
                    continue
                if not any((kind.value, pool) in one.asked for one in self.model.calls) and not self._may_break(
                    condition(kind.value, pool)
                ):
                    what = "is indexed" if kind is PoolKind.INDEX_IN_BOUNDS else "is reached by a pointer or a range"
                    self.found[condition(kind.value, pool)] = Vacuous(f"no call was found by which {pool} {what}")

    def give_up(self, why: str) -> None:
        for name in self.open:
            self.found[name] = Unknown(self.lost or self.notes.get(name) or why)

    def _may_break(self, name: str) -> bool:
        flag = c.flag(name).name
        lost = c.flag(c.UNMODELLED).name
        return any(one.step.step.update(flag) or one.step.step.update(lost) for one in self.model.calls)

    # Proofs

    def prove(self, candidates: tuple[Term, ...]) -> None:
        match shown(self.session, self.model, self.model.kinds, candidates):
            case Lost(steps) as lost:
                lose = [self.model.calls[number] for number in steps]
                self.lost = lost.told("not modelled", (f"{one.what} in {one.where}" for one in lose))
            case Excluded(excluded, invariant, kept):
                self.lost = None
                text = invariant_text(self.model.system, invariant)
                for name in self.open:
                    if name in excluded:
                        self.found[name] = self._proof(name, text, excluded, kept)

    def _proof(self, name: str, invariant: str, excluded: tuple[str, ...], kept: tuple[Term, ...]) -> Verdict:
        kind, pool = next((kind, pool) for kind in KINDS for pool in self.model.pools if condition(kind, pool) == name)
        steps = [n for n, one in enumerate(self.possible.calls) if (kind, pool) in one.asked]
        most = CALLS + min(len(self.model.places), HEADS)
        at_heads = (one for one in kept if (where := only_where(one)) is not None and where[0] in self.model.under_way)
        if not possible_step(self.session, self.possible.in_any_round, steps, POSSIBLE_SECONDS, most, at_heads):
            return Vacuous(f"no call that uses {pool} so was found to be possible")
        evidence = evidence_of(self.model, pool, invariant, excluded)
        return Proved(evidence, tuple(wording.assumptions(evidence, self.model.kinds)))

    # Counterexamples

    def _refute(self, first: int, last: int) -> None:
        """Where what seemed to break something is not shown by the crate, only calls are looked at of which the model
        is exact.
        """
        for depth in range(first, last + 1):
            while wanted := tuple(name for name in self.open if name not in self.notes):
                if not self._refute_by(self.model.of_whole_calls, wanted, depth):
                    break
            while wanted := tuple(name for name in self.open if name in self.unshown):
                if not self._refute_by(self.model.of_exact_calls, wanted, depth):
                    break

    def _refute_by(self, model: StaticPools, wanted: tuple[str, ...], depth: int) -> bool:
        """Whether something was found."""
        try:
            route = search(self.session, model, wanted, depth, min(SEARCH_SECONDS, self.session.left / 3))
        except NoAnswer as error:
            self.notes = dict.fromkeys(wanted, f"the search for {depth} calls: {error}") | self.notes
            self.unshown -= set(wanted)
            return False
        if route is not None:
            self._confirm(route)
        return route is not None

    def _confirm(self, route: Route) -> None:
        kind = next(kind for kind in PoolKind if route.kind.startswith(condition(kind.value, "")))
        said = self.confirm(route)
        steps = [self.model.calls[one.step] for one in route.calls]
        exact = all(one.exact for one in steps) and not went_twice(self.model, route)
        if isinstance(said, NotConfirmed) and not exact:
            calls = ", ".join(self._texts(route))
            note = f"the model allows {calls}, and the crate does not show it: {said.why}"
            if route.kind in self.notes:
                self.unshown.discard(route.kind)
            else:
                self.notes[route.kind] = note
                self.unshown.add(route.kind)
            return
        owned = all(one.passed is not None for one in steps if one.given is not None)
        if kind is PoolKind.DISJOINT and not owned and any(one.given is None for one in steps):
            self.unshown.discard(route.kind)
            self.notes[route.kind] = f"which calls give blocks back is not known: {', '.join(self._texts(route))}"
            return
        self.found[route.kind] = Refuted(Violation(self._trace(route, kind), said))

    def _trace(self, route: Route, kind: PoolKind) -> RuntimeTrace:
        pool = route.kind.removeprefix(condition(kind.value, ""))
        run = run_of(self.subject, self.model, pool, route)
        last = self.model.calls[route.calls[-1].step]
        steps = []
        for number, (one, text) in enumerate(zip(route.calls, self._texts(route), strict=True), 1):
            broken = TraceEvent("violation", last.what, last.where) if number == len(route.calls) else None
            actor = self.model.calls[one.step].step.step.actor
            steps.append(step_of(number, actor, text, run, broken))
        return RuntimeTrace(kind.value, wording.BROKEN[kind], last.where, (), tuple(steps), run)

    def _texts(self, route: Route) -> Iterator[str]:
        for one, given in zip(route.calls, given_to(self.model, route), strict=True):
            yield written(self.subject, self.model.calls[one.step], one.arguments, giver=given.giver)


def evidence_of(model: StaticPools, pool: str, invariant: str, excluded: tuple[str, ...]) -> StaticsInvariant:
    """All but the last two follow from the crate alone."""
    return StaticsInvariant(
        pool=pool,
        statics=model.names,
        functions=model.entries,
        cells=tuple(one.name for one, _ in model.cells),
        model=model_script(model.system),
        invariant=invariant,
        excluded=excluded,
        trusted=model.trusted,
        sized=model.sized,
        counted=model.counted,
        owners=() if model.owners is None else (model.owners.of.type,),
        contents=model.coarse,
        width=WIDTH,
    )

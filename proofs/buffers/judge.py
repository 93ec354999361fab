"""From a type that owns a block, or a realloc, to a verdict for each obligation: templates prove, bounded search
refutes, and what cannot be excluded as having no model keeps everything from being proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from proofs import buffer_wording as wording
from proofs.buffers.calls import written
from proofs.buffers.replay import widened
from proofs.kinds import PoolKind
from proofs.pool_steps import step_of
from proofs.pool_verdicts import BufferInvariant
from proofs.pools.bounded import Route, possible_after, search
from proofs.pools.exclusion import Excluded, Lost, inductive, shown
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.trace import RuntimeTrace, TraceEvent
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from smt_models.buffers.model import BufferModel, condition
from smt_models.buffers.subject import Owner
from smt_models.buffers.supposed import Elements
from smt_models.buffers.templates import TIERS, equalities, for_elements, further, goals, settled
from smt_models.pools import conditions as c
from smt_models.pools.settled import Settled
from smt_models.static_pools.values import WIDTH
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import Term

QUESTION_SECONDS = 20.0
SEARCH_SECONDS = 30.0
LOOK_SECONDS, LOOK_FURTHER_SECONDS = 2.0, 6.0
POSSIBLE_SECONDS = 30.0
WAYS = 16
"""How many ways are tried to where an obligation is asked."""
AT_ONCE = 2
LOOKED = 3
"""How many steps are looked at where elements are counted: to make, to hand over, to lend what is left or give it back.
"""
DEPTHS = (3, 4, 4, 10, 10)
"""How far is searched before anything is proved, and after each tier of candidates."""
CHAINED, MOST_CHAINS = 3, 32
"""How many steps runs have that are looked for in parts of the model, if it has no more of these."""
NOT_RUN = NotConfirmed("no run of the crate itself was asked for", final=True)
Confirm = Callable[[BufferModel, Route, PoolKind], ConfirmedNatively | NotConfirmed]
"""Runs the crate itself, through the widened model: what the run said."""


@dataclass(frozen=True, slots=True)
class Judged:
    kind: PoolKind
    verdict: Verdict
    seconds: float


def judge(
    model: BufferModel, kinds: tuple[PoolKind, ...], budget: Budget, confirm: Confirm | None = None
) -> tuple[Judged, ...]:
    """A verdict for each kind that is asked for. `confirm`: none where the crate is not to be run."""
    started = time.perf_counter()
    with Session(budget, QUESTION_SECONDS) as session:
        case = _Case(model, kinds, session, confirm)
        try:
            case.decide()
        except NoAnswer as error:
            case.give_up(str(error))
    each = (time.perf_counter() - started) / max(1, len(kinds))
    return tuple(Judged(kind, case.found[kind], each) for kind in kinds)


@dataclass
class _Case:
    """One buffer, while it is decided. `notes`: why what was found is no refutation. `come_to`: what is asked at the
    end of a run that was found to be possible.
    """

    model: BufferModel
    kinds: tuple[PoolKind, ...]
    session: Session
    confirm: Confirm | None
    found: dict[PoolKind, Verdict] = field(default_factory=dict)
    notes: dict[PoolKind, str] = field(default_factory=dict)
    come_to: set[str] = field(default_factory=set)
    lost: str | None = None

    @property
    def fitting(self) -> bool:
        """Whether nothing of the elements' length wraps, so that what comes after their product is asked."""
        return self.model.elements is not Elements.ANY

    @property
    def goals(self) -> tuple[str, ...]:
        """What is to be shown: where elements are counted, nothing that is shown where they are not."""
        if self.model.elements is Elements.COUNTED:
            return tuple(condition(kind.value, self.model.buffer.name) for kind in self.kinds)
        return self.model.kinds

    @property
    def open(self) -> tuple[PoolKind, ...]:
        return tuple(kind for kind in self.kinds if kind not in self.found)

    def decide(self) -> None:
        """Raises NoAnswer; what was reached stays."""
        name = self.model.buffer.name
        lost = [one for one in self.model.paths if one.step.step.update(c.flag(c.UNMODELLED).name)]
        for kind in self.kinds:
            if not lost and not any(kind.value in one.asked for one in self.model.paths):
                self.found[kind] = Vacuous(f"nothing was found in {name} of which {kind.value} could be asked")
        if self.fitting:
            self._look(1, AT_ONCE)
        else:
            self._refute(1, AT_ONCE)
        if not self.open:
            return
        if self.model.elements is Elements.COUNTED:
            known = self._prove_of_counted()
            self._look(AT_ONCE + 1, LOOKED)
        else:
            known = self._prove_of_elements(self._prove(equalities(self.model)))
        if self.fitting:  # that there is no such run a search hardly shows where elements are multiplied
            self._refute(1, AT_ONCE)
        for more, first, last in zip(TIERS, (AT_ONCE, *DEPTHS), DEPTHS, strict=False):
            if not self.open:
                return
            known = self._prove((*known, *further(self.model, known, more)))
            self._refute(first + 1, last)
        self.give_up("no invariant was found among the templates, and no violation by search")

    def give_up(self, why: str) -> None:
        for kind in self.open:
            self.found[kind] = Unknown(self.lost or self.notes.get(kind) or why)

    # Proofs

    def _prove_of_counted(self) -> tuple[Term, ...]:
        """Those that hold. Nothing of what is counted follows from what is equal alone."""
        equal = inductive(self.session, self.model, equalities(self.model))
        return self._prove(for_elements(self.model, equal), settled(self.model, equal))

    def _prove_of_elements(self, known: tuple[Term, ...]) -> tuple[Term, ...]:
        """Those that hold, with what elements that are counted have in common, if anything is still open."""
        more = for_elements(self.model, known) if self.open else ()
        return self._prove((*known, *more)) if more else known

    def _prove(self, candidates: tuple[Term, ...], known: tuple[Settled, ...] = ()) -> tuple[Term, ...]:
        """Those that hold, of which some are known to."""
        candidates = tuple(dict.fromkeys((*goals(self.goals), *(one.says for one in known), *candidates)))
        found = shown(self.session, self.model, self.goals, candidates, goals_last=self.fitting, known=known)
        match found:
            case Lost(steps) as lost:
                lose = [self.model.paths[number] for number in steps]
                self.lost = lost.told("not modelled", (f"{one.what} in {one.where}" for one in lose))
            case Excluded(excluded, invariant, _):
                self.lost = None
                text = invariant_text(self.model.system, invariant)
                for kind in sorted(self.open, key=self._first_asked):  # what is soon answered is not lost with the rest
                    if condition(kind.value, self.model.buffer.name) in excluded:
                        self.found[kind] = self._proof(kind, text, excluded)
        return found.kept

    def _proof(self, kind: PoolKind, invariant: str, excluded: tuple[str, ...]) -> Verdict:
        if not self._is_asked(kind):
            return Vacuous(f"no run was found in which {kind.value} is asked of {self.model.buffer.name}")
        evidence = evidence_of(self.model, invariant, excluded)
        return Proved(evidence, tuple(wording.assumptions(evidence, self.model.kinds)))

    def _first_asked(self, kind: PoolKind) -> int:
        return next((steps for _, steps in self.model.ways(kind.value)), 0)

    def _is_asked(self, kind: PoolKind) -> bool:
        """Whether one of the ways comes to where it is asked. Raises NoAnswer: none does that had an answer."""
        if kind.value in self.come_to:
            return True
        unanswered: NoAnswer | None = None
        for near, steps in islice(self.model.ways(kind.value), WAYS):
            try:
                if self._asks(kind, near, steps):
                    return True
            except NoAnswer as error:
                unanswered = error
        if unanswered is not None:
            raise unanswered
        return False

    def _asks(self, kind: PoolKind, near: BufferModel, steps: int) -> bool:
        """Whether a run of so many steps comes to where it is asked, and what else is asked there."""
        asking = [number for number, one in enumerate(near.paths) if kind.value in one.asked]
        last = possible_after(self.session, near, asking, steps, POSSIBLE_SECONDS)
        if last is None:
            return False
        self.come_to.update(near.paths[last].asked)
        return True

    # Counterexamples

    def _look(self, first: int, last: int) -> None:
        """For what is soon found where elements are multiplied; that nothing is says nothing."""
        for depth in range(first, last + 1):
            for near in self._parts(depth):
                self._refute_in(near, depth, LOOK_SECONDS if depth <= AT_ONCE else LOOK_FURTHER_SECONDS)
                self.notes.clear()

    def _refute(self, first: int, last: int) -> None:
        for depth in range(first, last + 1):
            for near in self._parts(depth):
                self._refute_in(near, depth)

    def _parts(self, depth: int) -> tuple[BufferModel, ...]:
        """Where elements are multiplied, short runs are looked for in one part after the other: in all at once a solver
        has every product of every path before it.
        """
        if self.fitting and depth <= CHAINED:
            chains = self.model.chains(depth)
            if len(chains) <= MOST_CHAINS:
                return chains
        return (self.model.within(depth),)

    def _refute_in(self, near: BufferModel, depth: int, most: float = SEARCH_SECONDS) -> None:
        while wanted := tuple(kind for kind in self.open if kind not in self.notes):
            names = tuple(condition(kind.value, self.model.buffer.name) for kind in wanted)
            seconds = min(most, self.session.left / 3)
            try:
                route = search(self.session, near, names, depth, seconds)
            except NoAnswer as error:
                self.notes |= dict.fromkeys(wanted, f"the search for {depth} steps: {error}")
                break
            if route is None:
                break
            self._take(route, wanted[names.index(route.kind)], near)

    def _take(self, route: Route, kind: PoolKind, near: BufferModel) -> None:
        """What reads bytes of a block reads any: a route through that is none. `near`: the model that it is through."""
        if not all(near.paths[one.step].exact for one in route.calls):
            self.notes[kind] = f"the model says more than the code does: {', '.join(_texts(route, near))}"
            return
        self.found[kind] = Refuted(Violation(_trace(route, kind, near), self._run(route, kind, near)))

    def _run(self, route: Route, kind: PoolKind, near: BufferModel) -> ConfirmedNatively | NotConfirmed:
        if self.confirm is None:
            return NOT_RUN
        wide = widened(self.session, near, route)
        return wide if isinstance(wide, NotConfirmed) else self.confirm(*wide, kind)


def _trace(route: Route, kind: PoolKind, model: BufferModel) -> RuntimeTrace:
    last = model.paths[route.calls[-1].step]
    steps = []
    for number, (one, text) in enumerate(zip(route.calls, _texts(route, model), strict=True), 1):
        broken = TraceEvent("violation", last.what, last.where) if number == len(route.calls) else None
        steps.append(step_of(number, model.paths[one.step].step.step.actor, text, None, broken))
    return RuntimeTrace(kind.value, wording.BROKEN[kind], last.where, (), tuple(steps), None)


def _texts(route: Route, model: BufferModel) -> Iterator[str]:
    for time_, one in enumerate(route.calls):
        yield written(model.paths[one.step], route, time_, one.step)


def evidence_of(model: BufferModel, invariant: str, excluded: tuple[str, ...]) -> BufferInvariant:
    """All but the last two follow from the crate alone."""
    is_type = isinstance(model.buffer, Owner)
    return BufferInvariant(
        buffer=model.buffer.name,
        elements=model.elements,
        is_type=is_type,
        functions=model.functions,
        readers=model.buffer.readers if isinstance(model.buffer, Owner) else (),
        cells=model.cells,
        model=model_script(model.system),
        invariant=invariant,
        excluded=excluded,
        trusted=model.trusted,
        width=WIDTH,
    )

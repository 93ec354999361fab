"""The least size or budget of a pool, or the greatest alignment, for which an obligation holds.

What is varied is what was said of the pool; the module stays as it is. It does not know what is said of it, so that the
same calls do the same whatever is said, and what they break of a larger pool, a larger budget or a smaller alignment
they break of a smaller pool, a smaller budget or a larger alignment: an obligation that holds goes on to hold. The
places on both sides of an answer are decided, each as `prove` decides it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from proofmark.job import Outcome
from proofmark.pool_job import PoolJob
from proofs.kinds import PoolKind
from proofs.pool_run import PoolRun
from proofs.verdicts import Proved, Refuted, Violation
from smt_models.pools.pool import Pool

Decide = Callable[[PoolJob], Outcome]
"""A job of one obligation."""

SIZED = (PoolKind.INDEX_IN_BOUNDS, PoolKind.RANGE_IN_BOUNDS, PoolKind.COPY_OWNED)


@dataclass(frozen=True, slots=True)
class Varied:
    """`name`: what of the pool is varied, `given`: as it was said. Upwards to `most`, where `until` says why; but
    alignments go down to 1.
    """

    name: str
    given: int
    most: int
    until: str

    @property
    def last(self) -> int:
        """The place of the weakest; places count from 1."""
        return self.given.bit_length() if self.name == "alignment" else self.most

    @property
    def place(self) -> int:
        """Of what was given."""
        return 1 if self.name == "alignment" else self.given

    def value(self, place: int) -> int:
        return self.given >> (place - 1) if self.name == "alignment" else place

    def pool(self, pool: Pool, place: int) -> Pool:
        value = self.value(place)
        match self.name:
            case "size":
                return replace(pool, size=value)
            case "budget":
                return replace(pool, budget=value)
            case _:
                return replace(pool, alignment=value)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it with this value."""

    value: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Holds:
    """From the value on for which it is `proved`; `refuted` for the one before, None if there is none."""

    proved: Decided
    refuted: Decided | None


@dataclass(frozen=True, slots=True)
class HoldsForNone:
    """It is `refuted` even for the value that says least."""

    refuted: Decided


@dataclass(frozen=True, slots=True)
class NotKnown:
    """`why`; and the nearest values for which it is known, if any are."""

    why: str
    proved: Decided | None = None
    refuted: Decided | None = None


@dataclass(frozen=True, slots=True)
class NothingToVary:
    """`why`; `refuted`: if it is, it is whatever is said of the pool."""

    why: str
    refuted: Decided | None = None


Answer = Holds | HoldsForNone | NotKnown | NothingToVary


def varied_of(pool: Pool, kind: PoolKind, behind: tuple[int, str]) -> Varied | str:
    """What of the pool the obligation speaks of; else why nothing. `behind`: where the first thing behind the pool that
    is known begins, and what it is.
    """
    if kind in SIZED and pool.also:
        return "blocks lie in several pools, and which of them should be larger is not known"
    if kind in SIZED:
        return Varied("size", pool.size, max(pool.size, behind[0] - pool.base), behind[1])
    if kind is PoolKind.WITHIN_BUDGET and pool.budget is not None:
        return Varied("budget", pool.budget, max(pool.budget, pool.size), "the size of the pool")
    if kind is PoolKind.ALIGNED and pool.alignment:
        if any(role.parameters is None or "align" in role.parameters for role in pool.allocate):
            return "callers say the alignment"
        return Varied("alignment", pool.alignment, pool.alignment, "")
    return "no size, alignment or budget that is said of the pool enters it"


def least(job: PoolJob, given: Outcome, varied: Varied, decide: Decide) -> Answer:
    """`given`: what came of it as it was said."""
    search = _Search(job, given, varied, decide)
    try:
        return search.answer()
    except _Undecided as stopped:
        return NotKnown(str(stopped), search.proved, search.refuted)


class _Undecided(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Hint:
    """A place to try next; `is_need`: what a counterexample needs."""

    place: int
    is_need: bool


class _Search:
    """Between the greatest place known to be refuted, and the least known to be proved."""

    def __init__(self, job: PoolJob, given: Outcome, varied: Varied, decide: Decide) -> None:
        self._job = job
        self._given = given
        self._varied = varied
        self._decide = decide
        self._low, self._high = 0, varied.last + 1
        self._hint: _Hint | None = None
        self.proved: Decided | None = None
        self.refuted: Decided | None = None

    def answer(self) -> Answer:
        """Raises _Undecided."""
        if self._told(self._varied.place, self._given):
            self._hint = _Hint(self._varied.place - 1, False)
        else:
            self._try_hint()
            if self.proved is None and self._low < self._varied.last:
                self._holds(self._varied.last)
        while self._low + 1 < self._high and self.proved is not None:
            if not self._try_hint():
                self._holds((self._low + self._high) // 2)
        if self.proved is not None:
            return Holds(self.proved, self.refuted)
        assert self.refuted is not None
        return HoldsForNone(self.refuted)

    def _try_hint(self) -> bool:
        """What the calls of a counterexample need, and the place before what is proved so; then halves again, since
        needs may creep.
        """
        hint, self._hint = self._hint, None
        if hint is None or not self._low < hint.place < self._high:
            return False
        holds = self._holds(hint.place)
        self._hint = _Hint(hint.place - 1, False) if holds and hint.is_need else None
        return True

    def _holds(self, place: int) -> bool:
        kind = self._given.result.kind
        assert isinstance(kind, PoolKind)
        pool = self._varied.pool(self._job.pool, place)
        return self._told(place, self._decide(replace(self._job, pool=pool, kinds=(kind,))))

    def _told(self, place: int, outcome: Outcome) -> bool:
        value = self._varied.value(place)
        match outcome.result.verdict:
            case Proved():
                self._high, self.proved = place, Decided(value, outcome)
                return True
            case Refuted(Violation(trace, _)):
                self._low, self.refuted = place, Decided(value, outcome)
                need = None if trace.pool is None else needed(self._varied, trace.pool)
                self._hint = None if need is None else _Hint(need, True)
                return False
            case other:
                why = getattr(other, "reason", None) or getattr(other, "why", "")
                raise _Undecided(f"{self._varied.name} {value}: {why}")


def needed(varied: Varied, run: PoolRun) -> int | None:
    """The least value of which the calls of this counterexample would break nothing any more."""
    last = run.moments[-1]
    match varied.name:
        case "size" if last.broken is not None and last.broken[0] >= run.pool.base:
            return sum(last.broken) - run.pool.base
        case "budget":
            return sum(block.size for block in last.blocks)
        case _:
            return None

"""What no run of a model comes to, as far as candidates for its invariant show; and what of it may have no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proofs.pools.induction import Cases, Induction, together
from proofs.pools.session import Session
from smt_models.pools import conditions as c
from smt_models.pools.settled import Settled
from smt_models.pools.steps import Stepwise
from smt_models.system.terms import Term

NAMED = 3


@dataclass(frozen=True, slots=True)
class Excluded:
    """Conditions that no run comes to, sorted, and the invariant that shows it. `kept`: all candidates that hold."""

    names: tuple[str, ...]
    invariant: Term
    kept: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """Steps, by number, that may come to what has no model: nothing is shown. `kept`: all candidates that hold."""

    steps: tuple[int, ...]
    kept: tuple[Term, ...]

    def told(self, what: str, names: Iterable[str]) -> str:
        """`names`: of what has no model in these steps; the first few are said."""
        found = list(dict.fromkeys(names))
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return f"{what}: {'; '.join(found[:NAMED])}{more}" if found else "something without a model was not excluded"


def shown(
    session: Session,
    model: Stepwise,
    kinds: tuple[str, ...],
    candidates: tuple[Term, ...],
    cases: Cases | None = None,
    goals_last: bool = False,
    known: tuple[Settled, ...] = (),
) -> Excluded | Lost:
    """The first candidates: that none of `kinds` is so, and that nothing without a model was met. `goals_last`: these
    are asked once the others are sifted. `known`: candidates that are known to be inductive together. Raises NoAnswer.
    """
    names = (*kinds, c.UNMODELLED)
    lost = len(kinds)
    induction = Induction(session, model, candidates, cases, known)
    kept = induction.largest(frozenset(range(len(names))) if goals_last else frozenset())
    holding = tuple(candidates[number] for number in sorted(kept))
    if lost not in kept:
        flag = c.flag(c.UNMODELLED).name
        losing = (number for number, one in enumerate(model.steps) if one.step.update(flag) is not None)
        return Lost(tuple(number for number in losing if not induction.keeps(number, kept, lost)), holding)
    goals = [number for number in range(len(names)) if number in kept]
    invariant = together(candidates, induction.needed(kept, goals))
    return Excluded(tuple(sorted(names[number] for number in goals)), invariant, holding)


def inductive(session: Session, model: Stepwise, candidates: tuple[Term, ...]) -> tuple[Term, ...]:
    """Those that hold initially, and that the steps keep. Raises NoAnswer."""
    return tuple(candidates[number] for number in sorted(Induction(session, model, candidates).largest()))

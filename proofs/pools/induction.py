"""Which of many candidates are invariants together: those that fail are dropped until the rest is inductive.

Then the rest is made small: what the goals need, what that needs, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from proofs.pools.session import CanBeFalse, Follows, NoAnswer, Session, Unsure
from smt_models.pools.conditions import EXISTS, other_of
from smt_models.pools.model import PoolModel
from smt_models.pools.steps import PoolStep
from smt_models.system.smtlib import Rename, plain, sort_text, symbol, term_text
from smt_models.system.terms import Term, Variable, conjunction

INITIAL = "initial"


class Induction:
    """The model and the candidates, loaded into a session. Raises NoAnswer throughout."""

    def __init__(self, session: Session, model: PoolModel, candidates: tuple[Term, ...]) -> None:
        self._session = session
        self._model = model
        self._candidates = candidates
        session.load(INITIAL, "\n".join(self._initial()))
        for number, step in enumerate(model.steps):
            session.load(str(number), "\n".join(self._step(step)))

    def largest(self) -> frozenset[int]:
        """The largest inductive set of candidates, as far as the solver decides."""
        kept, _ = self._from(frozenset(range(len(self._candidates))), INITIAL, ())
        rests_on: dict[int, frozenset[int] | None] = {}
        waiting = list(range(len(self._model.steps)))
        while waiting:
            number = waiting.pop(0)
            kept, rests_on[number] = self._from(kept, str(number), tuple(step_assumptions(self._model.steps[number])))
            waiting += [
                one for one, core in rests_on.items() if one not in waiting and not (core is not None and core <= kept)
            ]
        return kept

    def _from(
        self, kept: frozenset[int], context: str, assumed: tuple[str, ...]
    ) -> tuple[frozenset[int], frozenset[int] | None]:
        """Those of `kept` that hold after the step if before it all of `kept` do, and what of `kept` was needed for
        that.
        """
        after = set(kept)
        assume = [f"{what} {one}" for what in assumed for one in sorted(kept)]
        while after:
            claims = [f"then {one}" for one in sorted(after)]
            match self._session.falsify(context, assume, claims):
                case CanBeFalse(names):
                    after -= {_number(name) for name in names}
                case Follows(core):
                    return frozenset(after), frozenset(map(_number, core))
                case Unsure():
                    after = self._one_by_one(context, assume, after)
                    return frozenset(after), kept if after == kept else None
        return frozenset(), frozenset()

    def _one_by_one(self, context: str, assume: list[str], claims: set[int]) -> set[int]:
        """What is not decided does not hold."""
        return {one for one in claims if isinstance(self._session.falsify(context, assume, [f"then {one}"]), Follows)}

    def needed(self, kept: frozenset[int], goals: Iterable[int]) -> frozenset[int]:
        """A small inductive part of an inductive set, with the goals."""
        needed = set(goals)
        done: dict[int, set[int]] = {number: set() for number in range(len(self._model.steps))}
        while any(needed - one for one in done.values()):
            for number, step in enumerate(self._model.steps):
                claims = sorted(needed - done[number])
                if not claims:
                    continue
                assume = [f"{what} {one}" for what in step_assumptions(step) for one in sorted(kept)]
                found = self._session.falsify(str(number), assume, [f"then {one}" for one in claims])
                if not isinstance(found, Follows):
                    raise NoAnswer("whether a small invariant is one was not decided")
                needed |= {_number(name) for name in found.core}
                done[number] |= set(claims)
        return frozenset(needed)

    def _initial(self) -> Iterable[str]:
        yield from _declared(self._model.system.variables)
        yield f"(assert {term_text(self._model.system.initial)})"
        for number, one in enumerate(self._candidates):
            yield from _named(f"then {number}", term_text(one))

    def _step(self, step: PoolStep) -> Iterable[str]:
        variables = self._model.system.variables
        needed = set(step_assumptions(step))
        yield from _declared(variables)
        yield from _declared(step.step.inputs)
        yield f"(assert {term_text(step.step.guard)})"
        after = dict(step.step.updates)
        rename = _after(after)
        for variable in variables:
            if variable.name in after:
                name = symbol(f"{variable.name} then")
                yield f"(define-fun {name} () {sort_text(variable.sort)} {term_text(after[variable.name])})"
        for number, one in enumerate(self._candidates):
            yield from _named(f"now {number}", term_text(one))
            if "other" in needed:
                yield from _named(f"other {number}", term_text(one, of_other(step)))
            yield from _named(f"then {number}", term_text(one, rename))


def step_assumptions(step: PoolStep) -> Iterable[str]:
    """Of whom the candidates are assumed: of the ghost block, and of the other where there is one."""
    return ("now", "other") if step.other else ("now",)


def of_other(step: PoolStep) -> Rename:
    """What is said of the ghost said of the other one, which is there."""

    def rename(variable: Variable) -> str:
        other = other_of(variable, step.step.inputs)
        return "true" if other is EXISTS else plain(other or variable)

    return rename


def _after(updates: Mapping[str, Term]) -> Rename:
    return lambda variable: symbol(f"{variable.name} then") if variable.name in updates else plain(variable)


def _declared(variables: Iterable[Variable]) -> Iterable[str]:
    for one in variables:
        yield f"(declare-const {plain(one)} {sort_text(one.sort)})"


def _named(name: str, text: str) -> Iterable[str]:
    yield f"(define-fun {symbol(name + ' is')} () Bool {text})"
    yield f"(declare-const {symbol(name)} Bool)"
    yield f"(assert (= {symbol(name)} {symbol(name + ' is')}))"


def _number(name: str) -> int:
    return int(name.rpartition(" ")[2])


def together(candidates: tuple[Term, ...], chosen: Iterable[int]) -> Term:
    """The conjunction of those chosen."""
    return conjunction(candidates[one] for one in sorted(chosen))

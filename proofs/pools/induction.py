"""Which of many candidates are invariants together: those that fail are dropped until the rest is inductive.

Then the rest is made small: what the goals need, what that needs, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from proofs.pools.alike import Alike, Like, of_other
from proofs.pools.relevance import elsewhere, fixed_after, fixed_before, moved, only_where
from proofs.pools.session import Session
from smt_models.pools.settled import Settled
from smt_models.pools.steps import PoolStep, Stepwise
from smt_models.system.smtlib import Rename, plain, sort_text, symbol, term_text
from smt_models.system.terms import Term, Variable, conjunction, variables_of

Cases = Callable[[PoolStep], tuple[Term, ...]]

INITIAL = "initial"
FEW = 2


class Induction:
    """The model and the candidates, loaded into a session as they are asked about; `cases` of a step in each of which
    it is asked what is hard. `known`: candidates that are known to be inductive together, which nobody asks again: in
    place of their variables questions have the values. Raises NoAnswer throughout.
    """

    def __init__(
        self,
        session: Session,
        model: Stepwise,
        candidates: tuple[Term, ...],
        cases: Cases | None = None,
        known: tuple[Settled, ...] = (),
    ) -> None:
        self._session = session
        self._model = model
        self._candidates = candidates
        self._cases = cases
        settled = {one.says: one for one in known}
        self._settling = {number: settled[one] for number, one in enumerate(candidates) if one in settled}
        self._loaded: dict[int, frozenset[int]] = {}
        """Steps that the session has, and of which candidates it has them."""
        self._names = [frozenset(one.name for one in variables_of(term)) for term in candidates]
        self._moved = [moved(step) for step in model.steps]
        self._told: list[frozenset[int]] = []
        """Of each step: the candidates that say something before it."""
        self._cores: list[dict[int, frozenset[int]]] = [{} for _ in model.steps]
        """Of each step: what a candidate needs before it to hold after it."""
        self._alike = Alike(model.steps, model.system.variables)
        places = [only_where(one) for one in candidates]
        for number, step in enumerate(model.steps):
            before, after = {} if step.other else fixed_before(step), fixed_after(step)
            self._told.append(frozenset(n for n, where in enumerate(places) if not elsewhere(where, before)))
            self._cores[number] |= {n: frozenset() for n, where in enumerate(places) if elsewhere(where, after)}
        self._values = [self._values_of(number) for number in range(len(model.steps))]
        for number, cores in enumerate(self._cores):
            cores |= {n: self._known_core(number, n) for n in self._settling if n not in cores}
        session.load(INITIAL, "\n".join(self._initial()))

    def _load(self, number: int, those: frozenset[int]) -> str:
        """The context of a step, with what it says of these candidates."""
        if not those <= self._loaded.get(number, frozenset()):
            step, cases = self._model.steps[number], self._cases
            told = [_named(f"case {place}", term_text(one)) for place, one in enumerate(cases(step) if cases else ())]
            text = "\n".join([*self._step(number, step, those), *chain(*told)])
            self._session.load(str(number), text, [f"case {place}" for place in range(len(told))])
            self._loaded[number] = those
        return str(number)

    def largest(self, goals: frozenset[int] = frozenset()) -> frozenset[int]:
        """The largest inductive set of candidates, as far as the solver decides. What models show false goes first: so
        what is hard to show is asked once, and not again whenever something that it rested on has gone. `goals` are
        asked last: a solver may not see that they follow among much that does not.
        """
        every = [_then(one) for one in range(len(self._candidates)) if one not in self._settling]
        false, core = self._session.refuted(INITIAL, (), every)
        kept = frozenset(map(_number, set(every) - false))
        if core is None:
            kept = frozenset(map(_number, self._session.sift(INITIAL, (), map(_then, sorted(kept)))))
        kept |= self._settling.keys()
        kept = self._settled(kept, lambda step, those: self._not_refuted(step, those, goals))
        if goals:
            kept = self._settled(kept, lambda step, those: self._after(step, those, goals))
        return self._settled(kept, self._after)

    def _settled(self, kept: frozenset[int], after: Callable[[int, frozenset[int]], frozenset[int]]) -> frozenset[int]:
        """`after`: of a step, what is left of those that hold before it; asked until nothing goes."""
        waiting = list(range(len(self._model.steps)))
        while waiting:
            before, kept = kept, after(waiting.pop(0), kept)
            if kept != before:
                waiting += [
                    step for step in range(len(self._model.steps)) if step not in waiting and self._stale(step, kept)
                ]
        return kept

    def _not_refuted(self, step: int, kept: frozenset[int], unasked: frozenset[int]) -> frozenset[int]:
        """Those of `kept` of which no model was found in which they do not hold after the step, or nobody asks."""
        claims = [one for one in self._asked(step, kept) if one not in unasked]
        if not claims:
            return kept
        context = self._load(step, kept)
        false, core = self._session.refuted(context, self._assumed(step, kept), map(_then, claims))
        gone = frozenset(map(_number, false))
        if core is not None:
            self._cores[step] |= {one: self._needed(step, one, core) for one in claims if one not in gone}
        return kept - gone

    def _stale(self, step: int, kept: frozenset[int]) -> list[int]:
        """Those that are not known to be kept by the step if only `kept` hold before it."""
        cores = self._cores[step]
        return [one for one in sorted(kept) if one not in cores or not cores[one] <= kept]

    def _asked(self, step: int, kept: frozenset[int]) -> list[int]:
        """The stale ones of which something may be different after the step, and no step like it tells."""
        cores = self._cores[step]
        stale = self._stale(step, kept)
        cores |= {one: frozenset((one,)) for one in stale if self._moved[step].isdisjoint(self._names[one])}
        if stale := self._stale(step, kept):
            for like in self._alike.of(step):
                known = self._cores[like.step]
                cores |= {one: known[one] for one in stale if one in known and self._told_by(like, one)}
        return self._stale(step, kept)

    def _told_by(self, like: Like, one: int) -> bool:
        return self._names[one].isdisjoint(like.different)

    def _after(self, step: int, kept: frozenset[int], unasked: frozenset[int] = frozenset()) -> frozenset[int]:
        """Those of `kept` that hold after the step if before it all of `kept` do, but for what is not asked."""
        claims = [one for one in self._asked(step, kept) if one not in unasked]
        if not claims:
            return kept
        found = self._session.sift(self._load(step, kept), self._assumed(step, kept), map(_then, claims))
        self._cores[step] |= {_number(name): self._needed(step, _number(name), core) for name, core in found.items()}
        return kept - {one for one in claims if _then(one) not in found}

    def keeps(self, step: int, kept: frozenset[int], one: int) -> bool:
        """Whether one holds after the step if before it all of `kept` do."""
        context = self._load(step, kept | {one})
        return bool(self._session.sift(context, self._assumed(step, kept), (_then(one),)))

    def needed(self, kept: frozenset[int], goals: Iterable[int]) -> frozenset[int]:
        """A small inductive part of what `largest` gave, with the goals."""
        needed: set[int] = set()
        waiting = [one for one in goals if one in kept]
        while waiting:
            one = waiting.pop()
            if one not in needed:
                needed.add(one)
                waiting += [other for step in range(len(self._cores)) for other in self._core(step, one, kept)]
        return frozenset(needed)

    def _core(self, step: int, one: int, kept: frozenset[int]) -> frozenset[int]:
        """What it needs by itself: the core that is known may be one for many. All of `kept` it is where the solver
        gave none, and would give none if it were asked again.
        """
        known = self._cores[step][one]
        if len(known) <= FEW or known == kept & self._told[step]:
            return known
        for like in self._alike.of(step):
            if self._told_by(like, one) and self._cores[like.step][one] == known:
                return self._core(like.step, one, kept)
        found = self._session.sift(self._load(step, known | {one}), self._assumed(step, known), (_then(one),))
        return self._needed(step, one, found[_then(one)]) if found else known

    def _known_core(self, step: int, one: int) -> frozenset[int]:
        """Of what is known to be inductive: itself, where nothing of it may be different after the step; what says the
        values by which the step makes the same of a variable and of what it is.
        """
        if self._moved[step].isdisjoint(self._names[one]):
            return frozenset((one,))
        value = self._settling[one].value
        if value is not None:
            updates = dict(self._model.steps[step].step.updates)
            made = [updates.get(each.name, each) if isinstance(each, Variable) else each for each in value]
            before = self._before(step)
            if term_text(made[0], before) == term_text(made[1], before):
                return self._saying({of for each in made for of in variables_of(each)}, step)
        return frozenset(self._settling)

    def _values_of(self, step: int) -> dict[Variable, tuple[int, Term]]:
        """The values that variables have before the step, and the candidates that say so."""
        if self._model.steps[step].other:
            return {}
        known = ((number, one.value) for number, one in self._settling.items() if number in self._told[step])
        return {value[0]: (number, value[1]) for number, value in known if value is not None}

    def _needed(self, step: int, one: int, core: Iterable[str]) -> frozenset[int]:
        """The core of a claim, with what says the values that its question had in place of variables."""
        numbers = frozenset(map(_number, core))
        about = chain((one,), numbers)
        updates = dict(self._model.steps[step].step.updates)
        texts = [self._model.steps[step].step.guard]
        names = {name for number in about for name in self._names[number]}
        texts += [updates[name] for name in sorted(names) if name in updates]
        there = names | {each.name for text in texts for each in variables_of(text)}
        return numbers | self._saying({of for of in self._values[step] if of.name in there}, step)

    def _saying(self, those: Iterable[Variable], step: int) -> frozenset[int]:
        """What says the values that some of these variables have before the step."""
        values = self._values[step]
        return frozenset(values[one][0] for one in those if one in values)

    def _assumed(self, step: int, kept: frozenset[int]) -> list[str]:
        told = sorted((kept & self._told[step]) - {number for number, _ in self._values[step].values()})
        return [f"{what} {one}" for what in step_assumptions(self._model.steps[step]) for one in told]

    def _initial(self) -> Iterable[str]:
        yield from _declared(self._model.system.variables)
        yield f"(assert {term_text(self._model.system.initial)})"
        for number, one in enumerate(self._candidates):
            yield from _named(f"then {number}", term_text(one))

    def _step(self, place: int, step: PoolStep, those: frozenset[int]) -> Iterable[str]:
        variables = self._model.system.variables
        needed = set(step_assumptions(step))
        yield from _declared(variables)
        yield from _declared(step.step.inputs)
        before = self._before(place)
        yield f"(assert {term_text(step.step.guard, before)})"
        after = dict(step.step.updates)
        rename = _after(after, before)
        for variable in variables:
            if variable.name in after:
                name = symbol(f"{variable.name} then")
                yield f"(define-fun {name} () {sort_text(variable.sort)} {term_text(after[variable.name], before)})"
        for number in sorted(those):
            one = self._candidates[number]
            if number in self._told[place]:
                yield from _named(f"now {number}", term_text(one, before))
            if "other" in needed:
                yield from _named(f"other {number}", term_text(one, of_other(step)))
            if not self._moved[place].isdisjoint(self._names[number]) and self._cores[place].get(number) != frozenset():
                yield from _named(f"then {number}", term_text(one, rename))

    def _before(self, step: int) -> Rename:
        """With values in place of the variables that have them."""
        values = {of: value for of, (_, value) in self._values[step].items()}
        return lambda variable: term_text(values.get(variable, variable))


def step_assumptions(step: PoolStep) -> Iterable[str]:
    """Of whom the candidates are assumed: of the ghost block, and of the other where there is one."""
    return ("now", "other") if step.other else ("now",)


def _after(updates: Mapping[str, Term], before: Rename) -> Rename:
    return lambda variable: symbol(f"{variable.name} then") if variable.name in updates else before(variable)


def _declared(variables: Iterable[Variable]) -> Iterable[str]:
    for one in variables:
        yield f"(declare-const {plain(one)} {sort_text(one.sort)})"


def _named(name: str, text: str) -> Iterable[str]:
    yield f"(define-fun {symbol(name + ' is')} () Bool {text})"
    yield f"(declare-const {symbol(name)} Bool)"
    yield f"(assert (= {symbol(name)} {symbol(name + ' is')}))"


def _then(one: int) -> str:
    return f"then {one}"


def _number(name: str) -> int:
    return int(name.rpartition(" ")[2])


def together(candidates: tuple[Term, ...], chosen: Iterable[int]) -> Term:
    """The conjunction of those chosen."""
    return conjunction(candidates[one] for one in sorted(chosen))

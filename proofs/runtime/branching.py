"""Other ways through a model than the one that a trace goes: what can be done in a state, and what can come of it.

A place is a route: edges from the start, or from a recorded state, taken one after the other. Its numbers stay open
until the place is shown; so an action is possible if some numbers allow it after all that was done before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from proofs.runtime.concrete import Goal, NoNumbers, numbered
from proofs.runtime.engine import Budget
from proofs.runtime.questions import Questions
from proofs.runtime.route import Route, Taken, fits, from_start
from proofs.runtime.search import Limits, Search, Searched
from proofs.runtime.solve import completed, satisfiable
from proofs.runtime.trace import RuntimeTrace
from smt_models.runtime.edges import Edge, Edges, with_numbers
from smt_models.runtime.emit import FAULT, OUTSIDE
from smt_models.runtime.events import Chosen, Event, Noted, Told
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Where
from smt_models.system.evaluate import evaluate
from smt_models.system.model import System
from smt_models.system.operators import Value
from smt_models.system.terms import FALSE, Literal, Term, both, conjunction, equal, literal, variables_of

_STEPS = 60


class NoSuchWay(Exception):
    """An action that the model does not have, or that cannot be taken there; `str` says which."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An action that is possible in a state. `name`: for addresses, the same as long as the model is. `told`: what the
    host answers, what others choose, and what the guest frees; `changes`: of words whose value is decided there, with
    the value before and after. `breaks`: the obligation that it violates, or what it reaches that is not modelled.
    """

    name: str
    actor: str
    action: str
    told: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    breaks: str | None
    where: Where | None


@dataclass(frozen=True, slots=True)
class Reached:
    """`ways`: the shortest there is, as names of branches; None: none was found, and if `whole`, there is none."""

    ways: tuple[str, ...] | None
    whole: bool
    why: str


class Branching:
    """Of one model. What needs the solver raises NoAnswer. `left_out`: what can be and the model does not have, so that
    what is not reached in it may be reached.
    """

    def __init__(self, edges: Edges, system: System, budget: Budget, left_out: str = "") -> None:
        self.edges = edges
        self.system = system
        self._budget = budget
        self._left_out = left_out

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(_name(edge) for edge in self.edges.edges)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: at for at, name in reversed(tuple(enumerate(self._names)))}

    @property
    def start(self) -> Route:
        return from_start(self.edges)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must not be reached."""
        return tuple(one.name for one in self.system.bad if one.name != OUTSIDE)

    def possible(self, route: Route) -> tuple[Branch, ...]:
        """What can be done where a route ends, in the order of the model's actions; nothing after a violation."""
        if _ended(route):
            return ()
        known = Facts()
        known.assume(route.condition)
        asked = [(at, one) for at, one in self._candidates(route) if known.simplify(one.condition) != FALSE]
        can = self._ask([both(route.condition, one.condition) for _, one in asked])
        found: dict[str, Taken] = {}
        for (at, one), yes in zip(asked, can, strict=True):
            if yes:
                found.setdefault(self._names[at], one)
        return tuple(_branch(name, route, one) for name, one in found.items())

    def _candidates(self, route: Route) -> Iterator[tuple[int, Taken]]:
        for at, edge in enumerate(self.edges.edges):
            if fits(self.edges, edge, route.words) != FALSE:
                yield at, route.then(at).taken[-1]

    def _ask(self, conditions: Sequence[Term]) -> tuple[bool, ...]:
        return satisfiable(conditions, self._budget)

    def after(self, route: Route, ways: Sequence[str]) -> Route:
        """With these actions taken. Raises NoSuchWay."""
        for name in ways:
            at = self._numbers.get(name)
            if at is None:
                raise NoSuchWay(f"the model has no action {name}: it is an address of another model")
            if _ended(route):
                raise NoSuchWay(f"{name} comes after a violation, where the model ends")
            route = route.then(at)
        if ways and not self._ask([route.condition])[0]:
            raise NoSuchWay(f"these actions cannot be taken one after the other: {', '.join(ways)}")
        return route

    def shown(self, route: Route) -> RuntimeTrace:
        """With numbers, and replayed on the model. Raises NoNumbers: none that fit together were found."""
        fault = route.taken[-1].edge.fault if route.taken else None
        return numbered(route, Goal("" if fault is None else fault.obligation), self.system, self._budget)

    def goes_wrong(self, route: Route, obligations: Sequence[str]) -> dict[str, Reached]:
        """Of bad conditions, by name: whether they can still be reached from where a route ends, by one search. Raises
        NoSuchWay after a violation.
        """
        self._goes_on(route)
        return self._reach(route, {name: self.system.condition(name) for name in obligations})

    def shortest(self, route: Route) -> Reached:
        """A shortest way from the start to the state that a route ends in, every word as it is shown there. Raises
        NoNumbers, and NoSuchWay after a violation.
        """
        self._goes_on(route)
        if route.at_first and not route.taken:
            return Reached((), True, "")
        trace = self.shown(route)
        state = dict(trace.steps[-1].after) if trace.steps else _read(route.first)
        words = (*self.edges.variables, *self.edges.numbers.variables)
        here = conjunction(equal(one, literal(state[one.name], one.sort)) for one in words)
        return self._reach(self.start, {"here": both(FAULT.is_("none"), here)})["here"]

    def _goes_on(self, route: Route) -> None:
        if _ended(route):
            raise NoSuchWay("nothing comes after a violation, where the model ends")

    def _reach(self, route: Route, goals: Mapping[str, Term]) -> dict[str, Reached]:
        """Where the numbers of a way cannot be together, all of them are looked at."""
        found = self._searched(self.edges, route, goals)
        open_ = {name: goals[name] for name, one in found.items() if one is None}
        again = self._searched(with_numbers(self.edges), route, open_) if open_ else {}
        nothing = Reached(None, False, "no numbers that fit together were found")
        return {name: one or again.get(name) or nothing for name, one in found.items()}

    def _searched(self, edges: Edges, route: Route, goals: Mapping[str, Term]) -> dict[str, Reached | None]:
        limits = Limits(_STEPS, seconds=self._budget.seconds, megabytes=self._budget.megabytes)
        with Questions(self._budget) as questions:
            searched = Search(edges, goals, limits, questions.satisfiable).run(route)
        found: dict[str, Reached | None] = {}
        for name, goal in goals.items():
            ways = searched.routes.get(name)
            if ways is None:
                found[name] = self._not_reached(searched)
                continue
            try:
                numbered(route.along(ways), Goal(name, goal), self.system, self._budget)
                found[name] = Reached(tuple(self._names[at] for at in ways), True, "")
            except NoNumbers:
                found[name] = None
        return found

    def _not_reached(self, searched: Searched) -> Reached:
        why = f"{searched.why}: {searched.states} states"
        if self._left_out:
            return Reached(None, False, f"in a model without {self._left_out}, {why}")
        return Reached(None, searched.whole, why)


def _read(words: Mapping[str, Term]) -> dict[str, Value]:
    """What nobody decided is as a trace has it by default."""
    return {name: evaluate(word, completed({}, variables_of(word))) for name, word in words.items()}


def _ended(route: Route) -> bool:
    return bool(route.taken) and route.taken[-1].edge.fault is not None


# Words for people


def _name(edge: Edge) -> str:
    """The action, and a digest of all that the edge says."""
    events = [(type(one).__name__, *_said(one)) for one in edge.events]
    said = repr((edge.action, edge.citation, edge.condition, edge.updates, edge.fault, events))
    word = re.sub(r"[^a-z0-9]+", "-", edge.action.lower()).strip("-")
    return f"{word}.{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def _said(event: Event) -> tuple[str, str]:
    match event:
        case Told(call, rule, where=where):
            return f"{call}: {rule}", str(where)
        case Chosen(what, _, where):
            return what, str(where)
        case Noted(kind, text, where):
            return f"{kind}: {text}", str(where)


def _branch(name: str, route: Route, step: Taken) -> Branch:
    edge = step.edge
    facts = Facts()
    facts.assume(both(route.condition, step.condition))
    told = tuple(text for event in edge.events if (text := _told(event, step, facts)) is not None)
    breaks = None if edge.fault is None else f"{edge.fault.obligation}: {edge.fault.why}"
    where = None if edge.fault is None else edge.fault.where
    changes = () if edge.fault is not None else tuple(_changes(route, step, facts))
    return Branch(name, edge.actor.value, edge.action, told, changes, breaks, where)


def _told(event: Event, step: Taken, facts: Facts) -> str | None:
    match event:
        case Told(call, rule):
            return f"{call}: {rule}"
        case Chosen(what, value):
            chosen = facts.simplify(step.says(value))
            return f"{what}: {_shown(chosen.value)}" if isinstance(chosen, Literal) else f"{what}: any"
        case Noted("call"):
            return None
        case Noted(kind, text):
            return f"{kind}: {text}"


def _changes(route: Route, step: Taken, facts: Facts) -> Iterator[tuple[str, str, str]]:
    for one in route.edges.shaped:
        before, after = (facts.simplify(words[one.name]) for words in (route.words, step.after))
        if before != after:
            yield one.name, _word(before), _word(after)


def _word(term: Term) -> str:
    return _shown(term.value) if isinstance(term, Literal) else "any"


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

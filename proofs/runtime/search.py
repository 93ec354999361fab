"""Breadth-first search over states whose numbers are terms: the first that is found is a nearest one.

A node is a state with every choice and truth value decided, but for constants, which nothing may have looked at. Its
numbers are terms over inputs, together with what those inputs must fulfil. From a node every edge is taken whose
condition can hold with it. What simplification does not decide, the solver does; if it has no answer, the search has
none. Conditions on inputs that no word mentions any more are dropped once they are known to be satisfiable
(`conditions`). So the nodes of the first k layers stand for exactly the states that at most k steps reach,
and a goal that layer k is the first to lead to needs k + 1.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from proofs.runtime.conditions import about, components
from proofs.runtime.renaming import Renaming, numbered
from proofs.runtime.route import Route
from smt_models.runtime.edges import Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.facts import Facts
from smt_models.runtime.shapes import Shape, values_of
from smt_models.system.terms import FALSE, Literal, Term, equal, literal, variables_of

Satisfiable = Callable[[Sequence[Term]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a search: what is not found within them is not known."""

    steps: int = 20
    states: int = 50_000
    seconds: int = 60
    megabytes: int = 4096


@dataclass(frozen=True, slots=True)
class Node:
    """`conditions` on the inputs of `words`. `parent` and `edge`: how it was reached, by number; None at the start."""

    words: tuple[Term, ...]
    conditions: tuple[Term, ...]
    parent: int | None = None
    edge: int | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """`routes`: for each goal that is reached, the edges of a shortest route; `steps`: how far everything was looked
    at; `whole`: there is nothing further.
    """

    routes: Mapping[str, tuple[int, ...]]
    steps: int
    states: int
    whole: bool
    why: str


@dataclass(slots=True)
class _Layer:
    """What the nodes of one layer lead to, before the solver was asked."""

    nodes: list[tuple[Node, tuple[Term, ...]]] = field(default_factory=list)
    ends: list[tuple[str, int, int, tuple[Term, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the edges of one node start from. `given`: a term with the node's words, under what is known of them."""

    number: int
    values: Mapping[str, Term]
    known: Facts
    given: Callable[[Term], Term]


class Search:
    """`goals`: conditions by name, over the words of the state and `FAULT`. `is_enough`: asked after each step,
    with those that are reached.
    """

    def __init__(
        self,
        edges: Edges,
        goals: Mapping[str, Term],
        limits: Limits,
        satisfiable: Satisfiable,
        is_enough: Callable[[Set[str]], bool] = lambda _: False,
    ) -> None:
        self.edges = edges
        self.limits = limits
        self.nodes: list[Node] = []
        self.taken: set[int | None] = set()
        """The edges that can be taken, whether or not they lead to a new state."""
        self._goals = goals
        self._numbers = frozenset(one.name for one in edges.numbers.variables)
        self._at_fault: dict[str, dict[str, Term]] = {}
        self._routes: dict[str, tuple[int, ...]] = {}
        self._satisfiable = satisfiable
        self._is_enough = is_enough
        self._known: dict[Term, bool] = {}
        self._named: dict[Term, Term] = {}
        self._texts: dict[Term, str] = {}
        self._renaming = Renaming()
        self._seen: set[tuple[tuple[Term, ...], tuple[Term, ...]]] = set()
        self._by_shape: dict[Shape, list[int]] = {}
        constants = {one.name for one in edges.constants}
        self._constants = [at for at, one in enumerate(edges.variables) if one.name in constants]
        split = [at for at, one in enumerate(edges.shaped) if one.name not in constants]
        for number, edge in enumerate(edges.edges):
            for shape in dict.fromkeys(tuple(one[at] for at in split) for one in edge.shapes):
                self._by_shape.setdefault(shape, []).append(number)
        self._updates = [dict(edge.updates) for edge in edges.edges]
        names = [one.name for one in edges.variables]
        self._shape_at = [names.index(edges.shaped[at].name) for at in split]

    def run(self, begins: Route | None = None) -> Searched:
        """From the start, or from where a route ends."""
        ends = time.monotonic() + self.limits.seconds
        first = (_start(self.edges),) if begins is None else self._at_end(begins)
        new = [self._add(one) for one in first]
        self._seen.update((one.words, one.conditions) for one in self.nodes)
        for number in new:
            self._at_first(self.nodes[number])
        for steps in range(self.limits.steps):
            if not new:
                return self._searched(steps, True, "every state that can be was looked at")
            layer = _Layer()
            for number in new:
                self._expand(number, layer)
                if time.monotonic() > ends:
                    return self._searched(steps, False, f"{self.limits.seconds} s were spent")
            new = self._keep(layer)
            if self._goals.keys() <= self._routes.keys() or self._is_enough(self._routes.keys()):
                return self._searched(steps + 1, False, "everything that was looked for is found")
            if len(self.nodes) > self.limits.states:
                return self._searched(steps + 1, False, f"{self.limits.states} states were looked at")
        return self._searched(self.limits.steps, False, f"{self.limits.steps} steps were looked at")

    def _searched(self, steps: int, whole: bool, why: str) -> Searched:
        return Searched(self._routes, steps, len(self.nodes), whole, why)

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _expand(self, number: int, layer: _Layer) -> None:
        node = self.nodes[number]
        values = {one.name: word for one, word in zip(self.edges.variables, node.words, strict=True)}
        known = _facts(node.conditions)
        before = _Before(number, values, known, known.given(values))
        for edge in self._by_shape.get(self._shape(node), ()):
            self._take(before, edge, layer)

    def _shape(self, node: Node) -> Shape:
        words = (node.words[at] for at in self._shape_at)
        return tuple(one.value for one in words if isinstance(one, Literal))

    def _take(self, before: _Before, at: int, layer: _Layer) -> None:
        edge = self.edges.edges[at]
        goals = self._open(edge.fault.obligation if edge.fault is not None else "none")
        if edge.fault is not None and not goals:
            return
        condition = before.given(edge.condition)
        if condition == FALSE:
            return
        facts = before.known.copy()
        if not facts.assume(condition):
            return
        updates, given = self._updates[at], facts.given(before.values)
        after = (updates.get(one.name, before.values[one.name]) for one in self.edges.variables)
        words = [one if isinstance(one, Literal) else given(one) for one in after]
        for decided, more in self._decided(words, facts):
            for name, goal in goals.items():
                layer.ends.extend((name, before.number, at, parts) for parts in self._reached(decided, more, goal))
            if edge.fault is not None:
                continue
            parts = components(more.assumed)
            live = {one.name for word in decided for one in variables_of(word)}
            later = self._known_later(more)
            words_, conditions = self._renaming.renamed(decided, about(live, later, self._text))
            layer.nodes.append((Node(words_, conditions, before.number, at), parts))

    def _known_later(self, facts: Facts) -> Mapping[Term, None]:
        """Not what is said of numbers that are no words: they are related as before in every state."""
        if not self._numbers:
            return facts.assumed
        known = (one for one in facts.assumed if not any(v.name in self._numbers for v in variables_of(one)))
        return dict.fromkeys(known)

    def _open(self, fault: str) -> dict[str, Term]:
        """The goals that are not reached yet and can be where there is this fault."""
        found = self._at_fault.get(fault)
        if found is None:
            value = {FAULT.name: FAULT.value(fault)}
            every = {name: Facts().simplify(goal, value) for name, goal in self._goals.items()}
            found = self._at_fault[fault] = {name: goal for name, goal in every.items() if goal != FALSE}
        return {name: goal for name, goal in found.items() if name not in self._routes}

    def _reached(self, words: Sequence[Term], known: Facts, goal: Term) -> Iterator[tuple[Term, ...]]:
        """What must be satisfiable for the goal to hold, if it can."""
        values = {one.name: word for one, word in zip(self.edges.variables, words, strict=True)}
        facts = known.copy()
        if facts.assume(facts.simplify(goal, values)):
            yield components(facts.assumed)

    def _at_end(self, route: Route) -> Iterator[Node]:
        """Every way in which the discrete words can be there."""
        facts = _facts((route.condition,))
        words = [facts.simplify(route.words[one.name]) for one in self.edges.variables]
        for decided, more in self._decided(words, facts):
            if all(self._satisfiable(components(more.assumed))):
                live = {one.name for word in decided for one in variables_of(word)}
                yield Node(*self._renaming.renamed(decided, about(live, more.assumed, self._text)))

    def _at_first(self, node: Node) -> None:
        """Goals that hold at first are reached in no step."""
        for name, goal in self._open("none").items():
            for parts in self._reached(node.words, _facts(node.conditions), goal):
                if all(self._satisfiable(parts)):
                    self._routes[name] = ()

    def _decided(self, words: list[Term], facts: Facts) -> Iterator[tuple[tuple[Term, ...], Facts]]:
        """Every way in which the discrete words can be."""
        open_ = [at for at in self._shape_at if not isinstance(words[at], Literal)]
        if not open_:
            yield tuple(words), facts
            return
        choices = [values_of(self.edges.variables[at]) for at in open_]
        for values in itertools.product(*choices):
            further = facts.copy()
            chosen = {at: literal(v, self.edges.variables[at].sort) for at, v in zip(open_, values, strict=True)}
            if all(further.assume(further.simplify(equal(words[at], value))) for at, value in chosen.items()):
                yield tuple(further.simplify(chosen.get(at, word)) for at, word in enumerate(words)), further

    def _keep(self, layer: _Layer) -> list[int]:
        """The new nodes that can be, in the order of their discovery; and routes to goals."""
        asked: dict[Term, None] = {}
        for parts in (*(parts for _, parts in layer.nodes), *(parts for *_, parts in layer.ends)):
            asked.update((part, None) for part in map(self._canonical, parts) if part not in self._known)
        self._known.update(zip(asked, self._satisfiable(tuple(asked)), strict=True))
        for name, number, at, parts in layer.ends:
            if name not in self._routes and self._can_be(parts):
                self._routes[name] = (*self._route(number), at)
        new: list[int] = []
        for node, parts in layer.nodes:
            if not self._can_be(parts):
                continue
            self.taken.add(node.edge)
            if not self._is_seen(node):
                self._seen.add((node.words, node.conditions))
                new.append(self._add(node))
        return new

    def _is_seen(self, node: Node) -> bool:
        """It, or one that leaves open what a constant is, and so stands for it and more."""
        known = [at for at in self._constants if isinstance(node.words[at], Literal)]
        some = itertools.chain.from_iterable(itertools.combinations(known, count) for count in range(len(known) + 1))
        return any(self._opened(node, constants) in self._seen for constants in some)

    def _opened(self, node: Node, constants: Sequence[int]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """What it is without what is known of these."""
        if not constants:
            return node.words, node.conditions
        words = list(node.words)
        for at in constants:
            words[at] = self.edges.variables[at]
        return self._renaming.renamed(words, node.conditions)

    def _can_be(self, parts: tuple[Term, ...]) -> bool:
        return all(self._known[self._canonical(part)] for part in parts)

    def _canonical(self, part: Term) -> Term:
        found = self._named.get(part)
        if found is None:
            found = self._named[part] = numbered(part)
        return found

    def _text(self, part: Term) -> str:
        found = self._texts.get(part)
        if found is None:
            found = self._texts[part] = repr(part)
        return found

    def _route(self, number: int) -> tuple[int, ...]:
        found: list[int] = []
        node = self.nodes[number]
        while node.parent is not None and node.edge is not None:
            found.append(node.edge)
            node = self.nodes[node.parent]
        return tuple(reversed(found))


def _start(edges: Edges) -> Node:
    """Constants may be anything, and so may numbers of which nothing is known at first."""
    constants = {one.name for one in edges.constants}
    shape = {one.name: literal(value, one.sort) for one, value in zip(edges.shaped, edges.start, strict=True)}
    first: dict[str, Term] = {**shape, **dict(edges.first)}
    words = [one if one.name in constants else first.get(one.name, one) for one in edges.variables]
    return Node(*Renaming().renamed(words, edges.presupposed))


def _facts(conditions: tuple[Term, ...]) -> Facts:
    facts = Facts()
    for one in conditions:
        facts.assume(one)
    return facts

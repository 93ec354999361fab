"""A way through a model, edge by edge: every state on it in terms of where it begins and of what was chosen on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from smt_models.runtime.edges import Edge, Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.events import Chosen, Event, Noted, Told
from smt_models.runtime.facts import Facts
from smt_models.runtime.shapes import described
from smt_models.system.operators import Value
from smt_models.system.terms import Literal, Term, Variable, both, literal, variables_of


@dataclass(frozen=True, slots=True)
class Taken:
    """An edge as a step of a route. `own`: what its path speaks of, and `canonical`: what its updates speak of, in the
    words of the whole route; `fits`: that the state before it has one of its shapes; `after`: the state after it.
    """

    edge: Edge
    own: Mapping[str, Term]
    canonical: Mapping[str, Term]
    fits: Term
    after: Mapping[str, Term]

    def says(self, term: Term) -> Term:
        return Facts().simplify(term, self.own)

    @property
    def condition(self) -> Term:
        return both(self.fits, self.says(self.edge.whole))


@dataclass(frozen=True, slots=True)
class Route:
    """`first`: the words where it begins, and `known`, what they fulfil. `at_first`: it begins where the model does."""

    edges: Edges
    first: Mapping[str, Term]
    known: tuple[Term, ...]
    at_first: bool
    taken: tuple[Taken, ...] = ()

    @property
    def words(self) -> Mapping[str, Term]:
        return self.taken[-1].after if self.taken else self.first

    @property
    def condition(self) -> Term:
        """That all of its steps can be taken together."""
        return both(*self.known, *(one.condition for one in self.taken))

    def then(self, at: int) -> Route:
        """With one more step: the edge of this number."""
        edge = self.edges.edges[at]
        step = _taken(edge, len(self.taken) + 1, self.words, fits(self.edges, edge, self.words))
        return replace(self, taken=(*self.taken, step))

    def along(self, numbers: Sequence[int]) -> Route:
        route = self
        for at in numbers:
            route = route.then(at)
        return route


def from_start(edges: Edges) -> Route:
    """Constants may be anything, and so may numbers of which nothing is known at first."""
    constants = {one.name for one in edges.constants}
    shape = {one.name: literal(value, one.sort) for one, value in zip(edges.shaped, edges.start, strict=True)}
    start: dict[str, Term] = {**shape, **dict(edges.first)}
    anything: dict[str, Term] = {one.name: Variable(f"{one.name}, at first", one.sort) for one in _words(edges)}
    first = anything | {name: value for name, value in start.items() if name not in constants}
    return Route(edges, first, tuple(Facts().simplify(one, first) for one in edges.presupposed), True)


def from_state(edges: Edges, state: Mapping[str, Value]) -> Route:
    """KeyError if a word has no value."""
    first: dict[str, Term] = {one.name: literal(state[one.name], one.sort) for one in _words(edges)}
    return Route(edges, first, tuple(Facts().simplify(one, first) for one in edges.presupposed), False)


def fits(edges: Edges, edge: Edge, words: Mapping[str, Term]) -> Term:
    """That a state has one of the shapes that the edge leads from; constants have no part in it."""
    constants = {one.name for one in edges.constants}
    split = [(at, one, words[one.name]) for at, one in enumerate(edges.shaped) if one.name not in constants]
    decided = [(at, word.value) for at, _, word in split if isinstance(word, Literal)]
    undecided = [(at, one) for at, one, word in split if not isinstance(word, Literal)]
    left = {
        tuple(shape[at] for at, _ in undecided)
        for shape in edge.shapes
        if all(shape[at] == value for at, value in decided)
    }
    return Facts().simplify(described(tuple(one for _, one in undecided), left), words)


def _words(edges: Edges) -> tuple[Variable, ...]:
    return (*edges.variables, *edges.numbers.variables)


def _taken(edge: Edge, number: int, words: Mapping[str, Term], shaped: Term) -> Taken:
    """With inputs that are its own."""
    names = dict(edge.names)
    own: dict[str, Term] = dict(words)
    canonical: dict[str, Term] = dict(words)
    for variable in _speaks_of(edge):
        if variable.name in words:
            continue
        called = names.get(variable.name, variable)
        assert isinstance(called, Variable)
        own[variable.name] = Variable(f"{called.name}@{number}", variable.sort)
    for called in names.values():
        assert isinstance(called, Variable)
        canonical[called.name] = Variable(f"{called.name}@{number}", called.sort)
    updates = {name: Facts().simplify(term, canonical) for name, term in edge.updates if name != FAULT.name}
    return Taken(edge, own, canonical, shaped, {**words, **updates})


def _speaks_of(edge: Edge) -> Iterator[Variable]:
    yield from variables_of(edge.whole)
    for _, term in (*edge.forgotten, *edge.host):
        yield from variables_of(term)
    for event in edge.events:
        for term in _terms(event):
            yield from variables_of(term)


def _terms(event: Event) -> tuple[Term, ...]:
    match event:
        case Told(code=code, arguments=arguments):
            return (*(() if code is None else (code,)), *(term for _, term in arguments))
        case Chosen(value=value):
            return (value,)
        case Noted():
            return ()

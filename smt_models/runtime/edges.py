"""The unmerged paths of an operation, and the host's own steps, as edges between states: what traces are searched on.

`emit` joins paths that end alike; here each keeps its events and its own inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from smt_models.host.variants import is_without
from smt_models.runtime.emit import (
    FAULT,
    NO_NUMBERS,
    UNKNOWN,
    Named,
    Numbers,
    UpdatesOf,
    canonical,
    host_steps,
    updates_of,
)
from smt_models.runtime.events import Event, Noted, Told
from smt_models.runtime.execute import Path
from smt_models.runtime.explore import Explored
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Unknown, Violated, Where
from smt_models.runtime.roots import PRESUPPOSED
from smt_models.runtime.shapes import Shape, possible
from smt_models.runtime.template import ANY, default
from smt_models.system.model import Actor, Step
from smt_models.system.terms import Apply, Literal, Term, Variable, conjunction, variables_of

_Named = TypeVar("_Named", bound=Named)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an edge violates, in the words of its path."""

    obligation: str
    why: str
    where: Where


@dataclass(frozen=True, slots=True)
class Edge:
    """`condition` and `updates` have the inputs that matter, by canonical names; `whole` is all that the path assumed,
    by its own, and `names` leads from these to those. `forgotten`: what the path leaves in numbers that the next action
    chooses anew. `host`: the host's words where the path ends.
    """

    action: str
    actor: Actor
    citation: str
    condition: Term
    updates: tuple[tuple[str, Term], ...]
    shapes: frozenset[Shape]
    fault: Fault | None
    whole: Term
    names: tuple[tuple[str, Term], ...]
    events: tuple[Event, ...]
    forgotten: tuple[tuple[str, Term], ...]
    host: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Edges:
    """`variables`: the words of the state, without `FAULT`; `start`: what the discrete ones are at first, but for
    constants, which may be anything. `presupposed`: what holds in every state, and is in no condition. `numbers`: what
    the state carries besides; how they are related is in each condition that speaks of them.
    """

    variables: tuple[Variable, ...]
    constants: tuple[Variable, ...]
    shaped: tuple[Variable, ...]
    shapes: tuple[Shape, ...]
    start: Shape
    presupposed: tuple[Term, ...]
    edges: tuple[Edge, ...]
    first: tuple[tuple[str, Term], ...] = ()
    """What is known of numbers at first."""
    numbers: Numbers = NO_NUMBERS

    def breaks_a_hypothesis(self, route: tuple[int, ...]) -> bool:
        """What hypotheses take away are rows: a route (numbers of edges) without those is one under all of them, and
        as short as any there.
        """
        events = (event for at in route for event in self.edges[at].events)
        return any(isinstance(event, Told) and is_without(event.rule) for event in events)


def edges_of(explored: Explored, numbers: Numbers = NO_NUMBERS) -> Edges:
    subject = explored.actions.subject
    ghosts = tuple(Variable(name, start.sort) for name, start in subject.ghosts.items())
    variables = (*subject.constants, *subject.host.kept, *ghosts, *explored.actions.template.variables())
    found = (*_of_host(explored), *edges_of_paths(explored.paths, variables, updates_of, numbers))
    shaped, first = explored.shaped, tuple((one.name, default(one)) for one in numbers.nothing)
    return Edges(
        variables, subject.constants, shaped, explored.shapes, explored.start, PRESUPPOSED, found, first, numbers
    )


def with_numbers(edges: Edges) -> Edges:
    """With the numbers among the words."""
    return replace(edges, variables=(*edges.variables, *edges.numbers.variables), numbers=NO_NUMBERS)


def _of_host(explored: Explored) -> Iterator[Edge]:
    for step in host_steps(explored):
        shapes = frozenset(one for one in explored.shapes if possible(step.guard, explored.shaped, one))
        yield _host_edge(step, shapes)


def _host_edge(step: Step, shapes: frozenset[Shape]) -> Edge:
    guard = conjunction(part for part in _parts(step.guard) if part != FAULT.is_("none"))
    same = tuple((one.name, one) for one in step.inputs)
    return Edge(step.name, step.actor, step.citation, guard, step.updates, shapes, None, guard, same, (), (), ())


def _parts(term: Term) -> tuple[Term, ...]:
    return term.arguments if isinstance(term, Apply) and term.operator == "and" else (term,)


def edges_of_paths(
    paths: Iterable[tuple[_Named, Path]],
    variables: tuple[Variable, ...],
    updates_of: UpdatesOf[_Named],
    numbers: Numbers = NO_NUMBERS,
) -> Iterator[Edge]:
    state = {one.name for one in (*variables, *numbers.variables)}
    every = (*variables, *numbers.variables, FAULT)
    for action, path in paths:
        facts = _related(path.state.facts, numbers)
        for updates in updates_of(action, path, every):
            one = canonical(facts, updates, state)
            yield Edge(
                action.name,
                action.actor,
                "MIR",
                one.condition,
                one.updates,
                frozenset(path.state.shapes),
                _fault(path, dict(updates).get(FAULT.name)),
                path.state.facts.condition,
                tuple(one.names.items()),
                path.state.events,
                tuple((name, term) for name, term in (path.state.updates or {}).items() if name.startswith(ANY)),
                tuple(path.state.host.items()),
            )


def _related(facts: Facts, numbers: Numbers) -> Facts:
    """With what is known of the numbers that they speak of, at first."""
    names = {one.name for one in numbers.variables}
    spoken = {one.name for fact in facts.assumed for one in variables_of(fact) if one.name in names}
    waiting = {one: {v.name for v in variables_of(one)} for one in numbers.relations}
    found = facts.copy()
    while linked := [one for one, of in waiting.items() if of & spoken]:
        for one in linked:
            spoken |= waiting.pop(one) & names
            found.assume(one)
    return found


def _fault(path: Path, broken: Term | None) -> Fault | None:
    """The fault whose name an update gives."""
    if broken is None:
        return None
    assert isinstance(broken, Literal)
    match path.outcome:
        case Violated(obligation, why, where) if obligation == broken.value:
            return Fault(obligation, why, where)
        case Unknown(what, where) if broken.value == UNKNOWN:
            return Fault(UNKNOWN, what, where)
        case _:
            noted = next(one for one in path.state.events if isinstance(one, Noted) and one.kind == broken.value)
            return Fault(str(broken.value), noted.text, noted.where)

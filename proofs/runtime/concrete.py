"""From a route of edges to a trace: one model of all conditions, every number read off it, every step replayed.

The replay evaluates the merged system, which knows of no edges: a state of the trace that no step there leads to is a
fault of ours, and no trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from proofs.runtime import plausible
from proofs.runtime.engine import Budget
from proofs.runtime.solve import completed, values_for
from proofs.runtime.trace import Answer, HostAnswer, RuntimeTrace, TraceEvent, TraceStep, UserChoice, Word
from smt_models.runtime.edges import Edge, Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.events import Chosen, Event, Noted, Told
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Where
from smt_models.runtime.state import NOWHERE
from smt_models.system.evaluate import enabled, evaluate, holds, take
from smt_models.system.model import Step, System
from smt_models.system.operators import Value
from smt_models.system.terms import Term, Variable, both, literal, variables_of


class NoNumbers(Exception):
    """No numbers fulfil all conditions of a route."""


class NoReplay(AssertionError):
    """A trace that is none of the model: a fault of ours."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An edge as a step of a route. `own`: what its path speaks of, and `canonical`: what its updates speak of, in the
    words of the whole route; `after`: the state after it in those.
    """

    edge: Edge
    own: Mapping[str, Term]
    canonical: Mapping[str, Term]
    after: Mapping[str, Term]

    def says(self, term: Term) -> Term:
        return Facts().simplify(term, self.own)


def concrete(edges: Edges, goal: str, route: Sequence[int], system: System, budget: Budget) -> RuntimeTrace:
    """Raises NoAnswer, NoNumbers, or NoReplay."""
    first = _first(edges)
    taken: list[Taken] = []
    prefer: list[Term] = []
    last: dict[str, Term] = {}
    words: Mapping[str, Term] = first
    for number, at in enumerate(route, 1):
        step = _taken(edges.edges[at], number, words)
        prefer += plausible.kept(step.own, last)
        last |= {name: step.says(term) for name, term in step.edge.forgotten}
        taken.append(step)
        words = step.after
    always = (Facts().simplify(one, first) for one in edges.presupposed)
    fault = taken[-1].edge.fault if taken else None
    end = {**words, FAULT.name: FAULT.value(fault.obligation if fault is not None else "none")}
    reached = Facts().simplify(system.condition(goal), end)
    whole = both(*always, *(one.says(one.edge.whole) for one in taken), reached)
    given = [(one.edge.events, one.says) for one in taken]
    small = dict.fromkeys((*plausible.inputs(given), *variables_of(whole)))
    found = values_for(whole, (*prefer, *plausible.ordinary(given)), small, budget)
    if found is None and edges.numbers.variables:
        raise NoNumbers("the numbers of its steps cannot be together")
    if found is None:
        raise NoReplay("the steps of a route cannot be taken together")
    states = [_read_all(words, found) for words in (first, *(one.after for one in taken))]
    _replay(system, goal, taken, states, found)
    return _trace(edges, goal, taken, states, found)


def _first(edges: Edges) -> Mapping[str, Term]:
    """The start: constants may be anything, and so may numbers of which nothing is known at first."""
    constants = {one.name for one in edges.constants}
    shape = {one.name: literal(value, one.sort) for one, value in zip(edges.shaped, edges.start, strict=True)}
    start: dict[str, Term] = {**shape, **dict(edges.first)}
    every = (*edges.variables, *edges.numbers.variables)
    anything: dict[str, Term] = {one.name: Variable(f"{one.name}, at first", one.sort) for one in every}
    return anything | {name: value for name, value in start.items() if name not in constants}


def _taken(edge: Edge, number: int, words: Mapping[str, Term]) -> Taken:
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
    return Taken(edge, own, canonical, {**words, **updates})


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


# Numbers


def _read(term: Term, found: Mapping[str, Value]) -> Value:
    return evaluate(term, completed(found, variables_of(term)))


def _read_all(words: Mapping[str, Term], found: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _read(term, found) for name, term in words.items()}


# The check


def _replay(
    system: System, goal: str, taken: Sequence[Taken], states: Sequence[Mapping[str, Value]], found: Mapping[str, Value]
) -> None:
    """Raises NoReplay unless each step of the trace is a step of the system, and the last leads to the goal."""
    after: dict[str, Value] = {**states[0], FAULT.name: "none"}
    if not holds(system.initial, after):
        raise NoReplay("a trace that starts at no initial state")
    for number, one in enumerate(taken):
        before = {**states[number], FAULT.name: "none"}
        fault = one.edge.fault.obligation if one.edge.fault is not None else "none"
        after = {**states[number + 1], FAULT.name: fault}
        inputs = {name: _read(term, found) for name, term in one.canonical.items() if name not in before}
        steps = (step for step in system.steps if one.edge.action in (step.name, step.call))
        if not any(_leads(system, step, before, inputs, after) for step in steps):
            raise NoReplay(f"step {number + 1}, {one.edge.action}, is no step of {system.name}")
    if not holds(system.condition(goal), after):
        raise NoReplay(f"a trace that does not lead to {goal}")


def _leads(
    system: System, step: Step, before: Mapping[str, Value], inputs: Mapping[str, Value], after: Mapping[str, Value]
) -> bool:
    given = completed(inputs, step.inputs)
    return enabled(step, before, given) and take(system, step, before, given) == after


# The trace


def _trace(
    edges: Edges, goal: str, taken: Sequence[Taken], states: Sequence[Mapping[str, Value]], found: Mapping[str, Value]
) -> RuntimeTrace:
    steps = tuple(_step(number, one, states[number - 1], states[number], found) for number, one in enumerate(taken, 1))
    fault = taken[-1].edge.fault if taken else None
    constants = tuple((one.name, states[0][one.name]) for one in edges.constants)
    if fault is None:
        return RuntimeTrace(goal, "the state is reached", None, constants, steps)
    return RuntimeTrace(goal, fault.why, fault.where, constants, steps)


def _step(
    number: int, one: Taken, before: Mapping[str, Value], after: Mapping[str, Value], found: Mapping[str, Value]
) -> TraceStep:
    edge = one.edge
    answers = tuple(answer for event in edge.events if (answer := _answer(event, one, found)) is not None)
    events = [_event(event, one, found) for event in edge.events]
    if edge.citation != "MIR":
        events.append(TraceEvent("host", edge.action, None, edge.citation))
    if edge.fault is not None:
        events.append(TraceEvent("violation", f"{edge.fault.obligation}: {edge.fault.why}", edge.fault.where))
        after = {**after, **{name: _read(one.says(term), found) for name, term in edge.host}}
    return TraceStep(number, edge.actor, edge.action, answers, tuple(events), _words(before), _words(after))


def _words(state: Mapping[str, Value]) -> tuple[Word, ...]:
    return tuple(state.items())


def _place(where: Where) -> Where | None:
    return None if where == NOWHERE else where


def _answer(event: Event, one: Taken, found: Mapping[str, Value]) -> Answer | None:
    match event:
        case Told(call, rule, citation, heard, code, arguments, where):
            given = tuple((name, _read(one.says(term), found)) for name, term in arguments)
            return HostAnswer(call, rule, citation, heard, _code(code, one, found), given, _place(where))
        case Chosen(what, value, where):
            return UserChoice(what, _read(one.says(value), found), _place(where))
        case Noted():
            return None


def _code(code: Term | None, one: Taken, found: Mapping[str, Value]) -> int | None:
    return None if code is None else int(_read(one.says(code), found))


def _event(event: Event, one: Taken, found: Mapping[str, Value]) -> TraceEvent:
    match event:
        case Told(call, rule, citation, _, code, _, where):
            return TraceEvent("host", f"{call}: {rule}", _place(where), citation, _code(code, one, found))
        case Chosen(what, value, where):
            return TraceEvent("choice", f"{what}: {_read(one.says(value), found)}", _place(where))
        case Noted(kind, text, where):
            return TraceEvent(kind, text, _place(where))

"""From a route of edges to a trace: one model of all conditions, every number read off it, every step replayed.

The replay evaluates the merged system, which knows of no edges: a state of the trace that no step there leads to is a
fault of ours, and no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proofs.runtime import plausible
from proofs.runtime.engine import Budget
from proofs.runtime.route import Route, Taken, from_start
from proofs.runtime.solve import completed, values_for
from proofs.runtime.trace import Answer, HostAnswer, RuntimeTrace, TraceEvent, TraceStep, UserChoice, Word
from smt_models.runtime.edges import Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.events import Chosen, Event, Noted, Told
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Where
from smt_models.runtime.state import NOWHERE
from smt_models.system.evaluate import enabled, evaluate, holds, take
from smt_models.system.model import Step, System
from smt_models.system.operators import Value
from smt_models.system.terms import TRUE, Term, both, variables_of


class NoNumbers(Exception):
    """No numbers fulfil all conditions of a route."""


class NoReplay(AssertionError):
    """A trace that is none of the model: a fault of ours."""


def concrete(edges: Edges, goal: str, route: Sequence[int], system: System, budget: Budget) -> RuntimeTrace:
    """Of a route from the start to a bad condition of the system. Raises NoAnswer, NoNumbers, or NoReplay."""
    return numbered(from_start(edges).along(route), Goal(goal, system.condition(goal)), system, budget)


@dataclass(frozen=True, slots=True)
class Goal:
    """What holds where a route ends, with its name."""

    name: str
    condition: Term = TRUE


def numbered(route: Route, goal: Goal, system: System, budget: Budget) -> RuntimeTrace:
    """Raises NoAnswer, NoNumbers, or NoReplay."""
    prefer: list[Term] = []
    last: dict[str, Term] = {}
    for step in route.taken:
        prefer += plausible.kept(step.own, last)
        last |= {name: step.says(term) for name, term in step.edge.forgotten}
    fault = route.taken[-1].edge.fault if route.taken else None
    end = {**route.words, FAULT.name: FAULT.value(fault.obligation if fault is not None else "none")}
    whole = both(route.condition, Facts().simplify(goal.condition, end))
    given = [(one.edge.events, one.says) for one in route.taken]
    small = dict.fromkeys((*plausible.inputs(given), *variables_of(whole)))
    found = values_for(whole, (*prefer, *plausible.ordinary(given)), small, budget)
    if found is None and route.edges.numbers.variables:
        raise NoNumbers("the numbers of its steps cannot be together")
    if found is None:
        raise NoReplay("the steps of a route cannot be taken together")
    states = [_read_all(words, found) for words in (route.first, *(one.after for one in route.taken))]
    _replay(system, goal, route, states, found)
    return _trace(route, goal.name, states, found)


# Numbers


def _read(term: Term, found: Mapping[str, Value]) -> Value:
    return evaluate(term, completed(found, variables_of(term)))


def _read_all(words: Mapping[str, Term], found: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _read(term, found) for name, term in words.items()}


# The check


def _replay(
    system: System, goal: Goal, route: Route, states: Sequence[Mapping[str, Value]], found: Mapping[str, Value]
) -> None:
    """Raises NoReplay unless each step of the trace is a step of the system, and the last leads to the goal."""
    after: dict[str, Value] = {**states[0], FAULT.name: "none"}
    if route.at_first and not holds(system.initial, after):
        raise NoReplay("a trace that starts at no initial state")
    for number, one in enumerate(route.taken):
        before = {**states[number], FAULT.name: "none"}
        fault = one.edge.fault.obligation if one.edge.fault is not None else "none"
        after = {**states[number + 1], FAULT.name: fault}
        inputs = {name: _read(term, found) for name, term in one.canonical.items() if name not in before}
        steps = (step for step in system.steps if one.edge.action in (step.name, step.call))
        if not any(_leads(system, step, before, inputs, after) for step in steps):
            raise NoReplay(f"step {number + 1}, {one.edge.action}, is no step of {system.name}")
    if not holds(goal.condition, after):
        raise NoReplay(f"a trace that does not lead to {goal.name}")


def _leads(
    system: System, step: Step, before: Mapping[str, Value], inputs: Mapping[str, Value], after: Mapping[str, Value]
) -> bool:
    given = completed(inputs, step.inputs)
    return enabled(step, before, given) and take(system, step, before, given) == after


# The trace


def _trace(route: Route, goal: str, states: Sequence[Mapping[str, Value]], found: Mapping[str, Value]) -> RuntimeTrace:
    numbers = enumerate(route.taken, 1)
    steps = tuple(_step(number, one, states[number - 1], states[number], found) for number, one in numbers)
    fault = route.taken[-1].edge.fault if route.taken else None
    constants = tuple((one.name, states[0][one.name]) for one in route.edges.constants)
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

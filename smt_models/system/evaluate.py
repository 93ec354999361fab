"""Concrete evaluation of terms and steps: for random walks, for traces, for simulation of counterexamples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smt_models.system.model import Step, System
from smt_models.system.operators import OPERATORS, Array, BitVec, Boolean, Enum, Integer, Sort, Value
from smt_models.system.terms import Apply, Literal, Term, Variable

State = Mapping[str, Value]
"""A value for each state variable, by name."""


def evaluate(term: Term, values: Mapping[str, Value]) -> Value:
    """KeyError if a variable has no value."""
    match term:
        case Variable(name):
            return values[name]
        case Literal(value):
            return value
        case Apply("and", arguments):
            return all(evaluate(argument, values) for argument in arguments)
        case Apply("or", arguments):
            return any(evaluate(argument, values) for argument in arguments)
        case Apply("ite", (condition, then, otherwise)):
            return evaluate(then if evaluate(condition, values) else otherwise, values)
        case Apply(operator, arguments, _, indices):
            widths = tuple(_width(argument.sort) for argument in arguments)
            operands = (evaluate(argument, values) for argument in arguments)
            return OPERATORS[operator].compute(widths, indices, *operands)


def _width(sort: Sort) -> int:
    match sort:
        case BitVec(width):
            return width
        case Boolean() | Integer() | Enum() | Array():
            return 0


def holds(term: Term, values: Mapping[str, Value]) -> bool:
    return evaluate(term, values) is True


def enabled(step: Step, state: State, inputs: Mapping[str, Value]) -> bool:
    """KeyError if an input of the step is missing; further inputs do not matter."""
    return holds(step.guard, {**state, **inputs})


def take(system: System, step: Step, state: State, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The state after a step whose guard holds: all updates at once, what is not updated stays."""
    assert enabled(step, state, inputs), step.name
    values = {**state, **inputs}
    after = {name: evaluate(term, values) for name, term in step.updates}
    return {variable.name: after.get(variable.name, state[variable.name]) for variable in system.variables}


def enabled_steps(system: System, call: str, state: State, inputs: Mapping[str, Value]) -> Iterator[Step]:
    """The steps of one call that can be taken with these inputs."""
    values = {**state, **inputs}
    for step in system.steps:
        if step.call == call and holds(step.guard, values):
            yield step

"""Random walks: the tables against a second encoding of the same rules (`canonical_abi`)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from canonical_sets import HandleMachine, SetMachine, TaskMachine
from machines import EndMachine, Machine, SubtaskMachine

from smt_models.host.borrows import OWN, borrowing_task_system, lent_handle_system
from smt_models.host.lease import lease_system
from smt_models.host.subtask import subtask_system
from smt_models.host.variants import ALL, Element, End, Hypotheses, Kind, Peer, Variant
from smt_models.host.waitable_set import waitable_set_system
from smt_models.system.evaluate import enabled_steps, evaluate, take
from smt_models.system.model import Step, System
from smt_models.system.operators import BitVec, Boolean, Enum, Sort
from smt_models.system.terms import BOOLEAN, Apply, Literal, Variable, both, equal, literal

BITS = 8
STEPS = 500
LIKELY = {
    "cancellable": 0.5,
    "had an event": 0.5,
    "may_leave": 0.97,
    "misaligned": 0.04,
    "out of bounds": 0.04,
    "is a set": 0.95,
    "async": 0.7,
    "joins": 0.6,
}
VARIANTS = [
    Variant(*parts, element, bits=BITS)
    for parts in product(End, Kind, Peer)
    for element in Element
    if element is Element.OTHER or (parts[2], element) in ((Peer.SAME, Element.NUMBER), (Peer.WASM, Element.UNIT))
]


def _value(source: random.Random, name: str, sort: Sort) -> bool | int | str:
    match sort:
        case Boolean():
            return source.random() < LIKELY[name]
        case Enum(_, members):
            return source.choice(members)
        case BitVec(width):
            longest = (1 << (width - 4)) - 1
            if width == 4:
                return source.choice((0, 1, 2, 2, 3, 15))
            if name == "event":
                return source.randint(0, 7)
            few = (0, 0, 1, 1, 2, 3, source.randint(0, longest), longest)
            return source.choice(few if name in ("m", "k", "index") else (*few, longest + 1))
        case _:
            raise AssertionError(sort)


def _initial(system: System) -> dict[str, Any]:
    """The one initial state: the initial condition is a conjunction of equations and literals."""
    parts = system.initial.arguments if isinstance(system.initial, Apply) else (system.initial,)
    state: dict[str, Any] = {}
    for part in parts:
        match part:
            case Apply("=", (Variable(name), Literal(value))):
                state[name] = value
            case _:
                raise AssertionError(part)
    assert state.keys() == {variable.name for variable in system.variables}
    return state


def _choice(
    source: random.Random,
    system: System,
    calls: list[str],
    inputs_of: dict[str, list[Variable]],
    state: dict[str, Any],
    taken: set[str],
) -> tuple[str, dict[str, Any], list[Step]]:
    """A call with inputs, at random; rather one whose rule was not taken yet than any, rather any than a trap."""
    while True:
        call = source.choice(calls)
        inputs = {one.name: _value(source, one.name, one.sort) for one in inputs_of[call]}
        if inputs.get("choice") == "LATER" and source.random() < 0.9:
            inputs["k"] = 0
        rules = list(enabled_steps(system, call, state, inputs))
        if not rules or rules[0].name not in taken or source.random() < (0.05 if ": traps: " in rules[0].name else 0.5):
            return call, inputs, rules


def _walk(system: System, new: Callable[[], Machine], seed: int, calls: list[str]) -> set[str]:
    """Compares STEPS steps; the names of the rules that were taken."""
    source = random.Random(seed)
    inputs_of = {call: {one for step in system.steps if step.call == call for one in step.inputs} for call in calls}
    ordered = {call: sorted(inputs, key=lambda one: one.name) for call, inputs in inputs_of.items()}
    taken: set[str] = set()
    state, machine, done = _initial(system), new(), 0
    while done < STEPS:
        gone = not state.get("held", True) and state.get("called", True)
        over = gone or state.get("st") == "DONE" or state.get("resolved", False)
        if over and source.random() < 0.3:
            state, machine = _initial(system), new()
        call, inputs, rules = _choice(source, system, calls, ordered, state, taken)
        outcome = machine.act(call, inputs)
        if not rules:
            assert outcome is None, (call, inputs, state, outcome)
            continue
        done += 1
        before, state = state, take(system, rules[0], state, inputs)
        taken.add(rules[0].name)
        assert outcome == (state["heard"], state["code"]), (rules[0].name, inputs, before, outcome)
        if state["heard"] == "TRAP":
            state, machine = _initial(system), new()
            continue
        view = machine.view()
        assert {name: state[name] for name in view} == view, (rules[0].name, inputs, before)
        assert not any(evaluate(bad.condition, state) for bad in system.bad), (rules[0].name, state)
    return taken


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[str(variant) for variant in VARIANTS])
def test_end_by_random_walk(number: int) -> None:
    variant = VARIANTS[number]
    system = lease_system(variant)

    def new() -> EndMachine:
        writes, future = variant.end is End.WRITER, variant.kind is Kind.FUTURE
        return EndMachine(writes, future, variant.peer.value, variant.element.value, BITS)

    taken = _walk(system, new, number, list(system.calls()))
    assert len(taken) > 0.7 * len(system.steps) or (variant.peer is Peer.SAME and variant.element is Element.OTHER)


@pytest.mark.parametrize("hypotheses", [ALL, Hypotheses(h1=False)], ids=["prose", "executable text"])
def test_subtask_by_random_walk(hypotheses: Hypotheses) -> None:
    system = subtask_system(hypotheses, BITS)
    calls = [call for call in system.calls() if call != "touch"]
    taken = _walk(system, lambda: SubtaskMachine(hypotheses.h1, BITS), 7, calls)
    assert len(taken) > 0.7 * len(system.steps)


def test_waitable_set_by_random_walk() -> None:
    system = waitable_set_system()
    assert len(_walk(system, SetMachine, 11, list(system.calls()))) > 0.7 * len(system.steps)


@pytest.mark.parametrize("own", [True, False])
def test_lent_handle_by_random_walk(own: bool) -> None:
    system = lent_handle_system()
    own_or_not = replace(system, initial=both(system.initial, equal(OWN, literal(own, BOOLEAN))))
    assert len(_walk(own_or_not, lambda: HandleMachine(own), 12, list(system.calls()))) > 0.7 * len(system.steps)


def test_borrowing_task_by_random_walk() -> None:
    system = borrowing_task_system()
    assert len(_walk(system, TaskMachine, 13, list(system.calls()))) > 0.7 * len(system.steps)

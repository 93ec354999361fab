"""Guarded transition systems: state variables, initial condition, guarded steps, bad conditions."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from smt_models.system.operators import SortError
from smt_models.system.terms import BOOLEAN, FALSE, Term, Variable, variables_of


class Actor(enum.Enum):
    """Who takes a step."""

    CLIENT = "client"  # the code that uses the runtime: polls, drops, cancels
    GUEST = "guest"  # the runtime: calls a built-in
    HOST = "host"  # the host, or the peer behind it


@dataclass(frozen=True, slots=True)
class Step:
    """One guarded step; its updates happen at once, and what is not updated stays.

    `call`: what is called or happens, in the specification's word (`stream.read`); steps of one call are its arms.
    `citation`: the rule's place in its source. `inputs`: values that are chosen anew at each step: arguments, and
    choices of whoever acts.
    """

    name: str
    call: str
    citation: str
    actor: Actor
    inputs: tuple[Variable, ...]
    guard: Term
    updates: tuple[tuple[str, Term], ...]

    def update(self, name: str) -> Term | None:
        """The new value of a state variable, None if it stays."""
        return dict(self.updates).get(name)


@dataclass(frozen=True, slots=True)
class Bad:
    """A condition that must not be reached: a class of obligations, by name."""

    name: str
    condition: Term


@dataclass(frozen=True, slots=True)
class System:
    """SortError if names clash, or a term has a variable that is none of its own, or an update has another sort."""

    name: str
    variables: tuple[Variable, ...]
    initial: Term
    steps: tuple[Step, ...]
    bad: tuple[Bad, ...]

    def __post_init__(self) -> None:
        state = {variable.name: variable for variable in self.variables}
        _distinct("state variables", [variable.name for variable in self.variables])
        _distinct("steps", [step.name for step in self.steps])
        _distinct("bad conditions", [bad.name for bad in self.bad])
        _closed("initial", self.initial, self.variables)
        for bad in self.bad:
            _closed(f"bad {bad.name}", bad.condition, self.variables)
        for step in self.steps:
            known = (*self.variables, *step.inputs)
            _distinct(f"variables of step {step.name}", [variable.name for variable in known])
            _distinct(f"updates of step {step.name}", [name for name, _ in step.updates])
            _closed(f"guard of {step.name}", step.guard, known)
            for name, term in step.updates:
                if name not in state or term.sort != state[name].sort:
                    raise SortError(f"step {step.name}: an update of {name} to a {term.sort}")
                _closed(f"update of {name} in {step.name}", term, known, boolean=False)

    def variable(self, name: str) -> Variable:
        """KeyError if there is none."""
        return {variable.name: variable for variable in self.variables}[name]

    def step(self, name: str) -> Step:
        """KeyError if there is none."""
        return {step.name: step for step in self.steps}[name]

    def condition(self, name: str) -> Term:
        """The bad condition of this name; KeyError if there is none."""
        return {bad.name: bad.condition for bad in self.bad}[name]

    def calls(self) -> tuple[str, ...]:
        """What can be called or happen, in order of first mention."""
        return tuple(dict.fromkeys(step.call for step in self.steps))

    def with_step(self, changed: Step) -> System:
        """The same system with the step of this name changed: for negative controls; KeyError if there is none."""
        self.step(changed.name)
        steps = tuple(changed if step.name == changed.name else step for step in self.steps)
        return replace(self, steps=steps)

    def without_step(self, name: str) -> System:
        """The same system with this step never taken; KeyError if there is none."""
        return self.with_step(replace(self.step(name), guard=FALSE))

    def with_bad(self, *bad: Bad) -> System:
        """The same system with these bad conditions in place of its own: for probes."""
        return replace(self, bad=bad)


def _distinct(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SortError(f"{what}: {name} twice")
        seen.add(name)


def _closed(what: str, term: Term, known: Iterable[Variable], boolean: bool = True) -> None:
    if boolean and term.sort != BOOLEAN:
        raise SortError(f"{what}: a {term.sort} is no condition")
    stray = set(variables_of(term)) - set(known)
    if stray:
        raise SortError(f"{what}: unknown {sorted(variable.name for variable in stray)}")

"""Whether one state is an instance of an earlier one on the same path: then what it goes on to is known already.

It is, if the inputs of the earlier state can be chosen so that it becomes the later one, and all that was assumed of
them there is known of what they become. Variables of the state before the action are no inputs: they stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from smt_models.runtime import thread_state
from smt_models.runtime.facts import Facts
from smt_models.runtime.state import Frame, State, Then
from smt_models.runtime.values import Aggregate, Choice, Pointer, Scalar, Value, Variant, parts
from smt_models.system.terms import Apply, Term, Variable, variables_of

_INPUT = re.compile(r"#[0-9]+\Z")
_Chosen = dict[str, Term]
"""What inputs become, by name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A state at a loop's head, with what was assumed until then. `counter`: objects with a higher number were made
    later."""

    objects: dict[int, Value]
    frames: tuple[object, ...]
    host: dict[str, Term]
    thread: dict[str, Value]
    facts: tuple[Term, ...]
    counter: int


def picture(state: State) -> Picture:
    known, thread = tuple(state.facts.assumed), thread_state.known(state)
    return Picture(dict(state.objects), _frames(state), dict(state.host), thread, known, state.counter)


def _frames(state: State) -> tuple[object, ...]:
    return tuple(
        one if isinstance(one, Then) else (one.serial, one.block, tuple(sorted(_live(one, state).items())), one.place)
        for one in state.frames
    )


def _live(frame: Frame, state: State) -> dict[int, int]:
    return {local: base for local, base in frame.locals.items() if base in state.objects}


def covers(earlier: object, state: State) -> bool:
    """Whether the state is an instance of an earlier picture of it."""
    assert isinstance(earlier, Picture)
    objects = earlier.objects
    if objects.keys() != state.objects.keys() or earlier.frames != _frames(state):
        return False
    if earlier.thread != thread_state.known(state):
        return False
    chosen: _Chosen = {}
    if not all(_value(value, state.objects[base], chosen) for base, value in objects.items()):
        return False
    if not all(_term(term, state.host[word], chosen) for word, term in earlier.host.items()):
        return False
    _choose_the_rest(earlier.facts, state.facts, chosen)
    given, changed = Facts().given(chosen), _changed(chosen)
    facts = (given(one) if not changed.isdisjoint(_names(one)) else one for one in earlier.facts)
    return all(one in state.facts.assumed for one in facts)


def _changed(chosen: _Chosen) -> frozenset[str]:
    """The inputs that become something else."""
    found = (name for name, term in chosen.items() if not (isinstance(term, Variable) and term.name == name))
    return frozenset(found)


def _choose_the_rest(facts: tuple[Term, ...], known: Facts, chosen: _Chosen) -> None:
    """Inputs that stand in no place of the state, by what was assumed of them together with those that do. A guess:
    what is chosen is checked afterwards."""
    waiting = list(facts)
    while changed := _changed(chosen):
        linked = [one for one in waiting if not changed.isdisjoint(_names(one))]
        if not linked:
            return
        waiting = [one for one in waiting if changed.isdisjoint(_names(one))]
        for fact in linked:
            for candidate in reversed(known.assumed):
                attempt = dict(chosen)
                if _term(fact, candidate, attempt):
                    chosen.update(attempt)
                    break


@lru_cache(maxsize=100_000)
def _names(term: Term) -> tuple[str, ...]:
    return tuple(one.name for one in variables_of(term) if _INPUT.search(one.name))


def _value(general: Value, value: Value, chosen: _Chosen) -> bool:
    if general == value:
        return all(chosen.setdefault(name, variable) == variable for name, variable in _inputs(value))
    match general, value:
        case Scalar(term), Scalar(other):
            return _term(term, other, chosen)
        case Aggregate(of, fields), Aggregate(other_of, others):
            same = of == other_of and len(fields) == len(others)
        case Variant(of, index, fields), Variant(other_of, number, others):
            same = (of, index) == (other_of, number) and len(fields) == len(others)
        case Choice(tag, fields), Choice(other_tag, others):
            same = tag == other_tag and len(fields) == len(others)
        case Pointer(base, path, True, far), Pointer(other_base, other_path, _, other_far):
            known = far is None or (other_far is not None and _term(far, other_far, chosen))
            return (base, path) == (other_base, other_path) and known
        case _:
            return False
    return same and all(_value(one, other, chosen) for one, other in zip(fields, others, strict=True))


@lru_cache(maxsize=100_000)
def _inputs(value: Value) -> tuple[tuple[str, Term], ...]:
    """The inputs that a value mentions, by name."""
    term = value.term if isinstance(value, Scalar) else value.distance if isinstance(value, Pointer) else None
    mentioned = () if term is None else variables_of(term)
    found: list[tuple[str, Term]] = [(one.name, one) for one in mentioned if _INPUT.search(one.name)]
    for part in parts(value):
        found += _inputs(part)
    return tuple(found)


def _term(general: Term, term: Term, chosen: _Chosen) -> bool:
    match general, term:
        case Variable(name), _ if _INPUT.search(name):
            if name not in chosen:
                chosen[name] = term
            return general.sort == term.sort and chosen[name] == term
        case Apply(operator, arguments, _, indices), Apply(other, others, _, other_indices):
            same = (operator, indices, len(arguments)) == (other, other_indices, len(others))
            return same and all(_term(one, two, chosen) for one, two in zip(arguments, others, strict=True))
        case _:
            return general == term

"""Values of the thread as a state keeps them within an action: where each is, and what it was at first."""

from __future__ import annotations

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import Pointer, Value

_PLACE, _FIRST = "the value of the thread's ", "at first: the thread's "


def place_of(state: State, name: str) -> Value | None:
    """None before it is used."""
    return state.statics.get(_PLACE + name)


def begins(state: State, name: str, first: Value) -> Pointer:
    place = Pointer(state.allocate(first, f"the thread's {name}"))
    state.statics.update({_PLACE + name: place, _FIRST + name: first})
    return place


def changed(state: State) -> tuple[str, ...]:
    """Those that have another value than at first."""
    found: list[str] = []
    for key, place in state.statics.items():
        name = key.removeprefix(_PLACE)
        if name != key and isinstance(place, Pointer):
            now = state.resolved(state.load(place))
            found += [] if now == state.statics[_FIRST + name] else [name]
    return tuple(found)


def is_at_rest(state: State, when: str) -> None:
    """Others take the thread's values to be what they were at first."""
    for name in changed(state):
        raise NotModelled(f"the thread's {name}, which has another value when {when}")

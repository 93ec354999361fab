"""Values of the thread as a state keeps them within an action: where each is, and what it was at first."""

from __future__ import annotations

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import Opaque, Pointer, Value

_OTHERS_RAN, _COPIED = "others ran", "a copy of a table was made"
_BY_USER_CODE = Opaque("others may have run in user code")
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


def known(state: State) -> dict[str, Value]:
    """All that a state says of the thread: where its values are, what they were at first, and where there is a copy of
    the table, whether others ran since.
    """
    said = (_PLACE, _FIRST, _OTHERS_RAN, _COPIED) if _COPIED in state.statics else (_PLACE, _FIRST)
    return {name: value for name, value in state.statics.items() if name.startswith(said)}


def is_at_rest(state: State, when: str) -> None:
    """Others take the thread's values to be what they were at first."""
    for name in changed(state):
        raise NotModelled(f"the thread's {name}, which has another value when {when}")


# Copies of the table of a task, within an action


def others_ran(state: State) -> None:
    """Cells of others may hold something else from here on."""
    state.statics[_OTHERS_RAN] = Opaque(f"{time(state).what}, and once more")


def others_may_run(state: State) -> None:
    """User code may have others run. Said once, and only where there is a copy: loops go by what a state is."""
    if _COPIED in state.statics:
        state.statics[_OTHERS_RAN] = _BY_USER_CODE


def made_once(state: State) -> None:
    """A copy is made. Not after user code that came after another: that it is called again is not counted."""
    if time(state) == _BY_USER_CODE:
        raise NotModelled("a copy of a table after user code")
    state.statics[_COPIED] = Opaque("once")


def time(state: State) -> Opaque:
    """Two copies are of the same cells only if they are of the same time."""
    found = state.statics.get(_OTHERS_RAN, Opaque("at first"))
    assert isinstance(found, Opaque)
    return found

"""Paths that come together again: where a frame is left, a state that another one stands for is not gone on from.

What waits below the frame knows nothing newer than the frame, so newer things may have any names. Of two states that
are equal but for these, one stands for the other if what is known of it is known of the other too. What has waited for
the host stands for nothing that has not: that there are such paths is asked for later.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from smt_models.runtime.events import Noted
from smt_models.runtime.pictures import Inputs, Picture
from smt_models.runtime.state import State
from smt_models.system.terms import Term

T = TypeVar("T")


def _waits(state: State) -> frozenset[str]:
    return frozenset(one.text for one in state.events if isinstance(one, Noted) and one.kind == "wait")


class Joins(Generic[T]):
    """What goes on from the states in which frames were left."""

    def __init__(self) -> None:
        self._inputs = Inputs()
        self._seen: dict[object, list[tuple[frozenset[Term], T]]] = {}

    def enter(self, state: State, since: int, new: T) -> T:
        """What goes on from a state that stands for this one, else `new`. `since`: when the frame was entered."""
        picture = Picture(state, since, self._inputs)
        seen = self._seen.setdefault((picture.key(), _waits(state)), [])
        facts = picture.facts()
        for known, other in seen:
            if known <= facts:
                return other
        seen.append((facts, new))
        return new

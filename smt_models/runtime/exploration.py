"""What an exploration found, whatever was explored: shapes, paths, and how these end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from smt_models.runtime.events import Noted
from smt_models.runtime.execute import Path
from smt_models.runtime.outcomes import Outcome, Unknown, Violated
from smt_models.runtime.shapes import Shape
from smt_models.system.terms import Variable

A = TypeVar("A", covariant=True)


@dataclass(frozen=True, slots=True)
class Exploration(Generic[A]):
    """`paths` over all shapes, each once, with its action; `rounds` counts the rounds until nothing new came."""

    shaped: tuple[Variable, ...]
    shapes: tuple[Shape, ...]
    start: Shape
    paths: tuple[tuple[A, Path], ...]
    rounds: int

    def outcomes(self) -> Counter[str]:
        """Of each kind."""
        return Counter(type(one).__name__ for one in self._outcomes())

    def unknown(self) -> Counter[str]:
        """What is not modelled and is reached by some shape, by name and place."""
        return Counter(f"{one.what}, at {one.where}" for one in self._outcomes() if isinstance(one, Unknown))

    def violations(self) -> Counter[tuple[str, str]]:
        found = (one for one in self._outcomes() if isinstance(one, Violated))
        return Counter((one.obligation, f"{one.why}, at {one.where}") for one in found)

    def broken(self) -> frozenset[str]:
        """The obligations that some path breaks; whether it can be taken is another question."""
        ended = {one.obligation for one in self._outcomes() if isinstance(one, Violated)}
        return frozenset(ended.union(*(path.state.noted for _, path in self.paths)))

    def noted(self, kind: str) -> Counter[str]:
        """What was noted of this kind, by what it says and where."""
        events = (event for _, path in self.paths for event in path.state.events)
        found = (one for one in events if isinstance(one, Noted) and one.kind == kind)
        return Counter(f"{one.text}, in {one.where.function} ({one.where.source})" for one in found)

    def _outcomes(self) -> Iterator[Outcome]:
        return (path.outcome for _, path in self.paths)


E = TypeVar("E", bound=Exploration[Any], covariant=True)


@dataclass(frozen=True, slots=True)
class Stage(Generic[E]):
    """What is known after a round. `steps`: every run of no more steps is there; None: every run. `explored` makes the
    exploration as it is until the next stage is asked for.
    """

    steps: int | None
    explored: Callable[[], E]


def explored_to(stages: Iterator[Stage[E]], steps: int | None) -> E:
    """To the end, or as soon as every run of no more than `steps` is there."""
    return next(one.explored() for one in stages if one.steps is None or one.steps == steps)

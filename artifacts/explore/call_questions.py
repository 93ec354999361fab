"""What can be asked of the functions on the way to a goal, with some roots and calls taken away: the same questions
that the page answers for itself (`calls.js`); tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise

from artifacts.explore.call_distances import Callers, CallsLeft, Edge, changed, distances
from artifacts.explore.model import CallView

CUT_LIMIT = 8
"""Most calls of a cut that is looked for."""

_SEEN, _ON_PATH, _GOAL = 1, 2, 3
"""Marks of functions that are looked at while one path is walked along."""

_UNSEEN, _START = -1, -2
"""In place of the function before."""


@dataclass(frozen=True, slots=True)
class Without:
    """What is taken away: roots by their number in the view, calls by caller and callee."""

    roots: frozenset[int] = frozenset()
    calls: frozenset[Edge] = frozenset()


@dataclass(frozen=True, slots=True)
class ShortestPaths:
    """All shortest paths from one function: `layers` by distance, and how many paths there are."""

    layers: tuple[tuple[int, ...], ...]
    count: int


@dataclass(frozen=True, slots=True)
class OnEveryPath:
    """Dominators of the goal: functions and calls that every path from every root takes, from the roots on."""

    functions: tuple[int, ...]
    calls: tuple[Edge, ...]


class Calls:
    """A view with something taken away: `edges` are those that are left. Distances to the goal are found once; for the
    `next` one only what changes of them, if it is little.
    """

    def __init__(self, view: CallView, without: Without | None = None) -> None:
        self.view = view
        self.without = Without() if without is None else without
        self.callers = Callers(view.edges)
        left = CallsLeft(view.edges, self.callers, self.without.calls)
        self.edges = left.edges
        self.distance = distances(left, view.goals)

    def next(self, without: Without) -> Calls:
        """With something else taken away."""
        other = copy(self)
        other.without = without
        now, before = without.calls, self.without.calls
        if now != before:
            left = CallsLeft(self.view.edges, self.callers, now)
            other.edges = left.edges
            found = changed(self.distance, left, now - before, before - now)
            other.distance = distances(left, self.view.goals) if found is None else found
        return other

    def targets(self, function: int) -> Iterator[int]:
        """Those from which the goal can still be reached; a goal leads nowhere else."""
        if self.distance[function] != 0:
            for target in self.edges[function]:
                if self.distance[target] >= 0:
                    yield target

    def roots(self) -> tuple[int, ...]:
        """Numbers of the roots that are left and still reach the goal."""
        return tuple(
            number
            for number, root in enumerate(self.view.roots)
            if number not in self.without.roots and self.distance[root.function] >= 0
        )

    def shortest(self, function: int) -> ShortestPaths:
        """From a function; no layer if the goal is not reached."""
        if self.distance[function] < 0:
            return ShortestPaths((), 0)
        layers: list[tuple[int, ...]] = [(function,)]
        ways = {function: 1}
        while self.distance[layers[-1][0]] > 0:
            below: dict[int, int] = {}
            for caller in layers[-1]:
                for target in self.edges[caller]:
                    if self.distance[target] == self.distance[caller] - 1:
                        below[target] = below.get(target, 0) + ways[caller]
            layers.append(tuple(below))
            ways = below
        return ShortestPaths(tuple(layers), sum(ways.values()))

    def one_shortest(self, function: int) -> tuple[int, ...]:
        """The first of the shortest paths."""
        path = [function] if self.distance[function] >= 0 else []
        while path and self.distance[path[-1]] > 0:
            here = path[-1]
            path.append(next(t for t in self.targets(here) if self.distance[t] == self.distance[here] - 1))
        return tuple(path)

    def on_every_path(self, roots: Iterable[int]) -> OnEveryPath:
        """One path is walked along; what goes round a part of it shows that this part is not on every path."""
        starts = list(dict.fromkeys(self.view.roots[number].function for number in roots))
        if not starts:
            return OnEveryPath((), ())
        path = self.one_shortest(starts[0])
        place = {function: at for at, function in enumerate(path)}
        marks = self._marks(path)
        most = len(path) - (1 if len(self.view.goals) == 1 else 0)  # nothing gets round more than this
        functions, calls = [], []
        furthest = max(0, self._explore(starts[1:], place, marks, most))
        for at, function in enumerate(path):
            if furthest <= at:
                functions.append(function)
            if furthest < most:
                around = [target for target in self.targets(function) if target != path[at + 1]]
                furthest = max(furthest, at, self._explore(around, place, marks, most))
            if at + 1 < len(path) and furthest <= at:
                calls.append((function, path[at + 1]))
            furthest = max(furthest, at + 1)
        return OnEveryPath(tuple(functions), tuple(calls))

    def _marks(self, path: Iterable[int]) -> bytearray:
        """One for each function; what does not reach the goal counts as seen."""
        marks = bytearray(map((0).__gt__, self.distance))
        for goal in self.view.goals:
            marks[goal] = _GOAL
        for function in path:
            marks[function] = _ON_PATH
        return marks

    def _explore(self, starts: Iterable[int], place: Mapping[int, int], marks: bytearray, most: int) -> int:
        """How far along the path one gets without walking on it; a goal off the path is behind its end."""
        edges = self.edges
        furthest = -1
        waiting: list[int] = []
        targets = starts
        while True:
            for target in targets:
                mark = marks[target]
                if not mark:
                    marks[target] = _SEEN
                    waiting.append(target)
                elif mark == _ON_PATH:
                    furthest = max(furthest, place[target])
                elif mark == _GOAL:
                    return len(place)
            if not waiting or furthest >= most:
                return furthest
            targets = edges[waiting.pop()]

    def smallest_cut(self, roots: Iterable[int], every: OnEveryPath | None = None) -> tuple[Edge, ...] | None:
        """Fewest calls whose removal keeps the roots from the goal (Ford and Fulkerson); None if more than the limit,
        or if a root is a goal. `every`: what is on every path from them, where that is known.
        """
        if every is not None and every.calls:
            return every.calls[:1]
        starts = frozenset(self.view.roots[number].function for number in roots)
        if any(self.distance[start] == 0 for start in starts):
            return None
        used: set[Edge] = set()
        for _ in range(CUT_LIMIT + 1):
            came = self._augmented(starts, used)
            if came is not None:
                return tuple(sorted((a, b) for a, b in used if came[a] != _UNSEEN and came[b] == _UNSEEN))
        return None

    def _augmented(self, starts: frozenset[int], used: set[Edge]) -> list[int] | None:
        """Adds one more path to `used`, first where the goal is near, so that it is found soon; or, if there is none,
        how functions are reached beside those: the same functions whichever paths were used, and so is the cut.
        """
        edges, distance = self.edges, self.distance
        turned: dict[int, list[int]] = {}
        for caller, target in used:
            turned.setdefault(target, []).append(caller)
        callers = {caller for caller, _ in used}
        came = [_UNSEEN] * len(edges)
        for start in starts:
            came[start] = _START
        waiting = list(starts)
        while waiting:
            function = waiting.pop()
            far = distance[function]
            if far == 0:
                self._flip(came, function, used)
                return None
            targets: Iterable[int] = edges[function]
            if function in callers or function in turned:
                forward = (target for target in targets if (function, target) not in used)
                targets = (*turned.get(function, ()), *forward)
            nearer: list[int] = []
            for target in targets:
                if came[target] == _UNSEEN and distance[target] >= 0:
                    came[target] = function
                    (nearer if distance[target] < far else waiting).append(target)
            waiting += nearer
        return came

    @staticmethod
    def _flip(came: Sequence[int], goal: int, used: set[Edge]) -> None:
        path = [goal]
        while (before := came[path[-1]]) != _START:
            path.append(before)
        for later, earlier in pairwise(path):
            if (later, earlier) in used:
                used.remove((later, earlier))
            else:
                used.add((earlier, later))


def search(view: CallView, text: str, most: int) -> list[int]:
    """Functions whose name holds the text, whatever the case: the first of them."""
    wanted = text.casefold()
    found = []
    for number, name in enumerate(view.names):
        if wanted in name.casefold():
            found.append(number)
            if len(found) == most:
                break
    return found

"""What can be asked of the functions on the way to a goal, with some roots and calls taken away: the same questions
that the page answers for itself (`calls.js`); tests hold the two together.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from itertools import chain, pairwise

from artifacts.explore.model import CallView

CUT_LIMIT = 8
"""Most calls of a cut that is looked for."""

Edge = tuple[int, int]


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


class Callers:
    """Of each function of a view: all in one row, which the collector of garbage has not to walk through."""

    def __init__(self, view: CallView) -> None:
        self._starts = array("i", bytes(4 * (len(view.names) + 1)))
        for target in chain.from_iterable(view.edges):
            self._starts[target + 1] += 1
        for function in range(len(view.names)):
            self._starts[function + 1] += self._starts[function]
        free = self._starts[:]
        self._row = array("i", bytes(4 * free[-1]))
        for caller, targets in enumerate(view.edges):
            for target in targets:
                self._row[free[target]] = caller
                free[target] += 1

    def of(self, function: int) -> array[int]:
        return self._row[self._starts[function] : self._starts[function + 1]]


class Calls:
    """A view with something taken away; distances to the goal are found once, also for the `next` one if they are the
    same there.
    """

    def __init__(self, view: CallView, without: Without | None = None) -> None:
        self.view = view
        self.without = Without() if without is None else without
        self.callers = Callers(view)
        self.distance = self._distances()

    def next(self, without: Without) -> Calls:
        """With something else taken away."""
        other = copy(self)
        other.without = without
        if without.calls != self.without.calls:
            other.distance = other._distances()
        return other

    def _distances(self) -> list[int]:
        cut = self.without.calls
        distance = [-1] * len(self.view.names)
        waiting = deque(self.view.goals)
        for function in waiting:
            distance[function] = 0
        while waiting:
            function = waiting.popleft()
            for caller in self.callers.of(function):
                if distance[caller] < 0 and (caller, function) not in cut:
                    distance[caller] = distance[function] + 1
                    waiting.append(caller)
        return distance

    def targets(self, function: int) -> Iterator[int]:
        """Those from which the goal can still be reached; a goal leads nowhere else."""
        if self.distance[function] != 0:
            for target in self.view.edges[function]:
                if self.distance[target] >= 0 and (function, target) not in self.without.calls:
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
                for target in self.view.edges[caller]:
                    nearer = self.distance[target] == self.distance[caller] - 1
                    if nearer and (caller, target) not in self.without.calls:
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
        ended = len(path)  # the place of what comes after every goal
        functions, calls = [], []
        seen = bytearray(len(self.view.names))
        furthest = max(0, self._explore(starts[1:], place, ended, seen))
        for at, function in enumerate(path):
            if furthest <= at:
                functions.append(function)
            round_about = [target for target in self.targets(function) if target != path[at + 1]]
            furthest = max(furthest, at, self._explore(round_about, place, ended, seen))
            if at + 1 < ended and furthest <= at:
                calls.append((function, path[at + 1]))
            furthest = max(furthest, at + 1)
        return OnEveryPath(tuple(functions), tuple(calls))

    def _explore(self, starts: Iterable[int], place: dict[int, int], ended: int, seen: bytearray) -> int:
        """How far along the path one gets without walking on it; a goal off the path is behind its end."""
        edges, distance, cut = self.view.edges, self.distance, self.without.calls
        furthest = -1
        waiting: list[int] = []
        targets = starts
        while True:
            for target in targets:
                if target in place:
                    furthest = max(furthest, place[target])
                elif not seen[target] and distance[target] >= 0:
                    seen[target] = True
                    waiting.append(target)
            if not waiting:
                return furthest
            function = waiting.pop()
            if distance[function] == 0:
                return ended
            targets = [one for one in edges[function] if (function, one) not in cut] if cut else edges[function]

    def smallest_cut(self, roots: Iterable[int]) -> tuple[Edge, ...] | None:
        """Fewest calls whose removal keeps the roots from the goal (Ford and Fulkerson); None if more than the limit,
        or if a root is a goal.
        """
        starts = frozenset(self.view.roots[number].function for number in roots)
        if any(self.distance[start] == 0 for start in starts):
            return None
        used: set[Edge] = set()
        for _ in range(CUT_LIMIT + 1):
            came = self._augmented(starts, used)
            if came is not None:
                return tuple(sorted((a, b) for a, b in used if a in came and b not in came))
        return None

    def _augmented(self, starts: frozenset[int], used: set[Edge]) -> set[int] | None:
        """Adds one more path to `used`, first where the goal is near, so that it is found soon; or, if there is none,
        the functions that are reached beside those: the same whichever paths were used, and so is the cut.
        """
        turned: dict[int, list[int]] = {}
        for caller, target in used:
            turned.setdefault(target, []).append(caller)
        came: dict[int, int | None] = dict.fromkeys(starts)
        waiting = list(starts)
        while waiting:
            function = waiting.pop()
            if self.distance[function] == 0:
                self._flip(came, function, used)
                return None
            forward = [target for target in self.targets(function) if (function, target) not in used]
            forward.sort(key=self.distance.__getitem__, reverse=True)
            for target in (*turned.get(function, ()), *forward):
                if target not in came:
                    came[target] = function
                    waiting.append(target)
        return set(came)

    @staticmethod
    def _flip(came: dict[int, int | None], goal: int, used: set[Edge]) -> None:
        path = [goal]
        while (before := came[path[-1]]) is not None:
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

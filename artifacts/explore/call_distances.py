"""How far functions are from a goal, over the calls that are left when some are taken away."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import accumulate, chain

Edge = tuple[int, int]

_MUCH = 16
"""If the distance of more than one in so many functions is another, all are found anew."""


class Callers:
    """Of each function: all in one row, which the collector of garbage has not to walk through."""

    def __init__(self, edges: Sequence[tuple[int, ...]]) -> None:
        starts = array("i", bytes(4 * (len(edges) + 1)))
        for target in chain.from_iterable(edges):
            starts[target + 1] += 1
        self._starts = array("i", accumulate(starts))
        free = self._starts[:]
        self._row = array("i", bytes(4 * free[-1]))
        for caller, targets in enumerate(edges):
            for target in targets:
                self._row[free[target]] = caller
                free[target] += 1

    def of(self, function: int) -> Sequence[int]:
        return self._row[self._starts[function] : self._starts[function + 1]]


class CallsLeft:
    """By caller (`edges`) and by callee (`callers`)."""

    def __init__(self, edges: Sequence[tuple[int, ...]], callers: Callers, taken: Collection[Edge]) -> None:
        self._all = callers
        self._taken: dict[int, set[int]] = {}
        for caller, target in taken:
            self._taken.setdefault(target, set()).add(caller)
        self.edges = _without(edges, taken) if self._taken else edges

    def callers(self, function: int) -> Sequence[int]:
        every = self._all.of(function)
        taken = self._taken.get(function)
        return [caller for caller in every if caller not in taken] if taken else every


def _without(edges: Sequence[tuple[int, ...]], taken: Iterable[Edge]) -> Sequence[tuple[int, ...]]:
    left = list(edges)
    for caller, target in taken:
        left[caller] = tuple(one for one in left[caller] if one != target)
    return left


def distances(left: CallsLeft, goals: Iterable[int]) -> list[int]:
    """In calls; -1 of what does not lead to a goal."""
    distance = [-1] * len(left.edges)
    waiting = list(goals)
    for function in waiting:
        distance[function] = 0
    for function in waiting:  # grows meanwhile
        far = distance[function] + 1
        for caller in left.callers(function):
            if distance[caller] < 0:
                distance[caller] = far
                waiting.append(caller)
    return distance


def changed(
    before: Sequence[int], left: CallsLeft, taken: Iterable[Edge], put_back: Collection[Edge]
) -> list[int] | None:
    """The distances, from those before calls were `taken` and `put_back`; None: too many are others."""
    further = _further(before, left, (caller for caller, _ in taken))
    if further is None:
        return None
    distance = list(before)
    for function in further:
        distance[function] = -1
    heap = [
        (distance[target] + 1, caller)
        for caller in (*further, *(caller for caller, _ in put_back))
        for target in left.edges[caller]
        if distance[target] >= 0
    ]
    heapify(heap)
    most = len(further) + len(distance) // _MUCH
    while heap and most:
        far, function = heappop(heap)
        if not 0 <= distance[function] <= far:
            distance[function] = far
            most -= 1
            for caller in left.callers(function):
                heappush(heap, (far + 1, caller))
    return None if heap else distance


def _further(distance: Sequence[int], left: CallsLeft, callers: Iterable[int]) -> set[int] | None:
    """Functions none of whose calls leads nearer any more: some of `callers`, and who calls such. None: too many."""
    further: set[int] = set()
    heap = [(distance[caller], caller) for caller in callers if distance[caller] > 0]
    heapify(heap)
    while heap and len(further) <= len(distance) // _MUCH:
        far, function = heappop(heap)
        if function in further or any(distance[t] == far - 1 and t not in further for t in left.edges[function]):
            continue
        further.add(function)
        for caller in left.callers(function):
            if distance[caller] == far + 1:
                heappush(heap, (far + 1, caller))
    return None if heap else further

"""Reachability on a call graph: the closed set that proves, or the shortest paths that refute."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from extract.wasm.call_graph import CallGraph
from extract.wasm.world import Defined


def reachable(graph: CallGraph, roots: Iterable[int]) -> bytearray:
    """For each node 1 if a root reaches it; linear in the edges."""
    seen = bytearray(len(graph))
    waiting = []
    for root in roots:
        if not seen[root]:
            seen[root] = 1
            waiting.append(root)
    while waiting:
        for target in graph.successors(waiting.pop()):
            if not seen[target]:
                seen[target] = 1
                waiting.append(target)
    return seen


def nodes(seen: bytearray) -> Iterator[int]:
    """The marked nodes, ascending."""
    at = seen.find(1)
    while at >= 0:
        yield at
        at = seen.find(1, at + 1)


def ranges(graph: CallGraph, seen: bytearray) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """The marked functions with a body: for each core instance, inclusive ranges of function indices."""
    members = []
    for instance in range(len(graph.first) - 1):
        first, end = graph.first[instance], graph.first[instance + 1]
        shift = graph.world.instances[instance].module.imported_functions - first
        found = []
        at = seen.find(1, first, end)
        while at >= 0:
            last = seen.find(0, at, end)
            last = end if last < 0 else last
            found.append((at + shift, last - 1 + shift))
            at = seen.find(1, last, end)
        if found:
            members.append((instance, tuple(found)))
    return tuple(members)


class Predecessors:
    """The graph's edges among marked nodes, turned round."""

    def __init__(self, graph: CallGraph, seen: bytearray) -> None:
        counts = array("I", bytes(4 * (len(graph) + 1)))
        for node in nodes(seen):
            for target in graph.successors(node):
                counts[target] += 1
        total = 0
        for node, count in enumerate(counts):
            total += count
            counts[node] = total
        sources = array("I", bytes(4 * total))
        for node in nodes(seen):
            for target in graph.successors(node):
                counts[target] -= 1
                sources[counts[target]] = node
        self._starts = counts
        self._sources = sources

    def __getitem__(self, node: int) -> Sequence[int]:
        return self._sources[self._starts[node] : self._starts[node + 1]]


def distances(graph: CallGraph, predecessors: Predecessors, goal: Iterable[int]) -> array[int]:
    """For each node the number of edges to the nearest goal, -1 where none is reached."""
    distance = array("i", [-1]) * len(graph)
    waiting = deque(goal)
    for node in waiting:
        distance[node] = 0
    while waiting:
        node = waiting.popleft()
        for source in predecessors[node]:
            if distance[source] < 0:
                distance[source] = distance[node] + 1
                waiting.append(source)
    return distance


def shortest_path(graph: CallGraph, distance: array[int], root: int) -> list[int]:
    """The nodes from a root that reaches the goal to the goal, both included; the first successor that is nearer is
    taken.
    """
    path = [root]
    while distance[path[-1]] > 0:
        nearer = distance[path[-1]] - 1
        path.append(next(target for target in graph.successors(path[-1]) if distance[target] == nearer))
    return path


def smallest_cut(
    predecessors: Predecessors, roots: frozenset[int], goal: frozenset[int], limit: int
) -> list[tuple[int, int]] | None:
    """A smallest set of edges whose removal keeps the roots from the goal; None if it takes more than `limit`, or if
    a root is a goal.

    Edges are searched from the goal backwards, one augmenting path after the other (Ford and Fulkerson); each holds one
    unit. The search is linear in the edges, times the size of the cut.
    """
    if roots & goal:
        return None
    used: set[tuple[int, int]] = set()
    for _ in range(limit + 1):
        came = _augment(predecessors, roots, goal, used)
        if isinstance(came, int):
            continue
        return sorted((source, target) for source, target in used if target in came and source not in came)
    return None


def _augment(
    predecessors: Predecessors,
    roots: frozenset[int],
    goal: frozenset[int],
    used: set[tuple[int, int]],
) -> int | dict[int, tuple[int, bool]]:
    """Adds one more path to `used` and gives its root; or, if there is none, the nodes that still reach the goal."""
    came: dict[int, tuple[int, bool]] = {node: (node, True) for node in goal}
    turned: dict[int, list[int]] = {}
    for source, target in used:
        turned.setdefault(source, []).append(target)
    waiting = deque(goal)
    while waiting:
        node = waiting.popleft()
        if node in roots:
            _flip(came, node, used)
            return node
        for source in predecessors[node]:
            if source not in came and (source, node) not in used:
                came[source] = node, True
                waiting.append(source)
        for target in turned.get(node, ()):
            if target not in came:
                came[target] = node, False
                waiting.append(target)
    return came


def _flip(came: dict[int, tuple[int, bool]], root: int, used: set[tuple[int, int]]) -> None:
    node = root
    while came[node][0] != node:
        after, forward = came[node]
        if forward:
            used.add((node, after))
        else:
            used.remove((after, node))
        node = after


def defined_nodes(graph: CallGraph, found: Iterable[int]) -> Iterator[tuple[int, Defined]]:
    """Those of the nodes that are functions with a body."""
    for node in found:
        vertex = graph.vertex(node)
        if isinstance(vertex, Defined):
            yield node, vertex

"""A small layered layout: from boxes and arrows to places, without a dependency.

The steps are those of Sugiyama, Tagawa and Toda (1981): break cycles, assign layers, put dummies on long arrows, order
each layer by barycentres, then place. Here a layer is the distance to the farthest sink, so that paths which end alike
are drawn alike; and a layer is placed by least squares under its order, which pools adjacent violators exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Node = Hashable
Edge = tuple[Node, Node]

_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """`x`: the centre of each node; `layer`: its layer from the top; `bends`: what an edge passes, ends included."""

    x: Mapping[Node, float]
    layer: Mapping[Node, int]
    bends: Mapping[Edge, tuple[Node, ...]]


@dataclass(frozen=True, slots=True)
class _Bend:
    """A place where a long edge crosses a layer."""

    edge: Edge
    layer: int


def layout(nodes: Sequence[Node], edges: Iterable[Edge], width: float, bend_width: float) -> Layout:
    """Places for `nodes`, each `width` wide with its margin; `bend_width` is what a passing edge takes."""
    distinct = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1]]
    forward = _acyclic(nodes, distinct)
    layer = _layers(nodes, [edge if kept else (edge[1], edge[0]) for edge, kept in forward.items()])
    bends = {edge: _chain(edge, layer) for edge in distinct}
    for chain in bends.values():
        layer.update({node: node.layer for node in chain if isinstance(node, _Bend)})
    above: dict[Node, list[Node]] = defaultdict(list)
    below: dict[Node, list[Node]] = defaultdict(list)
    for chain in bends.values():
        downward = chain if layer[chain[0]] <= layer[chain[-1]] else chain[::-1]
        for upper, lower in pairwise(downward):
            below[upper].append(lower)
            above[lower].append(upper)
    rows: list[list[Node]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node, number in layer.items():
        rows[number].append(node)
    widths = {node: bend_width if isinstance(node, _Bend) else width for node in layer}
    _order(rows, above, below)
    return Layout(_place(rows, above, below, widths), layer, bends)


def _acyclic(nodes: Sequence[Node], edges: list[Edge]) -> dict[Edge, bool]:
    """Whether each edge keeps its direction; those that close a cycle in a depth-first walk do not."""
    out: dict[Node, list[Node]] = defaultdict(list)
    for tail, head in edges:
        out[tail].append(head)
    kept: dict[Edge, bool] = {}
    state: dict[Node, int] = {}
    for start in nodes:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(out[start]))]
        while stack:
            node, heads = stack[-1]
            head = next(heads, None)
            if head is None:
                state[node] = 2
                stack.pop()
                continue
            kept[node, head] = state.get(head) != 1
            if head not in state:
                state[head] = 1
                stack.append((head, iter(out[head])))
    return kept


def _layers(nodes: Sequence[Node], edges: list[Edge]) -> dict[Node, int]:
    """The longest way to a sink, counted so that the farthest node is in layer 0; `edges` have no cycle."""
    into: dict[Node, list[Node]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for tail, head in edges:
        into[head].append(tail)
        waiting[tail] += 1
    height = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if waiting[node] == 0]
    for node in ready:
        for tail in into[node]:
            height[tail] = max(height[tail], height[node] + 1)
            waiting[tail] -= 1
            if waiting[tail] == 0:
                ready.append(tail)
    top = max(height.values(), default=0)
    return {node: top - height[node] for node in nodes}


def _chain(edge: Edge, layer: Mapping[Node, int]) -> tuple[Node, ...]:
    tail, head = edge
    step = 1 if layer[head] >= layer[tail] else -1
    return (tail, *(_Bend(edge, number) for number in range(layer[tail] + step, layer[head], step)), head)


def _order(rows: list[list[Node]], above: Mapping[Node, list[Node]], below: Mapping[Node, list[Node]]) -> None:
    """Sorts each row by the mean place of its neighbours, down and up in turn; keeps the best order found."""
    best = [row[:] for row in rows]
    fewest = _crossings(rows, below)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            _sort(row, rows, above if down else below)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            fewest, best = crossings, [row[:] for row in rows]
    rows[:] = best


def _sort(row: list[Node], rows: list[list[Node]], neighbours: Mapping[Node, list[Node]]) -> None:
    place = {node: number for each in rows for number, node in enumerate(each)}
    now = {node: number for number, node in enumerate(row)}

    def centre(node: Node) -> float:
        near = neighbours.get(node, [])
        return sum(place[other] for other in near) / len(near) if near else float(now[node])

    row.sort(key=lambda node: (centre(node), now[node]))


def _crossings(rows: list[list[Node]], below: Mapping[Node, list[Node]]) -> int:
    total = 0
    for row, under in pairwise(rows):
        place = {node: number for number, node in enumerate(under)}
        ends = [sorted(place[head] for head in below.get(node, [])) for node in row]
        flat = [end for some in ends for end in some]
        total += sum(a > b for i, a in enumerate(flat) for b in flat[i + 1 :])
    return total


def _place(
    rows: list[list[Node]],
    above: Mapping[Node, list[Node]],
    below: Mapping[Node, list[Node]],
    widths: Mapping[Node, float],
) -> dict[Node, float]:
    x: dict[Node, float] = {}
    for row in rows:
        x.update(zip(row, _spread([0.0] * len(row), [widths[node] for node in row]), strict=True))
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            near = [_near(node, above if down else below) or [node] for node in row]
            wanted = [sum(x[other] for other in some) / len(some) for some in near]
            x.update(zip(row, _spread(wanted, [widths[node] for node in row]), strict=True))
    left = min((x[node] - widths[node] / 2 for node in x), default=0.0)
    return {node: place - left for node, place in x.items()}


def _near(node: Node, neighbours: Mapping[Node, list[Node]]) -> list[Node]:
    return neighbours.get(node, [])


def _spread(wanted: list[float], widths: list[float]) -> list[float]:
    """The places nearest to `wanted`, by least squares, that keep the order and do not overlap."""
    shift = [0.0]
    for one, other in pairwise(widths):
        shift.append(shift[-1] + (one + other) / 2)
    blocks: list[tuple[float, int]] = []
    for want, by in zip(wanted, shift, strict=False):
        mean, size = want - by, 1
        while blocks and blocks[-1][0] > mean:
            other_mean, other_size = blocks.pop()
            mean = (mean * size + other_mean * other_size) / (size + other_size)
            size += other_size
        blocks.append((mean, size))
    means = [mean for mean, size in blocks for _ in range(size)]
    return [mean + by for mean, by in zip(means, shift, strict=False)]

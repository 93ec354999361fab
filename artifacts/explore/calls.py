"""The part of a call graph that a refutation is about: every function on some path from a root to the goal."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from artifacts.explore.model import CallSite, CallView, Heading, ShownRoot
from artifacts.names import visible
from extract.wasm.call_graph import CallGraph
from extract.wasm.call_sites import call_sites
from extract.wasm.names import FunctionNames
from extract.wasm.world import Defined
from proofs.reachability import Predecessors, distances, nodes, reachable
from smt_models.graph_obligation import GraphObligation

NAME = 160
"""Longest name of a function, in characters."""
_READ = 400
"""Most bodies that are read for the places of calls: those on shortest paths, the nearest to the goal first."""


def call_view(graph: CallGraph, names: FunctionNames, obligation: GraphObligation, heading: Heading) -> CallView:
    """`heading` as is; the obligation's goal is reached from one of its roots at least."""
    seen = reachable(graph, (root.node for root in obligation.roots))
    predecessors = Predecessors(graph, seen)
    goal = [node for node in sorted(obligation.goal) if seen[node]]
    distance = distances(graph, predecessors, goal)
    kept = [node for node in nodes(seen) if distance[node] >= 0]
    number = {node: at for at, node in enumerate(kept)}
    edges = tuple(
        tuple(dict.fromkeys(number[target] for target in graph.successors(node) if target in number)) for node in kept
    )
    roots = tuple(
        ShownRoot(visible(root.name, NAME), number[root.node]) for root in obligation.roots if root.node in number
    )
    near = _on_shortest_paths(graph, distance, [kept[root.function] for root in roots])
    return CallView(
        heading,
        goal="memory.grow" if obligation.grow else "an allocator",
        names=tuple(visible(names.display(graph.vertex(node)), NAME) for node in kept),
        sizes=tuple(graph.code_bytes(node) for node in kept),
        edges=edges,
        goals=tuple(number[node] for node in goal),
        roots=roots,
        sites=_sites(graph, near, number, obligation.grow),
    )


def _on_shortest_paths(graph: CallGraph, distance: array[int], roots: Iterable[int]) -> list[int]:
    """Functions on any shortest path from any of the roots, the nearest to the goal first."""
    found = dict.fromkeys(roots)
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for target in graph.successors(node):
            if distance[target] == distance[node] - 1 >= 0 and target not in found:
                found[target] = None
                waiting.append(target)
    return sorted(found, key=lambda node: (distance[node], node))


def _sites(
    graph: CallGraph, near: Sequence[int], number: Mapping[int, int], grow: bool
) -> dict[tuple[int, int | None], CallSite]:
    """Where the edges of the nearest functions are made, and the instructions there."""
    found: dict[tuple[int, int | None], CallSite] = {}
    bodies = [(node, graph.vertex(node)) for node in near]
    for node, vertex in [(node, vertex) for node, vertex in bodies if isinstance(vertex, Defined)][:_READ]:
        for target, site in call_sites(graph, vertex).items():
            shown = CallSite(site.offset, tuple(visible(line, NAME) for line in site.lines))
            if target is None and grow:
                found[number[node], None] = shown
            elif target is not None and target in number:
                found[number[node], number[target]] = shown
    return found

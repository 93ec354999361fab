"""Closed sets, shortest paths and smallest cuts, against networkx on graphs made at random and on real modules."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import networkx as nx  # type: ignore[import-untyped]
import pytest
import real_modules

from extract.subject import read_subject
from extract.wasm.call_graph import CallGraph, call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.read import read_world
from proofs.reachability import Predecessors, distances, nodes, ranges, reachable, shortest_path, smallest_cut
from smt_models.graph_obligation import module_entries, module_no_grow

SEED = 20260826
SOURCE, SINK = -1, -2


class PlainGraph:
    """As much of a call graph as the searches ask for."""

    def __init__(self, size: int, edges: Iterable[tuple[int, int]]) -> None:
        self._after: list[list[int]] = [[] for _ in range(size)]
        for source, target in edges:
            self._after[source].append(target)

    def __len__(self) -> int:
        return len(self._after)

    def successors(self, node: int) -> list[int]:
        return self._after[node]


def plain(size: int, edges: Iterable[tuple[int, int]]) -> CallGraph:
    return cast(CallGraph, PlainGraph(size, edges))


def random_edges(random: Random, size: int) -> list[tuple[int, int]]:
    """Sparse to dense; loops and circles included."""
    density = random.choice((0.5, 1.0, 2.0, 4.0))
    edges = {(random.randrange(size), random.randrange(size)) for _ in range(int(size * density))}
    return sorted(edges)


def directed(size: int, edges: Iterable[tuple[int, int]]) -> Any:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(edges)
    return graph


def backwards(graph: CallGraph) -> Predecessors:
    return Predecessors(graph, bytearray(b"\1" * len(graph)))


SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_reachable(seed: int) -> None:
    random = Random(SEED + seed)
    size = random.randrange(1, 40)
    edges = random_edges(random, size)
    roots = random.sample(range(size), min(size, random.randrange(4)))
    known = directed(size, edges)
    expected = set(roots).union(*(nx.descendants(known, root) for root in roots))
    assert set(nodes(reachable(plain(size, edges), roots))) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_predecessors_are_the_edges_turned_round(seed: int) -> None:
    """Among the marked nodes only; what they lead to counts all the same."""
    random = Random(SEED + seed)
    size = random.randrange(1, 40)
    edges = random_edges(random, size)
    seen = bytearray(random.choices((0, 1), k=size))
    found = Predecessors(plain(size, edges), seen)
    for node in range(size):
        assert sorted(found[node]) == [source for source, target in edges if target == node and seen[source]]


@pytest.mark.parametrize("seed", SEEDS)
def test_shortest_paths(seed: int) -> None:
    random = Random(SEED + seed)
    size = random.randrange(1, 40)
    edges = random_edges(random, size)
    goal = random.sample(range(size), min(size, random.randrange(1, 4)))
    graph = plain(size, edges)
    known = directed(size, edges)
    lengths = nx.multi_source_dijkstra_path_length(known.reverse(), set(goal))
    distance = distances(graph, backwards(graph), goal)
    assert list(distance) == [lengths.get(node, -1) for node in range(size)]
    for root in lengths:
        path = shortest_path(graph, distance, root)
        assert (path[0], len(path)) == (root, lengths[root] + 1)
        assert path[-1] in goal
        assert nx.is_path(known, path)


@pytest.mark.parametrize("seed", range(120))
def test_smallest_cut(seed: int) -> None:
    """As many edges as networkx finds with a source before the roots and a sink behind the goals; and it does cut."""
    random = Random(SEED + seed)
    size = random.randrange(2, 20)
    edges = random_edges(random, size)
    picked = random.sample(range(size), min(size, random.randrange(2, 7)))
    roots, goal = frozenset(picked[::2]), frozenset(picked[1::2])
    network = directed(size, edges)
    nx.set_edge_attributes(network, 1, "capacity")
    network.add_edges_from((SOURCE, root) for root in roots)  # without a capacity: no end of it
    network.add_edges_from((one, SINK) for one in goal)
    least, _ = nx.minimum_cut(network, SOURCE, SINK)
    cut = smallest_cut(backwards(plain(size, edges)), roots, goal, len(edges))
    assert cut is not None
    assert (len(cut), cut) == (least, sorted(set(cut)))
    assert set(cut) <= set(edges)
    left = plain(size, [edge for edge in edges if edge not in cut])
    assert not any(reachable(left, roots)[one] for one in goal)
    if least:
        assert smallest_cut(backwards(plain(size, edges)), roots, goal, int(least) - 1) is None
        assert smallest_cut(backwards(plain(size, edges)), roots, goal, int(least)) == cut


@pytest.mark.parametrize("seed", range(20))
def test_smallest_cut_between_two_nodes(seed: int) -> None:
    random = Random(SEED * 2 + seed)
    size = random.randrange(2, 25)
    edges = random_edges(random, size)
    root, goal = random.sample(range(size), 2)
    expected = nx.minimum_edge_cut(directed(size, edges), root, goal)
    cut = smallest_cut(backwards(plain(size, edges)), frozenset((root,)), frozenset((goal,)), len(edges))
    assert cut is not None
    assert len(cut) == len(expected)


def test_cuts_at_the_edges() -> None:
    """A root that is a goal cannot be cut off; a goal that is not reached needs no cut."""
    predecessors = backwards(plain(3, [(0, 1)]))
    assert smallest_cut(predecessors, frozenset((0, 1)), frozenset((1,)), 8) is None
    assert smallest_cut(predecessors, frozenset((0,)), frozenset((2,)), 8) == []
    assert smallest_cut(predecessors, frozenset((0,)), frozenset((1,)), 0) is None
    assert smallest_cut(predecessors, frozenset(), frozenset((1,)), 0) == []


def test_a_cut_turns_back_over_a_path_taken_before() -> None:
    """The first path must be undone in part: without edges turned round one would find a cut of one edge too few."""
    edges = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 4), (3, 6), (4, 5), (5, 6), (2, 3)]
    known = directed(7, edges)
    cut = smallest_cut(backwards(plain(7, edges)), frozenset((0,)), frozenset((6,)), 8)
    assert cut is not None
    assert len(cut) == len(nx.minimum_edge_cut(known, 0, 6)) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges(seed: int) -> None:
    """Every marked function, and no other, in ranges that are apart."""
    random = Random(SEED + seed)
    sizes = [random.randrange(12) for _ in range(random.randrange(1, 5))]
    imported = [random.randrange(3) for _ in sizes]
    first = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    instances = [SimpleNamespace(module=SimpleNamespace(imported_functions=count)) for count in imported]
    graph = cast(CallGraph, SimpleNamespace(first=first, world=SimpleNamespace(instances=instances)))
    seen = bytearray(random.choices((0, 1), k=first[-1] + 3))
    found = ranges(graph, seen)
    listed = [
        (instance, index) for instance, members in found for begin, end in members for index in range(begin, end + 1)
    ]
    assert listed == [
        (instance, number - first[instance] + imported[instance])
        for instance in range(len(sizes))
        for number in range(first[instance], first[instance + 1])
        if seen[number]
    ]
    for _, members in found:
        assert members
        assert all(end + 1 < begin for (_, end), (begin, _) in pairwise(members))


QUICK = [one.name for one in real_modules.modules().values() if one.quick]


@pytest.mark.parametrize("name", QUICK)
def test_real_modules(name: str) -> None:
    """Closed sets and distances of every entry together and of some alone."""
    graph = call_graph(read_world(read_subject(str(real_modules.fetch(name)))))
    known = nx.DiGraph()
    known.add_nodes_from(range(len(graph)))
    known.add_edges_from((node, target) for node in range(len(graph)) for target in graph.successors(node))
    entries = [root.node for root in module_no_grow(graph, FunctionNames(graph.world), ()).roots]
    assert entries == list(dict.fromkeys(root.node for root in module_entries(graph)))
    everything = set(entries).union(*(nx.descendants(known, root) for root in entries))
    assert set(nodes(reachable(graph, entries))) == everything
    random = Random(SEED)
    goal = sorted(random.sample(range(len(graph)), 3))
    predecessors = Predecessors(graph, bytearray(b"\1" * len(graph)))
    lengths = nx.multi_source_dijkstra_path_length(known.reverse(), set(goal))
    expected = array("i", [lengths.get(node, -1) for node in range(len(graph))])
    assert distances(graph, predecessors, goal) == expected

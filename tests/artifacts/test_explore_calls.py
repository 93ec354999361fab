"""What is said of the ways to a goal, held to plain enumeration of every path; and to what `prove` found."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from example_tools import EXAMPLES
from explore_samples import heading, large_calls, random_calls

from artifacts.explore.call_questions import Calls, Without, search
from artifacts.explore.calls import call_view
from artifacts.explore.model import CallView
from artifacts.explore.shrinking import nearest
from extract.subject import read_subject
from extract.wasm.call_graph import call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.read import read_world
from proofs.refutation import Refutation
from proofs.verdicts import NotConfirmed
from smt_models.graph_obligation import module_no_grow

Path = tuple[int, ...]
GROWING = ("dlmalloc_rust", "growing_c", "table_grows", "component_linked_grows", "infeasible_grow", "start_grows")


def paths(view: CallView, without: Without, roots: tuple[int, ...]) -> list[Path]:
    """Every path without a repeated function, by walking; it ends at the first goal."""
    found: list[Path] = []

    def walk(path: Path) -> None:
        if path[-1] in view.goals:
            found.append(path)
            return
        for target in view.edges[path[-1]]:
            if target not in path and (path[-1], target) not in without.calls:
                walk((*path, target))

    for root in dict.fromkeys(view.roots[number].function for number in roots):
        walk((root,))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_questions_against_every_path(seed: int) -> None:
    view = random_calls(seed)
    some_call = next((at, targets[0]) for at, targets in enumerate(view.edges) if targets)
    for without in (Without(), Without(frozenset({0}), frozenset({some_call}))):
        calls = Calls(view, without)
        every = paths(view, without, (0, 1, 2))
        starts = {path[0] for path in every}
        left = tuple(n for n in (0, 1, 2) if n not in without.roots and view.roots[n].function in starts)
        assert calls.roots() == left
        asked = paths(view, without, left)
        _assert_shortest(calls, view, left, asked)
        said = calls.on_every_path(left)
        assert set(said.functions) == (set.intersection(*map(set, asked)) if asked else set())
        pairs = [set(pairwise(path)) for path in asked]
        assert set(said.calls) == (set.intersection(*pairs) if pairs else set())
        _assert_smallest(calls.smallest_cut(left), pairs)


def _assert_shortest(calls: Calls, view: CallView, left: tuple[int, ...], asked: list[Path]) -> None:
    for number in left:
        root = view.roots[number].function
        own = [path for path in asked if path[0] == root]
        length = min(map(len, own))
        shortest = [path for path in own if len(path) == length]
        said = calls.shortest(root)
        assert said.count == len(shortest)
        assert [set(layer) for layer in said.layers] == [set(layer) for layer in zip(*shortest, strict=True)]
        assert calls.one_shortest(root) in shortest


def _assert_smallest(cut: tuple[tuple[int, int], ...] | None, pairs: list[set[tuple[int, int]]]) -> None:
    if cut is None:
        assert any(not pair for pair in pairs)  # a root is a goal: no call is in the way
        return
    assert all(pair & set(cut) for pair in pairs)
    every = sorted(set().union(*pairs))
    for fewer in combinations(every, max(0, len(cut) - 1)):
        assert not pairs or not all(pair & set(fewer) for pair in pairs)


@pytest.mark.parametrize("seed", range(40))
def test_the_next_question_starts_from_the_last(seed: int) -> None:
    """What is taken away and put back, one after the other, gives what is found anew."""
    chosen = random.Random(seed)
    view = random_calls(seed, functions=120, more=chosen.choice((0, 60, 300)))
    every = [(caller, target) for caller, targets in enumerate(view.edges) for target in targets]
    calls, without = Calls(view), Without()
    for _ in range(12):
        toggled = frozenset(chosen.sample(every, chosen.choice((1, 1, 1, 3))))
        without = Without(without.roots ^ {chosen.randrange(3)}, without.calls ^ toggled)
        calls, anew = calls.next(without), Calls(view, without)
        assert list(calls.distance) == list(anew.distance)
        assert list(calls.edges) == list(anew.edges)
        left = calls.roots()
        every_path = calls.on_every_path(left)
        assert every_path == anew.on_every_path(left)
        assert calls.smallest_cut(left, every_path) == anew.smallest_cut(left)


@pytest.mark.parametrize("name", GROWING)
def test_as_the_prover_says(name: str) -> None:
    """Shortest paths have the length of the trace's, and its cut is as small."""
    graph = call_graph(read_world(read_subject(str(EXAMPLES / f"{name}.wasm"))))
    names = FunctionNames(graph.world)
    obligation = module_no_grow(graph, names, ())
    view = call_view(graph, names, obligation, heading(name))
    trace = Refutation(graph, names, obligation).trace(NotConfirmed("not asked"))
    calls = Calls(view)
    assert {view.roots[number].name for number in calls.roots()} == {path.root for path in trace.paths}
    for path in trace.paths:
        root = next(root for root in view.roots if root.name == path.root)
        through = [one for one in calls.one_shortest(root.function) if "indirect calls" not in view.names[one]]
        assert len(through) == len(path.steps) - 1
        offsets = {site.offset for site in view.sites.values()}
        assert {step.offset for step in path.steps if step.rule in ("E1", "E4")} <= offsets
    cut = calls.smallest_cut(calls.roots())
    assert (cut is None) == (trace.cut is None)
    assert cut is None or trace.cut is None or len(cut) == len(trace.cut.edges)


def test_a_part_keeps_the_shortest_ways() -> None:
    view = large_calls(3000)
    part = nearest(view, 1000)
    assert part.left_out == 3000 - len(part.names) > 0
    whole, less = Calls(view), Calls(part)
    shortest = min(whole.distance[root.function] for root in view.roots)
    assert min(less.distance[root.function] for root in part.roots if less.distance[root.function] >= 0) == shortest
    assert search(view, "FUNCTION_2999", 10) == [2999]

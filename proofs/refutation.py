"""From a reached goal to a trace that people can follow: paths, entries, the cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from extract.wasm.call_graph import CallGraph, Dispatch
from extract.wasm.call_sites import call_site
from extract.wasm.names import FunctionNames
from extract.wasm.world import Defined, FromCanon, FromHost
from proofs.reachability import Predecessors, distances, reachable, shortest_path, smallest_cut
from proofs.verdicts import Confirmation, Cut, FunctionId, Path, Reach, Step
from smt_models.graph_obligation import GraphObligation, Root, module_entries

MAX_PATHS = 20
MAX_CUT = 8


class Refutation:
    """What can be said against an obligation whose goal is reached from one of its roots."""

    def __init__(self, graph: CallGraph, names: FunctionNames, obligation: GraphObligation) -> None:
        self._graph = graph
        self._names = names
        self._obligation = obligation
        self._entries = tuple(module_entries(graph))
        starts = [root.node for root in (*obligation.roots, *self._entries)]
        self._predecessors = Predecessors(graph, reachable(graph, starts))
        self._distance = distances(graph, self._predecessors, sorted(obligation.goal))
        self._offsets: dict[tuple[int, int | None], int | None] = {}
        self.roots = self._reaching(obligation.roots)

    def _reaching(self, roots: Iterable[Root]) -> tuple[Root, ...]:
        return tuple(root for root in roots if self._distance[root.node] >= 0)

    def trace(self, confirmation: Confirmation) -> Reach:
        """Paths nearest first; the entries are those of the whole file (T2), whatever the roots were."""
        nearest = sorted(self.roots, key=lambda root: self._distance[root.node])[:MAX_PATHS]
        paths = tuple(Path(root.name, tuple(self._steps(root))) for root in nearest)
        entries = {root.name: None for root in (*self.roots, *self._reaching(self._entries))}
        return Reach(paths, tuple(entries), self._cut(), confirmation)

    def _cut(self) -> Cut | None:
        roots = frozenset(root.node for root in self.roots)
        edges = smallest_cut(self._predecessors, roots, self._obligation.goal, MAX_CUT)
        if edges is None:
            return None
        display = self._names.display
        named = tuple(
            (display(self._graph.vertex(source)), display(self._graph.vertex(target))) for source, target in edges
        )
        return Cut(named, tuple(root.name for root in self.roots))

    def _steps(self, root: Root) -> Iterable[Step]:
        path = shortest_path(self._graph, self._distance, root.node)
        yield self._step(path[0], root.name, None, "root")
        yield from self._edges(path)
        last = self._graph.vertex(path[-1])
        if self._obligation.grow and isinstance(last, Defined):
            yield Step("memory.grow", None, "holds", self._offset(path[-1], None), "E4")

    def _edges(self, path: Sequence[int]) -> Iterable[Step]:
        """One step for each function on the way; a dispatch node belongs to the edge that goes through it."""
        for before, (source, target) in enumerate(pairwise(path)):
            vertex = self._graph.vertex(source)
            if isinstance(self._graph.vertex(target), Dispatch):
                continue
            if isinstance(vertex, Dispatch):
                action, rule = self._through(vertex)
                yield self._step(target, action, self._offset(path[before - 1], source), rule)
            elif isinstance(vertex, FromCanon):
                canon = self._graph.world.canons[vertex.number]
                yield self._step(target, f"canon {canon.kind} leads to", canon.offset, "C1")
            else:
                yield self._step(target, "calls", self._offset(source, target), "E1")

    def _through(self, dispatch: Dispatch) -> tuple[str, str]:
        match dispatch.table:
            case None:
                return "calls by reference", "E3, E6"
            case Defined(instance, index):
                label = self._graph.world.instances[instance].label
                return f"calls through table {index}{f' of {label}' if label else ''}", "E2, E5"
            case FromHost(name):
                return f"calls through table {name}", "E2, E5"
            case FromCanon():
                raise AssertionError("no canonical definition makes a table")

    def _offset(self, source: int, target: int | None) -> int | None:
        """Where the edge is made; paths share their last edges, and each is looked for once."""
        if (source, target) not in self._offsets:
            vertex = self._graph.vertex(source)
            site = call_site(self._graph, vertex, target) if isinstance(vertex, Defined) else None
            self._offsets[source, target] = site.offset if site else None
        return self._offsets[source, target]

    def _step(self, node: int, action: str, offset: int | None, rule: str) -> Step:
        vertex = self._graph.vertex(node)
        function = FunctionId(vertex.instance, vertex.index) if isinstance(vertex, Defined) else None
        return Step(self._names.display(vertex), function, action, offset, rule)

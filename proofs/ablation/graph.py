"""Assumptions of proofs about call graphs: what is assumed of the host is dropped, and the graph decided again.

A function of the host that is known to do nothing may call, without that, whatever the host can call (rule T2); and a
memory that the host can reach is a matter of the assumption `host-memory`, which stays.
"""

from __future__ import annotations

from dataclasses import replace

from extract.wasm.call_graph import CallGraph
from extract.wasm.names import FunctionNames
from extract.wasm.world import FromCanon, FromHost
from proofs.ablation.answers import Answer, Listed, NotKnown, RefutedWithout, StillProved, Way, answer_of
from proofs.reachability import reachable
from proofs.refutation import Refutation
from proofs.verdicts import NotConfirmed, Path, Reach
from proofs.vestigial import decide_vestigial
from smt_models.graph_obligation import GraphObligation, Root, module_entries

NOBODY_RAN_IT = NotConfirmed("nothing was run: who is assumed to do nothing is not in the file")


class OfGraph:
    """One obligation on one file. `assumed`: the ids of all that its certificate assumes."""

    def __init__(
        self, graph: CallGraph, names: FunctionNames, obligation: GraphObligation, assumed: frozenset[str]
    ) -> None:
        self._graph = graph
        self._names = names
        self._obligation = obligation
        self._assumed = assumed

    def without(self, identity: str, about: str) -> Answer:
        match identity:
            case "host-memory":
                return RefutedWithout("the host may grow it", Way((f"host: grows the memory {about}",)))
            case "canonical-builtins":
                reached = self._reached({node for node in self._others() if self._is_canonical(node)})
                return self._by_itself(reached, "grows a memory")
            case "host-function":
                node = next((node for node in self._others() if self._graph.vertex(node) == FromHost(about)), None)
                return NotKnown(f"no host function {about}") if node is None else self._by_the_host({node}, False)
            case "host-tables":
                seen = reachable(self._graph, (root.node for root in self._obligation.roots))
                return self._by_the_host({node for node in self._graph.unseen if seen[node]}, True)
            case _:
                return NotKnown(f"nothing is known of what {identity} assumes")

    def _others(self) -> range:
        return range(self._graph.first[-1], len(self._graph))

    def _is_canonical(self, node: int) -> bool:
        return isinstance(self._graph.vertex(node), FromCanon)

    def _reached(self, nodes: set[int]) -> Path | None:
        return self._path(self._obligation.roots, frozenset(nodes), grow=False)

    def _path(self, roots: tuple[Root, ...], goal: frozenset[int], grow: bool) -> Path | None:
        asked = replace(self._obligation, roots=roots, goal=goal, grow=grow)
        found = Refutation(self._graph, self._names, asked)
        return next(iter(found.trace(NOBODY_RAN_IT).paths), None)

    def _by_itself(self, path: Path | None, does: str) -> Answer:
        if path is None:
            return NotKnown("no path leads there")
        return RefutedWithout(f"{path.steps[-1].function} {does}", _reach((path,)))

    def _by_the_host(self, nodes: set[int], also_unseen: bool) -> Answer:
        """Whoever is behind these nodes calls whatever the host can call. `also_unseen`: and so does whatever nobody
        has seen.
        """
        before = self._reached(nodes)
        if before is None:
            return NotKnown("no path leads there")
        entries = tuple(module_entries(self._graph))
        after = self._path(entries, self._obligation.goal, self._obligation.grow)
        if after is not None:
            return RefutedWithout(f"it may call what the host can call: {after.root}", _reach((before, after)))
        seen = reachable(self._graph, (root.node for root in entries))
        if not also_unseen and any(seen[node] for node in self._graph.unseen):
            return NotKnown("what the host can call calls functions that nobody has seen (rule R7)")
        if "canonical-builtins" not in self._assumed and any(
            seen[one] and self._is_canonical(one) for one in self._others()
        ):
            return NotKnown("what the host can call calls canonical functions, of which nothing is assumed")
        return StillProved("whatever it calls back, nothing that the host can call reaches the goal")


def _reach(paths: tuple[Path, ...]) -> Reach:
    return Reach(paths, (), None, NOBODY_RAN_IT)


def without_boundary(graph: CallGraph, names: FunctionNames, others: tuple[str, ...], listed: Listed) -> Answer:
    """With the other boundary functions alone."""
    return answer_of(decide_vestigial(graph, names, others), listed)

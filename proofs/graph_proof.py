"""Decides a graph obligation: closed set, trace, or what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from extract.wasm.call_graph import CallGraph
from extract.wasm.names import FunctionNames
from extract.wasm.world import Defined, FromCanon, FromHost
from proofs.reachability import defined_nodes, nodes, ranges, reachable
from proofs.refutation import Refutation
from proofs.verdicts import Assumption, ClosedSet, Confirmation, FunctionId, Proved, Refuted, Unknown, Vacuous, Verdict
from proofs.wording import assumption
from smt_models.graph_obligation import GraphObligation, Root, defined, functions_by_name, host_memories

HOST_TABLES = "host-tables"

Confirm = Callable[[tuple[Root, ...]], Confirmation]
"""Drives the real module from roots that reach the goal."""


def decide(
    graph: CallGraph, names: FunctionNames, obligation: GraphObligation, assume: frozenset[str], confirm: Confirm
) -> Verdict:
    """The verdict; `assume`: ids of the assumptions that the user declares."""
    if graph.world.foreign:
        return Unknown(f"rule G4: the file instantiates code that it does not hold: {', '.join(graph.world.foreign)}")
    if not obligation.roots or not (obligation.grow or obligation.goal):
        return Vacuous(f"looked for {obligation.looked_for}")
    seen = reachable(graph, (root.node for root in obligation.roots))
    if any(seen[node] for node in obligation.goal):
        refutation = Refutation(graph, names, obligation)
        return Refuted(refutation.trace(confirm(refutation.roots)))
    unseen = [node for node in graph.unseen if seen[node]]
    if unseen and HOST_TABLES not in assume:
        return Unknown(_why_unknown(graph, unseen))
    if not obligation.grow and (unnamed := _unnamed(graph, names, seen)):
        return Unknown(
            f"rule T5: functions that are reached and have no name may be allocators, {len(unnamed)} in all: "
            f"{', '.join(map(names.display, unnamed[:5]))}{' and others' if unnamed[5:] else ''} "
            "(keep the name section)"
        )
    evidence = _closed_set(graph, obligation, seen)
    if not evidence.roots:
        return Vacuous("the roots are functions of the host only")
    return Proved(evidence, tuple(sorted(_assumptions(graph, obligation, seen, bool(unseen)))))


def _why_unknown(graph: CallGraph, unseen: list[int]) -> str:
    reasons = sorted({graph.unseen[node] for node in unseen})
    return (
        f"rule R7: {len(unseen)} kinds of indirect call may reach functions that nobody has seen: {'; '.join(reasons)}"
        f" (declare the assumption {HOST_TABLES} if the host puts none there)"
    )


def _unnamed(graph: CallGraph, names: FunctionNames, seen: bytearray) -> list[Defined]:
    """Rule T5: what an allocator is, its name says."""
    named = {definition for name, definition in functions_by_name(graph, names) if name}
    return [function for _, function in defined_nodes(graph, nodes(seen)) if function not in named]


def function_id(definition: Defined) -> FunctionId:
    """The definition as evidence writes it."""
    return FunctionId(definition.instance, definition.index)


def goal_functions(graph: CallGraph, obligation: GraphObligation) -> tuple[FunctionId, ...]:
    """The functions of the goal that have a body, sorted."""
    return tuple(map(function_id, defined(map(graph.vertex, obligation.goal))))


def _closed_set(graph: CallGraph, obligation: GraphObligation, seen: bytearray) -> ClosedSet:
    return ClosedSet(
        roots=tuple(map(function_id, defined(root.definition for root in obligation.roots))),
        root_names=obligation.root_names,
        goal=None if obligation.grow else goal_functions(graph, obligation),
        goal_names=obligation.goal_names,
        members=ranges(graph, seen),
    )


def _assumptions(graph: CallGraph, obligation: GraphObligation, seen: bytearray, unseen: bool) -> Iterator[Assumption]:
    """Each that docs/certificate.md asks for, once."""
    reached = set()
    for node in nodes(seen[graph.first[-1] :]):
        match graph.others[node]:
            case FromHost(name):
                reached.add(assumption("host-function", name))
            case FromCanon():
                reached.add(assumption("canonical-builtins"))
            case _:
                pass
    if unseen:
        reached.add(assumption(HOST_TABLES))
    if obligation.grow:
        reached.update(assumption("host-memory", name) for name in host_memories(graph.world))
    yield from reached

"""Whether each realloc that is still there is needed, and what goes with one that is not (rules V1 to V4)."""

from __future__ import annotations

from collections.abc import Iterator

from extract.wasm.call_graph import CallGraph
from extract.wasm.module import ExternKind
from extract.wasm.names import FunctionNames
from extract.wasm.types import FunctionType
from extract.wasm.world import Defined, World
from proofs.reachability import nodes, reachable
from proofs.verdicts import (
    FunctionId,
    ImportSite,
    NeededBy,
    Needs,
    Proved,
    Refuted,
    Unknown,
    Vacuous,
    Verdict,
    Vestiges,
    VestigialExport,
)
from proofs.wording import assumption
from smt_models.graph_obligation import (
    REALLOC_NAMES,
    Root,
    is_realloc_name,
    module_entries,
    realloc_exports,
    realloc_roots,
)


def decide_vestigial(graph: CallGraph, names: FunctionNames, boundary: tuple[str, ...]) -> Verdict:
    """`boundary`: the functions that, the user says, pass values of variable length into a core module."""
    world = graph.world
    if world.foreign:
        return Unknown(f"rule G4: the file instantiates code that it does not hold: {', '.join(world.foreign)}")
    candidates = _candidates(graph)
    if not candidates:
        return Vacuous(
            f"no realloc is left; looked for a realloc option and for a function exported as {REALLOC_NAMES}"
        )
    needs: list[tuple[FunctionId, NeededBy, str]] = []
    vestigial: list[Root] = []
    assumptions = set()
    for definition, root in candidates.items():
        found = _need_in_component(world, definition) if world.is_component else _need_at_boundary(world, boundary)
        match found:
            case None:
                vestigial.append(root)
            case Unknown():
                return found
            case (by, why):
                needs.append((FunctionId(definition.instance, definition.index), by, why))
                if isinstance(by, str):
                    assumptions.add(assumption("boundary", by))
    if vestigial:
        return Refuted(_vestiges(graph, names, vestigial))
    return Proved(Needs(tuple(sorted(needs, key=lambda need: need[0]))), tuple(sorted(assumptions)))


def _candidates(graph: CallGraph) -> dict[Defined, Root]:
    """Rule V1, by definition; the name under which it is exported is the one to show."""
    exported = [root for instance in graph.world.instances for root in realloc_exports(graph, instance.number)]
    found: dict[Defined, Root] = {}
    for root in (*exported, *realloc_roots(graph)):
        if isinstance(root.definition, Defined):
            found.setdefault(root.definition, root)
    return dict(sorted(found.items()))


def _need_in_component(world: World, definition: Defined) -> tuple[NeededBy, str] | None:
    """Rule V3."""
    for canon in world.canons:
        if canon.realloc == definition and canon.needs_realloc is not None:
            return canon.number, f"canon {canon.kind} {canon.name}: {canon.needs_realloc}"
        if definition in (canon.core, canon.post_return, canon.callback):
            return canon.number, f"canon {canon.kind} {canon.name}: it is lifted, or the lift's post-return or callback"
    for instance in world.instances:
        for declared, given in zip(instance.module.imports, instance.imports, strict=True):
            if given == definition and declared.kind is ExternKind.FUNCTION:
                site = ImportSite(instance.number, declared.module, declared.name)
                importer = instance.label or instance.number
                return site, f"core instance {importer} imports it as {declared.module}.{declared.name}"
    return None


def _need_at_boundary(world: World, boundary: tuple[str, ...]) -> tuple[NeededBy, str] | Unknown | None:
    """Rule V4."""
    pointers = dict.fromkeys(_pointer_functions(world))
    for name in boundary:
        if name not in pointers:
            return Unknown(f"rule V4: the boundary function {name} is no export or import with an i32 or i64 parameter")
        return name, f"the boundary function {name} passes values of variable length"
    if not pointers:
        return None
    shown = ", ".join(list(pointers)[:10]) + (" and others" if len(pointers) > 10 else "")
    return Unknown(
        "rule V4: nothing says whether these pass values of variable length into the module "
        f"(name those that do with `boundary`): {shown}"
    )


def _pointer_functions(world: World) -> Iterator[str]:
    """Exports and imports that can take a pointer; an import by its name, with and without its module."""
    module = world.instances[0].module
    for item in module.exports:
        function = item.kind is ExternKind.FUNCTION and not is_realloc_name(item.name)
        if function and _takes_pointer(world, module.function_types[item.index]):
            yield item.name
    for declared in module.imports:
        function = declared.kind is ExternKind.FUNCTION and not is_realloc_name(declared.name)
        if function and isinstance(declared.type, int) and _takes_pointer(world, declared.type):
            yield f"{declared.module}.{declared.name}"
            yield declared.name


def _takes_pointer(world: World, number: int) -> bool:
    composite = world.store[number].composite
    return isinstance(composite, FunctionType) and not {"i32", "i64"}.isdisjoint(composite.parameters)


def _vestiges(graph: CallGraph, names: FunctionNames, vestigial: list[Root]) -> Vestiges:
    """What dies with each alone, and with all of them: not what is a start function, say, or has another export."""
    reallocs, others = set[int](), set[int]()
    for entry in module_entries(graph):
        (reallocs if entry.is_realloc else others).add(entry.node)
    world = graph.world
    for instance in world.instances:
        for item in instance.module.exports:
            if item.kind is ExternKind.FUNCTION:
                roots = reallocs if is_realloc_name(item.name) else others
                roots.add(graph.node(world.definition(instance.number, ExternKind.FUNCTION, item.index)))
    everything = reachable(graph, reallocs | others)
    exports = []
    for root in vestigial:
        dead = _dead(graph, everything, reallocs - {root.node} | others)
        exports.append(_vestigial_export(graph, names, root, dead))
    together = _dead(graph, everything, reallocs - {root.node for root in vestigial} | others)
    return Vestiges(
        exports=tuple(exports),
        functions=len(together),
        code_bytes=sum(map(graph.code_bytes, together)),
        grow_dies=_grow_dies(graph, together),
    )


def _dead(graph: CallGraph, everything: bytearray, roots: set[int]) -> list[int]:
    """The functions that are reached no more when only `roots` are left."""
    alive = reachable(graph, roots)
    return [node for node in nodes(everything[: graph.first[-1]]) if not alive[node]]


def _grow_dies(graph: CallGraph, dead: list[int]) -> bool:
    """Whether every `memory.grow` of the file is in what dies."""
    return bool(graph.grows) and graph.grows <= set(dead)


def _vestigial_export(graph: CallGraph, names: FunctionNames, root: Root, dead: list[int]) -> VestigialExport:
    assert isinstance(root.definition, Defined)
    return VestigialExport(
        name=root.name,
        function=FunctionId(root.definition.instance, root.definition.index),
        keeps_alive=tuple(names.display(graph.vertex(node)) for node in dead if node != root.node),
        functions=len(dead),
        code_bytes=sum(map(graph.code_bytes, dead)),
        grow_dies=_grow_dies(graph, dead),
    )

"""The graph obligations of the catalogue: roots and goal on one file's call graph (docs/call-graph.md, T1 to T4,
H2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.wasm.call_graph import CallGraph, Vertex
from extract.wasm.module import ExternKind
from extract.wasm.names import FunctionNames
from extract.wasm.tables import References
from extract.wasm.world import CanonicalDefinition, Defined, Definition, World

_REALLOC_NAME = re.compile(
    r"cabi_realloc(?:\$[0-9]+)?|canonical_abi_realloc|cabi_import_realloc|cabi_export_realloc|cm32p2_realloc"
)
REALLOC_NAMES = (
    "cabi_realloc, cabi_realloc$N, canonical_abi_realloc, cabi_import_realloc, cabi_export_realloc, cm32p2_realloc"
)
ALLOCATOR_NAMES = (
    "__rust_alloc",
    "__rust_realloc",
    "__rust_alloc_zeroed",
    "__rg_alloc",
    "__rdl_alloc",
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "sbrk",
    "dlmalloc",
    "cabi_realloc",
)


@dataclass(frozen=True, slots=True)
class Root:
    """Where paths begin: `name` says what it is to the outside ("export cabi_realloc"); `is_realloc` by rule T1."""

    name: str
    definition: Definition
    node: int
    is_realloc: bool = False


@dataclass(frozen=True, slots=True)
class GraphObligation:
    """No path from `roots` reaches `goal`.

    `root_names`: what the user named, None for the roots of the rule. `grow`: the goal is `memory.grow`, else the
    functions of `goal`, which were found by `goal_names`. `looked_for`: what would have been a root or a goal, for
    when there is none.
    """

    roots: tuple[Root, ...]
    root_names: tuple[str, ...] | None
    goal: frozenset[int]
    grow: bool
    goal_names: tuple[str, ...]
    looked_for: str


def is_realloc_name(name: str) -> bool:
    """Whether a canonical ABI's toolchain gives a realloc this export name (rule T1)."""
    return _REALLOC_NAME.fullmatch(name) is not None


def realloc_no_grow(graph: CallGraph, names: FunctionNames, root_names: tuple[str, ...]) -> GraphObligation:
    looked_for = (
        "a canonical definition with a realloc option"
        if graph.world.is_component
        else f"an exported function named {REALLOC_NAMES}"
    )
    roots = list(realloc_roots(graph)) if not root_names else None
    return _growth(graph, names, roots, root_names, looked_for)


def module_no_grow(graph: CallGraph, names: FunctionNames, root_names: tuple[str, ...]) -> GraphObligation:
    roots = list(module_entries(graph)) if not root_names else None
    return _growth(graph, names, roots, root_names, "an export, a start function or an open table")


def _growth(
    graph: CallGraph,
    names: FunctionNames,
    roots: list[Root] | None,
    root_names: tuple[str, ...],
    looked_for: str,
) -> GraphObligation:
    if roots is None:
        found = tuple(named_roots(graph, names, root_names))
        return GraphObligation(
            found, tuple(sorted(set(root_names))), graph.grows, True, (), f"a function named {', '.join(root_names)}"
        )
    return GraphObligation(_distinct(roots), None, graph.grows, True, (), looked_for)


def no_alloc_path(
    graph: CallGraph, names: FunctionNames, root_names: tuple[str, ...], allocators: tuple[str, ...]
) -> GraphObligation:
    """Rule T3: the roots are always named; the goal is every allocator entry, by name."""
    goal_names = tuple(sorted(set(allocators or ALLOCATOR_NAMES)))
    goal = frozenset(_allocator_entries(graph, names, goal_names))
    return GraphObligation(
        roots=tuple(named_roots(graph, names, root_names)),
        root_names=tuple(sorted(set(root_names))),
        goal=goal,
        grow=False,
        goal_names=goal_names,
        looked_for=f"a function named {', '.join(goal_names)}",
    )


def _distinct(roots: Iterable[Root]) -> tuple[Root, ...]:
    """Each function once, under the first of its names."""
    seen: dict[int, Root] = {}
    for root in roots:
        seen.setdefault(root.node, root)
    return tuple(seen.values())


def realloc_roots(graph: CallGraph) -> Iterator[Root]:
    """Rule T1."""
    if not graph.world.is_component:
        yield from realloc_exports(graph, 0)
        return
    for canon in graph.world.canons:
        if canon.realloc is not None:
            name = f"realloc of canon {canon.kind} {canon.name}".rstrip()
            yield Root(name, canon.realloc, graph.node(canon.realloc), True)


def realloc_exports(graph: CallGraph, instance: int) -> Iterator[Root]:
    """The functions that a core instance exports under the name of a realloc."""
    for item in graph.world.instances[instance].module.exports:
        if item.kind is ExternKind.FUNCTION and is_realloc_name(item.name):
            definition = graph.world.definition(instance, ExternKind.FUNCTION, item.index)
            yield Root(f"export {item.name}", definition, graph.node(definition), True)


def module_entries(graph: CallGraph) -> Iterator[Root]:
    """Rule T2."""
    world = graph.world
    for instance in world.instances:
        if instance.module.start_function is not None:
            definition = world.definition(instance.number, ExternKind.FUNCTION, instance.module.start_function)
            name = f"start function of {instance.label}" if instance.label else "start function"
            yield Root(name, definition, graph.node(definition))
    if world.is_component:
        yield from _component_entries(graph)
        return
    for item in world.instances[0].module.exports:
        if item.kind is ExternKind.FUNCTION:
            definition = world.definition(0, ExternKind.FUNCTION, item.index)
            yield Root(f"export {item.name}", definition, graph.node(definition), is_realloc_name(item.name))
    open_tables = [contents for contents in graph.facts.tables.values() if contents.open and contents.holds_functions]
    handed: References = {}
    for contents in open_tables:
        handed.update(contents.functions)
    if open_tables or graph.facts.references_open:
        handed.update(graph.facts.references)
    for definition, _ in handed:
        name = "element of an open table" if open_tables else "reference that the host is handed"
        yield Root(name, definition, graph.node(definition))


def _component_entries(graph: CallGraph) -> Iterator[Root]:
    for canon in graph.world.canons:
        for role, definition in _entries_of(canon):
            name = f"{role}canon {canon.kind} {canon.name}".rstrip()
            yield Root(name, definition, graph.node(definition), definition == canon.realloc)
    for definition in graph.world.destructors:
        yield Root("destructor of a resource", definition, graph.node(definition))


def _entries_of(canon: CanonicalDefinition) -> Iterator[tuple[str, Definition]]:
    if canon.kind == "lift" and canon.core is not None:
        yield "", canon.core
    for role, definition in (
        ("post-return of ", canon.post_return),
        ("callback of ", canon.callback),
        ("realloc of ", canon.realloc),
    ):
        if definition is not None:
            yield role, definition


def functions_by_name(graph: CallGraph, names: FunctionNames) -> Iterator[tuple[str, Definition]]:
    """Rule T4: every name of the name section and of an export, of every core instance."""
    world = graph.world
    for instance in world.instances:
        for index, name in names.raw(instance.number).items():
            yield name, world.definition(instance.number, ExternKind.FUNCTION, index)
        for item in instance.module.exports:
            if item.kind is ExternKind.FUNCTION:
                yield item.name, world.definition(instance.number, ExternKind.FUNCTION, item.index)


def named_roots(graph: CallGraph, names: FunctionNames, wanted: tuple[str, ...]) -> tuple[Root, ...]:
    """All functions of the wanted names; none at all if one of the names is no function's."""
    found = [
        Root(name, definition, graph.node(definition), is_realloc_name(name))
        for name, definition in functions_by_name(graph, names)
        if name in wanted
    ]
    return _distinct(found) if {root.name for root in found} == set(wanted) else ()


def _allocator_entries(graph: CallGraph, names: FunctionNames, wanted: tuple[str, ...]) -> Iterator[int]:
    world = graph.world
    matches = AllocatorNames(wanted)
    for name, definition in (*functions_by_name(graph, names), *_imports_by_name(world)):
        if matches(name):
            yield graph.node(definition)


def _imports_by_name(world: World) -> Iterator[tuple[str, Definition]]:
    for instance in world.instances:
        for declared, definition in zip(instance.module.imports, instance.imports, strict=True):
            if declared.kind is ExternKind.FUNCTION:
                yield declared.name, definition


class AllocatorNames:
    """Whether a name is an allocator entry's: one that is wanted, or the end of a path, with or without what compilers
    add (`dlmalloc.llvm.7`, `malloc.part.0`), or a segment of a mangled name of Rust.

    In the newer mangling a segment may be found across two others: a function too many, not one too few.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = frozenset(wanted)
        exact = "|".join(map(re.escape, sorted(self._wanted)))
        self._path_end = re.compile(rf"(?:\A|::|\$|\.)(?:{exact})(?=\.|\Z)")
        segments = "|".join(f"{len(name.encode())}_?{re.escape(name)}" for name in sorted(self._wanted))
        self._segment = re.compile(segments)

    def __call__(self, name: str) -> bool:
        if self._path_end.search(name):
            return True
        if name.startswith("_ZN"):
            return any(segment in self._wanted for segment in _legacy_segments(name))
        return name.startswith("_R") and self._segment.search(name) is not None


def _legacy_segments(name: str) -> Iterator[str]:
    """The segments of Rust's older mangling: each is its length in decimal, then itself."""
    position = len("_ZN")
    while found := re.compile(r"[1-9][0-9]{0,5}").match(name, position):
        position = found.end() + int(found[0])
        yield name[found.end() : position]


def host_memories(world: World) -> Iterator[str]:
    """The memories of a core module that the host can reach and that have room to grow (rule H2)."""
    if world.is_component:
        return
    module = world.instances[0].module
    exported: dict[int, str] = {}
    for item in module.exports:
        if item.kind is ExternKind.MEMORY:
            exported.setdefault(item.index, item.name)
    imported = [item for item in module.imports if item.kind is ExternKind.MEMORY]
    for index, memory in enumerate(module.memories):
        if memory.maximum is not None and memory.maximum <= memory.minimum:
            continue
        if index < len(imported):
            yield f"{imported[index].module}.{imported[index].name}"
        elif index in exported:
            yield exported[index]


def defined(definitions: Iterable[Vertex]) -> tuple[Defined, ...]:
    """Those with a body, sorted."""
    return tuple(sorted({item for item in definitions if isinstance(item, Defined)}))

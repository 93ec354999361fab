"""The call graph of a linked file: docs/call-graph.md, rules E1 to E8, R7 and C1 to C4.

Nodes are numbers: the defined functions of every core instance, one range for each, then the canonical functions,
then the host's, then the dispatch nodes, through which indirect calls go so that edges stay linear in the file.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extract.errors import InputError, WholeFile
from extract.wasm import limits
from extract.wasm.module import ExternKind, Module
from extract.wasm.opcodes import Effect
from extract.wasm.tables import ReferenceFacts, References, reference_facts
from extract.wasm.world import CanonicalDefinition, Defined, Definition, FromCanon, FromHost, World


class Dispatch(NamedTuple):
    """Where indirect calls of one type go: through a table, or through references (`table` None)."""

    table: Definition | None
    type: int


Vertex = Definition | Dispatch
"""What a node stands for."""


@dataclass(frozen=True, slots=True)
class CallGraph:
    """`first[i]`: the node of instance i's first defined function; the last entry is the first node after them all.

    `others`: what the nodes from there on stand for. `starts`, `targets`: edges in compressed rows, one for each
    defined function, the direct calls; `more`: the edges of all other nodes and those to dispatch nodes. `grows`:
    functions that hold `memory.grow`. `unseen`: dispatch nodes that may reach functions which nobody has seen, each
    with the reason (rule R7).
    """

    world: World
    facts: ReferenceFacts
    first: tuple[int, ...]
    others: tuple[Vertex, ...]
    numbers: dict[Vertex, int]
    starts: array[int]
    targets: array[int]
    more: dict[int, tuple[int, ...]]
    grows: frozenset[int]
    unseen: dict[int, str]

    def __len__(self) -> int:
        return self.first[-1] + len(self.others)

    def successors(self, node: int) -> Sequence[int]:
        if node >= self.first[-1]:
            return self.more.get(node, ())
        direct = self.targets[self.starts[node] : self.starts[node + 1]]
        indirect = self.more.get(node)
        if indirect:
            direct.extend(indirect)
        return direct

    def vertex(self, node: int) -> Vertex:
        if node >= self.first[-1]:
            return self.others[node - self.first[-1]]
        instance = bisect_right(self.first, node) - 1
        return Defined(instance, node - self.first[instance] + self._imported(instance))

    def node(self, definition: Definition) -> int:
        """The node of a definition; KeyError if it is a host function that nothing names."""
        match definition:
            case Defined(instance, index):
                return self.first[instance] + index - self._imported(instance)
            case FromCanon() | FromHost():
                return self.numbers[definition]

    def _imported(self, instance: int) -> int:
        return self.world.instances[instance].module.imported_functions

    def code_bytes(self, node: int) -> int:
        """The size of a defined function's body."""
        vertex = self.vertex(node)
        if not isinstance(vertex, Defined):
            return 0
        module = self.world.instances[vertex.instance].module
        defined = vertex.index - module.imported_functions
        return module.code.ends[defined] - module.code.starts[defined]


def call_graph(world: World) -> CallGraph:
    """Builds the graph of a file; linear in its code, times the instances of it. Raises InputError over a limit."""
    _check_size(world)
    return _Builder(world).graph()


def _check_size(world: World) -> None:
    """A small file can instantiate a large module over and over."""
    codes = [instance.module.code for instance in world.instances]
    for count, limit, what in (
        (sum(len(code.starts) for code in codes), limits.MAX_LINKED_FUNCTIONS, "functions in core instances"),
        (sum(_items(instance.module) for instance in world.instances), limits.MAX_LINKED_ITEMS, "items in them"),
    ):
        if count > limit:
            raise InputError(world.subject.path, WholeFile(), f"{count} {what}", f"at most {limit}")


def _items(module: Module) -> int:
    """What is gone over once for each instance; a name takes three bytes or more."""
    code = len(module.code.callees) + len(module.code.raw_events) // 4
    elements = sum(1 + len(segment.functions) for segment in module.elements)
    start, end = module.name_section or (0, 0)
    others = (module.imports, module.exports, module.tables, module.globals, module.memories)
    return code + elements + (end - start) // 3 + sum(map(len, others))


class _Builder:
    def __init__(self, world: World) -> None:
        self._world = world
        self._facts = reference_facts(world)
        first = [0]
        for instance in world.instances:
            first.append(first[-1] + len(instance.module.code.starts))
        self._first = tuple(first)
        self._others: list[Vertex] = []
        self._numbers: dict[Vertex, int] = {}
        self._starts = array("I", [0])
        self._targets = array("I")
        self._more: defaultdict[int, dict[int, None]] = defaultdict(dict)
        self._grows: set[int] = set()
        self._unseen: dict[int, str] = {}
        self._spawning: int | None = None  # the first canonical function that calls references

    def graph(self) -> CallGraph:
        for canon in self._world.canons:
            self._number(FromCanon(canon.number))
        for instance in range(len(self._world.instances)):
            self._direct_calls(instance)
        for instance in range(len(self._world.instances)):
            self._events(instance)
        for canon in self._world.canons:
            self._canonical(canon)
        self._dispatches()
        return CallGraph(
            world=self._world,
            facts=self._facts,
            first=self._first,
            others=tuple(self._others),
            numbers=self._numbers,
            starts=self._starts,
            targets=self._targets,
            more={node: tuple(targets) for node, targets in self._more.items()},
            grows=frozenset(self._grows),
            unseen=self._unseen,
        )

    def _number(self, vertex: Vertex) -> int:
        if isinstance(vertex, Defined):
            module = self._world.instances[vertex.instance].module
            return self._first[vertex.instance] + vertex.index - module.imported_functions
        number = self._numbers.get(vertex)
        if number is None:
            number = self._numbers[vertex] = self._first[-1] + len(self._others)
            self._others.append(vertex)
        return number

    def _direct_calls(self, instance: int) -> None:
        """Rule E1. Function indices become nodes: imports one by one, defined functions by one shift."""
        core = self._world.instances[instance]
        module = core.module
        imported = [
            self._number(definition)
            for declared, definition in zip(module.imports, core.imports, strict=True)
            if declared.kind is ExternKind.FUNCTION
        ]
        base = self._first[instance]
        shift = base - module.imported_functions
        before = len(self._targets)
        code = module.code
        if imported or shift:
            nodes = array("I", [*imported, *range(base, base + len(code.starts))])
            self._targets.extend(array("I", [nodes[callee] for callee in code.callees]))
        else:
            self._targets.extend(code.callees)
        if before:
            self._starts.extend(array("I", [before + start for start in code.callee_starts[1:]]))
        else:
            self._starts.extend(code.callee_starts[1:])

    def _events(self, instance: int) -> None:
        """Rules E2, E3, E4."""
        module = self._world.instances[instance].module
        shift = self._first[instance] - module.imported_functions
        numbers = module.scope.numbers
        tables = [self._world.definition(instance, ExternKind.TABLE, index) for index in range(len(module.tables))]
        dispatch: dict[tuple[int, int | None], int] = {}
        for function, effect, first, second in module.code.events():
            match effect:
                case Effect.CALL_INDIRECT | Effect.CALL_REFERENCE:
                    table = second if effect is Effect.CALL_INDIRECT else None
                    node = dispatch.get((first, table))
                    if node is None:
                        target = Dispatch(None if table is None else tables[table], numbers[first])
                        node = dispatch[first, table] = self._number(target)
                    self._more[function + shift][node] = None
                case Effect.GROW:
                    self._grows.add(function + shift)
                case _:
                    pass

    def _canonical(self, canon: CanonicalDefinition) -> None:
        """Rules C1 to C4; a lift stands for its callees, so that lowers of it need only lead to it."""
        node = self._number(FromCanon(canon.number))
        edges = self._more[node]
        named = (
            canon.core,
            canon.callee,
            canon.realloc,
            canon.post_return,
            canon.callback,
            canon.destructor,
            canon.host_drop,
        )
        for definition in named:
            if definition is not None:
                edges[self._number(definition)] = None
        if canon.spawns and self._spawning is not None:
            edges[self._spawning] = None  # it calls the same functions
        elif canon.spawns:
            self._spawning = node
            for definition, _ in self._facts.references:
                edges[self._number(definition)] = None

    def _dispatches(self) -> None:
        """Rules E5 and E6."""
        wanted: defaultdict[Definition | None, list[int]] = defaultdict(list)
        for vertex in list(self._others):
            if isinstance(vertex, Dispatch):
                wanted[vertex.table].append(vertex.type)
        if not wanted:
            return
        by_type = _ByType(self._world, {number for types in wanted.values() for number in types})
        every = by_type.group(self._facts.references)
        exported = by_type.group(self._facts.exported)
        for table, types in wanted.items():
            contents = self._facts.tables[table] if table is not None else None
            pools = [by_type.group(contents.functions)] if contents else []
            if contents is None or contents.all_references:
                pools.append(every)
            if contents is not None and contents.open:
                pools.append(exported)
            reason = self._why_unseen(table)
            for number in types:
                node = self._number(Dispatch(table, number))
                targets = [definition for pool in pools for definition in pool.get(number, ())]
                by_type.count(len(targets))
                self._more[node] = dict.fromkeys(map(self._number, targets))
                if reason:
                    self._unseen[node] = reason

    def _why_unseen(self, table: Definition | None) -> str | None:
        if table is None:
            return self._facts.crossing if self._facts.references_open else None
        if not self._facts.tables[table].open:
            return None
        match table:
            case FromHost(name):
                return f"table {name} is imported from the host"
            case _:
                return f"table {self._export_name(table)} is open to the host"

    def _export_name(self, table: Definition) -> str:
        for item in self._world.instances[0].module.exports:
            if item.kind is ExternKind.TABLE and self._world.definition(0, ExternKind.TABLE, item.index) == table:
                return item.name
        return str(table)


class _ByType:
    """Sorts functions by the types through which a call can reach them (rule E7): `wanted` are those of calls."""

    def __init__(self, world: World, wanted: Iterable[int]) -> None:
        self._world = world
        self._left = limits.MAX_INDIRECT_EDGES
        self._wanted_below: defaultdict[int, list[int]] = defaultdict(list)
        self._wanted = frozenset(wanted)
        for number in sorted(self._wanted):
            for above in world.store.with_supertypes(number):
                self._wanted_below[above].append(number)
        self._imported_as = _imported_as(world)

    def count(self, edges: int) -> None:
        """Edges can grow with the square of the file: functions, times types or tables."""
        self._left -= edges
        if self._left < 0:
            expected = f"at most {limits.MAX_INDIRECT_EDGES}"
            raise InputError(self._world.subject.path, WholeFile(), "more edges of indirect calls", expected)

    def group(self, functions: References) -> dict[int, list[Definition]]:
        """For each wanted type the functions that have it or a subtype of it, and those that may have it: what stands
        behind an import may be of any subtype of what is declared.
        """
        store = self._world.store
        grouped: defaultdict[int, list[Definition]] = defaultdict(list)
        for definition, own in functions:
            if isinstance(definition, Defined):
                types = [number for number in store.with_supertypes(own) if number in self._wanted]
            else:
                types = [
                    number
                    for declared in self._imported_as[definition]
                    for number in (*store.with_supertypes(declared), *self._wanted_below[declared])
                    if number in self._wanted
                ]
            self.count(len(types))
            for number in types:
                grouped[number].append(definition)
        return grouped


def _imported_as(world: World) -> dict[Definition, dict[int, None]]:
    """The types with which functions that are not defined by a core instance are imported."""
    found: defaultdict[Definition, dict[int, None]] = defaultdict(dict)
    for instance in world.instances:
        for declared, definition in zip(instance.module.imports, instance.imports, strict=True):
            if isinstance(declared.type, int) and not isinstance(definition, Defined):
                found[definition][declared.type] = None
    return found

"""The call graph of a linked file: docs/call-graph.md, rules E1 to E8, R7 and C1 to C4.

Nodes are numbers: the defined functions of every core instance, one range for each, then the canonical functions,
then the host's, then the dispatch nodes, through which indirect calls go so that edges stay linear in the file.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extract.wasm.module import ExternKind
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
    """Builds the graph of a file; linear in its code but for the copies between tables."""
    return _Builder(world).graph()


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
        if canon.spawns:
            for definition, _ in self._facts.references:
                edges[self._number(definition)] = None

    def _dispatches(self) -> None:
        """Rules E5 and E6."""
        wanted: defaultdict[Definition | None, list[int]] = defaultdict(list)
        for vertex in list(self._others):
            if isinstance(vertex, Dispatch):
                wanted[vertex.table].append(vertex.type)
        every = self._by_type(self._facts.references) if wanted else {}
        for table, types in wanted.items():
            contents = self._facts.tables[table] if table is not None else None
            own = self._by_type(contents.functions) if contents else {}
            takes_all = contents is None or contents.all_references
            for number in types:
                node = self._number(Dispatch(table, number))
                edges = self._more[node]
                edges.update(dict.fromkeys(own.get(number, ())))
                if takes_all:
                    edges.update(dict.fromkeys(every.get(number, ())))
                reason = self._why_unseen(table)
                if reason:
                    self._unseen[node] = reason

    def _by_type(self, functions: References) -> dict[int, list[int]]:
        """For each type, the functions that a call of that type can reach: those of the type and of its subtypes
        (E7).
        """
        store = self._world.store
        grouped: defaultdict[int, list[int]] = defaultdict(list)
        for definition, declared in functions:
            node = self._number(definition)
            for number in store.with_supertypes(declared):
                grouped[number].append(node)
            if not isinstance(definition, Defined) and not store[declared].final:
                # What stands behind such an import may be of any subtype of what is declared.
                for number in store.subtypes(declared):
                    grouped[number].append(node)
        return grouped

    def _why_unseen(self, table: Definition | None) -> str | None:
        if table is None:
            return (self._facts.crossing or "an open table is read") if self._facts.references_open else None
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


def nodes_of(graph: CallGraph, definitions: Iterable[Definition]) -> Iterator[int]:
    """The nodes of definitions, each once."""
    seen: set[int] = set()
    for definition in definitions:
        node = graph.node(definition)
        if node not in seen:
            seen.add(node)
            yield node

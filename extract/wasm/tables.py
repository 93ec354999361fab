"""References and the contents of tables, over all core instances of a file (rules R1 to R6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from extract.wasm.module import ElementSegment, ExternKind, GlobalType, Module, SegmentMode, TableType
from extract.wasm.opcodes import Effect
from extract.wasm.types import FunctionType, Reference, TypeStore, ValueType
from extract.wasm.world import Defined, Definition, FromHost, World

References = dict[tuple[Definition, int], None]
"""Functions whose reference is taken, each with the type it is declared with; in the order in which they were found."""


@dataclass(slots=True)
class Contents:
    """What a table can hold. `all_references`: besides `functions`, whatever has its reference taken."""

    functions: References = field(default_factory=dict)
    all_references: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """`references_open`: rule R6. `crossing`: where references cross the boundary, in words, or None (rule R5)."""

    tables: dict[Definition, Contents]
    references: References
    references_open: bool
    crossing: str | None


@dataclass(frozen=True, slots=True)
class TableEvents:
    """The distinct table and reference instructions of one module."""

    references: frozenset[int]
    got: frozenset[int]
    written: frozenset[int]
    initialised: frozenset[tuple[int, int]]  # segment, table
    copied: frozenset[tuple[int, int]]  # to, from
    converts: bool


def table_events(module: Module) -> TableEvents:
    seen: dict[Effect, set[tuple[int, int]]] = defaultdict(set)
    for _, effect, first, second in module.code.events():
        if effect not in (Effect.CALL_INDIRECT, Effect.CALL_REFERENCE, Effect.GROW):
            seen[effect].add((first, second))
    return TableEvents(
        references=frozenset(first for first, _ in seen[Effect.REFERENCE]),
        got=frozenset(first for first, _ in seen[Effect.TABLE_GET]),
        written=frozenset(first for first, _ in seen[Effect.TABLE_WRITE]),
        initialised=frozenset(seen[Effect.TABLE_INIT]),
        copied=frozenset(seen[Effect.TABLE_COPY]),
        converts=bool(seen[Effect.EXTERN_TO_ANY]),
    )


def reference_facts(world: World) -> ReferenceFacts:
    """Goes over every instance once, and over the copies between tables to a fixed point."""
    return _Collector(world).facts()


class _Collector:
    def __init__(self, world: World) -> None:
        self._world = world
        self._references: References = {}
        self._tables: defaultdict[Definition, Contents] = defaultdict(Contents)
        self._copies: set[tuple[Definition, Definition]] = set()
        self._written: set[Definition] = set()
        self._got: set[Definition] = set()
        self._crossing: str | None = None
        self._events: dict[int, TableEvents] = {}

    def facts(self) -> ReferenceFacts:
        for instance in range(len(self._world.instances)):
            self._instance(instance)
        if not self._world.is_component:
            self._open_by_boundary()
        for table in self._written:
            self._tables[table].all_references = True
        references_open = self._close()
        if references_open and not self._world.is_component:
            self._take_exports(self._references)
        for contents in self._tables.values():
            if contents.open:
                self._take_exports(contents.functions)
                contents.all_references = True
        return ReferenceFacts(dict(self._tables), self._references, references_open, self._crossing)

    def _definition(self, instance: int, kind: ExternKind, index: int) -> Definition:
        return self._world.definition(instance, kind, index)

    def _take(self, instance: int, function: int, into: References) -> None:
        definition = self._definition(instance, ExternKind.FUNCTION, function)
        if isinstance(definition, Defined):
            # Its own type, which an import of it may widen (rule E7).
            instance, function = definition
        into[definition, self._world.instances[instance].module.function_types[function]] = None

    def _instance(self, instance: int) -> None:
        module = self._world.instances[instance].module
        events = self._events.get(id(module))
        if events is None:
            events = self._events[id(module)] = table_events(module)
        for segment in module.elements:
            for function in segment.functions:
                self._take(instance, function, self._references)
            if segment.mode is SegmentMode.ACTIVE:
                self._fill(instance, segment, segment.table)
        for function in events.references:
            self._take(instance, function, self._references)
        for constant in module.global_initialisers:
            for function in constant.functions:
                self._take(instance, function, self._references)
        for index, table in enumerate(module.tables):
            contents = self._tables[self._definition(instance, ExternKind.TABLE, index)]
            if table.initialiser is not None:
                for function in table.initialiser.functions:
                    self._take(instance, function, self._references)
                    self._take(instance, function, contents.functions)
                if not table.initialiser.plain:
                    contents.all_references = True
        for segment_index, table_index in events.initialised:
            self._fill(instance, module.elements[segment_index], table_index)
        for index in events.written:
            self._written.add(self._definition(instance, ExternKind.TABLE, index))
        for index in events.got:
            self._got.add(self._definition(instance, ExternKind.TABLE, index))
        for to, source in events.copied:
            self._copies.add(
                (self._definition(instance, ExternKind.TABLE, to), self._definition(instance, ExternKind.TABLE, source))
            )
        if events.converts and not self._world.is_component:
            self._crossing = self._crossing or "a body holds any.convert_extern"

    def _fill(self, instance: int, segment: ElementSegment, table: int) -> None:
        contents = self._tables[self._definition(instance, ExternKind.TABLE, table)]
        for function in segment.functions:
            self._take(instance, function, contents.functions)
        if not segment.plain:
            contents.all_references = True

    def _open_by_boundary(self) -> None:
        module = self._world.instances[0].module
        for table, contents in self._tables.items():
            if isinstance(table, FromHost):
                contents.open = True
        for item in module.exports:
            if item.kind is ExternKind.TABLE:
                self._tables[self._definition(0, ExternKind.TABLE, item.index)].open = True
        self._crossing = self._crossing or boundary_crossing(module, self._world.store)

    def _close(self) -> bool:
        """The fixed point of R2, R4 and R6; whether the references are open.

        What is read from an open table can be put into a closed one: with open references, a table that takes all
        references is open too.
        """
        references_open = self._crossing is not None
        passing = [table for table in self._got if self._can_pass_functions(table)]
        changed = True
        while changed:
            before = self._size()
            for to, source in self._copies:
                target, origin = self._tables[to], self._tables[source]
                target.functions.update(origin.functions)
                target.all_references |= origin.all_references
                target.open |= origin.open
            references_open |= any(self._tables[table].open for table in passing)
            if references_open:
                for contents in self._tables.values():
                    contents.open |= contents.all_references
            changed = before != self._size()
        return references_open

    def _size(self) -> int:
        return sum(
            len(contents.functions) + contents.all_references + contents.open for contents in self._tables.values()
        )

    def _can_pass_functions(self, table: Definition) -> bool:
        """Whether what is read from the table can be, or hold, a reference to a function."""
        return any(_is_crossing(declared.element) for declared in declared_types(self._world, table))

    def _take_exports(self, into: References) -> None:
        for item in self._world.instances[0].module.exports:
            if item.kind is ExternKind.FUNCTION:
                self._take(0, item.index, into)


def declared_types(world: World, table: Definition) -> Iterator[TableType]:
    """The types that the core instances give a table."""
    for instance in world.instances:
        for index, declared in enumerate(instance.module.tables):
            if world.definition(instance.number, ExternKind.TABLE, index) == table:
                yield declared.type


def holds_functions(world: World, table: Definition) -> bool:
    """Whether the table's element type is one of references to functions."""
    return any(_is_function_heap(declared.element, world.store) for declared in declared_types(world, table))


def _is_function_heap(reference: Reference, store: TypeStore) -> bool:
    match reference.heap:
        case str(name):
            return name in ("func", "nofunc")
        case int(number):
            return isinstance(store[number].composite, FunctionType)
        case _:
            return True


def boundary_crossing(module: Module, store: TypeStore) -> str | None:
    """Where a core module passes references, other than to host values, in or out (rule R5); None if nowhere."""
    for item in module.imports:
        if item.kind in (ExternKind.FUNCTION, ExternKind.TAG) and isinstance(item.type, int):
            if _passes(store, item.type):
                return f"the import {item.module}.{item.name} passes a reference"
        elif isinstance(item.type, GlobalType) and _is_crossing(item.type.content):
            return f"the imported global {item.module}.{item.name} holds a reference"
    for export in module.exports:
        match export.kind:
            case ExternKind.FUNCTION if _passes(store, module.function_types[export.index]):
                return f"the export {export.name} passes a reference"
            case ExternKind.TAG if _passes(store, module.tags[export.index]):
                return f"the exported tag {export.name} passes a reference"
            case ExternKind.GLOBAL if _is_crossing(module.globals[export.index].content):
                return f"the exported global {export.name} holds a reference"
            case _:
                pass
    return None


def _passes(store: TypeStore, number: int) -> bool:
    composite = store[number].composite
    return isinstance(composite, FunctionType) and any(
        _is_crossing(value_type) for value_type in (*composite.parameters, *composite.results)
    )


def _is_crossing(value_type: ValueType) -> bool:
    return isinstance(value_type, Reference) and value_type.heap not in ("extern", "noextern")

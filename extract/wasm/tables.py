"""References and the contents of tables, over all core instances of a file (rules R1 to R6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from extract.errors import InputError, WholeFile
from extract.wasm import limits
from extract.wasm.module import ElementSegment, ExternKind, GlobalType, Module, SegmentMode
from extract.wasm.opcodes import Effect
from extract.wasm.types import FunctionType, Reference, TypeStore, ValueType
from extract.wasm.world import Defined, Definition, FromHost, World

References = dict[tuple[Definition, int], None]
"""Functions whose reference is taken, each with the type it is declared with; in the order in which they were found."""


@dataclass(slots=True)
class Contents:
    """What a table can hold: `functions`; with `all_references`, whatever has its reference taken; if `open`, the
    exported functions too, and what nobody has seen. `holds_functions`, `holds_objects`: by its element type.
    """

    functions: References = field(default_factory=dict)
    all_references: bool = False
    open: bool = False
    holds_functions: bool = False
    holds_objects: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """`references_open`: rule R6; then `references` holds the exported functions too. `crossing`: where references
    cross the boundary, in words, or None (rule R5). `exported`: by the file, if it is a core module.
    """

    tables: dict[Definition, Contents]
    references: References
    exported: References
    references_open: bool
    crossing: str | None


@dataclass(frozen=True, slots=True)
class TableEvents:
    """The distinct table and reference instructions of one module."""

    references: frozenset[int]
    called: frozenset[tuple[int, int]]  # type, table
    got: frozenset[int]
    written: frozenset[int]
    initialised: frozenset[tuple[int, int]]  # segment, table
    copied: frozenset[tuple[int, int]]  # to, from
    converts: bool


def table_events(module: Module) -> TableEvents:
    seen: dict[Effect, set[tuple[int, int]]] = defaultdict(set)
    for _, effect, first, second in module.code.events():
        seen[effect].add((first, second))
    return TableEvents(
        references=frozenset(first for first, _ in seen[Effect.REFERENCE]),
        called=frozenset(seen[Effect.CALL_INDIRECT]),
        got=frozenset(first for first, _ in seen[Effect.TABLE_GET]),
        written=frozenset(first for first, _ in seen[Effect.TABLE_WRITE]),
        initialised=frozenset(seen[Effect.TABLE_INIT]),
        copied=frozenset(seen[Effect.TABLE_COPY]),
        converts=bool(seen[Effect.CONVERTS_EXTERN]) or module.constants_convert,
    )


def reference_facts(world: World) -> ReferenceFacts:
    """Goes over every instance once, and over the copies between tables to a fixed point. Raises InputError."""
    return _Collector(world).facts()


class _Collector:
    def __init__(self, world: World) -> None:
        self._world = world
        self._references: References = {}
        self._exported: References = {}
        self._tables: defaultdict[Definition, Contents] = defaultdict(Contents)
        self._copies: defaultdict[Definition, set[Definition]] = defaultdict(set)  # from, to
        self._written: set[Definition] = set()
        self._got: set[Definition] = set()
        self._passing_calls: set[Definition] = set()
        self._crossing: str | None = None
        self._events: dict[int, TableEvents] = {}

    def facts(self) -> ReferenceFacts:
        for instance in range(len(self._world.instances)):
            self._instance(instance)
        self._check_effort()
        if not self._world.is_component:
            self._boundary()
        for table in self._written:
            self._tables[table].all_references = True
        self._copy()
        references_open = self._open()
        if references_open:
            self._references.update(self._exported)
        for contents in self._tables.values():
            contents.all_references |= contents.open
        return ReferenceFacts(dict(self._tables), self._references, self._exported, references_open, self._crossing)

    def _definition(self, instance: int, kind: ExternKind, index: int) -> Definition:
        return self._world.definition(instance, kind, index)

    def _table(self, instance: int, index: int) -> Definition:
        return self._world.definition(instance, ExternKind.TABLE, index)

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
        for index, table in enumerate(module.tables):
            contents = self._tables[self._table(instance, index)]
            contents.holds_functions |= _is_function_heap(table.type.element, self._world.store)
            contents.holds_objects |= is_object_heap(table.type.element, self._world.store)
            if table.initialiser is not None:
                for function in table.initialiser.functions:
                    self._take(instance, function, self._references)
                    self._take(instance, function, contents.functions)
                contents.all_references |= not table.initialiser.plain
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
        self._table_instructions(instance, module, events)
        if events.converts and not self._world.is_component:
            self._crossing = self._crossing or "the module converts from or to externref"

    def _table_instructions(self, instance: int, module: Module, events: TableEvents) -> None:
        for segment, table in events.initialised:
            self._fill(instance, module.elements[segment], table)
        for index in events.written:
            self._written.add(self._table(instance, index))
        for index in events.got:
            self._got.add(self._table(instance, index))
        for to, source in events.copied:
            self._copies[self._table(instance, source)].add(self._table(instance, to))
        for number, table in events.called:
            if passes_references(self._world.store, module.scope.numbers[number]):
                self._passing_calls.add(self._table(instance, table))

    def _fill(self, instance: int, segment: ElementSegment, table: int) -> None:
        contents = self._tables[self._table(instance, table)]
        for function in segment.functions:
            self._take(instance, function, contents.functions)
        contents.all_references |= not segment.plain

    def _check_effort(self) -> None:
        """What tables hold can grow with the square of the file: tables, times functions, times copies."""
        for count, limit, what in (
            (len(self._tables), limits.MAX_LINKED_TABLES, "tables"),
            (sum(map(len, self._copies.values())), limits.MAX_TABLE_COPIES, "copies between tables"),
        ):
            if count > limit:
                raise InputError(self._world.subject.path, WholeFile(), f"{count} {what}", f"at most {limit}")

    def _boundary(self) -> None:
        """Rules R4 and R5 of a core module: its exports, its open tables, and where references cross."""
        module = self._world.instances[0].module
        for item in module.exports:
            if item.kind is ExternKind.FUNCTION:
                self._take(0, item.index, self._exported)
            elif item.kind is ExternKind.TABLE:
                self._tables[self._table(0, item.index)].open = True
        for table, contents in self._tables.items():
            contents.open |= isinstance(table, FromHost)
            if contents.open and contents.holds_objects:
                self._crossing = self._crossing or "a table of objects is imported or exported"
        self._crossing = boundary_crossing(module, self._world.store) or self._crossing

    def _copy(self) -> None:
        """Rule R2: `table.copy`, to a fixed point."""
        held = sum(len(contents.functions) for contents in self._tables.values())
        waiting = dict.fromkeys(self._copies)
        while waiting:
            source = next(iter(waiting))
            del waiting[source]
            origin = self._tables[source]
            for to in self._copies[source]:
                target = self._tables[to]
                before = len(target.functions), target.all_references
                target.functions.update(origin.functions)
                target.all_references |= origin.all_references
                held += len(target.functions) - before[0]
                if held > limits.MAX_TABLE_CONTENTS:
                    expected = f"at most {limits.MAX_TABLE_CONTENTS}"
                    raise InputError(self._world.subject.path, WholeFile(), f"{held} functions in tables", expected)
                if before != (len(target.functions), target.all_references) and self._copies.get(to):
                    waiting[to] = None

    def _open(self) -> bool:
        """The fixed point of R4, R5 and R6; whether the references are open.

        What is read from an open table can be put into a closed one: with open references, a table that takes all
        references is open too.
        """
        passing = self._passing_calls | {table for table in self._got if self._passes(self._tables[table])}
        if any(passes_references(self._world.store, number) for _, number in self._references):
            passing.update(table for table, contents in self._tables.items() if contents.holds_functions)
        opened = {table for table, contents in self._tables.items() if contents.open}
        references_open = self._crossing is not None
        while True:
            self._spread(opened)
            if not references_open and opened & passing:
                references_open = True
                self._crossing = "references pass through an open table"
            if references_open:
                takers = {table for table, contents in self._tables.items() if contents.all_references}
                if takers - opened:
                    opened |= takers
                    continue
            break
        for table in opened:
            self._tables[table].open = True
        return references_open

    def _spread(self, opened: set[Definition]) -> None:
        """Rule R4: what is copied from an open table."""
        waiting = list(opened)
        while waiting:
            for to in self._copies.get(waiting.pop(), ()):
                if to not in opened:
                    opened.add(to)
                    waiting.append(to)

    def _passes(self, contents: Contents) -> bool:
        """Whether what is read from the table can be, or hold, a reference to a function."""
        return contents.holds_functions or contents.holds_objects


def _is_function_heap(reference: Reference, store: TypeStore) -> bool:
    match reference.heap:
        case str(name):
            return name in ("func", "nofunc")
        case int(number):
            return isinstance(store[number].composite, FunctionType)
        case _:
            return True


def is_object_heap(reference: Reference, store: TypeStore) -> bool:
    """Whether it can refer to what holds references: neither a function nor a host value."""
    return is_crossing(reference) and not _is_function_heap(reference, store)


def boundary_crossing(module: Module, store: TypeStore) -> str | None:
    """Where functions, globals and tags of a core module pass references, other than to host values, in or out (rule
    R5); None if nowhere.
    """
    for item in module.imports:
        if item.kind is ExternKind.FUNCTION and isinstance(item.type, int):
            if passes_references(store, item.type):
                return f"the import {item.module}.{item.name} passes a reference"
        elif isinstance(item.type, GlobalType) and is_crossing(item.type.content):
            return f"the imported global {item.module}.{item.name} holds a reference"
    for export in module.exports:
        match export.kind:
            case ExternKind.FUNCTION if passes_references(store, module.function_types[export.index]):
                return f"the export {export.name} passes a reference"
            case ExternKind.GLOBAL if is_crossing(module.globals[export.index].content):
                return f"the exported global {export.name} holds a reference"
            case _:
                pass
    if any(passes_references(store, number) for number in module.tags):
        return "a tag passes a reference"
    return None


def passes_references(store: TypeStore, number: int) -> bool:
    composite = store[number].composite
    return isinstance(composite, FunctionType) and any(map(is_crossing, (*composite.parameters, *composite.results)))


def is_crossing(value_type: ValueType) -> bool:
    """Whether it is a reference to other than host values."""
    return isinstance(value_type, Reference) and value_type.heap not in ("extern", "noextern")

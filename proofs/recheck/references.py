"""References, contents and openness of tables (R1 to R6), as the least fixed point over all bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from proofs.recheck.coretypes import ValType
from proofs.recheck.decode_module import holds_functions, holds_references
from proofs.recheck.faults import Refused
from proofs.recheck.module import Contents, Kind, Module
from proofs.recheck.scan import Events
from proofs.recheck.world import CoreInstance, Function, TableDefinition, World


@dataclass(frozen=True, slots=True)
class References:
    """`functions` as R1 says, `open` as R6 says. `contents` of tables as R2 says, to which all `functions` are to be
    added for those in `takes_all`, and the exported functions as well for those in `open_tables` (R4).
    """

    functions: frozenset[Function]
    exported: frozenset[Function]
    open: bool
    contents: Mapping[TableDefinition, frozenset[Function]]
    takes_all: frozenset[TableDefinition]
    open_tables: frozenset[TableDefinition]

    def pools(self, table: TableDefinition | None) -> list[frozenset[Function]]:
        """What a table (None: a reference) can hold, in one or more sets; the same sets for many tables."""
        if table is None:
            return [self.functions]
        pools = [self.contents[table]]
        if table in self.takes_all or table in self.open_tables:
            pools.append(self.functions)
        if table in self.open_tables:
            pools.append(self.exported)
        return pools


@dataclass(slots=True)
class _Tables:
    """The fixed point under way. `takes_all`: tables whose contents include all references."""

    contents: dict[TableDefinition, set[Function]]
    takes_all: set[TableDefinition]
    open: set[TableDefinition]
    copies: set[tuple[TableDefinition, TableDefinition]]
    read: set[TableDefinition]
    called: set[TableDefinition]  # with a type that has a reference in it
    hold_functions: set[TableDefinition]
    hold_objects: set[TableDefinition]


MAX_TABLES = 1000
MAX_COPIES = 1000
MAX_CONTENTS = 10_000_000


def references(world: World, events: Mapping[int, Events]) -> References:
    """`events` holds those of all bodies of each instance, by its number.

    R1 adds the exported functions when references cross the boundary; here they are added whenever the references are
    open: what the host took from an export it can put into a table that is read.
    """
    crossing = not world.is_component and any(_crosses(i, events[i.number]) for i in world.instances)
    named = _named(world, events)
    exported = frozenset[Function]() if world.is_component else world.instances[0].exported_functions
    tables = _collect(world, events)
    passes = _pass_references(world, named)
    references_open = _close(tables, crossing, passes)
    if references_open:
        named |= exported
    _copy(tables.copies, tables.contents)
    return References(
        frozenset(named),
        exported,
        references_open,
        {table: frozenset(held) for table, held in tables.contents.items()},
        frozenset(tables.takes_all),
        frozenset(tables.open),
    )


def _pass_references(world: World, functions: Iterable[Function]) -> bool:
    """R5: whether one has a reference, other than to `extern`, in its type. A canonical one never has, and of those of
    the host, which are imported, `_crosses` asks.
    """
    passing = {
        instance.number: {n for n, t in enumerate(instance.module.types) if t is not None and t.holds_references}
        for instance in world.instances
    }
    return any(passing.values()) and any(
        world.instances[f[0]].module.functions[f[1]] in passing[f[0]] for f in functions if isinstance(f, tuple)
    )


def _named(world: World, events: Mapping[int, Events]) -> set[Function]:
    """R1: named by an element segment, by `ref.func` in a body, or in the initialiser of a global or table."""
    named = set[Function]()
    for instance in world.instances:
        indices = instance.module.initial_references | events[instance.number].references
        named |= _resolved(instance, indices)
    return named


def _resolved(instance: CoreInstance, indices: frozenset[int]) -> frozenset[Function]:
    last = max(indices, default=-1)
    if last >= len(instance.module.functions):
        raise Refused(f"subject: core instance {instance.number} has no function {last}")
    return instance.functions_at(indices)


def _crosses(instance: CoreInstance, events: Events) -> bool:
    """R5: references other than to `extern` in an imported or exported function or global or in a tag, objects in an
    imported or exported table, or a conversion. Of open tables of functions `_close` asks.
    """
    module = instance.module
    at_boundary = {kind: module.exported[kind].union(range(len(module.imported(kind)))) for kind in Kind}
    types = {*[module.functions[f] for f in at_boundary[Kind.FUNC]], *module.tags}
    return (
        events.converts_extern
        or module.converts_extern
        or any(found.holds_references for t in types if (found := module.types[t]) is not None)
        or any(holds_references(module.globals[index]) for index in at_boundary[Kind.GLOBAL])
        or any(_holds_objects(module.tables[index].element, module) for index in at_boundary[Kind.TABLE])
    )


def _collect(world: World, events: Mapping[int, Events]) -> _Tables:
    """R2 to R4: what every instance does to the tables that it can name."""
    tables = _Tables({}, set(), set(), set(), set(), set(), set(), set())
    for instance in world.instances:
        module, seen = instance.module, events[instance.number]
        for definition, table in zip(instance.tables, module.tables, strict=True):
            tables.contents.setdefault(definition, set())
            _fill(tables, instance, definition, table.initial)
            if holds_functions(table.element, module):
                tables.hold_functions.add(definition)
            if _holds_objects(table.element, module):
                tables.hold_objects.add(definition)
        for segment in module.segments:
            if segment.table is not None:
                _fill(tables, instance, instance.tables[segment.table], segment.contents)
        _check(instance, seen)
        for index, table_index in seen.table_inits:
            _fill(tables, instance, instance.tables[table_index], module.segments[index].contents)
        tables.takes_all |= {instance.tables[t] for t in seen.table_writes}
        tables.read |= {instance.tables[t] for t in seen.table_reads}
        tables.called |= {instance.tables[t] for number, t in seen.indirect if _call_passes(module, number)}
        tables.copies |= {(instance.tables[into], instance.tables[source]) for into, source in seen.table_copies}
        if not world.is_component:
            tables.open |= {instance.tables[t] for t in range(len(module.imported(Kind.TABLE)))}
            tables.open |= {instance.tables[t] for t in module.exported[Kind.TABLE]}
    if len(tables.contents) > MAX_TABLES or len(tables.copies) > MAX_COPIES:
        raise Refused("subject: more tables or copies between tables than this checker takes")
    return tables


def _fill(tables: _Tables, instance: CoreInstance, table: TableDefinition, contents: Contents) -> None:
    tables.contents.setdefault(table, set()).update(_resolved(instance, contents.functions))
    if contents.all_references:
        tables.takes_all.add(table)


def _check(instance: CoreInstance, seen: Events) -> None:
    tables, segments = len(instance.tables), len(instance.module.segments)
    named = {*seen.table_reads, *seen.table_writes}.union(
        *seen.table_copies, [table for _, table in seen.table_inits], [table for _, table in seen.indirect]
    )
    if any(table >= tables for table in named) or any(segment >= segments for segment, _ in seen.table_inits):
        raise Refused(f"subject: core instance {instance.number} has no such table or element segment")


def _call_passes(module: Module, number: int) -> bool:
    found = module.types[number] if number < len(module.types) else None
    return found is not None and found.holds_references


def _holds_objects(element: ValType, module: Module) -> bool:
    """R5: whether it can refer to what holds references in fields: neither a function nor a host value."""
    return holds_references(element) and not holds_functions(element, module)


def _close(tables: _Tables, crossing: bool, passes: bool) -> bool:
    """R4 to R6 to their fixed point; returns whether the references are open. `passes`: one of the references has a
    reference in its type.

    A table into which references are put while they are open is open too. R4 says so for references that cross the
    boundary; what is read from an open table can be put into a closed one just as well.
    """
    references_open = crossing
    leaks = tables.called | (tables.read & (tables.hold_functions | tables.hold_objects))
    if passes:
        leaks |= tables.hold_functions
    while True:
        before = len(tables.open), len(tables.takes_all), references_open
        for into, source in tables.copies:
            if source in tables.open:
                tables.open.add(into)
            if source in tables.takes_all:
                tables.takes_all.add(into)
        references_open |= not tables.open.isdisjoint(leaks)
        if references_open:
            tables.open |= tables.takes_all
        if before == (len(tables.open), len(tables.takes_all), references_open):
            return references_open


def _copy(copies: set[tuple[TableDefinition, TableDefinition]], contents: dict[TableDefinition, set[Function]]) -> None:
    """R2: `table.copy`, to a fixed point."""
    copied_into: dict[TableDefinition, list[TableDefinition]] = {}
    for into, source in copies:
        copied_into.setdefault(source, []).append(into)
    waiting = set(copied_into)
    held = sum(map(len, contents.values()))
    while waiting:
        source = waiting.pop()
        for into in copied_into.get(source, ()):
            before = len(contents[into])
            contents[into] |= contents[source]
            if len(contents[into]) != before:
                waiting.add(into)
                held += len(contents[into]) - before
        if held > MAX_CONTENTS:
            raise Refused("subject: more functions in tables than this checker takes")


def function_tables(instance: CoreInstance) -> set[TableDefinition]:
    """The tables of an instance that hold functions (T2)."""
    pairs = zip(instance.tables, instance.module.tables, strict=True)
    return {definition for definition, table in pairs if holds_functions(table.element, instance.module)}

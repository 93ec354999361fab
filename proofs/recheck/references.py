"""References, contents and openness of tables (R1 to R6), as the least fixed point over all bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from proofs.recheck.decode_module import holds_functions, holds_references
from proofs.recheck.faults import Refused
from proofs.recheck.module import Contents, Kind
from proofs.recheck.scan import Events
from proofs.recheck.world import CoreInstance, Function, TableDefinition, World


@dataclass(frozen=True, slots=True)
class References:
    """`functions` as R1 says, `open` as R6 says; `contents` and `open_tables` as R2 to R4 say."""

    functions: frozenset[Function]
    open: bool
    contents: Mapping[TableDefinition, frozenset[Function]]
    open_tables: frozenset[TableDefinition]


@dataclass(slots=True)
class _Tables:
    """The fixed point under way. `takes_all`: tables whose contents include all references."""

    contents: dict[TableDefinition, set[Function]]
    takes_all: set[TableDefinition]
    open: set[TableDefinition]
    copies: set[tuple[TableDefinition, TableDefinition]]
    read: set[TableDefinition]
    may_hold_functions: set[TableDefinition]


MAX_TABLES = 1000
MAX_COPIES = 1000


def references(world: World, events: Mapping[int, Events]) -> References:
    """`events` holds those of all bodies of each instance, by its number.

    R1 adds the exported functions when references cross the boundary; here they are added whenever the references are
    open: what the host took from an export it can put into a table that is read.
    """
    crossing = not world.is_component and any(_crosses(i, events[i.number]) for i in world.instances)
    named = _named(world, events)
    exported = set[Function]() if world.is_component else _exported(world.instances[0])
    tables = _collect(world, events)
    references_open = _close(tables, crossing)
    if references_open:
        named |= exported
    for table, held in tables.contents.items():
        if table in tables.takes_all or table in tables.open:
            held |= named
        if table in tables.open:
            held |= exported
    _copy(tables, tables.contents)
    return References(
        frozenset(named),
        references_open,
        {table: frozenset(held) for table, held in tables.contents.items()},
        frozenset(tables.open),
    )


def _exported(instance: CoreInstance) -> set[Function]:
    return {instance.function(e.index) for e in instance.module.exports if e.kind is Kind.FUNC}


def _named(world: World, events: Mapping[int, Events]) -> set[Function]:
    """R1: named by an element segment, by `ref.func` in a body, or in the initialiser of a global or table."""
    named = set[Function]()
    for instance in world.instances:
        indices = instance.module.initial_references | events[instance.number].references
        named |= _resolved(instance, indices)
    return named


def _resolved(instance: CoreInstance, indices: Iterable[int]) -> set[Function]:
    limit = len(instance.module.functions)
    found = set[Function]()
    for index in indices:
        if index >= limit:
            raise Refused(f"subject: core instance {instance.number} has no function {index}")
        found.add(instance.function(index))
    return found


def _crosses(instance: CoreInstance, events: Events) -> bool:
    """R5: references other than to `extern` in an imported or exported function, tag or global, or a conversion."""
    module = instance.module
    at_boundary = {kind: set(range(len(module.imported(kind)))) for kind in Kind}
    for export in module.exports:
        at_boundary[export.kind].add(export.index)
    types = [module.functions[f] for f in at_boundary[Kind.FUNC]] + [module.tags[t] for t in at_boundary[Kind.TAG]]
    return (
        events.converts_extern
        or module.converts_extern
        or any(found.holds_references for t in types if (found := module.types[t]) is not None)
        or any(holds_references(module.globals[index]) for index in at_boundary[Kind.GLOBAL])
    )


def _collect(world: World, events: Mapping[int, Events]) -> _Tables:
    """R2 to R4: what every instance does to the tables that it can name."""
    tables = _Tables({}, set(), set(), set(), set(), set())
    for instance in world.instances:
        module, seen = instance.module, events[instance.number]
        for definition, table in zip(instance.tables, module.tables, strict=True):
            tables.contents.setdefault(definition, set())
            _fill(tables, instance, definition, table.initial)
            if holds_references(table.element):
                tables.may_hold_functions.add(definition)
        for segment in module.segments:
            if segment.table is not None:
                _fill(tables, instance, instance.tables[segment.table], segment.contents)
        _check(instance, seen)
        for index, table_index in seen.table_inits:
            _fill(tables, instance, instance.tables[table_index], module.segments[index].contents)
        tables.takes_all |= {instance.tables[t] for t in seen.table_writes}
        tables.read |= {instance.tables[t] for t in seen.table_reads}
        tables.copies |= {(instance.tables[into], instance.tables[source]) for into, source in seen.table_copies}
        if not world.is_component:
            tables.open |= {instance.tables[t] for t in range(len(module.imported(Kind.TABLE)))}
            tables.open |= {instance.tables[e.index] for e in module.exports if e.kind is Kind.TABLE}
    if len(tables.contents) > MAX_TABLES or len(tables.copies) > MAX_COPIES:
        raise Refused("subject: more tables or copies between tables than this checker takes")
    return tables


def _fill(tables: _Tables, instance: CoreInstance, table: TableDefinition, contents: Contents) -> None:
    tables.contents.setdefault(table, set()).update(_resolved(instance, contents.functions))
    if contents.all_references:
        tables.takes_all.add(table)


def _check(instance: CoreInstance, seen: Events) -> None:
    tables, segments = len(instance.tables), len(instance.module.segments)
    named = {*seen.table_reads, *seen.table_writes}.union(*seen.table_copies, [table for _, table in seen.table_inits])
    if any(table >= tables for table in named) or any(segment >= segments for segment, _ in seen.table_inits):
        raise Refused(f"subject: core instance {instance.number} has no such table or element segment")


def _close(tables: _Tables, crossing: bool) -> bool:
    """R4 and R6 to their fixed point; returns whether the references are open.

    A table into which references are put while they are open is open too. R4 says so for references that cross the
    boundary; what is read from an open table can be put into a closed one just as well.
    """
    references_open = crossing
    while True:
        before = len(tables.open), len(tables.takes_all), references_open
        for into, source in tables.copies:
            if source in tables.open:
                tables.open.add(into)
            if source in tables.takes_all:
                tables.takes_all.add(into)
        references_open |= not tables.open.isdisjoint(tables.read & tables.may_hold_functions)
        if references_open:
            tables.open |= tables.takes_all
        if before == (len(tables.open), len(tables.takes_all), references_open):
            return references_open


def _copy(tables: _Tables, contents: dict[TableDefinition, set[Function]]) -> None:
    """R2: `table.copy`, to a fixed point."""
    changed = True
    while changed:
        changed = False
        for into, source in tables.copies:
            before = len(contents[into])
            contents[into] |= contents[source]
            changed |= len(contents[into]) != before


def function_tables(instance: CoreInstance) -> set[TableDefinition]:
    """The tables of an instance that hold functions (T2)."""
    pairs = zip(instance.tables, instance.module.tables, strict=True)
    return {definition for definition, table in pairs if holds_functions(table.element, instance.module)}

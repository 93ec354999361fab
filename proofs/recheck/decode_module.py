"""Decodes the sections of a core module; bodies are only delimited here."""

from __future__ import annotations

from proofs.recheck.constants import NULL, Constant, read_constant
from proofs.recheck.coretypes import (
    FUNC,
    I32,
    I64,
    NOFUNC,
    FuncType,
    HeapType,
    NumType,
    RefType,
    SubType,
    TypeStore,
    ValType,
    read_rec_group,
    read_ref_type,
    read_val_type,
)
from proofs.recheck.module import Contents, ExportList, FunctionType, Import, Kind, Limits, Module, Segment, Table
from proofs.recheck.reader import Reader
from proofs.recheck.segments import contents_of, read_bodies, read_data, read_exports, read_segment

# custom sections may stand anywhere; the others once each, in this order
_ORDER = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 13: 6, 6: 7, 7: 8, 8: 9, 9: 10, 12: 11, 10: 12, 11: 13}
PREAMBLE = b"\0asm\1\0\0\0"
_NO_CONTENTS = Contents(frozenset(), False)


def read_limits(r: Reader, known_flags: int) -> Limits:
    flags = r.u8()
    if flags & ~known_flags:
        raise r.fault("unknown flags of limits")
    minimum = r.unsigned(64)
    maximum = r.unsigned(64) if flags & 1 else None
    if flags & 8 and r.u32() > 16:
        raise r.fault("unknown page size")
    return Limits(minimum, maximum)


def read_table_type(r: Reader) -> ValType:
    element = read_ref_type(r)
    read_limits(r, 0b0111)
    return element


def read_memory_type(r: Reader) -> Limits:
    return read_limits(r, 0b1111)


def read_global_type(r: Reader) -> ValType:
    value = read_val_type(r)
    if r.u8() > 3:
        raise r.fault("unknown mutability")
    return value


def _global(r: Reader) -> tuple[ValType, Constant]:
    return read_global_type(r), read_constant(r)


def read_tag_type(r: Reader) -> int:
    r.expect(0, "a tag's attribute")
    return r.u32()


def read_import_type(r: Reader, module: str, name: str) -> Import:
    match r.u8():
        case 0:
            return Import(module, name, Kind.FUNC, type_index=r.u32())
        case 1:
            return Import(module, name, Kind.TABLE, value=read_table_type(r))
        case 2:
            return Import(module, name, Kind.MEMORY, limits=read_memory_type(r))
        case 3:
            return Import(module, name, Kind.GLOBAL, value=read_global_type(r))
        case 4:
            return Import(module, name, Kind.TAG, type_index=read_tag_type(r))
        case kind:
            raise r.fault(f"unknown kind of import {kind:#04x}")


def read_imports(r: Reader) -> tuple[Import, ...]:
    return r.vector(lambda: read_import_type(r, r.name(), r.name()))


class _ModuleDecoder:
    """Gathers the sections of one module."""

    def __init__(self) -> None:
        self.groups: list[tuple[SubType, ...]] = []
        self.imports: tuple[Import, ...] = ()
        self.declared: tuple[int, ...] = ()
        self.tables: tuple[tuple[ValType, Constant], ...] = ()
        self.memories: tuple[Limits, ...] = ()
        self.globals: tuple[tuple[ValType, Constant], ...] = ()
        self.tags: tuple[int, ...] = ()
        self.exports = ExportList((), b"", ())
        self.start: int | None = None
        self.segments: tuple[tuple[tuple[Constant, ...], int | None], ...] = ()
        self.data_count: int | None = None
        self.bodies: tuple[tuple[int, int], ...] = ()
        self.name_section: tuple[int, int] | None = None

    def section(self, number: int, r: Reader) -> None:
        match number:
            case 0:
                if r.name() == "name" and self.name_section is None:
                    self.name_section = (r.position, r.end)
                r.position = r.end
            case 1:
                self.groups = list(r.vector(lambda: read_rec_group(r)))
            case 2:
                self.imports = read_imports(r)
            case 3:
                self.declared = r.u32s()
            case 4:
                self.tables = r.vector(lambda: _table(r))
            case 5:
                self.memories = r.vector(lambda: read_memory_type(r))
            case 6:
                self.globals = r.vector(lambda: _global(r))
            case 7:
                self.exports = read_exports(r)
            case 8:
                self.start = r.u32()
            case 9:
                self.segments = r.vector(lambda: read_segment(r))
            case 10:
                self.bodies = read_bodies(r)
            case 11:
                r.vector(lambda: read_data(r))
            case 12:
                self.data_count = r.u32()
            case 13:
                self.tags = r.vector(lambda: read_tag_type(r))

    def finish(self, r: Reader, start_offset: int, store: TypeStore) -> Module:
        numbers = store.canonical(self.groups, r)
        members = [member for group in self.groups for member in group]
        types = tuple([_function_type(m, n) for m, n in zip(members, numbers, strict=True)])
        if len(self.declared) != len(self.bodies):
            raise r.fault("as many functions as bodies expected")

        functions = (*[i.type_index for i in self.imports if i.kind is Kind.FUNC], *self.declared)
        tags = (*[i.type_index for i in self.imports if i.kind is Kind.TAG], *self.tags)
        for index in sorted({*functions, *tags}):
            if index >= len(types) or types[index] is None:
                raise r.fault(f"type {index} is no function type")
        tables = (
            *[Table(i.value, _NO_CONTENTS) for i in self.imports if i.kind is Kind.TABLE and i.value is not None],
            *[Table(element, contents_of((initial,))) for element, initial in self.tables],
        )
        memories = (*[i.limits for i in self.imports if i.limits is not None], *self.memories)
        values = (
            *[i.value for i in self.imports if i.kind is Kind.GLOBAL and i.value is not None],
            *[value for value, _ in self.globals],
        )
        constants = (
            *[initial for _, initial in self.tables],
            *[initial for _, initial in self.globals],
            *[item for items, _ in self.segments for item in items],
        )
        module = Module(
            start_offset=start_offset,
            types=types,
            type_numbers=numbers,
            imports=self.imports,
            functions=functions,
            function_types=tuple([numbers[index] for index in functions]),
            tables=tables,
            memories=memories,
            globals=values,
            tags=tags,
            export_list=self.exports,
            exported={kind: self.exports.of_kind(kind) for kind in Kind},
            start=self.start,
            segments=tuple([Segment(contents_of(items), table) for items, table in self.segments]),
            initial_references=frozenset([f for constant in constants for f in constant.functions]),
            converts_extern=any(constant.converts for constant in constants),
            bodies=self.bodies,
            name_section=self.name_section,
        )
        _check_indices(module, r)
        return module


def decode_module(r: Reader, store: TypeStore) -> Module:
    """Decodes the module that fills `r`, its preamble included."""
    start_offset = r.position
    if r.take(8) != PREAMBLE:
        raise r.fault("no core module of version 1")
    decoder = _ModuleDecoder()
    last = 0
    while not r.at_end:
        number = r.u8()
        section = r.sub(r.u32())
        if number:
            place = _ORDER.get(number)
            if place is None or place <= last:
                raise section.fault(f"section {number} is unknown or out of order")
            last = place
        decoder.section(number, section)
        section.finish(f"section {number}")
    return decoder.finish(r, start_offset, store)


def _table(r: Reader) -> tuple[ValType, Constant]:
    if r.peek() != 0x40:
        return read_table_type(r), NULL
    r.u8()
    r.expect(0, "a zero byte")
    element = read_table_type(r)
    return element, read_constant(r)


def holds_references(value: ValType) -> bool:
    """R5: a reference type other than to `extern` or `noextern`."""
    return isinstance(value, RefType) and not value.heap.is_extern


def _function_type(member: SubType, number: int) -> FunctionType | None:
    match member.composite:
        case FuncType(params, results):
            return FunctionType(
                number,
                any(map(holds_references, (*params, *results))),
                any(isinstance(param, NumType) and param.byte in (I32, I64) for param in params),
            )
        case _:
            return None


def holds_functions(value: ValType, module: Module) -> bool:
    """Whether a table of this element type holds functions (R4, T2): by its heap type."""
    match value:
        case RefType(_, HeapType(_, None, int() as index)):
            return index >= len(module.types) or module.types[index] is not None
        case RefType(_, HeapType(_, abstract, _)):
            return abstract in (FUNC, NOFUNC)
        case NumType():
            return False


def _check_indices(module: Module, r: Reader) -> None:
    spaces = {
        Kind.FUNC: len(module.functions),
        Kind.TABLE: len(module.tables),
        Kind.MEMORY: len(module.memories),
        Kind.GLOBAL: len(module.globals),
        Kind.TAG: len(module.tags),
    }
    for kind, indices in module.exported.items():
        if max(indices, default=-1) >= spaces[kind]:
            name = module.names_of(kind, max(indices))[0]
            raise r.fault(f"export {name!r} names nothing")
    named = module.initial_references | ({module.start} if module.start is not None else set())
    if max(named, default=-1) >= spaces[Kind.FUNC]:
        raise r.fault("a function is named that does not exist")
    if any(s.table is not None and s.table >= spaces[Kind.TABLE] for s in module.segments):
        raise r.fault("an element segment names no table")

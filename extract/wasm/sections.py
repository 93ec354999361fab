"""A core module's sections, read in order into a `Module` [core 3.0, "Binary format / Modules"]."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from extract.wasm import limits
from extract.wasm.bodies import Spaces
from extract.wasm.code import read_code
from extract.wasm.module import (
    Code,
    Constant,
    ElementSegment,
    Export,
    ExternKind,
    ExternType,
    GlobalType,
    Import,
    MemoryType,
    Module,
    Table,
    TableType,
)
from extract.wasm.reader import Buffer, Reader
from extract.wasm.segments import read_constant, read_element_segment, read_function_index
from extract.wasm.types import TypeScope, TypeStore, read_mutability, read_reference_type, read_value_type

MODULE_HEADER = b"\0asm\x01\0\0\0"
# Section ids in the order in which they must stand; each at most once.
_ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
_SECTION_NAMES = {
    1: "type section",
    2: "import section",
    3: "function section",
    4: "table section",
    5: "memory section",
    6: "global section",
    7: "export section",
    8: "start section",
    9: "element section",
    10: "code section",
    11: "data section",
    12: "data count section",
    13: "tag section",
}


def read_module(data: Buffer, start: int, end: int, file: str, store: TypeStore) -> Module:
    """Reads the core module at bytes `start` to `end`. Raises InputError with the absolute offset of the fault."""
    reader = Reader(data, start, end, file)
    header = reader.take(min(8, end - start))
    if header != MODULE_HEADER:
        reader.fail(f"bytes {header.hex(' ')}", "the header of a core module, version 1", start)
    builder = _Builder(reader, store)
    builder.read_sections()
    return builder.module(start, end)


class _Builder:
    """A module in the making."""

    def __init__(self, reader: Reader, store: TypeStore) -> None:
        self._reader = reader
        self._scope = TypeScope(store)
        self._imports: list[Import] = []
        self._function_types = array("I")
        self._imported_functions = 0
        self._tables: list[Table] = []
        self._memories: list[MemoryType] = []
        self._globals: list[GlobalType] = []
        self._initialisers: list[Constant] = []
        self._tags: list[int] = []
        self._exports: list[Export] = []
        self._start: int | None = None
        self._elements: list[ElementSegment] = []
        self._constants_convert = False
        self._code: Code | None = None
        self._data_count: int | None = None
        self._data_segments = 0
        self._names: tuple[int, int] | None = None

    def read_sections(self) -> None:
        contents: dict[int, Callable[[Reader], None]] = {
            1: self._types,
            2: self._read_imports,
            3: self._functions,
            4: self._read_tables,
            5: self._read_memories,
            6: self._read_globals,
            7: self._read_exports,
            8: self._read_start,
            9: self._read_elements,
            10: self._read_code,
            11: self._data,
            12: self._read_data_count,
            13: self._read_tags,
        }
        place = -1
        while not self._reader.at_end():
            at = self._reader.position
            section = self._reader.byte()
            content = self._reader.sub(self._reader.u32(), "a section")
            if section == 0:
                self._custom(content)
                continue
            if section not in contents:
                self._reader.fail(f"section id {section}", "an id from 0 to 13", at)
            now = _ORDER.index(section)
            if now <= place:
                self._reader.fail(
                    f"{_SECTION_NAMES[section]} here", "each section once, in the order of the specification", at
                )
            place = now
            contents[section](content)
            content.finish(_SECTION_NAMES[section])

    def module(self, start: int, end: int) -> Module:
        defined = len(self._function_types) - self._imported_functions
        if self._code is None and defined:
            self._reader.fail("no code section", f"{defined} function bodies, as the function section says", end)
        if self._data_count is not None and self._data_count != self._data_segments:
            self._reader.fail(
                f"{self._data_segments} data segments", f"{self._data_count}, as the data count says", end
            )
        empty = Code(array("I"), array("I"), array("I", [0]), array("I"), array("I"))
        return Module(
            start=start,
            end=end,
            scope=self._scope,
            imports=tuple(self._imports),
            function_types=self._function_types,
            imported_functions=self._imported_functions,
            tables=tuple(self._tables),
            memories=tuple(self._memories),
            globals=tuple(self._globals),
            global_initialisers=tuple(self._initialisers),
            tags=tuple(self._tags),
            exports=tuple(self._exports),
            start_function=self._start,
            elements=tuple(self._elements),
            constants_convert=self._constants_convert,
            code=self._code or empty,
            name_section=self._names,
        )

    def _custom(self, content: Reader) -> None:
        name = content.name()
        if name == "name" and self._names is None:
            self._names = (content.position, content.end)

    def _types(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_TYPES, "types")):
            self._scope.read_group(reader)

    def _read_imports(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_IMPORTS, "imports")):
            at = reader.position
            module, name = reader.name(), reader.name()
            kind = read_extern_kind(reader)
            self._imports.append(Import(module, name, kind, self._import_type(reader, kind), at))

    def _import_type(self, reader: Reader, kind: ExternKind) -> ExternType:
        match kind:
            case ExternKind.FUNCTION:
                number = self._function_type(reader)
                self._function_types.append(number)
                self._imported_functions += 1
                return number
            case ExternKind.TABLE:
                table = self._table_type(reader)
                self._tables.append(Table(table, None))
                return table
            case ExternKind.MEMORY:
                memory = self._memory_type(reader)
                self._memories.append(memory)
                return memory
            case ExternKind.GLOBAL:
                variable = self._global_type(reader)
                self._globals.append(variable)
                return variable
            case ExternKind.TAG:
                number = self._tag_type(reader)
                self._tags.append(number)
                return number

    def _function_type(self, reader: Reader) -> int:
        at = reader.position
        return self._scope.function_type(reader, reader.u32(), at)

    def _tag_type(self, reader: Reader) -> int:
        at = reader.position
        if attribute := reader.byte():
            reader.fail(f"tag attribute {attribute:#04x}", "0x00", at)
        return self._function_type(reader)

    def _table_type(self, reader: Reader) -> TableType:
        element = read_reference_type(reader, self._scope)
        minimum, maximum, _ = _limits(reader, allowed=0b101)
        return TableType(element, minimum, maximum)

    def _memory_type(self, reader: Reader) -> MemoryType:
        minimum, maximum, flags = _limits(reader, allowed=0b1111)
        page_size = 1 << 16
        if flags & 0b1000:
            at = reader.position
            exponent = reader.u32()
            if exponent not in (0, 16):
                reader.fail(f"page size 2^{exponent}", "2^0 or 2^16", at)
            page_size = 1 << exponent
        return MemoryType(minimum, maximum, page_size)

    def _global_type(self, reader: Reader) -> GlobalType:
        return GlobalType(read_value_type(reader, self._scope), read_mutability(reader))

    def _functions(self, reader: Reader) -> None:
        count = reader.count(limits.MAX_FUNCTIONS, "functions")
        for _ in range(count):
            self._function_types.append(self._function_type(reader))

    def _read_tables(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_TABLES, "tables")):
            if not reader.at_end() and reader.data[reader.position] == 0x40:
                at = reader.position
                marker = reader.take(2)
                if marker != b"\x40\0":
                    reader.fail(f"bytes {marker.hex(' ')}", "40 00, a table with an initialiser", at)
                table = self._table_type(reader)
                self._tables.append(Table(table, self._constant(reader)))
            else:
                self._tables.append(Table(self._table_type(reader), None))

    def _read_memories(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_MEMORIES, "memories")):
            self._memories.append(self._memory_type(reader))

    def _read_globals(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_GLOBALS, "globals")):
            self._globals.append(self._global_type(reader))
            self._initialisers.append(self._constant(reader))

    def _read_exports(self, reader: Reader) -> None:
        names = set[str]()
        for _ in range(reader.count(limits.MAX_EXPORTS, "exports")):
            at = reader.position
            name = reader.name()
            kind = read_extern_kind(reader)
            where = reader.position
            index = reader.u32()
            if name in names:
                reader.fail(f"a second export named {name!r}", "each name once", at)
            names.add(name)
            space = self._space(kind)
            if index >= space:
                reader.fail(f"{kind.name.lower()} index {index}", f"an index below {space}", where)
            self._exports.append(Export(name, kind, index, at))

    def _space(self, kind: ExternKind) -> int:
        match kind:
            case ExternKind.FUNCTION:
                return len(self._function_types)
            case ExternKind.TABLE:
                return len(self._tables)
            case ExternKind.MEMORY:
                return len(self._memories)
            case ExternKind.GLOBAL:
                return len(self._globals)
            case ExternKind.TAG:
                return len(self._tags)

    def _read_start(self, reader: Reader) -> None:
        self._start = read_function_index(reader, len(self._function_types))

    def _read_elements(self, reader: Reader) -> None:
        total = 0
        for _ in range(reader.count(limits.MAX_ELEMENT_SEGMENTS, "element segments")):
            segment = self._element_segment(reader)
            total += len(segment.functions)
            if total > limits.MAX_ELEMENTS:
                reader.fail(f"{total} elements", f"at most {limits.MAX_ELEMENTS}", segment.offset)
            self._elements.append(segment)

    def _element_segment(self, reader: Reader) -> ElementSegment:
        return read_element_segment(reader, self._scope, len(self._function_types), len(self._tables), self._constant)

    def _constant(self, reader: Reader) -> Constant:
        constant, converts = read_constant(reader, self._scope, len(self._function_types))
        self._constants_convert |= converts
        return constant

    def _read_data_count(self, reader: Reader) -> None:
        self._data_count = reader.u32()

    def _read_code(self, reader: Reader) -> None:
        spaces = Spaces(
            scope=self._scope,
            functions=len(self._function_types),
            imported_functions=self._imported_functions,
            tables=len(self._tables),
            memories=len(self._memories),
            elements=len(self._elements),
        )
        self._code = read_code(reader, spaces)

    def _data(self, reader: Reader) -> None:
        self._data_segments = reader.count(limits.MAX_DATA_SEGMENTS, "data segments")
        for _ in range(self._data_segments):
            at = reader.position
            flags = reader.u32()
            if flags > 2:
                reader.fail(f"data segment flags {flags:#x}", "0 to 2", at)
            if flags == 2:
                reader.u32()
            if flags != 1:
                self._constant(reader)
            reader.skip(reader.u32(), "a data segment")

    def _read_tags(self, reader: Reader) -> None:
        for _ in range(reader.count(limits.MAX_TAGS, "tags")):
            self._tags.append(self._tag_type(reader))


def read_extern_kind(reader: Reader) -> ExternKind:
    at = reader.position
    kind = reader.byte()
    if kind > 4:
        reader.fail(f"kind {kind:#04x}", "0 (function) to 4 (tag)", at)
    return ExternKind(kind)


def _limits(reader: Reader, allowed: int) -> tuple[int, int | None, int]:
    """Minimum, maximum and flags: 1 has a maximum, 2 shared, 4 64-bit, 8 has a page size."""
    at = reader.position
    flags = reader.byte()
    if flags & ~allowed:
        reader.fail(f"limits flags {flags:#04x}", f"flags within {allowed:#04x}", at)
    bits = 64 if flags & 4 else 32
    minimum = reader.unsigned(bits)
    maximum = reader.unsigned(bits) if flags & 1 else None
    return minimum, maximum, flags

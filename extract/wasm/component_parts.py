"""The small parts of the component binary format: sorts, names, extern types, aliases [CM `Binary.md`].

Where `Binary.md` and the decoder that engines run (`wasmparser`) differ about a gated feature, as the latter reads it.
"""

from __future__ import annotations

from extract.wasm import limits
from extract.wasm.component_syntax import (
    CoreExportAlias,
    ExportAlias,
    ExternType,
    NamedItem,
    OuterAlias,
    Sort,
    SortIndex,
    ValueType,
)
from extract.wasm.reader import Reader

CORE_SORTS = {
    0x00: Sort.CORE_FUNCTION,
    0x01: Sort.CORE_TABLE,
    0x02: Sort.CORE_MEMORY,
    0x03: Sort.CORE_GLOBAL,
    0x04: Sort.CORE_TAG,
    0x10: Sort.CORE_TYPE,
    0x11: Sort.CORE_MODULE,
    0x12: Sort.CORE_INSTANCE,
}
SORTS = {0x01: Sort.FUNCTION, 0x02: Sort.VALUE, 0x03: Sort.TYPE, 0x04: Sort.COMPONENT, 0x05: Sort.INSTANCE}
# What can be imported, exported, and given as an argument.
EXTERNAL = frozenset({*SORTS.values(), Sort.CORE_MODULE})
CORE_EXTERNAL = frozenset({Sort.CORE_FUNCTION, Sort.CORE_TABLE, Sort.CORE_MEMORY, Sort.CORE_GLOBAL, Sort.CORE_TAG})
OUTER = frozenset({Sort.CORE_TYPE, Sort.CORE_MODULE, Sort.TYPE, Sort.COMPONENT})
PRIMITIVES = {
    0x7F: "bool",
    0x7E: "s8",
    0x7D: "u8",
    0x7C: "s16",
    0x7B: "u16",
    0x7A: "s32",
    0x79: "u32",
    0x78: "s64",
    0x77: "u64",
    0x76: "f32",
    0x75: "f64",
    0x74: "char",
    0x73: "string",
    0x64: "error-context",
}


def read_core_sort(reader: Reader) -> Sort:
    at = reader.position
    code = reader.byte()
    if code not in CORE_SORTS:
        reader.fail(f"core sort {code:#04x}", "a core sort: 0x00 to 0x04, or 0x10 to 0x12", at)
    return CORE_SORTS[code]


def read_sort(reader: Reader) -> Sort:
    at = reader.position
    code = reader.byte()
    if code == 0:
        return read_core_sort(reader)
    if code not in SORTS:
        reader.fail(f"sort {code:#04x}", "a sort: 0x00 to 0x05", at)
    return SORTS[code]


def _read_item(reader: Reader) -> SortIndex:
    at = reader.position
    sort = read_sort(reader)
    if sort not in EXTERNAL:
        reader.fail(sort.value, "a sort that can be imported and exported", at)
    return SortIndex(sort, reader.u32())


def read_argument(reader: Reader) -> NamedItem:
    at = reader.position
    return NamedItem(reader.name(), _read_item(reader), at)


def read_inline_export(reader: Reader) -> NamedItem:
    at = reader.position
    return NamedItem(read_extern_name(reader), _read_item(reader), at)


def read_exported(reader: Reader) -> SortIndex:
    return _read_item(reader)


def read_core_inline_export(reader: Reader) -> NamedItem:
    at = reader.position
    name = reader.name()
    where = reader.position
    sort = read_core_sort(reader)
    if sort not in CORE_EXTERNAL:
        reader.fail(sort.value, "a core function, table, memory, global or tag", where)
    return NamedItem(name, SortIndex(sort, reader.u32()), at)


def read_extern_name(reader: Reader) -> str:
    """A name with attributes, which say nothing that a rule asks for."""
    at = reader.position
    form = reader.byte()
    if form > 2:
        reader.fail(f"name form {form:#04x}", "0x00 to 0x02", at)
    name = reader.name()
    if form == 2:
        seen = set()
        for _ in range(reader.count(limits.MAX_COMPONENT_ITEMS, "attributes of a name")):
            at = reader.position
            attribute = reader.byte()
            if attribute > 2 or attribute in seen:
                reader.fail(f"name attribute {attribute:#04x}", "each of 0x00 to 0x02 at most once", at)
            seen.add(attribute)
            reader.name()
    return name


def read_value_type(reader: Reader) -> ValueType:
    at = reader.position
    if not reader.at_end() and reader.data[at] in PRIMITIVES:
        return PRIMITIVES[reader.byte()]
    index = reader.signed(33)
    if index < 0:
        reader.fail(f"value type {index}", "a primitive type or a type index", at)
    return index


def read_optional_value_type(reader: Reader) -> ValueType | None:
    return read_value_type(reader) if read_flag(reader, "an optional type") else None


def read_flag(reader: Reader, what: str) -> bool:
    at = reader.position
    flag = reader.byte()
    if flag > 1:
        reader.fail(f"byte {flag:#04x}", f"0 or 1 ({what})", at)
    return flag == 1


def read_result(reader: Reader) -> ValueType | None:
    if not read_flag(reader, "a result list"):
        return read_value_type(reader)
    expect_zero(reader, "the number of results")
    return None


def expect_zero(reader: Reader, what: str) -> None:
    at = reader.position
    if byte := reader.byte():
        reader.fail(f"byte {byte:#04x}", f"0x00 ({what})", at)


def read_extern_type(reader: Reader) -> ExternType:
    at = reader.position
    sort = read_sort(reader)
    match sort:
        case Sort.CORE_MODULE | Sort.FUNCTION | Sort.COMPONENT | Sort.INSTANCE:
            return ExternType(sort, reader.u32(), at)
        case Sort.VALUE:
            read_value_type(reader)
            return ExternType(sort, None, at)
        case Sort.TYPE:
            fresh = read_flag(reader, "equal to a type, or a fresh resource")
            return ExternType(sort, None if fresh else reader.u32(), at)
        case _:
            reader.fail(sort.value, "a sort that can be imported and exported", at)


def read_alias(reader: Reader) -> ExportAlias | CoreExportAlias | OuterAlias:
    at = reader.position
    sort = read_sort(reader)
    where = reader.position
    target = reader.byte()
    match target:
        case 0x00:
            allowed = EXTERNAL
        case 0x01:
            allowed = CORE_EXTERNAL
        case 0x02:
            allowed = OUTER
        case _:
            reader.fail(f"alias target {target:#04x}", "0x00 to 0x02", where)
    if sort not in allowed:
        reader.fail(
            f"an alias of sort {sort.value}", f"one of: {', '.join(sorted([item.value for item in allowed]))}", at
        )
    if target == 2:
        return OuterAlias(sort, reader.u32(), reader.u32(), at)
    instance, name = reader.u32(), reader.name()
    return CoreExportAlias(sort, instance, name, at) if target else ExportAlias(sort, instance, name, at)

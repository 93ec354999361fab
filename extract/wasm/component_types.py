"""The types of a component: of values, functions, resources, components and instances [CM `Binary.md`]."""

from __future__ import annotations

from extract.wasm import limits
from extract.wasm.component_parts import (
    PRIMITIVES,
    expect_zero,
    read_alias,
    read_extern_name,
    read_extern_type,
    read_flag,
    read_optional_value_type,
    read_result,
    read_value_type,
)
from extract.wasm.component_syntax import (
    ChannelType,
    CoreExportAlias,
    Declaration,
    DefinedType,
    ExportAlias,
    ExportDeclaration,
    FunctionType,
    HandleType,
    ImportDefinition,
    ListType,
    MapType,
    OuterAlias,
    Parameter,
    RecordType,
    ResourceType,
    ScalarType,
    ScopeType,
    Sort,
    TypeDefinition,
    TypeSyntax,
    VariantType,
)
from extract.wasm.core_type_section import CoreTypes
from extract.wasm.reader import Reader
from extract.wasm.types import read_value_type as read_core_value_type

MAX_FLAGS = 32


class TypeReader:
    """Reads types; holds the core types of the scopes around, to which a core type may refer."""

    def __init__(self) -> None:
        self.core = CoreTypes()

    def read(self, reader: Reader) -> TypeDefinition:
        at = reader.position
        return TypeDefinition(self._type(reader, reader.byte(), at), at)

    def _type(self, reader: Reader, form: int, at: int) -> TypeSyntax:
        match form:
            case 0x3F:
                return self._resource(reader)
            case 0x40 | 0x43:
                parameters = [
                    Parameter(reader.name(), read_value_type(reader))
                    for _ in range(reader.count(limits.MAX_PARAMETERS, "parameters"))
                ]
                return FunctionType(tuple(parameters), read_result(reader))
            case 0x41 | 0x42:
                return self._scope(reader, form == 0x41, at)
            case _:
                return _defined(reader, form, at)

    def _resource(self, reader: Reader) -> ResourceType:
        at = reader.position
        representation = read_core_value_type(reader, self.core.scope)
        if representation not in ("i32", "i64"):
            reader.fail(f"a resource represented by {representation}", "i32 or i64", at)
        return ResourceType(reader.u32() if read_flag(reader, "a destructor") else None)

    def _scope(self, reader: Reader, is_component: bool, at: int) -> ScopeType:
        self.core.enter(reader, at)
        count = reader.count(limits.MAX_COMPONENT_ITEMS, "declarations of a type")
        declarations = [self._declaration(reader, is_component) for _ in range(count)]
        self.core.leave()
        return ScopeType(is_component, tuple(declarations), reader.position - at)

    def _declaration(self, reader: Reader, in_component: bool) -> Declaration:
        at = reader.position
        form = reader.byte()
        match form:
            case 0x00:
                return self.core.read(reader)
            case 0x01:
                return self.read(reader)
            case 0x02:
                return self._alias(reader)
            case 0x03 if in_component:
                return ImportDefinition(read_extern_name(reader), read_extern_type(reader), at)
            case 0x04:
                return ExportDeclaration(read_extern_name(reader), read_extern_type(reader), at)
            case _:
                reader.fail(f"declaration {form:#04x}", "0x00 to 0x04, an import (0x03) in component types only", at)

    def _alias(self, reader: Reader) -> ExportAlias | OuterAlias:
        alias = read_alias(reader)
        match alias:
            case OuterAlias(sort=Sort.CORE_TYPE):
                self.core.alias(reader, alias.hops, alias.number, alias.offset)
                return alias
            case OuterAlias(sort=Sort.TYPE) | ExportAlias(sort=Sort.TYPE | Sort.INSTANCE):
                return alias
            case OuterAlias() | ExportAlias() | CoreExportAlias():
                reader.fail(
                    f"an alias of sort {alias.sort.value} in a type", "an alias of a type or an instance", alias.offset
                )


def _defined(reader: Reader, form: int, at: int) -> DefinedType:
    if form in PRIMITIVES:
        return ScalarType(PRIMITIVES[form])
    match form:
        case 0x72:
            fields = []
            for _ in range(_some(reader, limits.MAX_FIELDS, "fields of a record")):
                reader.name()
                fields.append(read_value_type(reader))
            return RecordType(tuple(fields))
        case 0x71:
            return _variant(reader)
        case 0x70:
            return ListType(read_value_type(reader), None)
        case 0x67:
            return _fixed_list(reader)
        case 0x6F:
            count = _some(reader, limits.MAX_FIELDS, "types of a tuple")
            return RecordType(tuple([read_value_type(reader) for _ in range(count)]))
        case 0x6E:
            return _labels(reader, MAX_FLAGS, "flags")
        case 0x6D:
            return _labels(reader, limits.MAX_FIELDS, "cases of an enum")
        case 0x6B:
            return VariantType((None, read_value_type(reader)))
        case 0x6A:
            return VariantType((read_optional_value_type(reader), read_optional_value_type(reader)))
        case 0x69 | 0x68:
            return HandleType(reader.u32())
        case 0x66:
            return ChannelType("stream", read_optional_value_type(reader))
        case 0x65:
            return ChannelType("future", read_optional_value_type(reader))
        case 0x63:
            return MapType(read_value_type(reader), read_value_type(reader))
        case _:
            reader.fail(f"type {form:#04x}", "a type that the component model defines", at)


def _some(reader: Reader, limit: int, what: str) -> int:
    at = reader.position
    count = reader.count(limit, what)
    if not count:
        reader.fail(f"no {what}", "at least one", at)
    return count


def _labels(reader: Reader, limit: int, what: str) -> ScalarType:
    for _ in range(_some(reader, limit, what)):
        reader.name()
    return ScalarType(what)


def _variant(reader: Reader) -> VariantType:
    cases = []
    for _ in range(_some(reader, limits.MAX_FIELDS, "cases of a variant")):
        reader.name()
        cases.append(read_optional_value_type(reader))
        expect_zero(reader, "the end of a case")
    return VariantType(tuple(cases))


def _fixed_list(reader: Reader) -> ListType:
    element = read_value_type(reader)
    at = reader.position
    length = reader.u32()
    if not length:
        reader.fail("a list of the fixed length 0", "a length above 0", at)
    return ListType(element, length)

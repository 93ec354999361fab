"""A component's sections, read in order into a `Component` [CM `Binary.md`, "Component Definitions"].

Nothing is evaluated here: `component_evaluation.py` does that, once for each instantiation.
"""

from __future__ import annotations

from collections.abc import Callable

from extract.wasm import limits
from extract.wasm.canon import read_canon
from extract.wasm.component_names import SECTION_NAME, read_component_names
from extract.wasm.component_parts import (
    read_alias,
    read_argument,
    read_core_inline_export,
    read_exported,
    read_extern_name,
    read_extern_type,
    read_flag,
    read_inline_export,
    read_value_type,
)
from extract.wasm.component_syntax import (
    Bundle,
    Component,
    ComponentDefinition,
    ComponentNames,
    CoreBundle,
    CoreInstantiation,
    CoreModuleDefinition,
    Definition,
    ExportDefinition,
    ImportDefinition,
    Instantiation,
    OuterAlias,
    Sort,
    StartDefinition,
    ValueDefinition,
)
from extract.wasm.component_types import TypeReader
from extract.wasm.reader import Buffer, Reader
from extract.wasm.sections import read_module
from extract.wasm.types import TypeStore

COMPONENT_HEADER = b"\0asm\x0d\0\x01\0"
_CORE_INSTANCE_SORT = 0x12


def read_component(data: Buffer, start: int, end: int, file: str, store: TypeStore) -> Component:
    """Reads the component at bytes `start` to `end`; `store` takes its modules' types. Raises InputError."""
    return ComponentReader(data, file, store).read(start, end)


class ComponentReader:
    """Reads a component and those nested in it, each core module once."""

    def __init__(self, data: Buffer, file: str, store: TypeStore) -> None:
        self._data = data
        self._file = file
        self._store = store
        self._types = TypeReader()
        self._vectors: dict[int, tuple[str, Callable[[Reader], Definition]]] = {
            2: ("core instance section", _read_core_instance),
            3: ("core type section", self._types.core.read),
            5: ("instance section", _read_instance),
            6: ("alias section", self._alias),
            7: ("type section", self._types.read),
            8: ("canon section", self._canon),
            10: ("import section", _read_import),
            11: ("export section", _read_export),
            12: ("value section", _read_value),
        }

    def read(self, start: int, end: int) -> Component:
        reader = Reader(self._data, start, end, self._file)
        header = reader.take(min(8, end - start))
        if header != COMPONENT_HEADER:
            reader.fail(f"bytes {header.hex(' ')}", "the header of a component", start)
        definitions: list[Definition] = []
        names = ComponentNames()
        size = 0
        self._types.core.enter(reader, start)
        while not reader.at_end():
            at = reader.position
            section = reader.byte()
            content = reader.sub(reader.u32(), "a section")
            match section:
                case 0:
                    if content.name() == SECTION_NAME:
                        names = read_component_names(content)
                case 1:
                    module = read_module(self._data, content.position, content.end, self._file, self._store)
                    definitions.append(CoreModuleDefinition(module, content.position))
                case 4:
                    component = self.read(content.position, content.end)
                    definitions.append(ComponentDefinition(component, content.position))
                case 9:
                    definitions.append(_read_start(content))
                    content.finish("start section")
                    size += reader.position - at
                case _:
                    self._section(section, content, at, definitions)
                    size += reader.position - at
        self._types.core.leave()
        return Component(tuple(definitions), names, size, start)

    def _section(self, section: int, content: Reader, at: int, definitions: list[Definition]) -> None:
        """A section that holds a vector of definitions."""
        if section not in self._vectors:
            content.fail(f"section id {section}", "an id from 0 to 12", at)
        what, read = self._vectors[section]
        count = content.count(limits.MAX_COMPONENT_ITEMS, f"items of the {what}")
        definitions.extend(read(content) for _ in range(count))
        content.finish(what)

    def _alias(self, reader: Reader) -> Definition:
        alias = read_alias(reader)
        if isinstance(alias, OuterAlias) and alias.sort is Sort.CORE_TYPE:
            self._types.core.alias(reader, alias.hops, alias.number, alias.offset)
        return alias

    def _canon(self, reader: Reader) -> Definition:
        return read_canon(reader, self._types.core.scope)


def _read_core_instance(reader: Reader) -> CoreInstantiation | CoreBundle:
    at = reader.position
    form = reader.byte()
    match form:
        case 0x00:
            module = reader.u32()
            count = reader.count(limits.MAX_COMPONENT_ITEMS, "arguments")
            return CoreInstantiation(module, tuple([_read_core_argument(reader) for _ in range(count)]), at)
        case 0x01:
            count = reader.count(limits.MAX_COMPONENT_ITEMS, "inline exports")
            return CoreBundle(tuple([read_core_inline_export(reader) for _ in range(count)]), at)
        case _:
            reader.fail(f"core instance {form:#04x}", "0x00 (instantiate) or 0x01 (inline exports)", at)


def _read_core_argument(reader: Reader) -> tuple[str, int]:
    name = reader.name()
    at = reader.position
    sort = reader.byte()
    if sort != _CORE_INSTANCE_SORT:
        reader.fail(f"an argument of sort {sort:#04x}", "0x12, a core instance", at)
    return name, reader.u32()


def _read_instance(reader: Reader) -> Instantiation | Bundle:
    at = reader.position
    form = reader.byte()
    match form:
        case 0x00:
            component = reader.u32()
            count = reader.count(limits.MAX_COMPONENT_ITEMS, "arguments")
            return Instantiation(component, tuple([read_argument(reader) for _ in range(count)]), at)
        case 0x01:
            count = reader.count(limits.MAX_COMPONENT_ITEMS, "inline exports")
            return Bundle(tuple([read_inline_export(reader) for _ in range(count)]), at)
        case _:
            reader.fail(f"instance {form:#04x}", "0x00 (instantiate) or 0x01 (inline exports)", at)


def _read_import(reader: Reader) -> ImportDefinition:
    at = reader.position
    return ImportDefinition(read_extern_name(reader), read_extern_type(reader), at)


def _read_export(reader: Reader) -> ExportDefinition:
    at = reader.position
    name, item = read_extern_name(reader), read_exported(reader)
    ascribed = read_extern_type(reader) if read_flag(reader, "an ascribed type") else None
    return ExportDefinition(name, item, ascribed, at)


def _read_start(reader: Reader) -> StartDefinition:
    at = reader.position
    function = reader.u32()
    count = reader.count(limits.MAX_COMPONENT_ITEMS, "arguments")
    arguments = tuple([reader.u32() for _ in range(count)])
    where = reader.position
    results = reader.u32()
    if results > limits.MAX_RESULTS:
        reader.fail(f"{results} results", f"at most {limits.MAX_RESULTS}", where)
    return StartDefinition(function, arguments, results, at)


def _read_value(reader: Reader) -> ValueDefinition:
    at = reader.position
    read_value_type(reader)
    reader.sub(reader.u32(), "a value")
    return ValueDefinition(at)

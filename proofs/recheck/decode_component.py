"""Decodes the sections of a component [CM Binary.md]."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.recheck.component import (
    BuiltIn,
    Bundle,
    Component,
    CoreBundle,
    CoreInstantiate,
    CoreModule,
    Definition,
    Export,
    Import,
    Instantiate,
    Lift,
    Lower,
    Named,
    Need,
    Nested,
    Options,
    ResourceDrop,
    Start,
    TypeDefinition,
    ValueDefinition,
)
from proofs.recheck.coretypes import TypeStore, read_val_type
from proofs.recheck.decode_module import decode_module
from proofs.recheck.decode_types import (
    read_alias,
    read_core_sort,
    read_core_type,
    read_extern_name,
    read_extern_type,
    read_result,
    read_sort,
    read_type,
    read_val_ref,
)
from proofs.recheck.reader import COMPONENT_PREAMBLE, Reader


def decode_component(r: Reader, store: TypeStore) -> Component:
    """Decodes the component that fills `r`, its preamble included."""
    if r.take(8) != COMPONENT_PREAMBLE:
        raise r.fault("no component of a known version")
    definitions: list[Definition] = []
    while not r.at_end:
        number = r.u8()
        section = r.sub(r.u32())
        definitions.extend(_section(number, section, store))
        section.finish(f"component section {number}")
    return Component(tuple(definitions))


def _section(number: int, r: Reader, store: TypeStore) -> Iterator[Definition]:
    match number:
        case 0:
            r.name()
            r.position = r.end
        case 1:
            yield CoreModule(decode_module(r, store))
        case 2:
            yield from r.vector(lambda: _core_instance(r))
        case 3:
            yield from r.vector(lambda: read_core_type(r))
        case 4:
            yield Nested(decode_component(r, store))
        case 5:
            yield from r.vector(lambda: _instance(r))
        case 6:
            yield from r.vector(lambda: read_alias(r))
        case 7:
            yield from r.vector(lambda: TypeDefinition(read_type(r)))
        case 8:
            yield from r.vector(lambda: _canon(r))
        case 9:
            r.u32()
            r.vector(r.u32)
            yield Start(r.u32())
        case 10:
            yield from r.vector(lambda: Import(read_extern_name(r), read_extern_type(r)))
        case 11:
            yield from r.vector(lambda: _export(r))
        case 12:
            yield from r.vector(lambda: _value(r))
        case _:
            raise r.fault(f"unknown component section {number}")


def _core_instance(r: Reader) -> Definition:
    match r.u8():
        case 0x00:
            return CoreInstantiate(r.u32(), r.vector(lambda: _core_argument(r)))
        case 0x01:
            return CoreBundle(r.vector(lambda: Named(r.name(), read_core_sort(r), r.u32())))
        case byte:
            raise r.fault(f"unknown core instance {byte:#04x}")


def _core_argument(r: Reader) -> tuple[str, int]:
    name = r.name()
    r.expect(0x12, "an instance as argument")
    return name, r.u32()


def _instance(r: Reader) -> Definition:
    match r.u8():
        case 0x00:
            return Instantiate(r.u32(), r.vector(lambda: Named(r.name(), read_sort(r), r.u32())))
        case 0x01:
            return Bundle(r.vector(lambda: Named(read_extern_name(r), read_sort(r), r.u32())))
        case byte:
            raise r.fault(f"unknown instance {byte:#04x}")


def _export(r: Reader) -> Export:
    export = Export(read_extern_name(r), read_sort(r), r.u32())
    if _flag(r):
        read_extern_type(r)
    return export


def _value(r: Reader) -> ValueDefinition:
    read_val_ref(r)
    r.skip(r.u32())
    return ValueDefinition()


def _flag(r: Reader) -> bool:
    byte = r.u8()
    if byte > 1:
        raise r.fault(f"unknown flag {byte:#04x}")
    return byte == 1


def _options(r: Reader) -> Options:
    found: dict[int, int] = {}
    for _ in range(r.count()):
        option = r.u8()
        if option > 0x07:
            raise r.fault(f"unknown canonical option {option:#04x}")
        kind = 0 if option <= 0x02 else option
        if kind in found:
            raise r.fault("a canonical option is given twice")
        found[kind] = r.u32() if option in (0x03, 0x04, 0x05, 0x07) else 0
    return Options(found.get(0x04), found.get(0x05), found.get(0x07))


def _canon(r: Reader) -> Definition:
    """A canonical definition; those not named in C1 to C4 have no edge but to their `realloc`."""
    match r.u8():
        case 0x00:
            r.expect(0, "a function")
            return Lift(r.u32(), _options(r), r.u32())
        case 0x01:
            r.expect(0, "a function")
            return Lower(r.u32(), _options(r))
        case 0x03:
            return ResourceDrop(r.u32())
        case 0x05 | 0x0D | 0x1E | 0x1F | 0x22 | 0x23 | 0x24 | 0x25 | 0x26 | 0x28 | 0x42:
            return BuiltIn()
        case 0x02 | 0x04 | 0x0E | 0x13 | 0x14 | 0x15 | 0x1A | 0x1B:
            r.u32()
            return BuiltIn()
        case 0x06 | 0x0C | 0x29 | 0x2A | 0x2B | 0x2C | 0x2D:
            _flag(r)
            return BuiltIn()
        case 0x09:
            read_result(r)
            return BuiltIn(_options(r))
        case 0x0A | 0x0B:
            read_val_type(r)
            r.u32()
            return BuiltIn()
        case 0x0F | 0x16:
            index = r.u32()
            return BuiltIn(_options(r), Need.BY_ELEMENT, index)
        case 0x10 | 0x17:
            r.u32()
            return BuiltIn(_options(r))
        case 0x11 | 0x12 | 0x18 | 0x19:
            r.u32()
            _flag(r)
            return BuiltIn()
        case 0x1C:
            return BuiltIn(_options(r))
        case 0x1D:
            return BuiltIn(_options(r), Need.ALWAYS)
        case 0x20 | 0x21:
            _flag(r)
            r.u32()
            return BuiltIn()
        case 0x27 | 0x41:
            r.u32()
            r.u32()
            return BuiltIn(spawns=True)
        case 0x40:
            r.u32()
            return BuiltIn(spawns=True)
        case byte:
            raise r.fault(f"unknown canonical definition {byte:#04x}")

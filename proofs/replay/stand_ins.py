"""Stand-ins for what the host gives: one small module that exports a thing for each import.

Types are taken over byte for byte from the importing module, so that every one links, whatever proposal it comes from.
"""

from __future__ import annotations

from extract.wasm.module import ExternKind, GlobalType, Module, TableType
from extract.wasm.reader import Buffer, Reader
from extract.wasm.types import (
    ABSTRACT_HEAP,
    FunctionType,
    Reference,
    TypeStore,
    ValueType,
    read_reference_type,
    read_value_type,
)
from extract.wasm.world import CoreInstance, Defined
from proofs.replay import leb
from proofs.replay.copies import sections

_ABSTRACT = {name: code for code, name in ABSTRACT_HEAP.items()}
_ZERO = {
    "i32": b"\x41\x00",
    "i64": b"\x42\x00",
    "f32": b"\x43" + bytes(4),
    "f64": b"\x44" + bytes(8),
    "v128": b"\xfd\x0c" + bytes(16),
}
_END = b"\x0b"
_UNREACHABLE = b"\x00"
_SECTION_OF = {
    ExternKind.FUNCTION: 3,
    ExternKind.TABLE: 4,
    ExternKind.MEMORY: 5,
    ExternKind.TAG: 13,
    ExternKind.GLOBAL: 6,
}


class NoStandInError(Exception):
    """An import of a type that has no default value."""


def stand_in_name(place: int) -> str:
    """What the stand-in for the import at this place is exported as."""
    return str(place)


def stand_ins(data: Buffer, instance: CoreInstance, store: TypeStore) -> bytes | None:
    """The module of stand-ins for every import that no core instance provides; None if there is no such import.

    Functions return zeros and null references, and trap if they would have to return anything else.
    """
    module = instance.module
    spaces: dict[ExternKind, list[bytes]] = {kind: [] for kind in _SECTION_OF}
    bodies: list[bytes] = []
    exports: list[bytes] = []
    types = _import_types(data, module)
    for place, (declared, definition) in enumerate(zip(module.imports, instance.imports, strict=True)):
        if isinstance(definition, Defined):
            continue
        space = spaces[declared.kind]
        exports.append(leb.export(stand_in_name(place), declared.kind, len(space)))
        written = types[place]
        match declared.type:
            case GlobalType(content=content):
                written += _default(module, content) + _END
            case TableType(element=element):
                _default(module, element)
            case int(number) if declared.kind is ExternKind.FUNCTION:
                bodies.append(_body(module, store, number))
            case _:
                pass
        space.append(written)
    if not exports:
        return None
    out = [b"\0asm\x01\0\0\0"]
    out.extend(bytes(data[item.start : item.end]) for item in sections(data, module) if item.number == 1)
    out.extend(leb.section(_SECTION_OF[kind], leb.vector(items)) for kind, items in spaces.items() if items)
    out.append(leb.section(7, leb.vector(exports)))
    if bodies:
        out.append(leb.section(10, leb.vector(leb.unsigned(len(body)) + body for body in bodies)))
    return b"".join(out)


def _body(module: Module, store: TypeStore, number: int) -> bytes:
    composite = store[number].composite
    results = composite.results if isinstance(composite, FunctionType) else ()
    try:
        values = b"".join([_default(module, result) for result in results])
    except NoStandInError:
        values = _UNREACHABLE
    return b"\x00" + values + _END


def _default(module: Module, content: ValueType) -> bytes:
    """The instructions that give the default value of a type."""
    match content:
        case str():
            return _ZERO[content]
        case Reference(True, str(heap)):
            return b"\xd0" + bytes((_ABSTRACT[heap],))
        case Reference(True, int(heap)):
            return b"\xd0" + leb.signed(module.scope.numbers.index(heap))
        case _:
            raise NoStandInError("an import is of a reference type without a default value")


def _import_types(data: Buffer, module: Module) -> list[bytes]:
    """The bytes of the type of each import."""
    found: list[bytes] = []
    for item in sections(data, module):
        if item.number != 2:
            continue
        reader = Reader(data, item.content, item.end, "")
        for _ in range(reader.u32()):
            reader.name()
            reader.name()
            kind = ExternKind(reader.byte())
            start = reader.position
            _skip_type(reader, module, kind)
            found.append(bytes(data[start : reader.position]))
    return found


def _skip_type(reader: Reader, module: Module, kind: ExternKind) -> None:
    match kind:
        case ExternKind.FUNCTION:
            reader.u32()
        case ExternKind.TABLE:
            read_reference_type(reader, module.scope)
            _skip_limits(reader)
        case ExternKind.MEMORY:
            _skip_limits(reader)
        case ExternKind.GLOBAL:
            read_value_type(reader, module.scope)
            reader.byte()
        case ExternKind.TAG:
            reader.byte()
            reader.u32()


def _skip_limits(reader: Reader) -> None:
    flags = reader.byte()
    reader.unsigned(64)
    if flags & 1:
        reader.unsigned(64)
    if flags & 8:
        reader.u32()

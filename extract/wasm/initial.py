"""What an instance begins with: numbers in globals, bytes that data segments put into memory; and names of data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.body_immediates import read_operation
from extract.wasm.module import ExternKind, Module
from extract.wasm.reader import Buffer, Reader

_GLOBAL, _DATA = 6, 11
_SEGMENT_NAMES = 9


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes at `address` of a memory when the instance is made; None if the module alone does not say where. `offset`:
    of the segment in the file.
    """

    memory: int
    address: int | None
    data: bytes
    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Initial:
    """`globals`: by index, None where the module alone does not say; `segments`: the active ones, in order."""

    globals: tuple[int | None, ...]
    segments: tuple[Segment, ...]

    def bytes_at(self, memory: int, address: int, size: int) -> bytes | None:
        """None if some segment's place is not known."""
        found = bytearray(size)
        for segment in self.segments:
            if segment.memory != memory:
                continue
            if segment.address is None:
                return None
            for place in range(max(address, segment.address), min(address + size, segment.address + len(segment.data))):
                found[place - address] = segment.data[place - segment.address]
        return bytes(found)


def initial_state(data: Buffer, module: Module, file: str) -> Initial:
    """Of an instance whose memory nobody else has written to. InputError for what is malformed."""
    imported: list[int | None] = [None for item in module.imports if item.kind is ExternKind.GLOBAL]
    globals_ = imported
    names = _segment_names(data, module, file)
    segments: list[Segment] = []
    reader = Reader(data, module.start + 8, module.end, file)
    while not reader.at_end():
        number = reader.byte()
        content = reader.sub(reader.u32(), "a section")
        if number == _GLOBAL:
            globals_ = [*imported, *_globals(content, module, imported)]
        elif number == _DATA:
            segments = list(_segments(content, module, globals_, names))
    return Initial(tuple(globals_), tuple(segments))


def _globals(reader: Reader, module: Module, before: list[int | None]) -> Iterator[int | None]:
    from extract.wasm.types import read_value_type

    known = list(before)
    for _ in range(reader.u32()):
        read_value_type(reader, module.scope)
        reader.byte()
        known.append(_constant(reader, module, known))
        yield known[-1]


def _segments(reader: Reader, module: Module, globals_: list[int | None], names: dict[int, str]) -> Iterator[Segment]:
    for number in range(reader.count(limits.MAX_DATA_SEGMENTS, "data segments")):
        at = reader.position
        flags = reader.u32()
        memory = reader.u32() if flags == 2 else 0
        address = _constant(reader, module, globals_) if flags != 1 else None
        size = reader.u32()
        start = reader.position
        reader.skip(size, "a data segment")
        if flags != 1:
            yield Segment(memory, address, bytes(reader.data[start : start + size]), names.get(number, ""), at)


def _constant(reader: Reader, module: Module, globals_: list[int | None]) -> int | None:
    """A constant expression of one instruction, unsigned; None for any other."""
    value: int | None = None
    for count in range(limits.MAX_CONSTANT_INSTRUCTIONS):
        operation = read_operation(reader, module.scope)
        match operation.name, operation.immediates:
            case "end", _:
                return value
            case "i32.const", (int(number),) if count == 0:
                value = number % (1 << 32)
            case "i64.const", (int(number),) if count == 0:
                value = number % (1 << 64)
            case "global.get", (int(index),) if count == 0 and index < len(globals_):
                value = globals_[index]
            case _:
                value = None
    reader.fail("a longer constant expression", f"at most {limits.MAX_CONSTANT_INSTRUCTIONS} instructions")


def _segment_names(data: Buffer, module: Module, file: str) -> dict[int, str]:
    """A malformed name section names nothing."""
    try:
        return segment_names(data, module, file)
    except InputError:
        return {}


def segment_names(data: Buffer, module: Module, file: str) -> dict[int, str]:
    """Of the name section's subsection 9. InputError for a malformed one."""
    names: dict[int, str] = {}
    if module.name_section is None:
        return names
    reader = Reader(data, *module.name_section, file)
    while not reader.at_end():
        kind = reader.byte()
        content = reader.sub(reader.u32(), "a name subsection")
        if kind == _SEGMENT_NAMES:
            for _ in range(content.u32()):
                index = content.u32()
                names[index] = content.name(limits.MAX_MODULE_BYTES)
    return names

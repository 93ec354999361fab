"""What the flags of each memory say besides its limits, which the call graph does not need and a model must know."""

from __future__ import annotations

from dataclasses import dataclass

from extract.wasm import limits
from extract.wasm.module import ExternKind, Module
from extract.wasm.reader import Buffer, Reader
from extract.wasm.types import TypeScope, read_mutability, read_reference_type, read_value_type

_HEADER_BYTES = 8
_IMPORTS, _MEMORIES = 2, 5


@dataclass(frozen=True, slots=True)
class MemoryFlags:
    """`shared`: other threads may write to it. `wide`: its addresses have 64 bits."""

    shared: bool
    wide: bool


def memory_flags(data: Buffer, module: Module, file: str) -> tuple[MemoryFlags, ...]:
    """Of every memory, imports first [core 3.0, "Binary format / Types / Limits"; proposal threads]."""
    reader = Reader(data, module.start + _HEADER_BYTES, module.end, file)
    found: list[MemoryFlags] = []
    while not reader.at_end():
        section = reader.byte()
        content = reader.sub(reader.u32(), "a section")
        if section == _IMPORTS:
            for _ in range(content.count(limits.MAX_IMPORTS, "imports")):
                _read_import(content, module.scope, found)
        elif section == _MEMORIES:
            found.extend([_limits(content) for _ in range(content.count(limits.MAX_MEMORIES, "memories"))])
    assert len(found) == len(module.memories), f"{len(found)} memories, not {len(module.memories)}"
    return tuple(found)


def _read_import(reader: Reader, scope: TypeScope, found: list[MemoryFlags]) -> None:
    reader.name()
    reader.name()
    match ExternKind(reader.byte()):
        case ExternKind.FUNCTION:
            reader.u32()
        case ExternKind.TABLE:
            read_reference_type(reader, scope)
            _limits(reader)
        case ExternKind.MEMORY:
            found.append(_limits(reader))
        case ExternKind.GLOBAL:
            read_value_type(reader, scope)
            read_mutability(reader)
        case ExternKind.TAG:
            reader.byte()
            reader.u32()


def _limits(reader: Reader) -> MemoryFlags:
    """1: a maximum; 2: shared; 4: 64-bit; 8: a page size."""
    flags = reader.byte()
    wide = bool(flags & 4)
    for _ in range(2 if flags & 1 else 1):
        reader.unsigned(64 if wide else 32)
    if flags & 8:
        reader.u32()
    return MemoryFlags(bool(flags & 2), wide)

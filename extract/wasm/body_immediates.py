"""Immediates of one instruction, all kept [core 3.0, "Binary format / Instructions"]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from extract.wasm import limits
from extract.wasm.instructions import read_instruction
from extract.wasm.opcodes import Immediate, Opcode
from extract.wasm.reader import Reader
from extract.wasm.types import FunctionType, HeapType, TypeScope, ValueType, read_heap_type, read_value_type


@dataclass(frozen=True, slots=True)
class MemoryArgument:
    """`alignment`: the exponent, a hint without meaning. `offset` is added to the address, without wrapping."""

    alignment: int
    memory: int
    offset: int


@dataclass(frozen=True, slots=True)
class BlockType:
    parameters: tuple[ValueType, ...]
    results: tuple[ValueType, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """Of `br_table`: the label for each index, and the one for any other."""

    targets: tuple[int, ...]
    default: int


@dataclass(frozen=True, slots=True)
class Types:
    """Of a `select` with types."""

    types: tuple[ValueType, ...]


@dataclass(frozen=True, slots=True)
class Catch:
    """`kind`: 0 catch, 1 catch_ref, 2 catch_all, 3 catch_all_ref; `tag` is None for the last two."""

    kind: int
    tag: int | None
    label: int


@dataclass(frozen=True, slots=True)
class Catches:
    clauses: tuple[Catch, ...]


@dataclass(frozen=True, slots=True)
class Heap:
    """A heap type: an abstract one by name, or the interned number of a defined one."""

    type: HeapType


ImmediateValue = int | bytes | MemoryArgument | BlockType | Labels | Types | Catches | Heap


@dataclass(frozen=True, slots=True)
class Operation:
    """An instruction in full. `offset`: absolute, in bytes. Integers of constants are as encoded, thus signed."""

    offset: int
    opcode: Opcode
    immediates: tuple[ImmediateValue, ...]

    @property
    def name(self) -> str:
        return self.opcode.name


def read_operation(reader: Reader, scope: TypeScope) -> Operation:
    """The next instruction. The plain reader goes first and raises what is wrong; this reads what it passed over."""
    start = reader.position
    instruction = read_instruction(reader, scope)
    again = Reader(reader.data, start, reader.position, reader.file)
    if again.byte() and instruction.opcode.prefix:
        again.u32()
    values = tuple([_value(again, scope, kind) for kind in instruction.opcode.immediates])
    again.finish("instruction")
    return Operation(start, instruction.opcode, values)


def _value(reader: Reader, scope: TypeScope, kind: Immediate) -> ImmediateValue:
    match kind:
        case Immediate.INDEX:
            return reader.u32()
        case Immediate.S32:
            return reader.signed(32)
        case Immediate.S64:
            return reader.signed(64)
        case Immediate.BYTES4:
            return reader.take(4)
        case Immediate.BYTES8:
            return reader.take(8)
        case Immediate.BYTES16:
            return reader.take(16)
        case Immediate.BYTE | Immediate.ZERO | Immediate.CAST_FLAGS:
            return reader.byte()
        case Immediate.MEMORY_ARGUMENT:
            flags = reader.u32()
            memory = reader.u32() if flags & 0x40 else 0
            return MemoryArgument(flags & 0x3F, memory, reader.unsigned(64))
        case Immediate.BLOCK_TYPE:
            return _block_type(reader, scope)
        case Immediate.LABELS:
            count = reader.count(limits.MAX_BRANCH_LABELS, "labels")
            return Labels(tuple([reader.u32() for _ in range(count)]), reader.u32())
        case Immediate.VALUE_TYPES:
            count = reader.count(limits.MAX_RESULTS, "types of a select")
            return Types(tuple([read_value_type(reader, scope) for _ in range(count)]))
        case Immediate.CATCHES:
            count = reader.count(limits.MAX_BRANCH_LABELS, "catch clauses")
            return Catches(tuple([_catch(reader) for _ in range(count)]))
        case Immediate.HEAP_TYPE:
            return Heap(read_heap_type(reader, scope))
        case _:
            assert_never(kind)


def _catch(reader: Reader) -> Catch:
    kind = reader.byte()
    return Catch(kind, reader.u32() if kind < 2 else None, reader.u32())


def _block_type(reader: Reader, scope: TypeScope) -> BlockType:
    """Nothing, one result, or the parameters and results of a function type."""
    at = reader.position
    code = reader.data[at]
    if code == 0x40:
        reader.byte()
        return BlockType((), ())
    if code in (0x63, 0x64) or 0x69 <= code <= 0x7F:
        return BlockType((), (read_value_type(reader, scope),))
    index = reader.signed(33)
    composite = scope.store[scope.function_type(reader, index, at)].composite
    assert isinstance(composite, FunctionType)
    return BlockType(composite.parameters, composite.results)

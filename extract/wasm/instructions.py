"""The plain reader of function bodies: one instruction after the other, straight from the opcode table.

It is the reference for the scanner, the reader of small modules, and the one that finds the byte offset of a call on
a path that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from extract.wasm import limits
from extract.wasm.opcodes import PREFIXES, TABLE, Effect, Immediate, Opcode
from extract.wasm.reader import Reader
from extract.wasm.types import TypeScope, read_heap_type, read_value_type


class Instruction(NamedTuple):
    """`operands`: the values of the INDEX immediates, in order; `offset`: absolute, in bytes."""

    offset: int
    opcode: Opcode
    operands: tuple[int, ...]


def instructions(reader: Reader, scope: TypeScope) -> Iterator[Instruction]:
    """Every instruction of a body (locals included in what is read), which must end at the reader's end."""
    _skip_locals(reader, scope)
    depth = 1
    while depth:
        instruction = read_instruction(reader, scope)
        match instruction.opcode.effect:
            case Effect.OPENS:
                depth += 1
            case Effect.ENDS | Effect.DELEGATES:
                depth -= 1
            case _:
                pass
        yield instruction
    reader.finish("function body")


def read_instruction(reader: Reader, scope: TypeScope) -> Instruction:
    offset = reader.position
    prefix, code = 0, reader.byte()
    if code in PREFIXES:
        prefix, code = code, reader.u32()
    opcode = TABLE.get((prefix, code))
    if opcode is None:
        written = f"{prefix:#04x} {code:#x}" if prefix else f"{code:#04x}"
        reader.fail(f"opcode {written}", "an instruction of WebAssembly 3.0", offset)
    operands: list[int] = []
    for immediate in opcode.immediates:
        if immediate is Immediate.INDEX:
            operands.append(reader.u32())
        else:
            _SKIP[immediate](reader, scope)
    return Instruction(offset, opcode, tuple(operands))


def _skip_locals(reader: Reader, scope: TypeScope) -> None:
    total = 0
    for _ in range(reader.count(limits.MAX_LOCALS, "groups of locals")):
        at = reader.position
        total += reader.u32()
        if total > limits.MAX_LOCALS:
            reader.fail(f"{total} locals", f"at most {limits.MAX_LOCALS}", at)
        read_value_type(reader, scope)


def _memory_argument(reader: Reader, _scope: TypeScope) -> None:
    at = reader.position
    alignment = reader.u32()
    if alignment >= 0x80:
        reader.fail(f"alignment {alignment:#x}", "flags below 0x80", at)
    if alignment & 0x40:
        reader.u32()
    reader.unsigned(64)


def _block_type(reader: Reader, scope: TypeScope) -> None:
    if not reader.at_end():
        code = reader.data[reader.position]
        if code == 0x40:
            reader.byte()
            return
        if code in (0x63, 0x64) or 0x69 <= code <= 0x7F:
            read_value_type(reader, scope)
            return
    at = reader.position
    index = reader.signed(33)
    if index < 0:
        reader.fail("a negative block type", "a type index or value type", at)
    scope.resolve(reader, index, at)


def _labels(reader: Reader, _scope: TypeScope) -> None:
    for _ in range(reader.count(limits.MAX_BRANCH_LABELS, "labels") + 1):
        reader.u32()


def _value_types(reader: Reader, scope: TypeScope) -> None:
    for _ in range(reader.count(limits.MAX_RESULTS, "types of a select")):
        read_value_type(reader, scope)


def _catches(reader: Reader, _scope: TypeScope) -> None:
    for _ in range(reader.count(limits.MAX_BRANCH_LABELS, "catch clauses")):
        at = reader.position
        kind = reader.byte()
        if kind > 3:
            reader.fail(f"catch kind {kind:#04x}", "0 to 3", at)
        if kind < 2:
            reader.u32()
        reader.u32()


def _cast_flags(reader: Reader, _scope: TypeScope) -> None:
    at = reader.position
    flags = reader.byte()
    if flags > 3:
        reader.fail(f"cast flags {flags:#04x}", "0 to 3", at)


def _zero(reader: Reader, _scope: TypeScope) -> None:
    at = reader.position
    byte = reader.byte()
    if byte:
        reader.fail(f"byte {byte:#04x}", "0x00", at)


_SKIP: dict[Immediate, Callable[[Reader, TypeScope], object]] = {
    Immediate.S32: lambda reader, _: reader.signed(32),
    Immediate.S64: lambda reader, _: reader.signed(64),
    Immediate.BYTES4: lambda reader, _: reader.take(4),
    Immediate.BYTES8: lambda reader, _: reader.take(8),
    Immediate.BYTES16: lambda reader, _: reader.take(16),
    Immediate.BYTE: lambda reader, _: reader.byte(),
    Immediate.ZERO: _zero,
    Immediate.MEMORY_ARGUMENT: _memory_argument,
    Immediate.BLOCK_TYPE: _block_type,
    Immediate.LABELS: _labels,
    Immediate.VALUE_TYPES: _value_types,
    Immediate.CATCHES: _catches,
    Immediate.HEAP_TYPE: read_heap_type,
    Immediate.CAST_FLAGS: _cast_flags,
}

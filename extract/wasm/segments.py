"""Constant expressions, and the element segments that are made of them [core 3.0, "Modules / Element Section"]."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from extract.wasm import limits
from extract.wasm.instructions import read_instruction
from extract.wasm.module import Constant, ElementSegment, SegmentMode
from extract.wasm.opcodes import Effect
from extract.wasm.reader import Reader
from extract.wasm.types import TypeScope, read_reference_type

_I32_CONST, _END = 0x41, 0x0B
# What a constant expression may hold besides `ref.func`, `ref.null` and `end` [core 3.0, "Constant Expressions"].
_CONSTANT = frozenset(
    {(0, code) for code in (0x23, *range(0x41, 0x45), *range(0x6A, 0x6D), *range(0x7C, 0x7F))}
    | {(0xFB, code) for code in (0, 1, 6, 7, 8, 26, 27, 28)}
    | {(0xFD, 0x0C)}
)


def read_function_index(reader: Reader, functions: int) -> int:
    """An index below `functions`, how many there are."""
    at = reader.position
    index = reader.u32()
    if index >= functions:
        reader.fail(f"function index {index}", f"an index below {functions}", at)
    return index


def read_constant(reader: Reader, scope: TypeScope, functions: int) -> tuple[Constant, bool]:
    """A constant expression, and whether it converts a reference to or from `extern` (rule R5)."""
    if _skip_number(reader):
        return Constant((), False), False
    found: list[int] = []
    plain, converts = True, False
    for _ in range(limits.MAX_CONSTANT_INSTRUCTIONS):
        offset, opcode, operands = read_instruction(reader, scope)
        match opcode.name:
            case "end":
                return Constant(tuple(found), plain), converts
            case "ref.func":
                if operands[0] >= functions:
                    reader.fail(f"function index {operands[0]}", f"an index below {functions}", offset)
                found.append(operands[0])
            case "ref.null":
                pass
            case name:
                if (opcode.prefix, opcode.code) not in _CONSTANT:
                    reader.fail(name, "an instruction of constant expressions", offset)
                plain = False
                converts |= opcode.effect is Effect.CONVERTS_EXTERN
    reader.fail("a longer constant expression", f"at most {limits.MAX_CONSTANT_INSTRUCTIONS} instructions")


def _skip_number(reader: Reader) -> bool:
    """A quick way over `i32.const` alone: the offset of a data segment; a module can have a hundred thousand."""
    start = reader.position
    if start + 1 < reader.end and reader.data[start] == _I32_CONST:
        reader.position = start + 1
        reader.signed(32)
        if not reader.at_end() and reader.byte() == _END:
            return True
        reader.position = start
    return False


def read_element_segment(
    reader: Reader, scope: TypeScope, functions: int, tables: int, constant: Callable[[Reader], Constant]
) -> ElementSegment:
    """One element segment, in any of its eight forms. `constant` reads an expression."""
    offset = reader.position
    flags = reader.u32()
    if flags > 7:
        reader.fail(f"element segment flags {flags:#x}", "0 to 7", offset)
    passive, explicit, expressions = flags & 1, flags & 2, flags & 4
    mode, table = SegmentMode.ACTIVE, 0
    if passive:
        mode = SegmentMode.DECLARATIVE if explicit else SegmentMode.PASSIVE
    else:
        at = reader.position
        table = reader.u32() if explicit else 0
        if table >= tables:
            reader.fail(f"table index {table}", f"an index below {tables}", at)
        constant(reader)
    if passive or explicit:
        _skip_element_type(reader, scope, bool(expressions))
    members = array("I")
    plain = True
    for _ in range(reader.count(limits.MAX_ELEMENTS, "elements")):
        if expressions:
            element = constant(reader)
            members.extend(element.functions)
            plain = plain and element.plain
        else:
            members.append(read_function_index(reader, functions))
    return ElementSegment(mode, table, members, plain, offset)


def _skip_element_type(reader: Reader, scope: TypeScope, expressions: bool) -> None:
    if expressions:
        read_reference_type(reader, scope)
        return
    at = reader.position
    if kind := reader.byte():
        reader.fail(f"element kind {kind:#04x}", "0x00", at)

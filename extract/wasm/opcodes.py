"""The one opcode table: every instruction of WebAssembly 3.0 and what follows its opcode.

Sources: WebAssembly core specification 3.0, chapter "Binary format / Instructions"; the proposals threads,
wide-arithmetic and (legacy) exception handling. The plain reader (`instructions`), the generated scanner
(`scanner`) and the tests all derive from `TABLE`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import NamedTuple


class Immediate(enum.Enum):
    """What can follow an opcode."""

    INDEX = "u32 index"
    S32 = "s32"
    S64 = "s64"
    BYTES4 = "4 bytes"
    BYTES8 = "8 bytes"
    BYTES16 = "16 bytes"
    BYTE = "lane"
    ZERO = "zero byte"
    MEMORY_ARGUMENT = "alignment, memory and offset"
    BLOCK_TYPE = "block type"
    LABELS = "vector of labels and a default"
    VALUE_TYPES = "vector of value types"
    CATCHES = "vector of catch clauses"
    HEAP_TYPE = "heap type"
    CAST_FLAGS = "cast flags"


class Effect(enum.Enum):
    """Why the call graph cares about an instruction (docs/call-graph.md)."""

    NONE = 0
    OPENS = 1  # opens a block that an `end` closes
    ENDS = 2
    DELEGATES = 3  # closes a legacy `try` in place of `end`
    CALL = 4  # E1
    CALL_INDIRECT = 5  # E2
    CALL_REFERENCE = 6  # E3
    GROW = 7  # E4
    REFERENCE = 8  # R1
    TABLE_GET = 9  # R6
    TABLE_WRITE = 10  # R2: set, fill, grow
    TABLE_INIT = 11  # R2
    TABLE_COPY = 12  # R2
    CONVERTS_EXTERN = 13  # R5


class Opcode(NamedTuple):
    """One instruction: `prefix` is 0 or the byte 0xfb to 0xfe, `code` what follows it (LEB128 after a prefix)."""

    prefix: int
    code: int
    name: str
    immediates: tuple[Immediate, ...]
    effect: Effect


_I = Immediate
_E = Effect
_INDEX = (_I.INDEX,)
_TWO = (_I.INDEX, _I.INDEX)
_MEMORY = (_I.MEMORY_ARGUMENT,)
_BLOCK = (_I.BLOCK_TYPE,)
_HEAP = (_I.HEAP_TYPE,)
_CAST = (_I.CAST_FLAGS, _I.INDEX, _I.HEAP_TYPE, _I.HEAP_TYPE)

# (first code, last code, name or stem, immediates, effect); a range shares everything but the code.
_Row = tuple[int, int, str, tuple[Immediate, ...], Effect]


def _one(code: int, name: str, immediates: tuple[Immediate, ...] = (), effect: Effect = Effect.NONE) -> _Row:
    return (code, code, name, immediates, effect)


_PLAIN: tuple[_Row, ...] = (
    _one(0x00, "unreachable"),
    _one(0x01, "nop"),
    _one(0x02, "block", _BLOCK, _E.OPENS),
    _one(0x03, "loop", _BLOCK, _E.OPENS),
    _one(0x04, "if", _BLOCK, _E.OPENS),
    _one(0x05, "else"),
    _one(0x06, "try", _BLOCK, _E.OPENS),
    _one(0x07, "catch", _INDEX),
    _one(0x08, "throw", _INDEX),
    _one(0x09, "rethrow", _INDEX),
    _one(0x0A, "throw_ref"),
    _one(0x0B, "end", (), _E.ENDS),
    _one(0x0C, "br", _INDEX),
    _one(0x0D, "br_if", _INDEX),
    _one(0x0E, "br_table", (_I.LABELS,)),
    _one(0x0F, "return"),
    _one(0x10, "call", _INDEX, _E.CALL),
    _one(0x11, "call_indirect", _TWO, _E.CALL_INDIRECT),
    _one(0x12, "return_call", _INDEX, _E.CALL),
    _one(0x13, "return_call_indirect", _TWO, _E.CALL_INDIRECT),
    _one(0x14, "call_ref", _INDEX, _E.CALL_REFERENCE),
    _one(0x15, "return_call_ref", _INDEX, _E.CALL_REFERENCE),
    _one(0x18, "delegate", _INDEX, _E.DELEGATES),
    _one(0x19, "catch_all"),
    _one(0x1A, "drop"),
    _one(0x1B, "select"),
    _one(0x1C, "select", (_I.VALUE_TYPES,)),
    _one(0x1F, "try_table", (_I.BLOCK_TYPE, _I.CATCHES), _E.OPENS),
    (0x20, 0x24, "variable", _INDEX, _E.NONE),
    _one(0x25, "table.get", _INDEX, _E.TABLE_GET),
    _one(0x26, "table.set", _INDEX, _E.TABLE_WRITE),
    (0x28, 0x3E, "load or store", _MEMORY, _E.NONE),
    _one(0x3F, "memory.size", _INDEX),
    _one(0x40, "memory.grow", _INDEX, _E.GROW),
    _one(0x41, "i32.const", (_I.S32,)),
    _one(0x42, "i64.const", (_I.S64,)),
    _one(0x43, "f32.const", (_I.BYTES4,)),
    _one(0x44, "f64.const", (_I.BYTES8,)),
    (0x45, 0xC4, "numeric", (), _E.NONE),
    _one(0xD0, "ref.null", _HEAP),
    _one(0xD1, "ref.is_null"),
    _one(0xD2, "ref.func", _INDEX, _E.REFERENCE),
    _one(0xD3, "ref.eq"),
    _one(0xD4, "ref.as_non_null"),
    _one(0xD5, "br_on_null", _INDEX),
    _one(0xD6, "br_on_non_null", _INDEX),
)

_GC: tuple[_Row, ...] = (
    (0, 1, "struct.new", _INDEX, _E.NONE),
    (2, 5, "struct field", _TWO, _E.NONE),
    (6, 7, "array.new", _INDEX, _E.NONE),
    (8, 10, "array.new_fixed, _data or _elem", _TWO, _E.NONE),
    (11, 14, "array element", _INDEX, _E.NONE),
    _one(15, "array.len"),
    _one(16, "array.fill", _INDEX),
    (17, 19, "array.copy, init_data or init_elem", _TWO, _E.NONE),
    (20, 23, "ref.test or ref.cast", _HEAP, _E.NONE),
    (24, 25, "br_on_cast", _CAST, _E.NONE),
    _one(26, "any.convert_extern", (), _E.CONVERTS_EXTERN),
    _one(27, "extern.convert_any", (), _E.CONVERTS_EXTERN),
    (28, 30, "i31", (), _E.NONE),
)

_BULK: tuple[_Row, ...] = (
    (0, 7, "saturating truncation", (), _E.NONE),
    _one(8, "memory.init", _TWO),
    _one(9, "data.drop", _INDEX),
    _one(10, "memory.copy", _TWO),
    _one(11, "memory.fill", _INDEX),
    _one(12, "table.init", _TWO, _E.TABLE_INIT),
    _one(13, "elem.drop", _INDEX),
    _one(14, "table.copy", _TWO, _E.TABLE_COPY),
    _one(15, "table.grow", _INDEX, _E.TABLE_WRITE),
    _one(16, "table.size", _INDEX),
    _one(17, "table.fill", _INDEX, _E.TABLE_WRITE),
    (19, 22, "wide arithmetic", (), _E.NONE),
)

_LANE = (_I.BYTE,)
_SIMD: tuple[_Row, ...] = (
    (0x00, 0x0B, "v128 load or store", _MEMORY, _E.NONE),
    _one(0x0C, "v128.const", (_I.BYTES16,)),
    _one(0x0D, "i8x16.shuffle", (_I.BYTES16,)),
    (0x0E, 0x14, "v128", (), _E.NONE),
    (0x15, 0x22, "lane", _LANE, _E.NONE),
    (0x23, 0x53, "v128", (), _E.NONE),
    (0x54, 0x5B, "v128 lane load or store", (_I.MEMORY_ARGUMENT, _I.BYTE), _E.NONE),
    (0x5C, 0x5D, "v128 zero load", _MEMORY, _E.NONE),
    (0x5E, 0xFF, "v128", (), _E.NONE),
    (0x100, 0x113, "relaxed v128", (), _E.NONE),
)
# Codes of the range above that the specification leaves free.
_SIMD_HOLES = frozenset(
    (
        0x9A,
        0xA2,
        0xA5,
        0xA6,
        0xAF,
        0xB0,
        0xB2,
        0xB3,
        0xB4,
        0xBB,
        0xC2,
        0xC5,
        0xC6,
        0xCF,
        0xD0,
        0xD2,
        0xD3,
        0xD4,
        0xE2,
        0xEE,
    )
)

_THREADS: tuple[_Row, ...] = (
    (0x00, 0x02, "notify or wait", _MEMORY, _E.NONE),
    _one(0x03, "atomic.fence", (_I.ZERO,)),
    (0x10, 0x4E, "atomic access", _MEMORY, _E.NONE),
)


def _rows(prefix: int, rows: tuple[_Row, ...], holes: frozenset[int] = frozenset()) -> Iterator[Opcode]:
    for first, last, name, immediates, effect in rows:
        for code in range(first, last + 1):
            if code not in holes:
                yield Opcode(prefix, code, name, immediates, effect)


PREFIXES = (0xFB, 0xFC, 0xFD, 0xFE)

TABLE: dict[tuple[int, int], Opcode] = {
    (row.prefix, row.code): row
    for row in (
        *_rows(0, _PLAIN),
        *_rows(0xFB, _GC),
        *_rows(0xFC, _BULK),
        *_rows(0xFD, _SIMD, _SIMD_HOLES),
        *_rows(0xFE, _THREADS),
    )
}

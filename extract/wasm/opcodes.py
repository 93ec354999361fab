"""The one opcode table: every instruction of WebAssembly 3.0 and what follows its opcode.

Sources: WebAssembly core specification 3.0, chapter "Binary format / Instructions", whose names these are; the
proposals threads, wide-arithmetic and (legacy) exception handling. The plain reader (`instructions`), the generated
scanner (`scanner`) and the tests all derive from `TABLE`.
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

# (first code, names of it and those that follow it, immediates, effect). `_` is a code that is left free.
_Row = tuple[int, tuple[str, ...], tuple[Immediate, ...], Effect]


def _one(code: int, name: str, immediates: tuple[Immediate, ...] = (), effect: Effect = Effect.NONE) -> _Row:
    return (code, (name,), immediates, effect)


def _run(first: int, names: str, immediates: tuple[Immediate, ...] = (), effect: Effect = Effect.NONE) -> _Row:
    """Names of codes that follow each other: `i32: add sub` is short for `i32.add i32.sub`, and `:` ends the stem."""
    stem = ""
    full = []
    for word in names.split():
        if word.endswith(":"):
            stem = word[:-1] + "." if word != ":" else ""
        else:
            full.append(word if word == "_" else stem + word)
    return (first, tuple(full), immediates, effect)


_COMPARE = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"
_COMPARE_FLOATS = "eq ne lt gt le ge"
_INTEGER = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"
_FLOAT = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"

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
    _run(0x20, "local: get set tee global: get set", _INDEX),
    _one(0x25, "table.get", _INDEX, _E.TABLE_GET),
    _one(0x26, "table.set", _INDEX, _E.TABLE_WRITE),
    _run(
        0x28,
        "i32.load i64.load f32.load f64.load i32: load8_s load8_u load16_s load16_u "
        "i64: load8_s load8_u load16_s load16_u load32_s load32_u "
        ": i32.store i64.store f32.store f64.store i32: store8 store16 i64: store8 store16 store32",
        _MEMORY,
    ),
    _one(0x3F, "memory.size", _INDEX),
    _one(0x40, "memory.grow", _INDEX, _E.GROW),
    _one(0x41, "i32.const", (_I.S32,)),
    _one(0x42, "i64.const", (_I.S64,)),
    _one(0x43, "f32.const", (_I.BYTES4,)),
    _one(0x44, "f64.const", (_I.BYTES8,)),
    _run(
        0x45,
        f"i32: eqz {_COMPARE} i64: eqz {_COMPARE} f32: {_COMPARE_FLOATS} f64: {_COMPARE_FLOATS} "
        f"i32: {_INTEGER} i64: {_INTEGER} f32: {_FLOAT} f64: {_FLOAT} "
        "i32: wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u "
        "i64: extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u "
        "f32: convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64 "
        "f64: convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32 "
        ": i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 "
        "i32: extend8_s extend16_s i64: extend8_s extend16_s extend32_s",
    ),
    _one(0xD0, "ref.null", _HEAP),
    _one(0xD1, "ref.is_null"),
    _one(0xD2, "ref.func", _INDEX, _E.REFERENCE),
    _one(0xD3, "ref.eq"),
    _one(0xD4, "ref.as_non_null"),
    _one(0xD5, "br_on_null", _INDEX),
    _one(0xD6, "br_on_non_null", _INDEX),
)

_GC: tuple[_Row, ...] = (
    _run(0, "struct: new new_default", _INDEX),
    _run(2, "struct: get get_s get_u set", _TWO),
    _run(6, "array: new new_default", _INDEX),
    _run(8, "array: new_fixed new_data new_elem", _TWO),
    _run(11, "array: get get_s get_u set", _INDEX),
    _one(15, "array.len"),
    _one(16, "array.fill", _INDEX),
    _run(17, "array: copy init_data init_elem", _TWO),
    _run(20, "ref: test test_null cast cast_null", _HEAP),
    _run(24, "br_on_cast br_on_cast_fail", _CAST),
    _one(26, "any.convert_extern", (), _E.CONVERTS_EXTERN),
    _one(27, "extern.convert_any", (), _E.CONVERTS_EXTERN),
    _run(28, "ref.i31 i31.get_s i31.get_u"),
)

_BULK: tuple[_Row, ...] = (
    _run(
        0,
        "i32: trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u "
        "i64: trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u",
    ),
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
    _run(19, "i64: add128 sub128 mul_wide_s mul_wide_u"),
)

_LANE = (_I.BYTE,)
_SIMD: tuple[_Row, ...] = (
    _run(
        0x00,
        "v128: load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u "
        "load8_splat load16_splat load32_splat load64_splat store",
        _MEMORY,
    ),
    _one(0x0C, "v128.const", (_I.BYTES16,)),
    _one(0x0D, "i8x16.shuffle", (_I.BYTES16,)),
    _run(0x0E, "i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat"),
    _run(
        0x15,
        "i8x16: extract_lane_s extract_lane_u replace_lane i16x8: extract_lane_s extract_lane_u replace_lane "
        "i32x4: extract_lane replace_lane i64x2: extract_lane replace_lane "
        "f32x4: extract_lane replace_lane f64x2: extract_lane replace_lane",
        _LANE,
    ),
    _run(
        0x23,
        f"i8x16: {_COMPARE} i16x8: {_COMPARE} i32x4: {_COMPARE} f32x4: {_COMPARE_FLOATS} f64x2: {_COMPARE_FLOATS} "
        "v128: not and andnot or xor bitselect any_true",
    ),
    _run(
        0x54,
        "v128: load8_lane load16_lane load32_lane load64_lane store8_lane store16_lane store32_lane store64_lane",
        (_I.MEMORY_ARGUMENT, _I.BYTE),
    ),
    _run(0x5C, "v128: load32_zero load64_zero", _MEMORY),
    _run(
        0x5E,
        "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 "
        "i8x16: abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u f32x4: ceil floor trunc nearest "
        "i8x16: shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u f64x2: ceil floor "
        "i8x16: min_s min_u max_s max_u : f64x2.trunc i8x16.avgr_u "
        "i16x8: extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u "
        "i32x4: extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u",
    ),
    _run(
        0x80,
        "i16x8: abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u "
        "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u "
        "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u : f64x2.nearest "
        "i16x8: mul min_s min_u max_s max_u _ avgr_u "
        "extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u",
    ),
    _run(
        0xA0,
        "i32x4: abs neg _ all_true bitmask _ _ "
        "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u "
        "shl shr_s shr_u add _ _ sub _ _ _ mul min_s min_u max_s max_u dot_i16x8_s _ "
        "extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u",
    ),
    _run(
        0xC0,
        "i64x2: abs neg _ all_true bitmask _ _ "
        "extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u "
        "shl shr_s shr_u add _ _ sub _ _ _ mul eq ne lt_s gt_s le_s ge_s "
        "extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u",
    ),
    _run(
        0xE0,
        "f32x4: abs neg _ sqrt add sub mul div min max pmin pmax "
        "f64x2: abs neg _ sqrt add sub mul div min max pmin pmax "
        "i32x4: trunc_sat_f32x4_s trunc_sat_f32x4_u f32x4: convert_i32x4_s convert_i32x4_u "
        "i32x4: trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero f64x2: convert_low_i32x4_s convert_low_i32x4_u",
    ),
    _run(
        0x100,
        "i8x16.relaxed_swizzle i32x4: relaxed_trunc_f32x4_s relaxed_trunc_f32x4_u "
        "relaxed_trunc_f64x2_s_zero relaxed_trunc_f64x2_u_zero "
        "f32x4: relaxed_madd relaxed_nmadd f64x2: relaxed_madd relaxed_nmadd "
        ": i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect "
        "f32x4: relaxed_min relaxed_max f64x2: relaxed_min relaxed_max "
        "i16x8: relaxed_q15mulr_s relaxed_dot_i8x16_i7x16_s i32x4: relaxed_dot_i8x16_i7x16_add_s",
    ),
)


def _atomic(operation: str) -> str:
    """The seven widths of one read-modify-write operation."""
    narrow = " ".join(f"i32.atomic.rmw{width}.{operation}_u" for width in (8, 16))
    wide = " ".join(f"i64.atomic.rmw{width}.{operation}_u" for width in (8, 16, 32))
    return f"i32.atomic.rmw.{operation} i64.atomic.rmw.{operation} {narrow} {wide}"


_THREADS: tuple[_Row, ...] = (
    _run(0x00, "memory.atomic: notify wait32 wait64", _MEMORY),
    _one(0x03, "atomic.fence", (_I.ZERO,)),
    _run(
        0x10,
        "i32.atomic.load i64.atomic.load i32.atomic: load8_u load16_u i64.atomic: load8_u load16_u load32_u "
        ": i32.atomic.store i64.atomic.store i32.atomic: store8 store16 i64.atomic: store8 store16 store32 : "
        + " ".join(map(_atomic, ("add", "sub", "and", "or", "xor", "xchg", "cmpxchg"))),
        _MEMORY,
    ),
)


def _rows(prefix: int, rows: tuple[_Row, ...]) -> Iterator[Opcode]:
    for first, names, immediates, effect in rows:
        for code, name in enumerate(names, first):
            if name != "_":
                yield Opcode(prefix, code, name, immediates, effect)


PREFIXES = (0xFB, 0xFC, 0xFD, 0xFE)

TABLE: dict[tuple[int, int], Opcode] = {
    (row.prefix, row.code): row
    for row in (
        *_rows(0, _PLAIN),
        *_rows(0xFB, _GC),
        *_rows(0xFC, _BULK),
        *_rows(0xFD, _SIMD),
        *_rows(0xFE, _THREADS),
    )
}

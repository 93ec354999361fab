"""Canonical definitions as written: one table of opcodes and operands [CM `Binary.md`, "Canonical Definitions"].

The options 0x08 (core type) and 0x09 (gc), which `wasmparser` knows and `Binary.md` does not, are refused: rule R5
rests on core signatures that hold numbers only.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from extract.wasm import limits
from extract.wasm.component_parts import expect_zero, read_flag, read_result
from extract.wasm.component_syntax import Canon, CanonOptions
from extract.wasm.reader import Reader
from extract.wasm.types import TypeScope
from extract.wasm.types import read_value_type as read_core_value_type


class _Operand(enum.Enum):
    FUNCTION = "the function of a lift or lower"
    OPTIONS = "options"
    TYPE = "type index"
    CORE_TYPE = "core type index"
    TABLE = "table index"
    MEMORY = "memory index"
    FLAG = "async or cancellable"
    RESULT = "result list"
    CONTEXT = "core value type and slot"


class _Form(NamedTuple):
    kind: str
    operands: tuple[_Operand, ...] = ()


_O = _Operand
# `wasmparser` reads no `shared` immediate in 0x40 to 0x42, nor do the tools write one.
FORMS = {
    0x00: _Form("lift", (_O.FUNCTION, _O.OPTIONS, _O.TYPE)),
    0x01: _Form("lower", (_O.FUNCTION, _O.OPTIONS)),
    0x02: _Form("resource.new", (_O.TYPE,)),
    0x03: _Form("resource.drop", (_O.TYPE,)),
    0x04: _Form("resource.rep", (_O.TYPE,)),
    0x05: _Form("task.cancel"),
    0x06: _Form("subtask.cancel", (_O.FLAG,)),
    0x09: _Form("task.return", (_O.RESULT, _O.OPTIONS)),
    0x0A: _Form("context.get", (_O.CONTEXT,)),
    0x0B: _Form("context.set", (_O.CONTEXT,)),
    0x0C: _Form("thread.yield", (_O.FLAG,)),
    0x0D: _Form("subtask.drop"),
    0x0E: _Form("stream.new", (_O.TYPE,)),
    0x0F: _Form("stream.read", (_O.TYPE, _O.OPTIONS)),
    0x10: _Form("stream.write", (_O.TYPE, _O.OPTIONS)),
    0x11: _Form("stream.cancel-read", (_O.TYPE, _O.FLAG)),
    0x12: _Form("stream.cancel-write", (_O.TYPE, _O.FLAG)),
    0x13: _Form("stream.drop-readable", (_O.TYPE,)),
    0x14: _Form("stream.drop-writable", (_O.TYPE,)),
    0x15: _Form("future.new", (_O.TYPE,)),
    0x16: _Form("future.read", (_O.TYPE, _O.OPTIONS)),
    0x17: _Form("future.write", (_O.TYPE, _O.OPTIONS)),
    0x18: _Form("future.cancel-read", (_O.TYPE, _O.FLAG)),
    0x19: _Form("future.cancel-write", (_O.TYPE, _O.FLAG)),
    0x1A: _Form("future.drop-readable", (_O.TYPE,)),
    0x1B: _Form("future.drop-writable", (_O.TYPE,)),
    0x1C: _Form("error-context.new", (_O.OPTIONS,)),
    0x1D: _Form("error-context.debug-message", (_O.OPTIONS,)),
    0x1E: _Form("error-context.drop"),
    0x1F: _Form("waitable-set.new"),
    0x20: _Form("waitable-set.wait", (_O.FLAG, _O.MEMORY)),
    0x21: _Form("waitable-set.poll", (_O.FLAG, _O.MEMORY)),
    0x22: _Form("waitable-set.drop"),
    0x23: _Form("waitable.join"),
    0x24: _Form("backpressure.inc"),
    0x25: _Form("backpressure.dec"),
    0x26: _Form("thread.index"),
    0x27: _Form("thread.new-indirect", (_O.CORE_TYPE, _O.TABLE)),
    0x28: _Form("thread.resume-later"),
    0x29: _Form("thread.suspend", (_O.FLAG,)),
    0x2A: _Form("thread.suspend-then-resume", (_O.FLAG,)),
    0x2B: _Form("thread.yield-then-resume", (_O.FLAG,)),
    0x2C: _Form("thread.suspend-then-promote", (_O.FLAG,)),
    0x2D: _Form("thread.yield-then-promote", (_O.FLAG,)),
    0x40: _Form("thread.spawn-ref", (_O.CORE_TYPE,)),
    0x41: _Form("thread.spawn-indirect", (_O.CORE_TYPE, _O.TABLE)),
    0x42: _Form("thread.available-parallelism"),
}
# Rule C4.
SPAWNING = frozenset({"thread.spawn-ref", "thread.spawn-indirect", "thread.new-indirect"})
_FIELDS = {
    _O.FUNCTION: "function",
    _O.TYPE: "type",
    _O.CORE_TYPE: "core_type",
    _O.TABLE: "table",
    _O.MEMORY: "memory",
}


def read_canon(reader: Reader, core_types: TypeScope) -> Canon:
    at = reader.position
    opcode = reader.byte()
    form = FORMS.get(opcode)
    if form is None:
        reader.fail(f"canonical definition {opcode:#04x}", "one that the component model defines", at)
    if opcode < 2:
        expect_zero(reader, "the sort of a lift or lower")
    indices: dict[str, int] = {}
    options = CanonOptions()
    for operand in form.operands:
        match operand:
            case _O.OPTIONS:
                options = _read_options(reader)
            case _O.FLAG:
                read_flag(reader, operand.value)
            case _O.RESULT:
                read_result(reader)
            case _O.CONTEXT:
                read_core_value_type(reader, core_types)
                reader.u32()
            case _O.FUNCTION | _O.TYPE | _O.CORE_TYPE | _O.TABLE | _O.MEMORY:
                indices[_FIELDS[operand]] = reader.u32()
    return Canon(form.kind, at, options=options, **indices)


_INDEXED_OPTIONS = {0x03: "memory", 0x04: "realloc", 0x05: "post_return", 0x07: "callback"}


def _read_options(reader: Reader) -> CanonOptions:
    """Each option at most once, of the three string encodings at most one."""
    found: dict[str, int] = {}
    seen = set()
    for _ in range(reader.count(limits.MAX_CANON_OPTIONS, "canonical options")):
        at = reader.position
        code = reader.byte()
        if code > 0x07:
            reader.fail(f"canonical option {code:#04x}", "0x00 to 0x07", at)
        what = max(code, 0x02)  # one key for all encodings
        if what in seen:
            reader.fail(f"canonical option {code:#04x} again", "each option at most once", at)
        seen.add(what)
        if code in _INDEXED_OPTIONS:
            found[_INDEXED_OPTIONS[code]] = reader.u32()
    return CanonOptions(**found)

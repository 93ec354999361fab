"""The fast reader of the code section: a table-driven scanner, itself a WebAssembly module.

It is generated from the opcode table as text, so that there is no second list of instructions, and run inside
wasmtime, where it costs a few nanoseconds for each instruction. It traps on everything that it does not accept; the
plain reader is then asked, and says what is wrong and where. Bodies are copied in pieces, so that memory does not
grow with the module.
"""

from __future__ import annotations

import ctypes
from array import array
from dataclasses import dataclass
from typing import NoReturn

import wasmtime

from extract.subject import release
from extract.wasm import limits
from extract.wasm.bodies import STRUCTURE, Spaces, read_plainly
from extract.wasm.module import Code
from extract.wasm.opcodes import PREFIXES, TABLE, Effect, Immediate
from extract.wasm.reader import Reader
from extract.wasm.types import ABSTRACT_HEAP

_I = Immediate
# How the scanner passes over what follows an opcode; the place in this list is the case of its br_table.
_SHAPES: tuple[tuple[Immediate, ...], ...] = (
    (),
    (_I.INDEX,),
    (_I.INDEX, _I.INDEX),
    (_I.S32,),
    (_I.S64,),
    (_I.BYTES4,),
    (_I.BYTES8,),
    (_I.BYTES16,),
    (_I.BYTE,),
    (_I.ZERO,),
    (_I.MEMORY_ARGUMENT,),
    (_I.MEMORY_ARGUMENT, _I.BYTE),
    (_I.BLOCK_TYPE,),
    (_I.LABELS,),
    (_I.VALUE_TYPES,),
    (_I.BLOCK_TYPE, _I.CATCHES),
    (_I.HEAP_TYPE,),
    (_I.CAST_FLAGS, _I.INDEX, _I.HEAP_TYPE, _I.HEAP_TYPE),
)
_UNKNOWN = len(_SHAPES)
_PAGE = 1 << 16
_CODES = 0x200  # room for each prefix's opcodes
_PIECE = 1 << 20
_MARGIN = 64  # zeros behind the piece, for what reads past an instruction that is cut short
_LARGEST = limits.MAX_FUNCTION_BYTES + 5  # with the LEB128 of its size, which may be padded

# Flags of a byte that begins a type.
_SINGLE, _LONG, _ABSTRACT = 1, 2, 4
_NUMERIC_TYPES = range(0x7B, 0x80)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things lie in the scanner's memory; sizes in bytes. The worst case of each output decides its room."""

    functions: int
    capacity: int

    opcodes = 0  # two bytes for each: shape, effect
    type_flags = 2 * _CODES * (1 + len(PREFIXES))
    bounds = type_flags + 256  # two u32 for each effect
    stamps = bounds + 8 * 16

    @property
    def bodies(self) -> int:
        """Three u32 for each body, which takes 3 bytes or more: start, end, callees so far."""
        return self.stamps + 4 * self.functions

    @property
    def callees(self) -> int:
        return self.bodies + 4 * self.capacity

    @property
    def events(self) -> int:
        """Four u32 for each, which takes 2 bytes or more."""
        return self.callees + 2 * self.capacity

    @property
    def code(self) -> int:
        return self.events + 8 * self.capacity

    @property
    def size(self) -> int:
        return self.code + self.capacity + _MARGIN


def scan(reader: Reader, spaces: Spaces, count: int) -> Code:
    """Reads `count` bodies; the same facts, and the same errors, as the plain reader.

    Where wasmtime cannot run the scanner (it reserves gigabytes of addresses, which a limit may forbid), the plain
    reader does it.
    """
    start = reader.position
    try:
        return _scan(reader, spaces, count)
    except wasmtime.WasmtimeError:
        reader.position = start
        return read_plainly(reader, spaces, count)


def _scan(reader: Reader, spaces: Spaces, count: int) -> Code:
    code = Code(array("I"), array("I"), array("I", [0]), array("I"), array("I"))
    capacity = min(_PIECE, reader.end - reader.position)
    scanner = _Scanner(spaces, capacity)
    start = reader.position
    done = 0
    while done < count:
        try:
            bodies, consumed = scanner.run(reader, code, count - done)
        except wasmtime.Trap:
            _explain(reader, spaces, count - done, done)
        if bodies == 0:
            if capacity >= min(_LARGEST, reader.end - reader.position):
                _explain(reader, spaces, count - done, done)
            # A body larger than a piece.
            capacity = min(_LARGEST, reader.end - reader.position)
            scanner = _Scanner(spaces, capacity)
        done += bodies
        reader.position += consumed
        release(reader.data, start, reader.position)
    reader.finish("code section")
    return code


def _explain(reader: Reader, spaces: Spaces, count: int, done: int) -> NoReturn:
    rest = Spaces(
        spaces.scope,
        spaces.functions,
        spaces.imported_functions + done,
        spaces.tables,
        spaces.memories,
        spaces.elements,
    )
    read_plainly(reader, rest, count)
    raise AssertionError("the scanner rejects a body that the plain reader accepts")


class _Scanner:
    """One instance of the generated module: a resource."""

    def __init__(self, spaces: Spaces, capacity: int) -> None:
        self._spaces = spaces
        self._layout = _Layout(spaces.functions, capacity)
        engine = wasmtime.Engine()
        self._store = wasmtime.Store(engine)
        module = wasmtime.Module(engine, bytes(wasmtime.wat2wasm(_text(self._layout, spaces))))
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, scan_function = exports["memory"], exports["scan"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(scan_function, wasmtime.Func)
        self._scan = scan_function
        self._base = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._memory = memory
        tables = _tables(spaces)
        ctypes.memmove(self._base, tables, len(tables))

    def run(self, reader: Reader, code: Code, count: int) -> tuple[int, int]:
        """Scans as many whole bodies as fit; gives their number and the bytes that they took."""
        layout = self._layout
        size = min(layout.capacity, reader.end - reader.position)
        piece = reader.data[reader.position : reader.position + size]
        ctypes.memmove(self._base + layout.code, piece + bytes(_MARGIN), size + _MARGIN)
        function = len(code.starts) + self._spaces.imported_functions
        consumed, bodies, callees, events = self._scan(self._store, size, count, function)
        shift = reader.position - layout.code
        rows = array("I", self._bytes(layout.bodies, 12 * bodies))
        code.starts.extend(array("I", [start + shift for start in rows[0::3]]))
        code.ends.extend(array("I", [end + shift for end in rows[1::3]]))
        before = len(code.callees)
        code.callee_starts.extend(array("I", [before + so_far for so_far in rows[2::3]]))
        code.callees.frombytes(self._bytes(layout.callees, 4 * callees))
        code.raw_events.frombytes(self._bytes(layout.events, 16 * events))
        return bodies, consumed

    def _bytes(self, start: int, size: int) -> bytes:
        return ctypes.string_at(self._base + start, size)


def _tables(spaces: Spaces) -> bytes:
    opcodes = bytearray(bytes((_UNKNOWN, 0)) * (_CODES * (1 + len(PREFIXES))))
    for (prefix, number), opcode in TABLE.items():
        at = 2 * (number + (_CODES * (1 + PREFIXES.index(prefix)) if prefix else 0))
        opcodes[at : at + 2] = bytes((_SHAPES.index(opcode.immediates), opcode.effect.value))
    flags = bytearray(256)
    for byte in (*_NUMERIC_TYPES, *ABSTRACT_HEAP):
        flags[byte] |= _SINGLE
    for byte in ABSTRACT_HEAP:
        flags[byte] |= _ABSTRACT
    flags[0x63] = flags[0x64] = _LONG
    bounds = array("I")
    for effect in Effect:
        bounds.extend(spaces.limits_of(effect))
    return bytes(opcodes) + bytes(flags) + bounds.tobytes()


def _text(layout: _Layout, spaces: Spaces) -> str:
    pages = -(-layout.size // _PAGE)
    shapes = "\n".join(f"(block $shape{number}" for number in reversed(range(len(_SHAPES))))
    labels = " ".join(f"$shape{number}" for number in range(len(_SHAPES)))
    cases = "\n".join(f") {_PASS[shape]} br $passed" for shape in _SHAPES)
    recorded = min(effect.value for effect in Effect if effect not in STRUCTURE)
    return f"""(module
(memory (export "memory") {pages} {pages})
(global $value (mut i64) (i64.const 0))
{_LEB}
(func $type_index (param $value i64)
  (if (i64.ge_u (local.get $value) (i64.const {len(spaces.scope.numbers)})) (then unreachable)))
(func $heap (param $p i32) (result i32) (local $start i32)
  (local.set $start (local.get $p))
  (local.set $p (call $signed (local.get $p) (i32.const 33)))
  (if (i64.ge_s (global.get $value) (i64.const 0))
    (then (call $type_index (global.get $value)))
    (else
      (if (i32.ne (local.get $p) (i32.add (local.get $start) (i32.const 1))) (then unreachable))
      (if (i32.eqz (i32.and (i32.const {_ABSTRACT}) (i32.load8_u offset={layout.type_flags}
          (i32.and (i32.wrap_i64 (global.get $value)) (i32.const 0x7f))))) (then unreachable))))
  (local.get $p))
(func $value_type (param $p i32) (result i32) (local $flags i32)
  (local.set $flags (i32.load8_u offset={layout.type_flags} (i32.load8_u (local.get $p))))
  (local.set $p (i32.add (local.get $p) (i32.const 1)))
  (if (result i32) (i32.and (local.get $flags) (i32.const {_LONG}))
    (then (call $heap (local.get $p)))
    (else
      (if (i32.eqz (i32.and (local.get $flags) (i32.const {_SINGLE}))) (then unreachable))
      (local.get $p))))
(func $block_type (param $p i32) (result i32)
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x40)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (if (i32.and (i32.const {_SINGLE | _LONG}) (i32.load8_u offset={layout.type_flags} (i32.load8_u (local.get $p))))
    (then (return (call $value_type (local.get $p)))))
  (local.set $p (call $signed (local.get $p) (i32.const 33)))
  (call $type_index (global.get $value))
  (local.get $p))
(func $memory_argument (param $p i32) (result i32)
  (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
  (if (i64.ge_u (global.get $value) (i64.const 0x80)) (then unreachable))
  (if (i64.ge_u (global.get $value) (i64.const 0x40))
    (then (local.set $p (call $unsigned (local.get $p) (i32.const 32)))))
  (call $unsigned (local.get $p) (i32.const 64)))
(func $labels (param $p i32) (param $end i32) (result i32) (local $left i64)
  (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
  (local.set $left (i64.add (global.get $value) (i64.const 1)))
  (loop $each
    (if (i32.gt_u (local.get $p) (local.get $end)) (then unreachable))
    (if (i32.lt_u (i32.load8_u (local.get $p)) (i32.const 0x80))
      (then (local.set $p (i32.add (local.get $p) (i32.const 1))))
      (else (local.set $p (call $unsigned (local.get $p) (i32.const 32)))))
    (local.set $left (i64.sub (local.get $left) (i64.const 1)))
    (br_if $each (i64.ne (local.get $left) (i64.const 0))))
  (local.get $p))
(func $value_types (param $p i32) (param $end i32) (result i32) (local $left i64)
  (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
  (local.set $left (global.get $value))
  (if (i64.gt_u (local.get $left) (i64.const {limits.MAX_RESULTS})) (then unreachable))
  (block $done (loop $each
    (br_if $done (i64.eqz (local.get $left)))
    (if (i32.gt_u (local.get $p) (local.get $end)) (then unreachable))
    (local.set $p (call $value_type (local.get $p)))
    (local.set $left (i64.sub (local.get $left) (i64.const 1)))
    (br $each)))
  (local.get $p))
(func $catches (param $p i32) (param $end i32) (result i32) (local $left i64) (local $kind i32)
  (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
  (local.set $left (global.get $value))
  (block $done (loop $each
    (br_if $done (i64.eqz (local.get $left)))
    (if (i32.gt_u (local.get $p) (local.get $end)) (then unreachable))
    (local.set $kind (i32.load8_u (local.get $p)))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (if (i32.gt_u (local.get $kind) (i32.const 3)) (then unreachable))
    (if (i32.lt_u (local.get $kind) (i32.const 2))
      (then (local.set $p (call $unsigned (local.get $p) (i32.const 32)))))
    (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
    (local.set $left (i64.sub (local.get $left) (i64.const 1)))
    (br $each)))
  (local.get $p))
(func $locals (param $p i32) (param $end i32) (result i32) (local $left i64) (local $total i64)
  (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
  (local.set $left (global.get $value))
  (if (i64.gt_u (local.get $left) (i64.const {limits.MAX_LOCALS})) (then unreachable))
  (block $done (loop $each
    (br_if $done (i64.eqz (local.get $left)))
    (if (i32.gt_u (local.get $p) (local.get $end)) (then unreachable))
    (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
    (local.set $total (i64.add (local.get $total) (global.get $value)))
    (if (i64.gt_u (local.get $total) (i64.const {limits.MAX_LOCALS})) (then unreachable))
    (local.set $p (call $value_type (local.get $p)))
    (local.set $left (i64.sub (local.get $left) (i64.const 1)))
    (br $each)))
  (local.get $p))
(func (export "scan") (param $size i32) (param $count i32) (param $function i32) (result i32 i32 i32 i32)
  (local $p i32) (local $end i32) (local $body i32) (local $last i32) (local $bodies i32) (local $depth i32)
  (local $code i32) (local $row i32) (local $effect i32) (local $a i32) (local $b i32)
  (local $callees i32) (local $events i32)
  (local.set $p (i32.const {layout.code}))
  (local.set $body (local.get $p))
  (local.set $end (i32.add (local.get $p) (local.get $size)))
  (block $stop (loop $each_body
    (br_if $stop (i32.eq (local.get $bodies) (local.get $count)))
    (br_if $stop (i32.ge_u (local.get $body) (local.get $end)))
    (local.set $p (call $unsigned (local.get $body) (i32.const 32)))
    (if (i64.gt_u (global.get $value) (i64.const {limits.MAX_FUNCTION_BYTES})) (then unreachable))
    (br_if $stop (i64.gt_u (global.get $value) (i64.extend_i32_u (local.get $size))))
    (local.set $last (i32.add (local.get $p) (i32.wrap_i64 (global.get $value))))
    (br_if $stop (i32.gt_u (local.get $last) (local.get $end)))
    (i32.store offset={layout.bodies} (i32.mul (local.get $bodies) (i32.const 12)) (local.get $p))
    (i32.store offset={layout.bodies + 4} (i32.mul (local.get $bodies) (i32.const 12)) (local.get $last))
    (local.set $p (call $locals (local.get $p) (local.get $last)))
    (local.set $depth (i32.const 1))
    (loop $each
      (if (i32.ge_u (local.get $p) (local.get $last)) (then unreachable))
      (local.set $code (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (if (i32.ge_u (local.get $code) (i32.const {PREFIXES[0]}))
        (then (if (i32.le_u (local.get $code) (i32.const {PREFIXES[-1]}))
          (then
            (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
            (if (i64.ge_u (global.get $value) (i64.const {_CODES})) (then unreachable))
            (local.set $code (i32.add (i32.wrap_i64 (global.get $value))
              (i32.mul (i32.sub (local.get $code) (i32.const {PREFIXES[0] - 1})) (i32.const {_CODES}))))))))
      (local.set $row (i32.load16_u offset={layout.opcodes} (i32.shl (local.get $code) (i32.const 1))))
      (br_if $each (i32.eqz (local.get $row)))
      (local.set $a (i32.const 0))
      (local.set $b (i32.const 0))
      (block $passed
        (block $unknown
        {shapes}
          (br_table {labels} $unknown (i32.and (local.get $row) (i32.const 0xff)))
        {cases}
        )
        unreachable)
      (br_if $each (i32.eqz (local.tee $effect (i32.shr_u (local.get $row) (i32.const 8)))))
      (if (i32.lt_u (local.get $effect) (i32.const {recorded}))
        (then
          (local.set $depth (i32.add (local.get $depth)
            (select (i32.const 1) (i32.const -1) (i32.eq (local.get $effect) (i32.const {Effect.OPENS.value})))))
          (br_if $each (local.get $depth)))
        (else
          (if (i32.ge_u (local.get $a)
              (i32.load offset={layout.bounds} (i32.shl (local.get $effect) (i32.const 3)))) (then unreachable))
          (if (i32.ge_u (local.get $b)
              (i32.load offset={layout.bounds + 4} (i32.shl (local.get $effect) (i32.const 3)))) (then unreachable))
          (if (i32.eq (local.get $effect) (i32.const {Effect.CALL.value}))
            (then
              (if (i32.ne (i32.add (local.get $function) (i32.const 1))
                  (i32.load offset={layout.stamps} (i32.shl (local.get $a) (i32.const 2))))
                (then
                  (i32.store offset={layout.stamps} (i32.shl (local.get $a) (i32.const 2))
                    (i32.add (local.get $function) (i32.const 1)))
                  (i32.store offset={layout.callees} (i32.shl (local.get $callees) (i32.const 2)) (local.get $a))
                  (local.set $callees (i32.add (local.get $callees) (i32.const 1))))))
            (else
              (local.set $row (i32.shl (local.get $events) (i32.const 4)))
              (i32.store offset={layout.events} (local.get $row) (local.get $function))
              (i32.store offset={layout.events + 4} (local.get $row) (local.get $effect))
              (i32.store offset={layout.events + 8} (local.get $row) (local.get $a))
              (i32.store offset={layout.events + 12} (local.get $row) (local.get $b))
              (local.set $events (i32.add (local.get $events) (i32.const 1)))))
          (br $each))))
    (if (i32.ne (local.get $p) (local.get $last)) (then unreachable))
    (i32.store offset={layout.bodies + 8} (i32.mul (local.get $bodies) (i32.const 12)) (local.get $callees))
    (local.set $bodies (i32.add (local.get $bodies) (i32.const 1)))
    (local.set $function (i32.add (local.get $function) (i32.const 1)))
    (local.set $body (local.get $last))
    (br $each_body)))
  (i32.sub (local.get $body) (i32.const {layout.code}))
  (local.get $bodies) (local.get $callees) (local.get $events)))
"""


_LEB = """
(func $unsigned (param $p i32) (param $bits i32) (result i32) (local $shift i32) (local $byte i64)
  (global.set $value (i64.const 0))
  (loop $more
    (local.set $byte (i64.load8_u (local.get $p)))
    (if (i32.gt_u (i32.add (local.get $shift) (i32.const 7)) (local.get $bits))
      (then (if (i64.ne (i64.const 0)
          (i64.shr_u (local.get $byte) (i64.extend_i32_u (i32.sub (local.get $bits) (local.get $shift))))) (then
          unreachable))))
    (global.set $value (i64.or (global.get $value)
      (i64.shl (i64.and (local.get $byte) (i64.const 0x7f)) (i64.extend_i32_u (local.get $shift)))))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
    (br_if $more (i64.ge_u (local.get $byte) (i64.const 0x80))))
  (local.get $p))
(func $signed (param $p i32) (param $bits i32) (result i32)
  (local $shift i32) (local $byte i64) (local $left i32) (local $rest i64)
  (global.set $value (i64.const 0))
  (loop $more
    (local.set $byte (i64.load8_u (local.get $p)))
    (local.set $left (i32.sub (local.get $bits) (local.get $shift)))
    (if (i32.lt_s (local.get $left) (i32.const 7))
      (then
        (if (i64.ge_u (local.get $byte) (i64.const 0x80)) (then unreachable))
        (local.set $rest (i64.shr_u (i64.and (local.get $byte) (i64.const 0x7f))
          (i64.extend_i32_u (i32.sub (local.get $left) (i32.const 1)))))
        (if (i64.ne (local.get $rest) (i64.const 0))
          (then (if (i64.ne (local.get $rest) (i64.sub (i64.shl (i64.const 1)
            (i64.extend_i32_u (i32.sub (i32.const 8) (local.get $left)))) (i64.const 1))) (then unreachable))))))
    (global.set $value (i64.or (global.get $value)
      (i64.shl (i64.and (local.get $byte) (i64.const 0x7f)) (i64.extend_i32_u (local.get $shift)))))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
    (br_if $more (i64.ge_u (local.get $byte) (i64.const 0x80))))
  (if (i64.ne (i64.const 0) (i64.and (local.get $byte) (i64.const 0x40)))
    (then (if (i32.lt_u (local.get $shift) (i32.const 64))
      (then (global.set $value (i64.or (global.get $value)
        (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $shift)))))))))
  (local.get $p))
"""


def _index(target: str) -> str:
    """Reads an index into a local, quickly where it is one byte long."""
    return f"""
(local.set ${target} (i32.load8_u (local.get $p)))
(if (i32.lt_u (local.get ${target}) (i32.const 0x80))
  (then (local.set $p (i32.add (local.get $p) (i32.const 1))))
  (else
    (local.set $p (call $unsigned (local.get $p) (i32.const 32)))
    (local.set ${target} (i32.wrap_i64 (global.get $value)))))"""


def _skip(size: int) -> str:
    return f"(local.set $p (i32.add (local.get $p) (i32.const {size})))"


def _signed(bits: int) -> str:
    return f"""
(if (i32.lt_u (i32.load8_u (local.get $p)) (i32.const 0x80))
  (then {_skip(1)})
  (else (local.set $p (call $signed (local.get $p) (i32.const {bits})))))"""


_MEMORY = f"""
(if (i32.eqz (i32.and (i32.const 0x80c0) (i32.load16_u (local.get $p))))
  (then {_skip(2)})
  (else (local.set $p (call $memory_argument (local.get $p)))))"""
_HEAP = "(local.set $p (call $heap (local.get $p)))"
_BLOCK = "(local.set $p (call $block_type (local.get $p)))"

# The immediates of each shape passed over, with `$p` just behind the opcode.
_PASS: dict[tuple[Immediate, ...], str] = {
    (): "",
    (_I.INDEX,): _index("a"),
    (_I.INDEX, _I.INDEX): _index("a") + _index("b"),
    (_I.S32,): _signed(32),
    (_I.S64,): _signed(64),
    (_I.BYTES4,): _skip(4),
    (_I.BYTES8,): _skip(8),
    (_I.BYTES16,): _skip(16),
    (_I.BYTE,): _skip(1),
    (_I.ZERO,): f"(if (i32.load8_u (local.get $p)) (then unreachable)) {_skip(1)}",
    (_I.MEMORY_ARGUMENT,): _MEMORY,
    (_I.MEMORY_ARGUMENT, _I.BYTE): _MEMORY + _skip(1),
    (_I.BLOCK_TYPE,): _BLOCK,
    (_I.LABELS,): "(local.set $p (call $labels (local.get $p) (local.get $last)))",
    (_I.VALUE_TYPES,): "(local.set $p (call $value_types (local.get $p) (local.get $last)))",
    (_I.BLOCK_TYPE, _I.CATCHES): _BLOCK + "(local.set $p (call $catches (local.get $p) (local.get $last)))",
    (_I.HEAP_TYPE,): _HEAP,
    (_I.CAST_FLAGS, _I.INDEX, _I.HEAP_TYPE, _I.HEAP_TYPE): (
        f"(if (i32.gt_u (i32.load8_u (local.get $p)) (i32.const 3)) (then unreachable)) {_skip(1)}"
        + _index("a")
        + _HEAP
        + _HEAP
    ),
}

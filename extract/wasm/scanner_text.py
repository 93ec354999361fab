"""The scanner itself: a WebAssembly module as text, generated from the opcode table."""

from __future__ import annotations

from dataclasses import dataclass

from extract.wasm import limits
from extract.wasm.bodies import STRUCTURE, Spaces
from extract.wasm.opcodes import PREFIXES, Effect, Immediate

_I = Immediate
# How the scanner passes over what follows an opcode; the place in this list is the case of its br_table.
SHAPES: tuple[tuple[Immediate, ...], ...] = (
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
UNKNOWN_SHAPE = len(SHAPES)
_PAGE = 1 << 16
CODES = 0x200  # room for each prefix's opcodes
MARGIN = 64  # zeros behind the piece, for what reads past an instruction that is cut short

# Flags of a byte that begins a type.
SINGLE, LONG, ABSTRACT = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie in the scanner's memory; sizes in bytes. The worst case of each output decides its room."""

    functions: int
    capacity: int

    opcodes = 0  # two bytes for each: shape, effect
    type_flags = 2 * CODES * (1 + len(PREFIXES))
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
        return self.code + self.capacity + MARGIN


def scanner_text(layout: Layout, spaces: Spaces) -> str:
    pages = -(-layout.size // _PAGE)
    shapes = "\n".join(f"(block $shape{number}" for number in reversed(range(len(SHAPES))))
    labels = " ".join(f"$shape{number}" for number in range(len(SHAPES)))
    cases = "\n".join(f") {_PASS[shape]} br $passed" for shape in SHAPES)
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
      (if (i32.eqz (i32.and (i32.const {ABSTRACT}) (i32.load8_u offset={layout.type_flags}
          (i32.and (i32.wrap_i64 (global.get $value)) (i32.const 0x7f))))) (then unreachable))))
  (local.get $p))
(func $value_type (param $p i32) (result i32) (local $flags i32)
  (local.set $flags (i32.load8_u offset={layout.type_flags} (i32.load8_u (local.get $p))))
  (local.set $p (i32.add (local.get $p) (i32.const 1)))
  (if (result i32) (i32.and (local.get $flags) (i32.const {LONG}))
    (then (call $heap (local.get $p)))
    (else
      (if (i32.eqz (i32.and (local.get $flags) (i32.const {SINGLE}))) (then unreachable))
      (local.get $p))))
(func $block_type (param $p i32) (result i32)
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x40)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (if (i32.and (i32.const {SINGLE | LONG}) (i32.load8_u offset={layout.type_flags} (i32.load8_u (local.get $p))))
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
            (if (i64.ge_u (global.get $value) (i64.const {CODES})) (then unreachable))
            (local.set $code (i32.add (i32.wrap_i64 (global.get $value))
              (i32.mul (i32.sub (local.get $code) (i32.const {PREFIXES[0] - 1})) (i32.const {CODES}))))))))
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

"""The byte patterns account for every instruction: between two calls, none may hide the second."""

# ruff: noqa: E501 - one line for each shape of instruction

from __future__ import annotations

from pathlib import Path

import pytest
from certificate_text import accepted, assemble, certificate, closed_set, rejected, write

from proofs.recheck import Rejected, recheck
from proofs.recheck.faults import Refused
from proofs.recheck.scan import decode, events_of

PRELUDE = """
  (type $v (func)) (type $s (struct (field (mut i32)) (field (mut i8)))) (type $a (array (mut i32))) (type $b (array (mut i8)))
  (type $fa (array (mut funcref)))
  (memory $m 1 1 shared) (memory $n i64 1 1) (table $t 2 2 funcref) (table $u i64 2 2 externref) (global $g (mut i32) (i32.const 0))
  (tag $e (param i32)) (data $d "abc") (elem $el funcref (ref.null func))
"""
SHAPES = [
    "(drop (i32.const -2147483648)) (drop (i64.const -9223372036854775808)) (drop (f32.const 1)) (drop (f64.const 16))",
    "(block (loop (br_if 0 (i32.const 0)) (br 1))) (if (i32.const 0) (then nop) (else nop))",
    "(block (result i32) (i32.const 0)) drop (block (param) (result i32 i32) (i32.const 1) (i32.const 2)) drop drop",
    "(block (result (ref null $s)) (ref.null $s)) drop (block (result funcref) (ref.null func)) drop",
    "(block (br_table 0 0 0 (i32.const 0)))",
    f"(block (br_table {'0 ' * 300} (i32.const 0)))",
    f"{'(block ' * 200} (br_table {'199 ' * 40} (i32.const 0)) {')' * 200}",
    "(drop (i32.load offset=16 (i32.const 0))) (i64.store32 offset=4294967295 (i32.const 0) (i64.const 1))",
    "(drop (i32.load $n offset=99999999999 (i64.const 0))) (i32.store8 $n align=1 (i64.const 0) (i32.const 16))",
    "(drop (memory.size)) (drop (memory.size $n)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))",
    "(memory.copy $m $n (i32.const 0) (i64.const 0) (i32.const 0)) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))",
    "(data.drop $d) (elem.drop $el) (drop (table.size $t)) (global.set $g (global.get $g))",
    "(local.set 0 (local.get 0)) (drop (local.tee 0 (i32.const 16))) (drop (select (i32.const 1) (i32.const 2) (i32.const 3)))",
    "(drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 3)))",
    "(drop (ref.is_null (ref.null extern))) (drop (ref.eq (ref.null eq) (ref.null eq)))",
    "(drop (block (result (ref $s)) (br_on_non_null 0 (ref.null $s)) unreachable))",
    "(block (drop (br_on_null 0 (ref.null $s)))) (drop (ref.as_non_null (ref.null $s)))",
    "(block (try_table (catch_all 0) (throw $e (i32.const 1))))",
    "(block (try_table (catch_all 0) (catch_all 0) (catch_all 0) (catch_all 0) (catch_all 0) nop))",
    "(drop (block (result i32) (try_table (catch $e 0) nop) (i32.const 1)))",
    "(throw_ref (ref.null exn))",
    "try (throw $e (i32.const 0)) catch $e drop catch_all rethrow 0 end try nop delegate 0",
    "(drop (i32.trunc_sat_f32_s (f32.const 0))) (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) drop drop",
    "(i64.mul_wide_u (i64.const 0) (i64.const 0)) drop drop",
    "(drop (struct.new $s (i32.const 0) (i32.const 1))) (struct.set $s 0 (struct.new_default $s) (i32.const 1))",
    "(drop (struct.get $s 0 (struct.new_default $s))) (drop (struct.get_u $s 1 (struct.new_default $s)))",
    "(drop (array.new $a (i32.const 0) (i32.const 16))) (drop (array.new_fixed $a 2 (i32.const 0) (i32.const 1)))",
    "(drop (array.new_data $b $d (i32.const 0) (i32.const 1))) (drop (array.new_elem $fa $el (i32.const 0) (i32.const 1)))",
    "(array.set $a (array.new_default $a (i32.const 1)) (i32.const 0) (array.len (array.new_default $a (i32.const 1))))",
    "(array.copy $a $a (ref.null $a) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 0))",
    "(array.fill $a (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))",
    "(drop (ref.test (ref $s) (ref.null any))) (drop (ref.cast (ref null $s) (ref.null any))) (drop (ref.test (ref i31) (ref.null any)))",
    "(drop (block (result anyref) (br_on_cast 0 anyref (ref $s) (ref.null any))))",
    "(drop (block (result anyref) (br_on_cast_fail 0 anyref (ref null i31) (ref.null any))))",
    "(drop (i31.get_s (ref.i31 (i32.const 16)))) (drop (extern.convert_any (ref.null any)))",
    "(drop (v128.const i64x2 0x1010101010101010 0x1010101010101010)) (v128.store (i32.const 0) (v128.load (i32.const 16)))",
    "(drop (i8x16.shuffle 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
    "(drop (i32x4.extract_lane 3 (v128.const i64x2 0 0))) (drop (v128.load8_lane offset=300 15 (i32.const 0) (v128.const i64x2 0 0)))",
    "(drop (i32x4.add (v128.const i64x2 0 0) (i64x2.neg (v128.const i64x2 0 0)))) (drop (v128.load64_zero (i32.const 0)))",
    "(drop (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const 0)))) (drop (i8x16.popcnt (v128.const i64x2 0 0)))",
    "(drop (i32.atomic.load (i32.const 0))) (atomic.fence) (drop (i64.atomic.rmw.add offset=16 (i32.const 0) (i64.const 0)))",
    "(drop (memory.atomic.notify (i32.const 0) (i32.const 1))) (drop (i32.atomic.rmw8.cmpxchg_u (i32.const 0) (i32.const 1) (i32.const 2)))",
    "(unreachable)",
    "(return)",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_instruction_hides_the_next(tmp_path: Path, shape: str) -> None:
    text = f"""(module {PRELUDE} (func $first) (func $second) (func $third)
      (func (export "cabi_realloc") (local i32 i64) (local v128) (local (ref null $s)) call $first {shape} call $second))"""
    path = assemble(tmp_path, text)
    accepted(path, certificate(path, "realloc-no-grow", closed_set([[0, 3]], [[0, "0-1,3"]]), []))
    for members, missing in (("1,3", 0), ("0,3", 1)):
        document = certificate(path, "realloc-no-grow", closed_set([[0, 3]], [[0, members]]), [])
        rejected(path, document, f"leads to core instance 0, function {missing}: no member")


def scan(body: str) -> set[bytes]:
    data = bytes.fromhex(body)
    return events_of(data, (0, len(data)))


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ("00 10 05 0b", {5}),
        ("00 10 85 80 80 80 00 0b", {5}),
        ("00 20 90 80 80 80 00 10 05 0b", {5}),
        ("00 41 90 90 90 90 10 10 05 0b", {5}),
        ("00 28 82 80 80 80 00 10 10 05 0b", {5}),
        ("00 28 c2 80 80 80 00 01 10 10 05 0b", {5}),
        ("00 fc 80 00 10 05 0b", {5}),
        ("00 fc 8a 80 80 80 00 10 10 10 05 0b", {5}),
        ("00 fd 8c 00 10101010 10101010 10101010 10101010 10 05 0b", {5}),
        ("00 fd 80 82 00 10 05 0b", {5}),
        ("00 fe 90 00 02 10 10 05 0b", {5}),
        ("00 fb 97 00 6e 10 05 0b", {5}),
        ("00 0e 82 00 00 00 00 10 05 0b", {5}),
        ("00 0e 02 80 80 00 00 00 10 05 0b", {5}),
        ("81 00 81 00 7f 10 05 0b", {5}),
    ],
)
def test_integers_in_more_bytes_than_they_need(body: str, calls: set[int]) -> None:
    assert decode(scan(body)).calls == calls


@pytest.mark.parametrize("labels", [0, 1, 23, 24, 126, 127, 128, 129, 300])
def test_branch_tables_of_any_length(labels: int) -> None:
    """Each of whose labels has the byte of a call."""
    count = bytes([labels]) if labels < 128 else bytes([labels & 0x7F | 0x80, labels >> 7])
    assert decode(scan((b"\x00\x0e" + count + b"\x10" * (labels + 1) + b"\x10\x05\x0b").hex())).calls == {5}


@pytest.mark.parametrize(
    ("body", "table"),
    [("00 fc 8f 00 03 0b", 3), ("00 fc 8f 80 00 83 00 0b", 3), ("00 fe 59 00 03 0b", 3), ("00 26 83 00 0b", 3)],
)
def test_table_writes_in_any_encoding(body: str, table: int) -> None:
    assert decode(scan(body)).table_writes == {table}


@pytest.mark.parametrize(
    "body",
    [
        "", "00", "00 01", "00 10 0b", "00 10 05", "00 0b 10", "00 16 0b", "00 17 0b", "00 1d 0b", "00 27 0b", "00 c5 0b",
        "00 d7 0b", "00 e0 00 0b", "00 e3 00 00 0b", "00 f0 0b", "00 ff 0b", "00 fb 1f 0b", "00 fb 20 00 0b", "00 fc 12 00 0b",
        "00 fc 17 0b", "00 fd 9a 01 0b", "00 fd ee 01 0b", "00 fd 94 02 0b", "00 fd 80 80 01 0b", "00 fe 04 0b", "00 fe 73 0b",
        "00 28 00 0b", "00 41 0b", "00 41 80 80 80 80 80 00 0b", "00 44 00 0b", "00 0e 05 00 0b",
        "00 0e ff ff ff ff 0f 00 0b", "00 02 62 00 0b 0b", "00 02 77 0b 0b", "00 d0 7f 0b", "00 d0 62 00 0b", "00 1c 01 40 0b",
        "01 01 40 0b", "01 ff ff ff ff ff 00 7f 0b", "ff ff ff ff 0f 0b", "00 1f 40 01 04 00 0b 0b", "00 fc 8a 80 80 80 80 00 0b",
    ],
)  # fmt: skip
def test_what_is_no_instruction_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        scan(body)


def test_an_unknown_instruction_outside_the_members_is_refused_too(tmp_path: Path) -> None:
    """R1, R2: what any body writes counts, so that any body must be read."""
    path = assemble(tmp_path, '(module (func (export "cabi_realloc")) (func nop nop nop))')
    path.write_bytes(path.read_bytes().replace(b"\x01\x01\x01\x0b", b"\x01\xf0\x01\x0b"))
    document = certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), [])
    answer = recheck(write(document), path)
    assert isinstance(answer, Rejected)
    assert "unknown instruction 0xf0" in answer.reason

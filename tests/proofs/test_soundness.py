"""Ways in which a proof could be wrong, or a file could hang or break the prover: each was found by attack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from extract.errors import InputError
from extract.wasm.names import demangle
from proofmark.job import Job, Outcome, prove_file
from proofs.recheck import NotChecked, Rejected, recheck
from proofs.recheck.check import recheck_file
from proofs.verdicts import Kind, Proved, Refuted, Unknown

TYPES = "(type $f (func)) (type $s (struct (field (mut (ref null $f)))))"
# `grow` is no reference by rule R1: the realloc reaches it only if the host can hand it in.
GROW = '(func (export "grow") (drop (memory.grow (i32.const 1))))'
KEPT = "(global $k (mut (ref null $f)) (ref.null $f))"
CALLS_KEPT = '(func (export "cabi_realloc") (call_ref $f (global.get $k)))'
OBJECT = "(global $o (mut (ref null $s)) (struct.new $s (ref.null $f)))"
CALLS_FIELD = '(func (export "cabi_realloc") (call_ref $f (struct.get $s 0 (global.get $o))))'


def outcome(folder: Path, module: str | bytes, kind: Kind, **more: tuple[str, ...]) -> Outcome:
    path = folder / "m.wasm"
    path.write_bytes(bytes(wat2wasm(module)) if isinstance(module, str) else module)
    return prove_file(Job(str(path), (kind,), replay_seconds=0, **more))[0]


HANDED_IN = {
    "an object in an exported table": f"""{TYPES} (memory 1) (table (export "t") 1 (ref null $s)) {OBJECT} {GROW}
      (func (export "give") (table.set (i32.const 0) (global.get $o))) {CALLS_FIELD}""",
    "an object as a host value": f"""{TYPES} (memory 1) {OBJECT} {GROW}
      (func (export "give") (result externref) (extern.convert_any (global.get $o))) {CALLS_FIELD}""",
    "a host value as an object, in a constant expression": f"""{TYPES} (import "h" "x" (global $x externref))
      (memory 1) {GROW} (global $o anyref (any.convert_extern (global.get $x)))
      (func (export "cabi_realloc") (call_ref $f (struct.get $s 0 (ref.cast (ref $s) (global.get $o)))))""",
    "a result of a function in an open table": f"""{TYPES} (type $r (func (result (ref null $f))))
      (import "h" "t" (table 1 funcref)) (memory 1) {GROW} {KEPT}
      (func (export "take") (global.set $k (call_indirect (type $r) (i32.const 0)))) {CALLS_KEPT}""",
    "an argument of a function in an open table": f"""{TYPES} (memory 1) (table (export "t") 1 funcref) {GROW} {KEPT}
      (elem (i32.const 0) func $set) (func $set (param (ref null $f)) (global.set $k (local.get 0))) {CALLS_KEPT}""",
    "an exception of an own tag": f"""{TYPES} (import "h" "f" (func $h)) (memory 1) (tag $t (param (ref null $f)))
      {GROW} {KEPT} (func (export "throw") (throw $t (ref.null $f)))
      (func (export "catch") (block $b (result (ref null $f)) (try_table (catch $t $b) (call $h)) (return))
        (global.set $k)) {CALLS_KEPT}""",
}


@pytest.mark.parametrize("case", HANDED_IN)
def test_the_host_hands_a_function_in(tmp_path: Path, case: str) -> None:
    """R5, R6."""
    text = f"(module {HANDED_IN[case]})"
    assert isinstance(outcome(tmp_path, text, Kind.REALLOC_NO_GROW).result.verdict, Refuted)
    harmless = text.replace("(drop (memory.grow (i32.const 1)))", "")
    assert isinstance(outcome(tmp_path, harmless, Kind.REALLOC_NO_GROW).result.verdict, Unknown)
    assumed = outcome(tmp_path, harmless, Kind.REALLOC_NO_GROW, assume=("host-tables",)).result.verdict
    assert isinstance(assumed, Proved)
    assert "host-tables" in {assumption.id for assumption in assumed.assumptions}


@pytest.mark.parametrize(
    "handed",
    [
        '(func (export "get") (result funcref) (ref.func $g)) (elem declare func $g)',
        '(global (export "g") funcref (ref.func $g))',
        '(type $s (struct (field funcref))) (table (export "t") 1 (ref null $s) (struct.new $s (ref.func $g)))',
        """(tag $t (param funcref)) (func (export "e") (throw $t (ref.func $g))) (elem declare func $g)""",
    ],
)
def test_the_host_calls_what_it_is_handed(tmp_path: Path, handed: str) -> None:
    """T2."""
    text = f'(module (memory 1) {handed} (func $g (drop (memory.grow (i32.const 1)))) (func (export "x")))'
    assert isinstance(outcome(tmp_path, text, Kind.MODULE_NO_GROW).result.verdict, Refuted)


def test_one_host_function_under_two_types(tmp_path: Path) -> None:
    """E7: it may be of either; extractor and checker agree."""
    text = """(module (type $a (func)) (type $b (func (param i32)))
      (import "a" "f" (func $x (type $a))) (import "a" "f" (func (type $b))) (table 1 funcref) (elem (i32.const 0) $x)
      (func (export "e") (call_indirect (type $b) (i32.const 1) (i32.const 0))))"""
    verdict = outcome(tmp_path, text, Kind.MODULE_NO_GROW).result.verdict
    assert isinstance(verdict, Proved)
    assert [assumption.about for assumption in verdict.assumptions] == ["a.f"]


def u32(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes((low | 0x80,)) + u32(rest) if rest else bytes((low,))


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + u32(len(content)) + content


def vector(*items: bytes) -> bytes:
    return u32(len(items)) + b"".join(items)


def name(text: bytes) -> bytes:
    return u32(len(text)) + text


def module(
    *bodies: bytes, exports: bytes = vector(name(b"e") + b"\0\0"), before: bytes = b"", after: bytes = b""
) -> bytes:
    """A module of functions without parameters."""
    written = [b"\0" + body + b"\x0b" for body in bodies]
    code = vector(*[u32(len(body)) + body for body in written])
    types = section(1, vector(b"\x60\0\0")) + section(3, vector(*[b"\0" for _ in bodies]))
    return b"\0asm\1\0\0\0" + types + before + section(7, exports) + section(10, code) + after


NOPS = b"\1" * 200_000


@pytest.mark.parametrize("padding", [b"", NOPS], ids=["plain reader", "scanner"])
@pytest.mark.parametrize(
    "body",
    [b"\xd0\xf0\x7f\x1a", b"\x02\xf0\x7f\x0b", b"\x16", b"\xfc\x12", b"\xfd\x9a\x01", b"\x0b\x01"],
    ids=["long heap type", "long block type", "0x16", "0xfc 0x12", "0xfd 0x9a", "early end"],
)
def test_what_engines_reject_is_bad_input(tmp_path: Path, body: bytes, padding: bytes) -> None:
    with pytest.raises(InputError):
        outcome(tmp_path, module(body + padding), Kind.MODULE_NO_GROW)


def test_two_exports_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="second export"):
        outcome(
            tmp_path, module(b"", b"", exports=vector(name(b"e") + b"\0\0", name(b"e") + b"\0\1")), Kind.MODULE_NO_GROW
        )


def name_section(*names: tuple[int, bytes]) -> bytes:
    return section(0, name(b"name") + section(1, vector(*[u32(index) + name(text) for index, text in names])))


def test_names_of_two_sections_and_of_any_length(tmp_path: Path) -> None:
    """T4: extractor and checker agree on which names count."""
    first = module(b"", b"", after=name_section((0, b"a"), (1, b"x" * 200_000)) + name_section((1, b"b")))
    assert isinstance(outcome(tmp_path, first, Kind.MODULE_NO_GROW, roots=("a",)).result.verdict, Proved)
    assert not isinstance(outcome(tmp_path, first, Kind.MODULE_NO_GROW, roots=("b",)).result.verdict, Proved)


def test_a_mangled_name_that_doubles_itself() -> None:
    mangled, last = "_RINvC1a1bTllE", 8
    for _ in range(100):
        here = len(mangled) - 2
        mangled += f"TB{_base62(last)}B{_base62(last)}E"
        last = here
    assert demangle(mangled + "E") == mangled + "E"
    assert demangle("_RNvC1a1b") == "a::b"


def _base62(value: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    value -= 1
    return (digits[value // 62] if value >= 62 else "") + digits[value % 62] + "_"


@pytest.mark.parametrize(
    ("before", "body", "elements"),
    [
        (section(4, vector(*[b"\x70\0\0"] * 1001)), b"", b""),
        (
            section(4, vector(*[b"\x70\0\0"] * 900)),
            b"".join(b"\x41\0\x41\0\x41\0\xfc\x0e" + u32(i + 1) + u32(i) for i in range(899)),
            b"\1\0\x41\0\x0b" + vector(*[u32(i) for i in range(20_000)]),
        ),
    ],
    ids=["tables", "copies"],
)
def test_what_grows_with_the_square_of_the_file_is_limited(
    tmp_path: Path, before: bytes, body: bytes, elements: bytes
) -> None:
    count = 20_000 if elements else 1
    code = vector(*[u32(len(b) + 2) + b"\0" + b + b"\x0b" for b in [body, *[b""] * (count - 1)]])
    types = section(1, vector(b"\x60\0\0")) + section(3, u32(count) + bytes(count))
    exports = section(7, vector(name(b"e") + b"\0\0"))
    written = (
        b"\0asm\1\0\0\0" + types + before + exports + (section(9, elements) if elements else b"") + section(10, code)
    )
    with pytest.raises(InputError, match="at most"):
        outcome(tmp_path, written, Kind.MODULE_NO_GROW)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wasm"
    os.mkfifo(pipe)
    certificate = outcome(tmp_path, '(module (func (export "e")))', Kind.MODULE_NO_GROW).certificate
    assert certificate is not None
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(InputError):
            prove_file(Job(str(path), (Kind.MODULE_NO_GROW,)))
        assert isinstance(recheck(certificate, path), NotChecked)
        assert isinstance(recheck_file(path), Rejected)


def test_an_instruction_that_no_constant_expression_holds(tmp_path: Path) -> None:
    grows = section(5, b"\1\0\0") + section(6, vector(b"\x7f\0\x41\1\x40\0\x0b"))
    with pytest.raises(InputError, match="constant expressions"):
        outcome(tmp_path, module(b"", before=grows), Kind.MODULE_NO_GROW)


COMPONENT = b"\0asm\x0d\0\1\0"


def test_a_small_component_of_many_large_instances(tmp_path: Path) -> None:
    large = module(*[b""] * 5000)
    written = COMPONENT + section(1, large) + section(2, vector(*[b"\0\0\0"] * 5000))
    with pytest.raises(InputError, match="functions in core instances"):
        outcome(tmp_path, written, Kind.MODULE_NO_GROW)


def test_many_canonical_functions_that_call_all_references(tmp_path: Path) -> None:
    """C4: they lead to the same functions, once."""
    count = 5000
    elements = section(9, vector(b"\0\x41\0\x0b" + vector(*[u32(index) for index in range(count)])))
    code = section(10, vector(*[b"\2\0\x0b"] * count))
    core = b"\0asm\1\0\0\0" + section(1, vector(b"\x60\0\0")) + section(3, u32(count) + bytes(count))
    core += section(4, vector(b"\x70\0\0")) + section(7, vector(name(b"t") + b"\1\0")) + section(8, b"\0")
    written = COMPONENT + section(1, core + elements + code) + section(2, vector(b"\0\0\0"))
    written += section(3, vector(b"\x60\0\0")) + section(6, vector(b"\0\1\1\0" + name(b"t")))
    written += section(8, vector(*[b"\x27\0\0"] * count))
    assert isinstance(outcome(tmp_path, written, Kind.MODULE_NO_GROW).result.verdict, Proved)

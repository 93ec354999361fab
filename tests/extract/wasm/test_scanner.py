"""The scanner against the plain reader: the same facts, the same errors, and no other exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from functools import cache
from random import Random
from types import SimpleNamespace

import pytest
import real_modules
import wasmtime
from immediates import accepted_form, around
from random_bodies import mutated, random_body
from wasm_assembly import FILE, body, signed, spaces, unsigned

from extract.errors import InputError, Position
from extract.subject import read_subject
from extract.wasm import code, limits, scanner
from extract.wasm.bodies import Spaces, read_plainly
from extract.wasm.module import Code
from extract.wasm.opcodes import PREFIXES, TABLE
from extract.wasm.read import read_world
from extract.wasm.reader import Reader
from extract.wasm.scanner import scan

SEED = 20260826
BEFORE = b"\xff" * 11
SPACES = spaces(400, 3)
Read = Callable[[Reader, Spaces, int], Code]
Outcome = tuple[object, ...] | tuple[Position, str, str]


class _NeverRaised(Exception):
    pass


@pytest.fixture(autouse=True)
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scanners with the same text share the compiled module: compiling is nearly all of a short scan's time."""
    shared = SimpleNamespace(
        Engine=_engine,
        Module=_compiled,
        wat2wasm=_assembled,
        Store=wasmtime.Store,
        Instance=wasmtime.Instance,
        Memory=wasmtime.Memory,
        Func=wasmtime.Func,
        Trap=wasmtime.Trap,
        WasmtimeError=_NeverRaised,  # what would make the scanner leave the work to the plain reader is a failure here
    )
    monkeypatch.setattr(scanner, "wasmtime", shared)


@cache
def _engine() -> wasmtime.Engine:
    return wasmtime.Engine()


@cache
def _assembled(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


@cache
def _compiled(engine: wasmtime.Engine, binary: bytes) -> wasmtime.Module:
    return wasmtime.Module(engine, binary)


def outcome(read: Read, content: bytes, count: int, within: Spaces = SPACES) -> Outcome:
    """The columns, or the error's parts. Zeros follow, which end no instruction, and a byte that is no opcode."""
    reader = Reader(BEFORE + content + b"\0\xff", len(BEFORE), len(BEFORE) + len(content), FILE)
    try:
        return astuple(read(reader, within, count))
    except InputError as error:
        return error.position, error.found, error.expected


def same(content: bytes, count: int, within: Spaces = SPACES) -> Outcome:
    plain = outcome(read_plainly, content, count, within)
    scanned = outcome(scan, content, count, within)
    assert scanned == plain, f"seed {SEED}, {count} bodies: {content.hex()}"
    return plain


def accepts(found: Outcome) -> bool:
    return len(found) == 5


def test_every_opcode() -> None:
    """Each instruction that wasmtime accepts with these immediates."""
    forms = [(opcode, accepted_form(opcode)[0]) for opcode in TABLE.values()]
    bodies = [body(around(opcode, form)) for opcode, form in forms if form is not None]
    assert accepts(same(b"".join(bodies), len(bodies)))
    for one in bodies:
        assert accepts(same(one, 1))


@pytest.mark.parametrize("prefix", [0, *PREFIXES])
def test_every_code_that_is_no_opcode(prefix: int) -> None:
    for number in range(256) if not prefix else (*range(0x203), 0x400, 0x10000, (1 << 32) - 1):
        if (prefix, number) not in TABLE and not (prefix == 0 and number in PREFIXES):
            written = bytes((prefix,)) + unsigned(number) if prefix else bytes((number,))
            position, found, _ = same(body(b"\x01" + written), 1)
            assert (str(position), found) == (
                "byte 0xe",
                f"opcode {prefix:#04x} {number:#x}" if prefix else f"opcode {number:#04x}",
            )


@pytest.mark.parametrize("seed", range(8))
def test_random_bodies(seed: int) -> None:
    random = Random(SEED + seed)
    bodies = [random_body(random, SPACES, random.choice((0, 1, 5, 30, 200))) for _ in range(60)]
    assert accepts(same(b"".join(bodies), len(bodies)))


@pytest.mark.parametrize("piece", [3, 16, 64, 257, 1000])
def test_bodies_that_straddle_pieces(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """Pieces from a few bytes up, below and above the size of most bodies."""
    monkeypatch.setattr(scanner, "_PIECE", piece)
    random = Random(SEED + piece)
    for sizes in ((0, 1, 2), (0, 3, 30), (100,), (0, 0, 0, 300)):
        bodies = [random_body(random, SPACES, random.choice(sizes)) for _ in range(25)]
        assert accepts(same(b"".join(bodies), len(bodies)))
        for content in (b"".join(bodies) + b"\0", b"".join(bodies)[:-1], b"".join([*bodies[:20], b"\x03\0\x27\x0b"])):
            assert not accepts(same(content, len(bodies)))


@pytest.mark.parametrize("seed", range(8))
def test_mutated_bodies(seed: int) -> None:
    """Both accept with equal columns, or both fail at the same place with the same words."""
    random = Random(SEED * 2 + seed)
    accepted = 0
    for _ in range(120):
        bodies = [random_body(random, SPACES, random.choice((0, 1, 3, 20))) for _ in range(random.choice((1, 1, 3)))]
        accepted += accepts(same(mutated(random, b"".join(bodies)), len(bodies)))
    assert 0 < accepted < 120


def test_mutated_bodies_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_PIECE", 40)
    random = Random(SEED * 3)
    for _ in range(100):
        bodies = [random_body(random, SPACES, random.choice((0, 1, 3, 20))) for _ in range(5)]
        same(mutated(random, b"".join(bodies)), len(bodies))


def test_random_bytes() -> None:
    random = Random(SEED * 4)
    for _ in range(300):
        size = random.choice((1, 3, 10, 50))
        same(unsigned(size) + b"\0" + random.randbytes(size - 1), 1)


@pytest.mark.parametrize(
    "instructions",
    [
        b"\x0e" + unsigned(30_000) + b"\x05" * 30_001,
        b"\x0e" + unsigned(3_000, 5) + unsigned(5, 5) * 3_001,
        b"\x42" + signed(-1, 10) + b"\x42" + signed((1 << 63) - 1, 10) + b"\x42" + signed(-(1 << 63)),
        b"\x28" + unsigned(0x42, 5) + unsigned(1, 5) + unsigned((1 << 64) - 1, 10),
        b"\x41" + signed(-1, 5) + b"\x10" + unsigned(399, 5) + b"\x11" + unsigned(2, 5) + unsigned(1, 5),
        b"\x1c" + unsigned(1000) + b"\x63\x80\x80\x80\x80\0" * 1000,
        b"\x1f\x40" + unsigned(2_000) + b"\0\x80\0\x07\x02\x07" * 1_000 + b"\x0b",
        b"\xfb\x18\x03" + unsigned(1, 5) + b"\x81\x80\x80\x80\0" + b"\x80\x80\x80\x80\0",
        b"\x02\x40" * 10_000 + b"\x0b" * 10_000,
        b"\x10\x07" * 10_000 + b"\x10\x08",
    ],
    ids=[
        "labels",
        "padded labels",
        "i64.const",
        "memory argument",
        "indices",
        "select",
        "catches",
        "cast",
        "nesting",
        "repeated calls",
    ],
)
def test_long_instructions(monkeypatch: pytest.MonkeyPatch, instructions: bytes) -> None:
    """Alone, and as one body larger than a piece among small ones."""
    assert accepts(same(body(instructions), 1))
    monkeypatch.setattr(scanner, "_PIECE", 100)
    small = body(b"\x10\x01\x10\x02")
    assert accepts(same(small + body(instructions) + small * 60, 62))
    for cut in range(1, 40):
        assert not accepts(same((small + body(instructions))[:-cut], 2))


@pytest.mark.parametrize("padding", range(1, 6))
def test_the_largest_body(monkeypatch: pytest.MonkeyPatch, padding: int) -> None:
    """A body of the greatest size, its size in one byte or padded to five, in pieces smaller than it."""
    monkeypatch.setattr(limits, "MAX_FUNCTION_BYTES", 100)
    monkeypatch.setattr(scanner, "_LARGEST", 100 + scanner._LARGEST - 7_654_321)
    monkeypatch.setattr(scanner, "_PIECE", 20)
    for size, fits in ((99, True), (100, True), (101, False)):
        large = unsigned(size, padding) + b"\0" + b"\x01" * (size - 2) + b"\x0b"
        for after in range(0, 30, 3):
            assert accepts(same(large + b"\x02\0\x0b" * (after // 3), 1 + after // 3)) == fits


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_counts_of_bodies(count: int) -> None:
    """Fewer or more bodies than there are bytes for."""
    assert accepts(same(b"\x02\0\x0b" * 2, count)) == (count == 2)


def test_empty_index_spaces() -> None:
    """Nothing can be called, grown or written where there is nothing."""
    empty = replace(SPACES, functions=1, imported_functions=0, tables=0, memories=0, elements=0)
    for instructions in (b"\x10\x01", b"\x40\0", b"\x25\0", b"\x26\0", b"\x11\0\0", b"\xfc\x0c\0\0", b"\xfc\x0e\0\0"):
        assert not accepts(same(body(instructions), 1, empty))
    assert accepts(same(body(b"\xfb\x1a\x10\0\xd2\0"), 1, empty))


def test_without_a_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where wasmtime cannot run it, the plain reader reads, from the first body on."""

    def fail(*_: object) -> None:
        raise wasmtime.WasmtimeError("no memory")

    content = body(b"\x10\x01") + body(b"\x40\0")
    monkeypatch.setattr(scanner, "wasmtime", wasmtime)
    monkeypatch.setattr(scanner, "_Scanner", fail)
    assert accepts(same(content, 2))
    assert not accepts(same(content, 1))


QUICK = [one.name for one in real_modules.modules().values() if one.quick]


@pytest.mark.parametrize("name", QUICK)
def test_real_modules(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whole modules, read with the scanner for every size of code section, and with the plain reader."""
    subject = read_subject(str(real_modules.fetch(name)))
    monkeypatch.setattr(code, "SCANNED_FROM", 0)
    (scanned,) = read_world(subject).instances
    monkeypatch.setattr(scanner, "_PIECE", 5_000)
    (in_pieces,) = read_world(subject).instances
    monkeypatch.setattr(code, "SCANNED_FROM", limits.MAX_MODULE_BYTES)
    (plain,) = read_world(subject).instances
    assert scanned.module.code == plain.module.code
    assert in_pieces.module.code == plain.module.code

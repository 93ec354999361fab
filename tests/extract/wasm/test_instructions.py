"""The plain reader: each immediate's shape, and each fault with its place."""

from __future__ import annotations

import pytest
from immediates import accepted_form, around
from wasm_assembly import FILE, body, signed, spaces, unsigned

from extract.errors import InputError
from extract.wasm.bodies import read_plainly
from extract.wasm.instructions import instructions
from extract.wasm.module import Code, Event
from extract.wasm.opcodes import TABLE, Effect
from extract.wasm.reader import Reader

BEFORE = b"\xff" * 7


def read(content: bytes, count: int = 1) -> Code:
    return read_plainly(Reader(BEFORE + content, len(BEFORE), len(BEFORE) + len(content), FILE), spaces(4, 1), count)


def test_every_accepted_form_is_split_alike() -> None:
    """The instruction that wasmtime accepted stands alone between the two that were put around it."""
    for opcode in TABLE.values():
        form, _ = accepted_form(opcode)
        if form is None or opcode.name == "end":
            continue
        content = b"\0" + around(opcode, form) + b"\x0b"
        names = [item.opcode.name for item in instructions(Reader(content, 0, len(content), FILE), spaces(4).scope)]
        inner = [opcode.name]
        if opcode.effect is Effect.OPENS:
            inner.append("end")
        if opcode.name == "else":
            inner = ["if", "else", "end"]
        assert names == ["block", "unreachable", *inner, "unreachable", "end", "drop", "end"]


def test_offsets_and_operands() -> None:
    content = b"\0" + b"\x41\x80\x01" + b"\x10\x83\0" + b"\xfc\x0c\x01\0" + b"\x0b"
    found = [
        (item.offset, item.opcode.name, item.operands)
        for item in instructions(Reader(BEFORE + content, 7, 7 + len(content), FILE), spaces(4).scope)
    ]
    assert found == [(8, "i32.const", ()), (11, "call", (3,)), (14, "table.init", (1, 0)), (18, "end", ())]


def test_columns() -> None:
    """Imports come first; each callee once, in order of first call; the other effects as events."""
    code = read(
        body(b"\x10\x03\x10\x01\x10\x03\x10\x00") + body(b"") + body(b"\x41\0\x40\x01\x1a\x11\x00\x01\xfb\x1a\x12\x02"),
        3,
    )
    assert list(code.callees) == [3, 1, 0, 2]
    assert list(code.callee_starts) == [0, 3, 3, 4]
    assert list(code.starts) == [8, 19, 22]
    assert list(code.ends) == [18, 21, 36]
    assert list(code.events()) == [
        Event(3, Effect.GROW, 1, 0),
        Event(3, Effect.CALL_INDIRECT, 0, 1),
        Event(3, Effect.CONVERTS_EXTERN, 0, 0),
    ]


# Instructions of the first body, its local groups, and the error: offset, found, expected. The body begins at 8 (or 9,
# if its size takes two bytes).
FAULTS: list[tuple[bytes, bytes, int, str, str]] = [
    (b"\x16", b"\0", 9, "opcode 0x16", "an instruction of WebAssembly 3.0"),
    (b"\x01\xff", b"\0", 10, "opcode 0xff", "an instruction of WebAssembly 3.0"),
    (b"\xfc\x12", b"\0", 9, "opcode 0xfc 0x12", "an instruction of WebAssembly 3.0"),
    (b"\xfd\x9a\x01", b"\0", 9, "opcode 0xfd 0x9a", "an instruction of WebAssembly 3.0"),
    (b"\xfe\x80\x80\x80\x80\x01", b"\0", 9, "opcode 0xfe 0x10000000", "an instruction of WebAssembly 3.0"),
    (b"\xfb" + unsigned(0, 6), b"\0", 10, "an integer longer than 32 bits", "an unsigned LEB128 of 32 bits"),
    (b"\x10\x04", b"\0", 9, "call 4", "indices below (4, 1)"),
    (b"\x12\x04", b"\0", 9, "return_call 4", "indices below (4, 1)"),
    (b"\xd2\x04", b"\0", 9, "ref.func 4", "indices below (4, 1)"),
    (b"\x11\x03\0", b"\0", 9, "call_indirect 3 0", "indices below (3, 2)"),
    (b"\x11\0\x02", b"\0", 9, "call_indirect 0 2", "indices below (3, 2)"),
    (b"\x14\x03", b"\0", 9, "call_ref 3", "indices below (3, 1)"),
    (b"\x40\x02", b"\0", 9, "memory.grow 2", "indices below (2, 1)"),
    (b"\x25\x02", b"\0", 9, "table.get 2", "indices below (2, 1)"),
    (b"\x26\x02", b"\0", 9, "table.set 2", "indices below (2, 1)"),
    (b"\xfc\x0f\x02", b"\0", 9, "table.grow 2", "indices below (2, 1)"),
    (b"\xfc\x11\x02", b"\0", 9, "table.fill 2", "indices below (2, 1)"),
    (b"\xfc\x0c\x02\0", b"\0", 9, "table.init 2 0", "indices below (2, 2)"),
    (b"\xfc\x0c\0\x02", b"\0", 9, "table.init 0 2", "indices below (2, 2)"),
    (b"\xfc\x0e\x02\0", b"\0", 9, "table.copy 2 0", "indices below (2, 2)"),
    (b"\xfc\x0e\0\x02", b"\0", 9, "table.copy 0 2", "indices below (2, 2)"),
    (b"\x41" + signed(0, 6), b"\0", 10, "an integer longer than 32 bits", "a signed LEB128 of 32 bits"),
    (b"\x42" + signed(0, 11), b"\0", 10, "an integer longer than 64 bits", "a signed LEB128 of 64 bits"),
    (b"\x28\x80\x01\0", b"\0", 10, "alignment 0x80", "flags below 0x80"),
    (b"\x28\0" + unsigned(1 << 64), b"\0", 11, "an integer longer than 64 bits", "an unsigned LEB128 of 64 bits"),
    (b"\x02\x03", b"\0", 10, "type index 3", "an index below 3"),
    (b"\x02\x7a", b"\0", 10, "byte 0x7a", "a value type"),
    (b"\x02\x41", b"\0", 10, "a negative block type", "a type index or value type"),
    (b"\x02\x63\x03", b"\0", 11, "type index 3", "an index below 3"),
    (b"\x0e\x05\0\0", b"\0", 10, "5 labels in 3 bytes", "at least one byte for each"),
    (b"\x1c\x01\x40", b"\0", 11, "byte 0x40", "a value type"),
    (b"\x1c\xe9\x07" + b"\x7f" * 1001, b"\0", 11, "1001 types of a select", "at most 1000"),
    (b"\x1f\x40\x01\x04\0\0", b"\0", 12, "catch kind 0x04", "0 to 3"),
    (b"\xd0\x03", b"\0", 10, "type index 3", "an index below 3"),
    (b"\xd0\x40", b"\0", 10, "heap type -64", "an abstract heap type of one byte, or a type index"),
    (b"\xd0\xf0\x7f", b"\0", 10, "heap type -16", "an abstract heap type of one byte, or a type index"),
    (b"\xfb\x18\x04\0\x6e\x6e", b"\0", 11, "cast flags 0x04", "0 to 3"),
    (b"\xfe\x03\x01", b"\0", 11, "byte 0x01", "0x00"),
    (b"", b"\x01\xd1\x86\x03\x7f", 9, "50001 locals", "at most 50000"),
    (b"", b"\x02\xd0\x86\x03\x7f\x01\x7f", 13, "50001 locals", "at most 50000"),
    (b"", b"\x01\x01\x40", 10, "byte 0x40", "a value type"),
    (b"", b"\x09", 8, "9 groups of locals in 1 bytes", "at least one byte for each"),
    (b"\x0b", b"\0", 10, "1 bytes more", "the end of the function body"),
    (b"\x02\x40", b"\0", 12, "the end", "one more byte"),
    (b"\x43\0\0", b"\0", 10, "the end", "4 more bytes"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0][:6].hex()}-{fault[1][:4].hex()}")
def test_faults(fault: tuple[bytes, bytes, int, str, str]) -> None:
    code, groups, at, found, expected = fault
    with pytest.raises(InputError) as error:
        read(body(code, groups) + body(b"\x0b" * 30))
    assert str(error.value) == f"{FILE}:byte {at:#x}: found {found}; expected {expected}"


@pytest.mark.parametrize(
    ("content", "at", "found", "expected"),
    [
        (b"", 7, "the end", "one more byte"),
        (b"\x05\0\x0b", 8, "a function body of 5 bytes where 2 are left", "a size within what holds it"),
        (b"\0", 8, "the end", "one more byte"),
        (b"\x01\0", 9, "the end", "one more byte"),
        (b"\x02\0\x0b\x01", 10, "1 bytes more", "the end of the code section"),
        (unsigned(7_654_322), 7, "a function of 7654322 bytes", "at most 7654321"),
    ],
)
def test_faults_of_size(content: bytes, at: int, found: str, expected: str) -> None:
    with pytest.raises(InputError) as error:
        read(content)
    assert str(error.value) == f"{FILE}:byte {at:#x}: found {found}; expected {expected}"


@pytest.mark.parametrize("heap", [b"\x70", b"\x69", b"\x74", b"\0", b"\x82\x80\x80\x80\0"])
def test_heap_types(heap: bytes) -> None:
    read(body(b"\xd0" + heap))


@pytest.mark.parametrize("size", range(1, 6))
def test_padded_size_of_a_body(size: int) -> None:
    assert list(read(unsigned(2, size) + b"\0\x0b").starts) == [7 + size]

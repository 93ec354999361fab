"""LEB128, names and counts; every error names the file and the absolute offset."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from wasm_assembly import FILE, signed, unsigned

from extract.errors import ByteOffset, InputError
from extract.wasm import limits
from extract.wasm.reader import Reader

BEFORE = b"\xff" * 5
"""Stands before what is read, so that an offset that is not absolute shows."""


def reader(content: bytes, after: bytes = b"") -> Reader:
    return Reader(BEFORE + content + after, len(BEFORE), len(BEFORE) + len(content), FILE)


def rejected(error: pytest.ExceptionInfo[InputError], at: int, found: str, expected: str) -> None:
    assert error.value.file == FILE
    assert error.value.position == ByteOffset(len(BEFORE) + at)
    assert str(error.value) == f"{FILE}:byte {len(BEFORE) + at:#x}: found {found}; expected {expected}"


def longest(bits: int) -> int:
    return -(-bits // 7)


UNSIGNED = [
    (bits, value)
    for bits in (32, 64)
    for value in (0, 1, 0x3F, 0x40, 0x7F, 0x80, 0x3FFF, 0x4000, (1 << (bits - 1)) - 1, 1 << (bits - 1), (1 << bits) - 1)
]
SIGNED = [
    (bits, value)
    for bits in (32, 33, 64)
    for value in (0, 1, -1, 0x3F, -0x40, 0x40, -0x41, 0x1FFF, -0x2001, (1 << (bits - 1)) - 1, -(1 << (bits - 1)))
]


@pytest.mark.parametrize(("bits", "value"), UNSIGNED)
def test_unsigned(bits: int, value: int) -> None:
    for size in range(len(unsigned(value)), longest(bits) + 1):
        cursor = reader(unsigned(value, size), b"\xff")
        assert cursor.unsigned(bits) == value
        assert cursor.at_end()


@pytest.mark.parametrize(("bits", "value"), SIGNED)
def test_signed(bits: int, value: int) -> None:
    for size in range(len(signed(value)), longest(bits) + 1):
        cursor = reader(signed(value, size), b"\xff")
        assert cursor.signed(bits) == value
        assert cursor.at_end()


@pytest.mark.parametrize("value", [0, 1, 0x7F, 0x80, 0xFFFFFFFF])
def test_u32(value: int) -> None:
    for size in range(len(unsigned(value)), 6):
        assert reader(unsigned(value, size)).u32() == value


@pytest.mark.parametrize(
    ("bits", "content"),
    [
        (32, unsigned(1 << 32)),
        (32, unsigned(1 << 35)),
        (32, unsigned(0, 6)),
        (32, b"\x80\x80\x80\x80\x10"),
        (32, b"\xff\xff\xff\xff\x1f"),
        (32, b"\x80\x80\x80\x80\x40"),
        (64, unsigned(1 << 64)),
        (64, unsigned(0, 11)),
        (64, b"\xff" * 9 + b"\x02"),
        (64, b"\x80" * 9 + b"\x41"),
        (64, b"\x80" * 1000 + b"\0"),
    ],
)
def test_unsigned_too_long(bits: int, content: bytes) -> None:
    """One byte more, or a set bit where there is none left."""
    with pytest.raises(InputError) as error:
        reader(content).unsigned(bits)
    rejected(error, 0, f"an integer longer than {bits} bits", f"an unsigned LEB128 of {bits} bits")


@pytest.mark.parametrize(
    ("bits", "content"),
    [
        (32, signed(1 << 31)),
        (32, signed(-(1 << 31) - 1)),
        (32, signed(0, 6)),
        (32, signed(-1, 6)),
        (32, b"\xff\xff\xff\xff\x0f"),  # the sign is set, and not repeated
        (32, b"\x80\x80\x80\x80\x70"),  # the sign is clear, and repeated as set
        (32, b"\xff\xff\xff\xff\x4f"),
        (33, signed(1 << 32)),
        (33, signed(-(1 << 32) - 1)),
        (33, signed(0, 6)),
        (33, b"\x80\x80\x80\x80\x60"),
        (33, b"\xff\xff\xff\xff\x1f"),
        (64, signed(1 << 63)),
        (64, signed(-(1 << 63) - 1)),
        (64, signed(-1, 11)),
        (64, b"\x80" * 9 + b"\x01"),
        (64, b"\xff" * 9 + b"\x7e"),
        (64, b"\x80" * 1000 + b"\0"),
    ],
)
def test_signed_too_long(bits: int, content: bytes) -> None:
    """One byte more, or unused bits that do not repeat the sign."""
    with pytest.raises(InputError) as error:
        reader(content).signed(bits)
    rejected(error, 0, f"an integer longer than {bits} bits", f"a signed LEB128 of {bits} bits")


INTEGERS: dict[str, Callable[[Reader], int]] = {
    "u32": Reader.u32,
    "unsigned 32": lambda cursor: cursor.unsigned(32),
    "unsigned 64": lambda cursor: cursor.unsigned(64),
    "signed 32": lambda cursor: cursor.signed(32),
    "signed 33": lambda cursor: cursor.signed(33),
    "signed 64": lambda cursor: cursor.signed(64),
}


@pytest.mark.parametrize("size", range(5))
@pytest.mark.parametrize("integer", INTEGERS)
def test_truncated(integer: str, size: int) -> None:
    """What lies behind the end is not read."""
    with pytest.raises(InputError) as error:
        INTEGERS[integer](reader(b"\x80" * size, b"\0\0\0"))
    rejected(error, size, "the end", "one more byte")


@pytest.mark.parametrize("text", ["", "a", "€", "\U0010ffff", "\0", "x" * limits.MAX_NAME_BYTES])
def test_name(text: str) -> None:
    cursor = reader(unsigned(len(text.encode())) + text.encode(), b"more")
    assert cursor.name() == text
    assert cursor.at_end()


@pytest.mark.parametrize(
    ("content", "bad"),
    [
        (b"\xff", 0),
        (b"ab\x80", 2),
        (b"\xc0\x80", 0),  # overlong
        (b"a\xed\xa0\x80", 1),  # a surrogate
        (b"\xf4\x90\x80\x80", 0),  # over U+10FFFF
        (b"\xe2\x82", 0),  # cut short
    ],
)
def test_name_not_utf_8(content: bytes, bad: int) -> None:
    with pytest.raises(InputError) as error:
        reader(unsigned(len(content)) + content).name()
    rejected(error, 1 + bad, "a name that is not UTF-8", "UTF-8")


def test_name_at_fault() -> None:
    with pytest.raises(InputError) as error:
        reader(b"\x03ab", b"c").name()
    rejected(error, 1, "the end", "3 more bytes")
    with pytest.raises(InputError) as error:
        reader(unsigned(100_001) + b"a" * 100_001).name()
    rejected(error, 0, "a name of 100001 bytes", "at most 100000")


def test_count() -> None:
    assert reader(b"\x03abc").count(3, "things") == 3
    with pytest.raises(InputError) as error:
        reader(b"\x04abcd").count(3, "things")
    rejected(error, 0, "4 things", "at most 3")
    with pytest.raises(InputError) as error:
        reader(b"\x04abc", b"d").count(9, "things")
    rejected(error, 0, "4 things in 3 bytes", "at least one byte for each")


def test_bytes_and_parts() -> None:
    cursor = reader(b"abcdef")
    assert cursor.take(2) == b"ab"
    inner = cursor.sub(3, "a part")
    assert (inner.byte(), inner.position, inner.end) == (ord("c"), len(BEFORE) + 3, len(BEFORE) + 5)
    assert cursor.byte() == ord("f")
    cursor.finish("test")
    with pytest.raises(InputError) as error:
        inner.finish("part")
    rejected(error, 3, "2 bytes more", "the end of the part")
    with pytest.raises(InputError) as error:
        inner.take(3)
    rejected(error, 3, "the end", "3 more bytes")
    with pytest.raises(InputError) as error:
        inner.sub(3, "a part")
    rejected(error, 3, "a part of 3 bytes where 2 are left", "a size within what holds it")
    with pytest.raises(InputError) as error:
        cursor.byte()
    rejected(error, 6, "the end", "one more byte")

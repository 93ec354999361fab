"""Modules of a wanted size, for the growth of time and memory with the code section."""

from __future__ import annotations

from collections.abc import Iterator


def _unsigned(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _section(identifier: int, content: bytes) -> bytes:
    return bytes([identifier]) + _unsigned(len(content)) + content


def _bodies(count: int) -> Iterator[bytes]:
    """Each does some arithmetic on memory and calls the next two functions; the last two call nothing."""
    work = bytes.fromhex("41 10 28 02 08 41 e4 00 6a 41 10 28 02 04 6c 1a") * 100
    for index in range(count):
        calls = b"".join(b"\x10" + _unsigned(callee) for callee in (index + 1, index + 2) if callee < count)
        body = b"\0" + work + calls + b"\x0b"
        yield _unsigned(len(body)) + body


def module(size: int) -> bytes:
    """A valid module of about `size` bytes, one export, nothing that grows."""
    count = max(1, size // 1620)
    return b"".join(
        (
            b"\0asm\x01\0\0\0",
            _section(1, b"\x01\x60\0\0"),
            _section(3, _unsigned(count) + bytes(count)),
            _section(5, b"\x01\x01\x01\x01"),
            _section(7, b"\x01\x0ccabi_realloc\0\0"),
            _section(10, _unsigned(count) + b"".join(_bodies(count))),
        )
    )

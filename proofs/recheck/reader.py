"""Reads integers, names and vectors of the WebAssembly binary format from a range of bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from proofs.recheck.faults import Malformed

T = TypeVar("T")

MAX_NESTING = 100


COMPONENT_PREAMBLE = b"\0asm\x0d\0\1\0"


class Reader:
    """A cursor over `data[position:end]`; every read stays inside the range or raises `Malformed`."""

    __slots__ = ("data", "depth", "end", "position")

    def __init__(self, data: bytes, position: int, end: int, depth: int = 0) -> None:
        if not 0 <= position <= end <= len(data):
            raise Malformed("range beyond the end", position)
        if depth > MAX_NESTING:
            raise Malformed("nested too deeply", position)
        self.data = data
        self.position = position
        self.end = end
        self.depth = depth

    @property
    def at_end(self) -> bool:
        return self.position >= self.end

    def fault(self, message: str) -> Malformed:
        return Malformed(message, self.position)

    def peek(self) -> int:
        if self.position >= self.end:
            raise self.fault("unexpected end")
        return self.data[self.position]

    def u8(self) -> int:
        position = self.position
        if position >= self.end:
            raise self.fault("unexpected end")
        self.position = position + 1
        return self.data[position]

    def unsigned(self, bits: int = 32) -> int:
        """An unsigned LEB128 of at most `bits` bits."""
        position, end, data = self.position, self.end, self.data
        value = shift = 0
        while True:
            if position >= end:
                raise self.fault("unexpected end in an integer")
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift >= bits:
                raise self.fault("integer too long")
        if value >> bits:
            raise self.fault("integer too large")
        self.position = position
        return value

    def u32(self) -> int:
        position, data = self.position, self.data
        if position + 2 < self.end:  # most have no more than three bytes
            if (low := data[position]) < 0x80:
                self.position = position + 1
                return low
            if (middle := data[position + 1]) < 0x80:
                self.position = position + 2
                return low & 0x7F | middle << 7
            if (high := data[position + 2]) < 0x80:
                self.position = position + 3
                return low & 0x7F | (middle & 0x7F) << 7 | high << 14
        return self.unsigned(32)

    def signed(self, bits: int) -> int:
        """A signed LEB128 of at most `bits` bits."""
        start = self.position
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                self.position = start
                raise self.fault("integer too long")
        if byte & 0x40:
            value -= 1 << shift
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            self.position = start
            raise self.fault("integer too large")
        return value

    def take(self, count: int) -> bytes:
        start = self.position
        if count > self.end - start:
            raise self.fault("unexpected end")
        self.position = start + count
        return self.data[start : start + count]

    def skip(self, count: int) -> None:
        if count > self.end - self.position:
            raise self.fault("unexpected end")
        self.position += count

    def name(self) -> str:
        try:
            return self.take(self.u32()).decode()
        except UnicodeDecodeError:
            raise self.fault("name is not UTF-8") from None

    def count(self) -> int:
        """The length of a vector: each element takes at least one byte, so that no length exceeds what is left."""
        length = self.u32()
        if length > self.end - self.position:
            raise self.fault("vector longer than its section")
        return length

    def vector(self, read: Callable[[], T]) -> tuple[T, ...]:
        return tuple([read() for _ in range(self.count())])

    def u32s(self) -> tuple[int, ...]:
        """A vector of u32; mostly of a byte each."""
        count = self.count()
        small = self.data[self.position : self.position + count]
        if small.isascii():
            self.position += count
            return tuple(small)
        return tuple([self.u32() for _ in range(count)])

    def expect(self, value: int, what: str) -> None:
        if self.peek() != value:
            raise self.fault(f"expected {what}")
        self.position += 1

    def sub(self, size: int) -> Reader:
        """A reader of the next `size` bytes, one level deeper; this one goes on behind them."""
        if size > self.end - self.position:
            raise self.fault("section longer than what holds it")
        inner = Reader(self.data, self.position, self.position + size, self.depth + 1)
        self.position += size
        return inner

    def finish(self, what: str) -> None:
        if self.position != self.end:
            raise self.fault(f"bytes left over in {what}")

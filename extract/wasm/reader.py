"""A cursor over the bytes of one file: LEB128, names, vectors; every fault is an error with its absolute offset."""

from __future__ import annotations

from mmap import mmap
from typing import NoReturn

from extract.errors import ByteOffset, InputError
from extract.wasm import limits

Buffer = bytes | mmap


class Reader:
    """Reads `data[position:end]`; `end` is the end of what is being read (a section, say), not of the file."""

    __slots__ = ("data", "end", "file", "position")

    def __init__(self, data: Buffer, position: int, end: int, file: str) -> None:
        self.data = data
        self.position = position
        self.end = end
        self.file = file

    def fail(self, found: str, expected: str, at: int | None = None) -> NoReturn:
        raise InputError(self.file, ByteOffset(self.position if at is None else at), found, expected)

    def sub(self, size: int, what: str) -> Reader:
        """A reader over the next `size` bytes, which this one passes over."""
        start = self.position
        self.skip(size, what)
        return Reader(self.data, start, self.position, self.file)

    def skip(self, size: int, what: str) -> None:
        """Passes over the next `size` bytes."""
        if size > self.end - self.position:
            self.fail(
                f"{what} of {size} bytes where {self.end - self.position} are left", "a size within what holds it"
            )
        self.position += size

    def at_end(self) -> bool:
        return self.position >= self.end

    def finish(self, what: str) -> None:
        """Demands that everything was read: trailing bytes are a fault."""
        if self.position != self.end:
            self.fail(f"{self.end - self.position} bytes more", f"the end of the {what}")

    def byte(self) -> int:
        at = self.position
        if at >= self.end:
            self.fail("the end", "one more byte")
        self.position = at + 1
        return self.data[at]

    def take(self, size: int) -> bytes:
        at = self.position
        if size > self.end - at:
            self.fail("the end", f"{size} more bytes")
        self.position = at + size
        return self.data[at : at + size]

    def unsigned(self, bits: int) -> int:
        """An unsigned LEB128 of at most `bits` bits: no more bytes, no set bits above."""
        start = self.position
        value = shift = 0
        while True:
            byte = self.byte()
            if shift + 7 > bits and byte >> (bits - shift):
                self.fail(f"an integer longer than {bits} bits", f"an unsigned LEB128 of {bits} bits", start)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def u32(self) -> int:
        at = self.position
        if at < self.end:
            byte = self.data[at]
            if byte < 0x80:
                self.position = at + 1
                return byte
        return self.unsigned(32)

    def signed(self, bits: int) -> int:
        """A signed LEB128 of at most `bits` bits; unused bits of the last byte must repeat the sign."""
        start = self.position
        value = shift = 0
        while True:
            byte = self.byte()
            left = bits - shift
            if left < 7:
                sign_and_unused = (byte & 0x7F) >> (left - 1)
                if byte >= 0x80 or sign_and_unused not in (0, (1 << (8 - left)) - 1):
                    self.fail(f"an integer longer than {bits} bits", f"a signed LEB128 of {bits} bits", start)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value - (1 << shift) if byte & 0x40 else value

    def count(self, limit: int, what: str) -> int:
        """The length of a vector: over `limit`, or over the bytes that are left, it is a fault."""
        at = self.position
        count = self.u32()
        if count > limit:
            self.fail(f"{count} {what}", f"at most {limit}", at)
        if count > self.end - self.position:
            self.fail(f"{count} {what} in {self.end - self.position} bytes", "at least one byte for each", at)
        return count

    def name(self, limit: int = limits.MAX_NAME_BYTES) -> str:
        at = self.position
        size = self.u32()
        if size > limit:
            self.fail(f"a name of {size} bytes", f"at most {limit}", at)
        try:
            return str(self.take(size), "utf-8")
        except UnicodeDecodeError as error:
            self.fail("a name that is not UTF-8", "UTF-8", self.position - size + error.start)

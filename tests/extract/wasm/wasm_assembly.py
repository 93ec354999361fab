"""Core modules put together byte by byte, so that each can be wrong in one place, and their worlds."""

from __future__ import annotations

from functools import cache

import wasmtime

from extract.digest import Digest
from extract.subject import SubjectFile
from extract.wasm.bodies import Spaces
from extract.wasm.module import Module
from extract.wasm.read import read_world
from extract.wasm.reader import Reader
from extract.wasm.sections import MODULE_HEADER, read_module
from extract.wasm.types import TypeScope, TypeStore
from extract.wasm.world import World

FILE = "test.wasm"
NOTHING = b"\x60\0\0"
"""The type of a function that takes and gives nothing."""
EMPTY_BODY = b"\x02\0\x0b"


def unsigned(value: int, size: int = 0) -> bytes:
    """Unsigned LEB128, padded to `size` bytes."""
    encoded = bytearray()
    while value >= 0x80 or len(encoded) + 1 < size:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def signed(value: int, size: int = 0) -> bytes:
    """Signed LEB128, padded to `size` bytes."""
    encoded = bytearray()
    while not -0x40 <= value < 0x40 or len(encoded) + 1 < size:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value & 0x7F)
    return bytes(encoded)


def vector(*items: bytes) -> bytes:
    return unsigned(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    return unsigned(len(text.encode())) + text.encode()


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + unsigned(len(content)) + content


def body(instructions: bytes, local_groups: bytes = b"\0") -> bytes:
    """An entry of the code section; the last `end` is added."""
    content = local_groups + instructions + b"\x0b"
    return unsigned(len(content)) + content


def binary(*sections: bytes) -> bytes:
    return MODULE_HEADER + b"".join(sections)


def spaces(functions: int, imported: int = 0) -> Spaces:
    """Index spaces for bodies: three types, `functions` functions, two tables, memories and element segments."""
    scope = TypeScope(TypeStore())
    for group in (NOTHING, b"\x60\x01\x7f\0", b"\x5f\x01\x7f\x01"):
        scope.read_group(Reader(group, 0, len(group), FILE))
    return Spaces(scope, functions, imported, 2, 2, 2)


def core(data: bytes) -> Module:
    return read_module(data, 0, len(data), FILE, TypeStore())


@cache
def assembled(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


def world(data: bytes) -> World:
    return read_world(SubjectFile(FILE, FILE, len(data), Digest(data), data, False))


def module(text: str) -> World:
    """The world of a core module; `text`: its fields in the text format."""
    return world(assembled(f"(module {text})"))

"""Literals of MIR text to values [char::escape_debug, slice::escape_ascii]."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", "'": "'", '"': '"'}


def unescape(body: str) -> str | None:
    """The characters of a string literal without its quotes; None if an escape is not one."""
    wrong = False

    def replace(found: re.Match[str]) -> str:
        nonlocal wrong
        code, byte, simple = found.groups()
        if code is not None and int(code, 16) <= 0x10FFFF:
            return chr(int(code, 16))
        if byte is not None:
            return chr(int(byte, 16))
        if simple in _SIMPLE:
            return _SIMPLE[simple]
        wrong = True
        return ""

    text = _ESCAPE.sub(replace, body)
    return None if wrong else text


def escape(text: str) -> str:
    """As Rust's `Debug` for strings, but for the characters outside ASCII, which stay."""
    simple = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\\": "\\\\", '"': '\\"'}
    return "".join(simple.get(c) or (f"\\u{{{ord(c):x}}}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)


def escape_bytes(data: bytes) -> str:
    simple = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return "".join(simple.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)

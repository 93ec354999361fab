"""What was proved of a module as Rust constants, for engines that only compare."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from artifacts.names import visible

Digest = bytes


def constants(
    name: str,
    tool_version: str,
    modules: tuple[bytes, bytes],
    compact: Sequence[tuple[str, Digest]],
    proved: Sequence[tuple[str, str, Digest]],
    pools: Sequence[tuple[str, int, int]],
) -> bytes:
    """`modules`: the bytes that were certified, and with the compact certificates; the rest as each comment says."""
    plain, carrying = modules
    lines = [
        f"// Written by proofmark {tool_version} about {visible(name)}.",
        "",
        "/// SHA-256 of the module, without sections that hold compact certificates.",
        f"pub const MODULE_SHA256: [u8; 32] = {_digest(hashlib.sha256(plain).digest())};",
        "/// Its size in bytes.",
        f"pub const MODULE_BYTES: usize = {len(plain)};",
        "/// SHA-256 of the module with its compact certificates.",
        f"pub const EMBEDDED_SHA256: [u8; 32] = {_digest(hashlib.sha256(carrying).digest())};",
        "/// The size of that.",
        f"pub const EMBEDDED_BYTES: usize = {len(carrying)};",
        "/// Obligations that a loader can check, and the SHA-256 of the compact certificate.",
        *_list("COMPACT", "(&str, [u8; 32])", [f"({_text(one)}, {_digest(digest)})" for one, digest in compact]),
        "/// All that was proved: obligation, instance, and the SHA-256 of the certificate.",
        *_list(
            "PROVED",
            "(&str, &str, [u8; 32])",
            [f"({_text(one)}, {_text(instance)}, {_digest(digest)})" for one, instance, digest in sorted(proved)],
        ),
        "/// Pools that something was proved of: name, base and size in bytes.",
        *_list("POOLS", "(&str, u32, u32)", [f"({_text(one)}, {base:#x}, {size})" for one, base, size in pools]),
        "",
    ]
    return "\n".join(lines).encode("utf-8")


def _list(name: str, kind: str, items: Iterable[str]) -> list[str]:
    written = list(items)
    return [f"pub const {name}: [{kind}; {len(written)}] = [", *[f"    {item}," for item in written], "];"]


def _digest(value: bytes) -> str:
    return "[" + ", ".join(f"0x{byte:02x}" for byte in value) + "]"


def _text(value: str) -> str:
    """A string literal, whatever the text holds."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\u{{{ord(c):x}}}" for c in value)
    return f'"{plain}"'

"""Compact certificates (`docs/loader.md`): a closed set as bits, for a loader; their form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from proofs.recheck.faults import Refused
from proofs.recheck.reader import COMPONENT_PREAMBLE, Reader
from proofs.recheck.wording import Obligation

MAGIC, VERSION, RULES, HOST_TABLES = b"PMcs", 1, 2, 1
SECTION_NAME = "proofmark.closed-set"
SUFFIX = ".closed-set"
OBLIGATIONS = {1: Obligation.REALLOC_NO_GROW, 2: Obligation.MODULE_NO_GROW}
HEADER_BYTES = 48


@dataclass(frozen=True, slots=True)
class Compact:
    """`functions`: members, and functions of the host that are assumed not to lead to growth; of `count` functions."""

    obligation: Obligation
    host_tables: bool
    sha256: bytes
    function_count: int
    memory_count: int
    functions: tuple[int, ...]
    memories: tuple[int, ...]


def read_compact(raw: bytes) -> Compact:
    """Raises `Refused` for whatever is not in the one form that a certificate has."""
    if raw[:4] != MAGIC or len(raw) < HEADER_BYTES:
        raise Refused("certificate: no compact certificate")
    version, rules, obligation, flags = raw[4:8]
    if (version, rules) != (VERSION, RULES) or obligation not in OBLIGATIONS:
        raise Refused("certificate: an unknown version, rule pack or obligation")
    function_count, memory_count = (int.from_bytes(raw[at : at + 4], "little") for at in (40, 44))
    split = HEADER_BYTES + _bytes_for(function_count)
    if len(raw) != split + _bytes_for(memory_count) or flags & ~HOST_TABLES:
        raise Refused("certificate: bytes missing or left over, or an unknown flag")
    functions = _numbers(raw[HEADER_BYTES:split], function_count)
    memories = _numbers(raw[split:], memory_count)
    sha256, host_tables = raw[8:40], bool(flags & HOST_TABLES)
    return Compact(OBLIGATIONS[obligation], host_tables, sha256, function_count, memory_count, functions, memories)


def write_compact(c: Compact) -> bytes:
    number = next(number for number, obligation in OBLIGATIONS.items() if obligation is c.obligation)
    counts = c.function_count.to_bytes(4, "little") + c.memory_count.to_bytes(4, "little")
    head = MAGIC + bytes((VERSION, RULES, number, HOST_TABLES * c.host_tables)) + c.sha256 + counts
    return head + _bits(c.functions, c.function_count) + _bits(c.memories, c.memory_count)


def _bytes_for(bits: int) -> int:
    return (bits + 7) // 8


def _numbers(bits: bytes, count: int) -> tuple[int, ...]:
    numbers = tuple([at * 8 + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte >> bit & 1])
    if numbers and numbers[-1] >= count:
        raise Refused("certificate: bits set behind the last one")
    return numbers


def _bits(numbers: Iterable[int], count: int) -> bytes:
    bits = bytearray(_bytes_for(count))
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return bytes(bits)


def split_module(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """A module's bytes without the sections that hold certificates, and what these hold. Raises `Malformed`."""
    if data[:8] == COMPONENT_PREAMBLE:
        raise Refused("subject: components have no compact certificates")
    reader = Reader(data, 0, len(data))
    pieces, carried = [reader.take(8)], []
    while not reader.at_end:
        start = reader.position
        number = reader.u8()
        section = reader.sub(reader.u32())
        if number == 0 and section.name() == SECTION_NAME:
            carried.append(data[section.position : section.end])
        else:
            pieces.append(data[start : section.end])
    return b"".join(pieces), tuple(carried)


def carried_in(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """The certificates that a module carries, each with its obligation. Raises `Refused` where there is none, one that
    is for no obligation, or two for one.
    """
    found: dict[str, bytes] = {}
    for raw in split_module(data)[1]:
        if len(raw) < HEADER_BYTES or raw[6] not in OBLIGATIONS:
            raise Refused(f"subject: a section {SECTION_NAME} holds no certificate")
        name = OBLIGATIONS[raw[6]].value
        if name in found:
            raise Refused(f"subject: it carries two certificates for {name}")
        found[name] = raw
    if not found:
        raise Refused("subject: it carries no certificate")
    return tuple(sorted(found.items()))


def is_about(raw: bytes, data: bytes) -> bool:
    try:
        return hashlib.sha256(split_module(data)[0]).digest() == raw[8:40]
    except Refused:
        return False

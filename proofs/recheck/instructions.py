"""The instruction set as byte patterns: what each instruction looks like, and which ones are events.

An *event* is an instruction that the rules E1 to E4, R1, R2, R5 or R6 speak of; every other instruction is only
passed over. `scan` finds, from any boundary between instructions, the run of uneventful instructions and behind
it one event, or one byte of anything, or the end; a lone byte is what the pattern does not know, and `step` then
says whether it begins a longer instruction (a long br_table, an integer in more bytes than it needs) or none at all.
Pieces are possessive: a position is never read in two ways.
"""

from __future__ import annotations

import re
from functools import cache

from proofs.recheck.coretypes import read_heap_type, read_val_type
from proofs.recheck.reader import Reader

_U32 = rb"[\x80-\xff]{0,4}+[\x00-\x7f]"
_U64 = rb"[\x80-\xff]{0,9}+[\x00-\x7f]"
_LONG_INDEX = rb"[\x80-\xff]{1,4}+[\x00-\x3f]"
_HEAP_TYPE = rb"(?:[\x00-\x3f\x69-\x74]|\x65[\x69-\x74]|" + _LONG_INDEX + rb")"
_VAL_TYPE = rb"(?:[\x69-\x74\x7b-\x7f]|\x65[\x69-\x74]|[\x63\x64]" + _HEAP_TYPE + rb")"
_BLOCK_TYPE = rb"(?:[\x00-\x40\x69-\x74\x7b-\x7f]|\x65[\x69-\x74]|[\x63\x64]" + _HEAP_TYPE + rb"|" + _LONG_INDEX + rb")"
_MEMARG = rb"(?:[\x00-\x3f]" + _U64 + rb"|[\x40-\x7f]" + _U32 + _U64 + rb")"
_CATCH = rb"(?:[\x00\x01]" + _U32 + _U32 + rb"|[\x02\x03]" + _U32 + rb")"


def _counted(item: bytes, counts: range, extra: int = 0) -> bytes:
    """A vector of one of these lengths, `extra` items behind it."""
    return rb"|".join(re.escape(bytes((n,))) + item + rb"{%d}+" % (n + extra) for n in counts)


EVENT = rb"|".join(
    (
        rb"[\x10\x12\x14\x15]" + _U32,  # call, return_call, call_ref, return_call_ref
        rb"[\x11\x13]" + _U32 + _U32,  # call_indirect, return_call_indirect
        rb"\x40" + _U32,  # memory.grow
        rb"\xd2" + _U32,  # ref.func
        rb"[\x25\x26]" + _U32,  # table.get, table.set
        rb"\xfc[\x0c\x0e]" + _U32 + _U32,  # table.init, table.copy
        rb"\xfc[\x0f\x11]" + _U32,  # table.grow, table.fill
        rb"\xfb[\x1a\x1b]",  # any.convert_extern, extern.convert_any
        rb"\xfe[\x58-\x5b][\x00\x01]" + _U32,  # table.atomic.*
    )
)

_PLAIN = rb"[\x00\x01\x05\x0a\x0b\x0f\x19-\x1b\x45-\xc4\xd1\xd3\xd4]"  # no immediate

UNEVENTFUL = rb"|".join((
    # nine of ten instructions: those with short immediates, and what follows without any
    rb"[\x07-\x09\x0c\x0d\x18\x20-\x24\x3f\x41\x42\xd5\xd6][\x00-\x7f]" + _PLAIN + rb"*+",
    rb"[\x28-\x3e][\x00-\x3f][\x00-\x7f]" + _PLAIN + rb"*+",
    rb"[\x02-\x04\x06][\x00-\x40\x69-\x74\x7b-\x7f]" + _PLAIN + rb"*+",
    _PLAIN + rb"++",
    rb"[\x07-\x09\x0c\x0d\x18\x20-\x24\x3f\x41\xd5\xd6]" + _U32,
    rb"[\x28-\x3e]" + _MEMARG,
    rb"[\x02-\x04\x06]" + _BLOCK_TYPE,
    rb"\x42" + _U64,
    rb"\x44.{8}",
    rb"\x43.{4}",
    rb"\x0e(?:" + _counted(rb"[\x00-\x7f]", range(128), 1) + rb")",
    rb"\x1c\x01" + _VAL_TYPE,
    rb"\xd0" + _HEAP_TYPE,
    rb"\x1f" + _BLOCK_TYPE + rb"(?:\x00|\x01" + _CATCH + rb"|\x02" + _CATCH + _CATCH + rb"|\x03" + _CATCH * 3 + rb")",
    rb"\xfc(?:[\x00-\x07\x13-\x16]|[\x08\x0a]" + _U32 + _U32 + rb"|[\x09\x0b\x0d\x10]" + _U32 + rb")",
    # vectors: memory, constants and shuffles, lanes, lanes of memory, the others
    rb"\xfd(?:[\x00-\x0b\x5c\x5d]" + _MEMARG + rb"|[\x0c\x0d].{16}|[\x15-\x22].|[\x54-\x5b]" + _MEMARG + rb"."
    rb"|[\x0e-\x14\x23-\x53\x5e-\x7f]|[\x80-\x99\x9b-\xa1\xa3\xa4\xa7-\xae\xb1\xb5-\xba\xbc-\xc1\xc3\xc4\xc7-\xce\xd1"
    rb"\xd5-\xe1\xe3-\xed\xef-\xff]\x01|[\x80-\x93]\x02)",
    rb"\xfb(?:[\x00\x01\x06\x07\x0b-\x0e\x10]" + _U32 + rb"|[\x02-\x05\x08-\x0a\x11-\x13]" + _U32 + _U32
    + rb"|[\x0f\x1c-\x1e]|[\x14-\x17]" + _HEAP_TYPE + rb"|[\x18\x19][\x00-\x03]" + _U32 + _HEAP_TYPE * 2 + rb")",
    rb"\xfe(?:[\x00-\x02\x10-\x4e]" + _MEMARG + rb"|\x03\x00|[\x4f-\x57\x67-\x71][\x00\x01]" + _U32
    + rb"|[\x5c-\x66][\x00\x01]" + _U32 + _U32 + rb"|\x72)",
))  # fmt: skip

# of up to 7 groups, as nearly all bodies have
LOCALS = rb"\x00|" + _counted(rb"(?:" + _U32 + _VAL_TYPE + rb")", range(1, 8))

LONE_BYTES = frozenset(bytes((byte,)) for byte in range(256))


@cache
def scan() -> re.Pattern[bytes]:
    """Atomic groups: before 3.11.5, Python's `re` takes with `(?:...)*+` the start of what then does not match
    (gh-106052), and would go on within an instruction.
    """
    return re.compile(rb"(?>" + UNEVENTFUL + rb")*+(" + EVENT + rb"|.|\Z)", re.DOTALL)


@cache
def _one_of(instructions: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:" + instructions + rb")", re.DOTALL)


_LONG_MEMARG = frozenset(range(0x28, 0x3F))


def read_locals(r: Reader) -> None:
    """Those that a body declares, before its instructions."""
    for _ in range(r.count()):
        r.u32()
        read_val_type(r)


def step(r: Reader) -> bytes:
    """Reads one instruction that `SCAN` does not know by sight; returns it as an event in its shortest form, or b""."""
    start = r.position
    match r.u8():
        case 0x0E:
            _indices(r, r.count() + 1)
        case 0x1C:
            r.vector(lambda: read_val_type(r))
        case 0x1F:
            _block_type(r)
            r.vector(lambda: _catch(r))
        case opcode if opcode in _LONG_MEMARG:
            _memarg(r)
        case 0xFB | 0xFC | 0xFD | 0xFE as prefix:
            return _prefixed(r, prefix, start)
        case opcode:
            r.position = start
            raise r.fault(f"unknown instruction {opcode:#04x}")
    return b""


def _indices(r: Reader, count: int) -> None:
    if count <= r.end - r.position and r.data[r.position : r.position + count].isascii():
        r.skip(count)
        return
    for _ in range(count):
        r.u32()


def _block_type(r: Reader) -> None:
    byte = r.peek()
    if byte == 0x40:
        r.u8()
    elif byte & 0xC0 == 0x40:
        read_val_type(r)
    elif r.signed(33) < 0:
        raise r.fault("unknown block type")


def _catch(r: Reader) -> None:
    match r.u8():
        case 0 | 1:
            r.u32()
            r.u32()
        case 2 | 3:
            r.u32()
        case kind:
            raise r.fault(f"unknown catch clause {kind}")


def _memarg(r: Reader) -> None:
    flags = r.u32()
    if flags & 0x40:
        r.u32()
    if flags & ~0x7F:
        raise r.fault("unknown memory argument")
    r.unsigned(64)


def _prefixed(r: Reader, prefix: int, start: int) -> bytes:
    """An instruction behind a prefix whose number, or whose memory argument, is longer than it need be."""
    number = r.u32()
    if prefix == 0xFD and (number <= 0x0B or 0x54 <= number <= 0x5D):
        _memarg(r)
        if 0x54 <= number <= 0x5B:
            r.u8()
        return b""
    if prefix == 0xFE and (number <= 0x02 or 0x10 <= number <= 0x4E):
        _memarg(r)
        return b""
    if prefix == 0xFB and 0x14 <= number <= 0x19:
        _cast(r, number)
        return b""
    short = bytes((prefix, number)) if number < 0x80 else bytes((prefix, number & 0x7F | 0x80, number >> 7 & 0x7F))
    rest = r.data[r.position : min(r.end, r.position + 32)]
    for pattern, event in ((EVENT, True), (UNEVENTFUL, False)):
        found = _one_of(pattern).match(short + rest)
        if number < 1 << 14 and found and found.end() >= len(short) and r.position - start > len(short):
            r.skip(found.end() - len(short))
            return found.group() if event else b""
    r.position = start
    raise r.fault(f"unknown instruction {prefix:#04x} {number:#x}")


def _cast(r: Reader, number: int) -> None:
    if number >= 0x18:
        if r.u8() > 3:
            raise r.fault("unknown cast flags")
        r.u32()
        read_heap_type(r)
    read_heap_type(r)

"""Constant expressions: the functions they name, and whether they are a plain `ref.func` or `ref.null` (R1, R3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from proofs.recheck.coretypes import read_heap_type
from proofs.recheck.reader import Reader

_NO_IMMEDIATE = frozenset((0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E))


@dataclass(frozen=True, slots=True)
class Constant:
    """`plain`: one `ref.func` or `ref.null`, or a list of functions, alone. `converts`: from or to `extern` (R5)."""

    functions: tuple[int, ...]
    plain: bool
    converts: bool


NULL = Constant((), True, False)
_OTHER = Constant((), False, False)
_NUMBER = re.compile(rb"\x41[\x80-\xff]{0,3}+[\x00-\x7f]\x0b")  # most are one of 32 bits, not in five bytes


def read_constant(r: Reader) -> Constant:
    number = _NUMBER.match(r.data, r.position, r.end)
    if number is not None:
        r.position = number.end()
        return _OTHER
    functions: list[int] = []
    others = references = 0
    converts = False
    while True:
        match r.u8():
            case 0x0B:
                break
            case 0xD2:
                functions.append(r.u32())
                references += 1
            case 0xD0:
                read_heap_type(r)
                references += 1
            case 0x23:
                r.u32()
                others += 1
            case 0x41:
                r.signed(32)
                others += 1
            case 0x42:
                r.signed(64)
                others += 1
            case 0x43:
                r.skip(4)
                others += 1
            case 0x44:
                r.skip(8)
                others += 1
            case 0xFD:
                if r.u32() != 0x0C:
                    raise r.fault("unknown vector instruction in a constant expression")
                r.skip(16)
                others += 1
            case 0xFB:
                converts |= _aggregate(r)
                others += 1
            case 0xFE:
                if r.u32() != 0x72:
                    raise r.fault("unknown atomic instruction in a constant expression")
                others += 1
            case opcode if opcode in _NO_IMMEDIATE:
                others += 1
            case opcode:
                raise r.fault(f"unknown instruction {opcode:#04x} in a constant expression")
    return Constant(tuple(functions), others == 0 and references == 1, converts)


def _aggregate(r: Reader) -> bool:
    match r.u32():
        case 0x00 | 0x01 | 0x06 | 0x07:
            r.u32()
        case 0x08:
            r.u32()
            r.u32()
        case 0x1A | 0x1B:
            return True
        case 0x1C:
            pass
        case number:
            raise r.fault(f"unknown instruction 0xfb {number:#x} in a constant expression")
    return False

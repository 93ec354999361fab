"""Function bodies at random from the opcode table, and mutations of them; the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from immediates import code_of
from wasm_assembly import signed, unsigned

from extract.wasm.bodies import Spaces
from extract.wasm.opcodes import TABLE, Effect, Immediate, Opcode

_OPCODES = tuple(TABLE.values())
_NOTABLE = tuple(opcode for opcode in _OPCODES if opcode.effect is not Effect.NONE or len(opcode.immediates) > 0)
_VALUE_TYPES = (b"\x7f", b"\x7b", b"\x70", b"\x6f", b"\x69", b"\x63\x70", b"\x64\x00", b"\x63\x81\x00", b"\x64\x6e")
_HEAP_TYPES = (b"\x70", b"\x6e", b"\x69", b"\x74", b"\x00", b"\x82\x80\x00", b"\x80\x80\x80\x80\x00")


def _index(random: Random, below: int) -> bytes:
    return unsigned(random.randrange(below), random.choice((0, 0, 0, 2, 5)))


def _labels(random: Random) -> bytes:
    count = random.choice((0, 1, 3, 40, 200))
    return unsigned(count, random.choice((0, 3))) + b"".join(_index(random, 300) for _ in range(count + 1))


def _catches(random: Random) -> bytes:
    kinds = [random.randrange(4) for _ in range(random.choice((0, 1, 4)))]
    clauses = [bytes((kind,)) + (_index(random, 5) if kind < 2 else b"") + _index(random, 300) for kind in kinds]
    return unsigned(len(kinds)) + b"".join(clauses)


def _value_types(random: Random) -> bytes:
    count = random.choice((0, 1, 2, 200))
    return unsigned(count) + b"".join(random.choice(_VALUE_TYPES) for _ in range(count))


def _memory_argument(random: Random) -> bytes:
    flags = random.choice((0, 2, 0x3F, 0x40, 0x7F))
    memory = _index(random, 3) if flags & 0x40 else b""
    offset = unsigned(random.choice((0, 1, 127, 128, 1 << 32, (1 << 64) - 1)), random.choice((0, 10)))
    return unsigned(flags, random.choice((0, 5))) + memory + offset


_IMMEDIATES: dict[Immediate, Callable[[Random], bytes]] = {
    Immediate.S32: lambda random: signed(random.choice((0, -1, 63, 64, 1 << 30, -(1 << 31))), random.choice((0, 5))),
    Immediate.S64: lambda random: signed(random.choice((0, -1, 1 << 62, -(1 << 63))), random.choice((0, 10))),
    Immediate.BYTES4: lambda random: random.randbytes(4),
    Immediate.BYTES8: lambda random: random.randbytes(8),
    Immediate.BYTES16: lambda random: random.randbytes(16),
    Immediate.BYTE: lambda random: random.randbytes(1),
    Immediate.ZERO: lambda _: b"\0",
    Immediate.MEMORY_ARGUMENT: _memory_argument,
    Immediate.BLOCK_TYPE: lambda random: random.choice((b"\x40", b"\0", b"\x81\x80\x80\x80\x00", *_VALUE_TYPES)),
    Immediate.LABELS: _labels,
    Immediate.VALUE_TYPES: _value_types,
    Immediate.CATCHES: _catches,
    Immediate.HEAP_TYPE: lambda random: random.choice(_HEAP_TYPES),
    Immediate.CAST_FLAGS: lambda random: bytes((random.randrange(4),)),
}


def instruction(random: Random, opcode: Opcode, spaces: Spaces) -> bytes:
    """An instruction whose indices are within the spaces where the call graph cares, else anything."""
    bounds = iter(spaces.limits_of(opcode.effect))
    parts = [
        code_of(opcode) if not opcode.prefix else code_of(opcode)[:1] + unsigned(opcode.code, random.choice((0, 5)))
    ]
    for immediate in opcode.immediates:
        if immediate is Immediate.INDEX:
            bound = next(bounds, 1)
            parts.append(_index(random, bound if opcode.effect is not Effect.NONE else 1 << 20))
        else:
            parts.append(_IMMEDIATES[immediate](random))
    return b"".join(parts)


def random_body(random: Random, spaces: Spaces, size: int) -> bytes:
    """One entry of the code section with about `size` instructions, properly nested."""
    groups = [_index(random, 100) + random.choice(_VALUE_TYPES) for _ in range(random.choice((0, 1, 5)))]
    parts = [unsigned(len(groups)), *groups]
    depth = 1
    for _ in range(size):
        opcode = random.choice(_NOTABLE if random.random() < 0.5 else _OPCODES)
        if opcode.effect in (Effect.ENDS, Effect.DELEGATES) and depth == 1:
            continue
        depth += {Effect.OPENS: 1, Effect.ENDS: -1, Effect.DELEGATES: -1}.get(opcode.effect, 0)
        parts.append(instruction(random, opcode, spaces))
    parts.append(b"\x0b" * depth)
    content = b"".join(parts)
    return unsigned(len(content), random.choice((0, 0, 5))) + content


def mutated(random: Random, content: bytes) -> bytes:
    """A few bytes changed, put in, taken out, or the end cut off."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(changed) + 1)
        match random.randrange(5):
            case 0 | 1 if at < len(changed):
                changed[at] = random.choice((0, 0x0B, 0x7F, 0x80, 0xFF, 0xFB, 0xFC, 0xFD, 0xFE, random.randrange(256)))
            case 2:
                changed[at:at] = random.randbytes(random.choice((1, 1, 2, 9)))
            case 3:
                del changed[at : at + random.choice((1, 1, 2, 9))]
            case 4 if random.random() < 0.2:
                del changed[at:]
            case _:
                pass
    return bytes(changed)

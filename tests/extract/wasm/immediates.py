"""Plausible immediates for every instruction, and a module in which they mean something.

`accepted_form` finds, for an opcode, immediates with which wasmtime accepts it: a judge that shares nothing with the
opcode table.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import wasmtime
from wasm_assembly import assembled, body, section, unsigned, vector

from extract.wasm.opcodes import Immediate, Opcode

LEGACY = ("try", "catch", "rethrow", "delegate", "catch_all")
"""The earlier form of exception handling, which wasmtime names and does not accept."""

CONTEXT = """(module
  (type (func))
  (type (struct (field (mut i32))))
  (type (array (mut i32)))
  (type (struct (field (mut i8))))
  (type (array (mut i8)))
  (type (array (mut funcref)))
  (func (type 0) (local i32) (drop (ref.func 0)) (data.drop 0))
  (table 1 funcref)
  (memory 1)
  (global (mut i32) (i32.const 0))
  (tag (type 0))
  (elem func 0)
  (data "a"))"""

_CANDIDATES: dict[Immediate, tuple[bytes, ...]] = {
    Immediate.INDEX: tuple(bytes((index,)) for index in range(6)),
    Immediate.S32: (b"\xff\xff\xff\xff\x07",),
    Immediate.S64: (b"\x80" * 9 + b"\x7f",),
    Immediate.BYTES4: (b"\x0b" * 4,),
    Immediate.BYTES8: (b"\x0b" * 8,),
    Immediate.BYTES16: (b"\x0b" * 16,),
    Immediate.BYTE: (b"\0",),
    Immediate.ZERO: (b"\0",),
    Immediate.MEMORY_ARGUMENT: tuple(bytes((flags,)) + b"\x81\x80\0" for flags in range(5)),
    Immediate.BLOCK_TYPE: (b"\x40",),
    Immediate.LABELS: (b"\x02\x01\x01\x01",),
    Immediate.VALUE_TYPES: (b"\x01\x7f",),
    Immediate.CATCHES: (b"\x02\0\0\x01\x02\x01",),
    Immediate.HEAP_TYPE: (b"\x6e", b"\x70"),
    Immediate.CAST_FLAGS: (b"\x03",),
}


def code_of(opcode: Opcode) -> bytes:
    return bytes((opcode.prefix,)) + unsigned(opcode.code) if opcode.prefix else bytes((opcode.code,))


@cache
def engine() -> wasmtime.Engine:
    """With every proposal on that wasmtime knows."""
    config = wasmtime.Config()
    for option in dir(wasmtime.Config):
        if option.startswith("wasm_"):
            setattr(config, option, True)
    return wasmtime.Engine(config)


def judged(instructions: bytes) -> str:
    """What wasmtime says of CONTEXT with this as its function's body, in one line; "" if it accepts it."""
    try:
        wasmtime.Module.validate(engine(), _with_body(instructions))
    except wasmtime.WasmtimeError as error:
        return " ".join(str(error).split())
    return ""


def _with_body(instructions: bytes) -> bytes:
    data = assembled(CONTEXT)
    at = 8
    while data[at] != 10:
        at += 2 + data[at + 1]  # all sections of CONTEXT are shorter than 128 bytes
    after = at + 2 + data[at + 1]
    return data[:at] + section(10, vector(body(instructions, b"\x01\x01\x7f"))) + data[after:]


def around(opcode: Opcode, immediates: bytes) -> bytes:
    """A body in which the instruction finds a stack that fits it, and a label 0 that takes a reference.

    `block (result anyref) unreachable OPCODE unreachable end drop`
    """
    instruction = code_of(opcode) + immediates
    if opcode.name in ("block", "loop", "if", "try_table"):
        instruction += b"\x0b"
    if opcode.name == "else":
        instruction = b"\x04\x40" + instruction + b"\x0b"
    return b"\x02\x6e\0" + (b"" if opcode.name == "end" else instruction) + b"\0\x0b\x1a"


def forms(opcode: Opcode) -> Iterator[bytes]:
    """Immediates for an opcode: all combinations of the candidates of each."""
    for chosen in product(*(_CANDIDATES[immediate] for immediate in opcode.immediates)):
        yield b"".join(chosen)


@cache
def accepted_form(opcode: Opcode) -> tuple[bytes | None, str]:
    """Immediates that wasmtime accepts, or None and what it said at last."""
    said = "nothing tried"
    for immediates in forms(opcode):
        said = judged(around(opcode, immediates))
        if not said:
            return immediates, ""
    return None, said

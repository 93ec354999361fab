"""The opcode table against independent judges: wasmtime's validator, wabt's disassembler."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from immediates import LEGACY, accepted_form, code_of, forms, judged
from wasm_assembly import NOTHING, binary, body, section, unsigned, vector

from extract.wasm.opcodes import PREFIXES, TABLE, Effect, Opcode

_ILLEGAL = re.compile(r"illegal opcode|unknown 0xf[bcde] subopcode")

# Codes that wasmtime's parser knows and proofmark does not: proposals that are not part of WebAssembly 3.0 and not
# listed in `opcodes`. Modules with them are rejected, which is the safe answer.
_STACK_SWITCHING = {(0, code) for code in range(0xE0, 0xE7)}
_CUSTOM_DESCRIPTORS = {(0xFB, code) for code in range(0x20, 0x27)}
_MEMORY_CONTROL = {(0xFC, 0x12)}
_SHARED_EVERYTHING = {(0xFE, code) for code in range(0x4F, 0x73)}
_OTHER_PROPOSALS = _STACK_SWITCHING | _CUSTOM_DESCRIPTORS | _MEMORY_CONTROL | _SHARED_EVERYTHING

_EVERY_CODE = [(0, code) for code in range(256) if code not in PREFIXES] + [
    (prefix, code) for prefix in PREFIXES for code in range(0x201)
]


def _written(prefix: int, code: int) -> bytes:
    return bytes((prefix,)) + unsigned(code) if prefix else bytes((code,))


def _row(opcode: Opcode) -> str:
    return f"{opcode.prefix:#04x} {opcode.code:#04x} {opcode.name}"


def test_the_table_is_consistent() -> None:
    assert all(key == (opcode.prefix, opcode.code) for key, opcode in TABLE.items())
    assert len(TABLE) == 575
    assert set(TABLE) <= set(_EVERY_CODE)


@pytest.mark.parametrize("prefix", [0, *PREFIXES])
def test_every_opcode_is_accepted_with_its_immediates(prefix: int) -> None:
    """wasmtime validates a body that holds the instruction, so that the immediates have the shape of the table."""
    for opcode in TABLE.values():
        if opcode.prefix == prefix:
            form, said = accepted_form(opcode)
            if opcode.name in LEGACY:
                assert form is None
                assert re.search(r"legacy.exceptions|LegacyTry", said), f"{_row(opcode)}: {said}"
            else:
                assert form is not None, f"{_row(opcode)}: {said}"


@pytest.mark.parametrize("prefix", [0, *PREFIXES])
def test_every_other_code_is_illegal(prefix: int) -> None:
    """All bytes, and all codes up to 0x200 after a prefix, but for the proposals named above."""
    for key in _EVERY_CODE:
        if key[0] == prefix and key not in TABLE:
            said = judged(b"\0" + _written(*key) + bytes(20))
            illegal = _ILLEGAL.search(said) is not None
            assert illegal == (key not in _OTHER_PROPOSALS), f"{key}: {said}"


def test_the_immediates_are_of_the_right_size() -> None:
    """A body that is accepted with the immediates is not with one byte more or less: the judge sees their size."""
    for opcode in TABLE.values():
        form, _ = accepted_form(opcode)
        if form:
            truncated = b"\x02\x6e\0" + code_of(opcode) + form[:-1]
            assert judged(truncated), _row(opcode)


# Mnemonics of wabt that have an effect, as docs/call-graph.md lists them; all others must have none.
_EFFECTS = {
    "block": Effect.OPENS,
    "loop": Effect.OPENS,
    "if": Effect.OPENS,
    "try": Effect.OPENS,
    "end": Effect.ENDS,
    "delegate": Effect.DELEGATES,
    "call": Effect.CALL,
    "return_call": Effect.CALL,
    "call_indirect": Effect.CALL_INDIRECT,
    "return_call_indirect": Effect.CALL_INDIRECT,
    "call_ref": Effect.CALL_REFERENCE,
    "memory.grow": Effect.GROW,
    "ref.func": Effect.REFERENCE,
    "table.get": Effect.TABLE_GET,
    "table.set": Effect.TABLE_WRITE,
    "table.grow": Effect.TABLE_WRITE,
    "table.fill": Effect.TABLE_WRITE,
    "table.init": Effect.TABLE_INIT,
    "table.copy": Effect.TABLE_COPY,
}
_LINE = re.compile(r" [0-9a-f]+:(?: [0-9a-f]{2})+ *\| *([a-z0-9_.]+)")

# What wabt 1.0.32 does not know: these effects are tested by behaviour in test_call_graph.
_NOT_IN_WABT = {"return_call_ref", "try_table", "any.convert_extern", "extern.convert_any"}


def _mnemonic(opcode: Opcode, folder: Path) -> str | None:
    """wabt's name of the instruction; None if it does not know it."""
    path = folder / "one.wasm"
    immediates = accepted_form(opcode)[0] or next(forms(opcode))
    if opcode.name in ("call_ref", "call_indirect", "return_call_indirect"):
        immediates = b"\0" * len(opcode.immediates)
    closing = b"\x0b" if opcode.effect is Effect.OPENS else b""
    code = (b"\x06\x40" if opcode.name == "delegate" else b"") + code_of(opcode) + immediates + closing
    if opcode.name == "end":
        code = b"\x02\x40" + code
    path.write_bytes(
        binary(
            section(1, vector(NOTHING)),
            section(3, vector(b"\0")),
            section(4, vector(b"\x70\0\x01")),
            section(5, vector(b"\0\x01")),
            section(10, vector(body(code))),
        )
    )
    done = subprocess.run(["wasm-objdump", "-d", str(path)], capture_output=True, text=True, check=False)
    names = _LINE.findall(done.stdout)
    wanted = 1 if opcode.name in ("end", "delegate") else 0
    return names[wanted] if len(names) > wanted + 1 or (wanted and len(names) > wanted) else None


@pytest.mark.skipif(shutil.which("wasm-objdump") is None, reason="wasm-objdump is not installed (Debian: wabt)")
def test_effects_are_those_of_the_mnemonics(tmp_path: Path) -> None:
    """Which instruction has which effect, by the names that wabt gives them. SIMD and atomics have none at all."""
    assert {opcode.effect for opcode in TABLE.values() if opcode.prefix in (0xFD, 0xFE)} == {Effect.NONE}
    compared = set()
    for opcode in TABLE.values():
        if opcode.prefix in (0, 0xFC):
            mnemonic = _mnemonic(opcode, tmp_path)
            if mnemonic is not None:
                assert opcode.effect is _EFFECTS.get(mnemonic, Effect.NONE), f"{_row(opcode)} is {mnemonic}"
                compared.add(mnemonic)
    with_effect = {opcode.name for opcode in TABLE.values() if opcode.effect is not Effect.NONE}
    assert with_effect - _NOT_IN_WABT <= compared, with_effect - _NOT_IN_WABT - compared
    assert with_effect - _NOT_IN_WABT == set(_EFFECTS)

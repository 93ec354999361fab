"""Bodies in full: names, immediates and blocks, on modules of the suites and by hand; faults with their places."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from spec_modules import suites
from wasm_assembly import FILE, NOTHING, assembled, binary, body, core, section, vector

from extract.errors import InputError
from extract.wasm.body import Body, read_body
from extract.wasm.body_blocks import Branch, End, Exit, Goto, Jump, Leave, Move, ReferenceBranch, Switch
from extract.wasm.body_immediates import BlockType, Labels, MemoryArgument
from extract.wasm.body_memories import MemoryFlags, memory_flags
from extract.wasm.instructions import instructions
from extract.wasm.opcodes import TABLE
from extract.wasm.reader import Reader

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def first(text: str) -> Body:
    data = assembled(f"(module {text})")
    one = core(data)
    return read_body(data, one, one.imported_functions, FILE)


def jumps(way: Exit) -> tuple[Jump, ...]:
    match way:
        case Goto(jump):
            return (jump,)
        case Branch(_, taken, otherwise):
            return (taken, otherwise)
        case Switch(_, targets, default):
            return (*targets, default)
        case ReferenceBranch(_, taken, otherwise):
            return (taken, Jump(otherwise, Move.FALL, 0, 0))
        case Leave() | End():
            return ()


# Names that are assembled with these immediates; any other name with those of its shape.
_TEXT = {
    "block": "end", "loop": "end", "if": "end", "try_table": "end", "br_table": "0 0", "memory.size": "",
    "ref.null": "func", "ref.test": "(ref func)", "ref.test_null": "", "i8x16.shuffle": "0 " * 16,
    "v128.const": "i32x4 0 0 0 0", "br_on_cast": "0 anyref eqref", "br_on_cast_fail": "0 anyref eqref",
}  # fmt: skip
_LEGACY = {"try", "catch", "rethrow", "delegate", "catch_all"}
_STRUCTURE = {"else", "end"} | _LEGACY
# The text format writes these two with the type that tells them from their twins.
_NULLABLE = {"ref.test_null": "ref.test (ref null any)", "ref.cast_null": "ref.cast (ref null any)"}


def _written(name: str, immediates: int) -> list[str]:
    """Texts, one of which is the instruction."""
    if name in _NULLABLE:
        return [_NULLABLE[name]]
    if name in ("ref.test", "ref.cast"):
        return [f"{name} (ref any)"]
    if name in _TEXT:
        return [f"{name} {_TEXT[name]}"]
    return [f"{name}{' 0' * count}" for count in (immediates, 0, immediates + 1)] + [f"{name} (result i32)"]


def test_names_assemble_to_their_opcodes() -> None:
    """The assembler, which shares nothing with the table, gives each name the code that the table has."""
    compared = 0
    for opcode in TABLE.values():
        if opcode.name in _STRUCTURE:
            continue
        code = opcode.code
        encoded = bytes((opcode.prefix,)) if opcode.prefix else b""
        while code >= 0x80 and opcode.prefix:
            encoded += bytes((code & 0x7F | 0x80,))
            code >>= 7
        encoded += bytes((code,))
        found = []
        for text in _written(opcode.name, len(opcode.immediates)):
            try:
                data = assembled(f"(module (func {text}))")
            except Exception:
                continue
            one = core_bodies(data)
            found.append(one)
        assert any(content.startswith(b"\0" + encoded) for content in found), f"{opcode.name}: {found}"
        compared += 1
    assert compared == len(TABLE) - len(_STRUCTURE)


def core_bodies(data: bytes) -> bytes:
    """The bytes of the one body in a module, its locals first."""
    at = 8
    while data[at] != 10:
        at += 2 + data[at + 1]
    return data[at + 4 :]


def test_blocks_of_a_loop() -> None:
    one = first(
        "(func (param i32) (result i32) (block (loop (br_if 1 (local.get 0)) (br 0))) (if (local.get 0) (then nop))"
        " (br_table 0 0 (i32.const 7) (i32.const 1)))"
    )
    assert one.locals == ("i32",)
    exits = [
        (block.number, block.loops, [(j.block, j.move, j.label) for j in jumps(block.exit)]) for block in one.blocks
    ]
    leave, enter, fall, repeat = Move.LEAVE, Move.ENTER, Move.FALL, Move.REPEAT
    assert exits == [
        (0, (), [(1, enter, 1)]),
        (1, (), [(2, enter, 2)]),
        (2, (2,), [(6, leave, 1), (3, fall, 0)]),
        (3, (2,), [(2, repeat, 2)]),
        (4, (2,), [(5, leave, 2)]),
        (5, (), [(6, leave, 1)]),
        (6, (), [(7, enter, 1), (8, enter, 1)]),
        (7, (), [(9, leave, 1)]),
        (8, (), [(9, leave, 1)]),
        (9, (), [(11, leave, 0)] * 2),
        (10, (), [(11, leave, 0)]),
        (11, (), []),
    ]
    assert one.blocks[2].loop
    assert not one.blocks[3].loop
    assert isinstance(one.blocks[9].exit, Switch)
    assert one.blocks[9].exit.operation.immediates == (Labels((0,), 0),)
    assert one.blocks[9].exit.default.carried == 1


def test_immediates_are_kept() -> None:
    one = first(
        "(memory 1) (memory 1) (func (local i64 f32) (drop (i32.load8_s 1 offset=70000 (i32.const -5)))"
        " (drop (i64.const -9223372036854775808)) (drop (f64.const 1)) (drop (block (result i32) (i32.const 3))))"
    )
    assert one.locals == ("i64", "f32")
    kept = [(op.name, op.immediates) for op in one.blocks[0].operations if op.immediates]
    assert kept == [
        ("i32.const", (-5,)),
        ("i32.load8_s", (MemoryArgument(0, 1, 70000),)),
        ("i64.const", (-(1 << 63),)),
        ("f64.const", (b"\0\0\0\0\0\0\xf0\x3f",)),
    ]


def test_every_body_of_the_suites_is_read_whole() -> None:
    """Each instruction of the plain reader once, in order, and every jump where one may go."""
    count: Counter[str] = Counter()
    for module in suites().modules[::3]:
        if not module.valid or module.kind != "core":
            continue
        try:
            one = core(module.content)
        except InputError:
            continue
        for defined in range(len(one.code.starts)):
            read = read_body(module.content, one, one.imported_functions + defined, FILE)
            plain = instructions(
                Reader(module.content, one.code.starts[defined], one.code.ends[defined], FILE), one.scope
            )
            offsets = [item.offset for item in plain if not _silent(item.opcode.name)]
            mine = [op.offset for block in read.blocks for op in block.operations if not _silent(op.name)]
            mine += [
                way.operation.offset
                for way in (block.exit for block in read.blocks)
                if not isinstance(way, Goto | End) and way.operation.name != "if"
            ]
            assert sorted(mine) == offsets
            for block in read.blocks:
                for jump in jumps(block.exit):
                    back = jump.move is Move.REPEAT
                    assert (jump.block <= block.number) == back
                    assert not back or jump.block in block.loops
                    count[jump.move.value] += 1
            count["bodies"] += 1
    assert count["bodies"] > 2000
    assert min(count.values()) > 20


def _silent(name: str) -> bool:
    """What has become structure, or may stand in two places."""
    return name in ("block", "loop", "if", "else", "end", "br", "try", "try_table", "catch", "catch_all", "delegate")


@pytest.mark.parametrize(
    ("code", "at", "found"),
    [
        (b"\x0c\x01", 0, "label 1"),
        (b"\x0d\x07", 0, "label 7"),
        (b"\x0e\x01\0\x02", 0, "label 2"),
        (b"\x05", 0, "else in a function"),
        (b"\x02\x40\x05\x0b", 2, "else in a block"),
        (b"\x04\x40\x05\x05\x0b", 3, "else in a else"),
        (b"\x19", 0, "catch_all in a function"),
        (b"\x02\x40\x18\0", 2, "delegate in a block"),
    ],
)
def test_faults(code: bytes, at: int, found: str) -> None:
    data = binary(section(1, vector(NOTHING)), section(3, vector(b"\0")), section(10, vector(body(code))))
    one = core(data)
    with pytest.raises(InputError, match=f"byte {one.code.starts[0] + 1 + at:#x}: found {re.escape(found)};"):
        read_body(data, one, 0, FILE)


def test_block_types() -> None:
    one = first(
        "(type (func (param i32 i32) (result i64))) (func (block (type 0) unreachable) (block (result f32) br 0))"
    )
    carried = [jump.carried for block in one.blocks for jump in jumps(block.exit)]
    assert carried[:2] == [2, 1]
    assert BlockType((), ()) != BlockType((), ("i32",))


def test_flags_of_memories() -> None:
    data = assembled(
        '(module (import "a" "f" (func)) (import "a" "t" (table 1 2 funcref)) (import "a" "m" (memory i64 1 2))'
        ' (import "a" "g" (global (mut i32))) (memory 1 2 shared) (memory 3) (memory i64 1 2 shared))'
    )
    assert memory_flags(data, core(data), FILE) == (
        MemoryFlags(False, True),
        MemoryFlags(True, False),
        MemoryFlags(False, False),
        MemoryFlags(True, True),
    )


@pytest.mark.skipif(shutil.which("wasm-objdump") is None, reason="wasm-objdump is not installed (Debian: wabt)")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*_[cr]*.wasm"))[:4], ids=lambda path: path.stem)
def test_names_are_those_of_a_disassembler(path: Path) -> None:
    """On real code, each instruction at its offset."""
    text = subprocess.run(["wasm-objdump", "-d", str(path)], capture_output=True, text=True, check=True).stdout
    theirs = re.findall(r"^ ([0-9a-f]+): .*\| +([a-z0-9_.]+)", text, re.MULTILINE)
    data = path.read_bytes()
    one = core(data)
    mine = {
        item.offset: item.opcode.name
        for start, end in zip(one.code.starts, one.code.ends, strict=True)
        for item in instructions(Reader(data, start, end, FILE), one.scope)
    }
    shown = {int(offset, 16): name for offset, name in theirs if not re.match(r"local\[", name)}
    assert {at: name for at, name in shown.items() if at in mine} == mine

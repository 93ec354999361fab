"""Small changes of a module's instructions, one or two at a time; the same for the same seed.

A change knows nothing of what the module is for. What wasmtime does not accept afterwards is no mutant.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import wasmtime

from extract.wasm.body import read_locals
from extract.wasm.body_immediates import MemoryArgument, Operation, read_operation
from extract.wasm.module import Module
from extract.wasm.opcodes import TABLE
from extract.wasm.reader import Reader
from extract.wasm.sections import read_module
from extract.wasm.types import FunctionType, TypeStore, ValueType
from proofs.replay import leb
from proofs.replay.copies import sections

CODE = 10
TWICE = 0.3
"""How often a mutant has two changes."""
FAMILIES = (
    "i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u",
    "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u",
    "i32.add i32.sub i32.and i32.or i32.xor i32.mul",
    "i64.add i64.sub i64.and i64.or i64.xor i64.mul",
    "i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr",
    "i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr",
    "i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and",
    "i32.clz i32.ctz i32.popcnt i32.eqz i32.extend8_s i32.extend16_s",
    "i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u",
    "i64.load i64.load8_u i64.load16_u i64.load32_s i64.load32_u",
    "i32.store i32.store8 i32.store16",
    "i64.store i64.store8 i64.store16 i64.store32",
    "i64.extend_i32_s i64.extend_i32_u",
)
OPCODES = {one.name: bytes((one.code,)) for one in TABLE.values() if not one.prefix}
KIN = {name: [one for one in names.split() if one != name] for names in FAMILIES for name in names.split()}
"""The others that take and give the same."""
NOTHING, NOP, EQZ, DROP, RETURN, BR = b"", b"\x01", b"\x45", b"\x1a", b"\x0f", b"\x0c"
I32_MUL, MINUS_ONE, ZERO = b"\x6c", b"\x41\x7f", b"\x41\x00"


@dataclass(frozen=True, slots=True)
class Change:
    """The bytes from `start` to `end` become others. `text`: what was done, with the offset in the file."""

    start: int
    end: int
    becomes: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Mutant:
    data: bytes
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """An instruction: its bytes, and the types of the locals around it."""

    operation: Operation
    end: int
    locals: tuple[ValueType, ...]
    globals: int


def mutant(data: bytes, chance: random.Random) -> Mutant | None:
    """None if what came of it is no valid module, or the same one."""
    made, texts = data, []
    for _ in range(2 if chance.random() < TWICE else 1):
        change = chance.choice(list(changes(made, chance)))
        made = changed(made, change)
        texts.append(change.text)
        if not _valid(made):
            return None
    return None if made == data else Mutant(made, tuple(texts))


def _valid(data: bytes) -> bool:
    try:
        wasmtime.Module.validate(wasmtime.Engine(), data)
    except wasmtime.WasmtimeError:
        return False
    return True


def changes(data: bytes, chance: random.Random) -> Iterator[Change]:
    """One of each kind that there is for an instruction, of all instructions."""
    for place in _places(data):
        one = place.operation
        for becomes, what in _ways(place, data[one.offset : place.end], chance):
            yield Change(one.offset, place.end, becomes, f"{one.name} at {one.offset:#x}: {what}")


def changed(data: bytes, change: Change) -> bytes:
    """The module with other bytes in one body, and the sizes that follow from it; without custom sections."""
    module = _module(data)
    out = [data[:8]]
    for section in sections(data, module):
        if section.number == CODE:
            bodies = []
            for start, end in zip(module.code.starts, module.code.ends, strict=True):
                body = data[start:end]
                if start <= change.start < end:
                    body = data[start : change.start] + change.becomes + data[change.end : end]
                bodies.append(leb.unsigned(len(body)) + body)
            out.append(leb.section(CODE, leb.vector(bodies)))
        elif section.number:
            out.append(data[section.start : section.end])
    return b"".join(out)


def _module(data: bytes) -> Module:
    return read_module(data, 0, len(data), "mutant.wasm", TypeStore())


def _places(data: bytes) -> Iterator[_Place]:
    module = _module(data)
    for defined, (start, end) in enumerate(zip(module.code.starts, module.code.ends, strict=True)):
        reader = Reader(data, start, end, "")
        composite = module.scope.store[module.function_types[module.imported_functions + defined]].composite
        assert isinstance(composite, FunctionType)
        types = (*composite.parameters, *read_locals(reader, module.scope))
        while not reader.at_end():
            operation = read_operation(reader, module.scope)
            yield _Place(operation, reader.position, types, len(module.globals))


def _ways(place: _Place, written: bytes, chance: random.Random) -> Iterator[tuple[bytes, str]]:
    """What becomes of an instruction, and what that is called."""
    one = place.operation
    for name in chance.sample(KIN.get(one.name, []), min(2, len(KIN.get(one.name, [])))):
        yield _renamed(one, written, name), name
    match one.name.partition("."), one.immediates:
        case ("i32" | "i64", _, "const"), (int(value),):
            near = (value + 1, value - 1, 2 * value, -value, value // 2, value ^ 4, 0)
            number = chance.choice([each for each in near if each != value and _fits(one.name, each)])
            yield written[:1] + leb.signed(number), f"{value} becomes {number}"
        case (_, _, _), (MemoryArgument(alignment, 0, offset),):
            moved = [offset + step for step in (-8, -4, -1, 1, 4, 8) if offset + step >= 0]
            other = chance.choice(moved)
            yield written[:1] + leb.unsigned(alignment) + leb.unsigned(other), f"offset {offset} becomes {other}"
            if "store" in one.name:
                yield DROP + DROP, "left out"
        case ("i32", _, "sub" | "shl" | "shr_u" | "div_u" | "rem_u" as name), ():
            yield from _exchanged(name, written)
        case ("i32", _, "add" | "or" | "and"), ():
            yield DROP, "only the first operand"
        case ("i32", _, "eqz"), ():
            yield EQZ + EQZ, "negated"
        case ("local", _, "get" | "set" | "tee"), (int(index),):
            yield from _moved(place, written, index, chance)
        case ("global", _, _), (int(index),) if place.globals > 1:
            yield written[:1] + leb.unsigned(chance.randrange(place.globals)), "another global"
        case ("br_if" | "if" | "select", _, _), _:
            yield EQZ + written, "negated"
            if one.name == "br_if":
                yield DROP, "never"
                yield DROP + BR + written[1:], "always"
        case ("br", _, _), (int(label),):
            yield BR + leb.unsigned(label + chance.choice([1, -1]) if label else 1), "another label"
        case ("unreachable", _, _), _:
            yield ZERO + RETURN, "gives null"
            yield NOP, "left out"
        case _:
            pass


def _renamed(one: Operation, written: bytes, name: str) -> bytes:
    """With another opcode; of a narrower access the alignment may not stay."""
    match one.immediates:
        case (MemoryArgument(_, _, offset),):
            return OPCODES[name] + leb.unsigned(0) + leb.unsigned(offset)
        case _:
            return OPCODES[name] + written[1:]


def _fits(name: str, value: int) -> bool:
    return -(1 << 31) <= value < 1 << 31 or name == "i64.const"


def _exchanged(name: str, written: bytes) -> Iterator[tuple[bytes, str]]:
    """A difference the other way round; of what has no such form, one operand is left out."""
    if name == "sub":
        yield written + MINUS_ONE + I32_MUL, "operands exchanged"
    yield DROP, "only the first operand"


def _moved(place: _Place, written: bytes, index: int, chance: random.Random) -> Iterator[tuple[bytes, str]]:
    """Another local of the same type; nothing set at all."""
    name = place.operation.name
    others = [each for each, of in enumerate(place.locals) if of == place.locals[index] and each != index]
    if others:
        other = chance.choice(others)
        yield written[:1] + leb.unsigned(other), f"{index} becomes {other}"
    if name != "local.get":
        yield DROP if name == "local.set" else NOTHING, "left out"

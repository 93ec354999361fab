"""Hostile input: every byte of the evidence changed, subjects changed and cut off with their hash set right."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from certificate_text import assemble, assume, certificate, closed_set, needed_by, write
from test_recheck_components import CALLS, LINKED, lift_of

from proofs.recheck import Accepted, Rejected, recheck

SEED = 20261121
TEXT = """(module (memory 1 1) (type $t (func (param i64))) (table 4 funcref) (elem (i32.const 0) func $c $grow1)
  (func $grow0 (drop (memory.grow (i32.const 1))))
  (func (export "cabi_realloc") call $b)
  (func $b (call_indirect (type $t) (i64.const 1) (i32.const 0)) (block (br_table 0 0 0 (i32.const 1))))
  (func $c (type $t))
  (func $grow1 (drop (memory.grow (i32.const 1))))
  (func $unused) (func $grow2 (drop (memory.grow (i32.const 1)))) (global $g funcref (ref.func $grow2)))"""


def tight(path: Path) -> dict[str, Any]:
    """No larger set is closed, and no smaller one holds what the root reaches."""
    return certificate(path, "realloc-no-grow", closed_set([[0, 1]], [[0, "1-3"]]), [])


def test_every_changed_byte_of_the_evidence_is_rejected(tmp_path: Path) -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    path = assemble(tmp_path, TEXT)
    needs = assemble(tmp_path, lift_of('(param "x" string)'), "needs.wasm")
    cases = [
        (path, write(tight(path))),
        (needs, write(certificate(needs, "realloc-vestigial", needed_by([0, 1, [1, "a", "b"]]), []))),
    ]
    for subject, raw in cases:
        assert isinstance(recheck(raw, subject), Accepted)
        start, end = raw.index(b'"evidence":'), raw.index(b',"format"')
        for position in range(start, end):
            others = {chance.randrange(256), raw[position] ^ 1, *b'0145,-"[]'} - {raw[position]}
            for other in others:
                changed = raw[:position] + bytes((other,)) + raw[position + 1 :]
                assert isinstance(recheck(changed, subject), Rejected), changed
            assert isinstance(recheck(raw[:position] + raw[position + 1 :], subject), Rejected)


def documents(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    core = assemble(folder, TEXT, "core.wasm")
    linked = assemble(folder, LINKED.replace("GROW", "i32.const 0"), "linked.wasm")
    calls = assemble(folder, CALLS, "calls.wasm")
    lifted = assemble(folder, lift_of('(param "x" string)'), "lifted.wasm")
    entries = closed_set([[0, 0], [3, 0]], [[0, "0"], [1, "0"], [3, "0"]])
    by_name = closed_set([[2, 7]], [[0, "0-1"], [1, "0"], [2, "7"]], roots_by="name", root_names=["d"])
    return [
        (core, tight(core)),
        (linked, certificate(linked, "module-no-grow", entries, [])),
        (calls, certificate(calls, "realloc-no-grow", by_name, assume("canonical-builtins"))),
        (lifted, certificate(lifted, "realloc-vestigial", needed_by([0, 1, 0]), [])),
    ]


def answer_for(path: Path, data: bytes, document: dict[str, Any]) -> None:
    path.write_bytes(data)
    fixed = certificate(path, document["obligation"], document["evidence"], document["assumptions"])
    answer = recheck(write(fixed), path)
    assert isinstance(answer, Accepted | Rejected)
    if isinstance(answer, Rejected):
        assert "fault of the checker" not in answer.reason, (answer, data.hex())


@pytest.mark.parametrize("case", range(4))
def test_changed_and_truncated_subjects_get_an_answer(tmp_path: Path, case: int) -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    path, document = documents(tmp_path)[case]
    data = path.read_bytes()
    for position in range(4, len(data)):
        for other in {chance.randrange(256), data[position] ^ 1, 0xFF} - {data[position]}:
            answer_for(path, data[:position] + bytes((other,)) + data[position + 1 :], document)
        answer_for(path, data[:position], document)
        answer_for(path, data[:position] + data[position + 1 :], document)
    for _ in range(500):
        mutated = bytearray(data)
        for _ in range(chance.randrange(2, 8)):
            mutated[chance.randrange(4, len(mutated))] = chance.randrange(256)
        answer_for(path, bytes(mutated), document)


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + leb(len(content)) + content


def leb(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


COMPONENT = b"\0asm\x0d\0\1\0"


def nested_components(depth: int) -> bytes:
    component = COMPONENT
    for _ in range(depth):
        component = COMPONENT + section(4, component)
    return component


def doubling_components(levels: int) -> bytes:
    """Each component instantiates the one before it twice."""
    definitions = section(4, COMPONENT)
    for level in range(levels):
        inner = COMPONENT + section(6, b"\1\4\2\1" + leb(level)) + section(5, b"\2\0\0\0\0\0\0")
        definitions += section(4, inner)
    return COMPONENT + definitions + section(5, b"\1\0" + leb(levels) + b"\0")


def doubling_types(levels: int) -> bytes:
    """Each type is a pair of the one before it."""
    pairs = b"".join(b"\x6f\2" + leb(level) * 2 for level in range(levels))
    return COMPONENT + section(7, leb(levels + 1) + b"\x7f" + pairs)


ONE_FUNCTION = b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, b"\1\0")


@pytest.mark.parametrize(
    "data",
    [
        nested_components(99),
        nested_components(5000),
        doubling_components(40),
        doubling_types(5000),
        b"\0asm\1\0\0\0" + section(1, b"\xff\xff\xff\xff\x0f"),
        b"\0asm\1\0\0\0" + section(3, b"\xff\xff\xff\xff\x0f" + b"\0" * 100),
        ONE_FUNCTION + section(10, b"\1\x08\1\xff\xff\xff\xff\x0f\x7f\x0b"),
        b"\0asm",
        b"\0asm\2\0\0\0",
        b"",
        b"\xff" * 100,
        b"(module " + b"(" * 100_000,
    ],
    ids=range(12),
)
def test_bombs_get_an_answer_in_time(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "subject.wasm"
    started = time.process_time()
    evidence = closed_set([[0, 0]], [[0, "0"]])
    answer_for(path, data, {"obligation": "realloc-no-grow", "evidence": evidence, "assumptions": []})
    assert time.process_time() - started < 20

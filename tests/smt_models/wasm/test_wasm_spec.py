"""The specification's own assertions on integers, control and memory, against the terms of each function's paths.

Each script is played in wasmtime, whose memory and globals are where each of our calls starts from; our results are
held to what the script says.
"""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import spec_modules
import wasmtime
from real_modules import fetch_archive
from wasm_runs import Engine, Result, evaluated, executed, program_of_bytes, unsigned

from extract.wasm.module import ExternKind
from smt_models.wasm.paths import Bounds, Execution
from smt_models.wasm.program import Program

_SCRIPTS = """
    i32 i64 int_exprs int_literals address align endianness memory memory_grow memory_size memory_trap
    memory_redundancy memory_copy memory_fill load store traps br br_if br_table block loop if select switch
    return call labels unwind local_get local_set local_tee global nop unreachable left-to-right forward fac
    stack return_call
"""
SCRIPTS = frozenset(_SCRIPTS.split())
_CONSTANT = re.compile(r"\((i32|i64)\.const ([-+0-9a-fA-Fx_]+)\)")
_INVOKE = re.compile(r'\(invoke (?:\$\S+ )?"([^"\\]*)"(.*)\)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Loaded:
    program: Program
    engine: Engine
    globals: int
    memory: bool
    executions: dict[str, Execution]


def _texts() -> Iterator[tuple[str, str]]:
    with tarfile.open(fetch_archive(spec_modules.CORE)) as tar:
        for member in tar:
            name = re.search(r"/data/wasm-v2/([^/]+)\.wast$", member.name)
            file = tar.extractfile(member) if name and name[1] in SCRIPTS else None
            if name and file is not None:
                yield name[1], file.read().decode()


def _numbers(text: str) -> tuple[int, ...] | None:
    """The constants that a text consists of; None if there is anything else in it."""
    if _CONSTANT.sub("", text).strip():
        return None
    return tuple(
        [
            unsigned(int(value.replace("_", ""), 16 if "0x" in value else 10), int(of[1:]))
            for of, value in _CONSTANT.findall(text)
        ]
    )


def _loaded(text: str) -> Loaded | None:
    """The module, with its memory and its globals exported; None if it needs imports, or is none of text."""
    if re.search(r"\(import|\(module (\$\S+ )?(binary|quote)|\(start", text):
        return None
    inner = re.sub(r"^\(module(\s+\$[^\s()]+)?|\)$", "", text.strip())
    inner = re.sub(r'\(export "(memory|g\d+)"', r'(export "their \1"', inner)
    try:
        globals_ = len(program_of_bytes(bytes(wasmtime.wat2wasm(f"(module {inner})"))).module.globals)
        memory = "(memory" in inner
        more = " ".join(f'(export "g{place}" (global {place}))' for place in range(globals_))
        more += ' (export "memory" (memory 0))' if memory else ""
        data = bytes(wasmtime.wat2wasm(f"(module {inner} {more})"))
        one = program_of_bytes(data)
        if any(str(of.content) not in ("i32", "i64") for of in one.module.globals):
            return None
        return Loaded(one, Engine(data), globals_, memory, {})
    except (wasmtime.WasmtimeError, wasmtime.Trap):
        return None


@dataclass(slots=True)
class Tally:
    checked: Counter[str]
    left: Counter[str]


@cache
def tally() -> Tally:
    counted = Tally(Counter(), Counter())
    for script, text in _texts():
        current: Loaded | None = None
        for form in spec_modules._forms(list(spec_modules._tokens(text)), text):
            head = form.tokens[1][0]
            if head == "module":
                current = _loaded(form.text)
            elif current is not None and head in ("assert_return", "assert_trap", "invoke"):
                current = _checked(script, form.text, head, current, counted)
    return counted


def _checked(script: str, text: str, head: str, current: Loaded, counted: Tally) -> Loaded | None:
    """The module, or None if what a call of ours would start from is no longer known."""
    plain = re.sub(r";;[^\n]*", "", text)
    inner = plain.strip() if head == "invoke" else plain[plain.index("(", 1) : plain.rindex(")")].strip()
    if head == "assert_trap":
        inner = inner[: inner.rindex('"', 0, inner.rindex('"'))].strip()
    end = _closing(inner)
    found = _INVOKE.fullmatch(inner[:end])
    if found is None or not any(
        item.name == found[1] and item.kind is ExternKind.FUNCTION for item in current.program.module.exports
    ):
        return None
    name, arguments, results = found[1], _numbers(found[2]), _numbers(inner[end:])
    if arguments is None or (results is None and head == "assert_return"):
        counted.left["other types"] += 1
        return None if "memory" in text or current.memory else current
    ours, theirs = _both(current, name, arguments)
    if isinstance(ours.ended, str) and ours.ended.startswith("unmodelled"):
        counted.left[ours.ended] += 1
        return current
    assert ours == theirs, f"{script}: {text}"
    if head == "assert_return":
        assert ours.ended == results, f"{script}: {text}"
    elif head == "assert_trap":
        assert isinstance(ours.ended, str), f"{script}: {text}"
    counted.checked[script] += 1
    return current


def _closing(text: str) -> int:
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place + 1
    raise AssertionError(text)


def _both(current: Loaded, name: str, arguments: tuple[int, ...]) -> tuple[Result, Result]:
    if name not in current.executions:
        current.executions[name] = executed(current.program, name, Bounds(iterations=12, operations=20_000))
    image = current.engine.memory() if current.memory else None
    globals_ = current.engine.globals_(current.globals)
    ours = evaluated(current.executions[name], arguments, globals_, image)
    theirs = current.engine.play(name, arguments, current.globals, current.memory)
    return ours, theirs


def test_the_specifications_assertions() -> None:
    counted = tally()
    print(sum(counted.checked.values()), dict(counted.checked))
    print(sum(counted.left.values()), counted.left.most_common(12))
    assert counted.checked["i32"] >= 374
    assert counted.checked["i64"] >= 384
    assert sum(counted.checked.values()) > 2000

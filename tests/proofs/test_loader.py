"""The loader of artifacts/no_std against the independent checker: it accepts what that does, and never anything else.

PROOFMARK_FUZZ_ROUNDS: how many random and damaged modules (the suite tries few). PROOFMARK_FUZZ_SEED: where to begin.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
import wasmtime
from loader_corpus import corrupted, damaged, example_modules, of_all, pairs_of
from loader_tools import (
    CRATE,
    PROGRAMS,
    THUMB,
    WASM,
    Pair,
    answers,
    build,
    compilers,
    rechecked,
    sizes_of,
    stack_of,
    targets,
)  # fmt: skip
from random_modules import random_module, text
from real_modules import fetch, missing, modules
from spec_modules import suites

from proofmark.job import Job, prove_file
from proofs.recheck.compact import SECTION_NAME, split_module, write_compact
from proofs.recheck.wording import Obligation
from proofs.verdicts import Kind, Proved

ROUNDS = int(os.environ.get("PROOFMARK_FUZZ_ROUNDS", "800"))
FIRST_SEED = int(os.environ.get("PROOFMARK_FUZZ_SEED", "20261121"))
MODULE = Obligation.MODULE_NO_GROW
CALLS = """(module
  (import "env" "f" (func $f)) (import "env" "unused" (func))
  (memory (export "m") 1 2) (table 2 funcref) (elem (i32.const 0) func $a $b)
  (func $a call $f) (func $b) (func $c (export "c") (call_indirect (i32.const 0)))
  (func $dead (drop (memory.grow (i32.const 1)))))"""


def _assembled(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    for name in dir(config):
        if name.startswith("wasm_"):
            setattr(config, name, True)
    return wasmtime.Engine(config)


def _agree(pairs: Iterable[Pair]) -> Counter[str]:
    """What the loader accepts, the checker accepts; and the other way round if the module is valid (P1). Two imports of
    one name and different types are all that the loader alone refuses.
    """
    engine, known = _engine(), list(pairs)
    counts: Counter[str] = Counter()
    for (module, certificate), said in zip(known, answers(known), strict=True):
        reason = said.split()[0]
        counts[reason] += 1
        checked = rechecked(module, certificate)
        where = f"{said}, {checked}; {module.hex()[:4000]} {certificate.hex()[:400]}"
        assert reason != "Internal", where
        if reason == "accepted":
            assert checked == "accepted", where
        elif checked == "accepted" and reason != "Ambiguous":
            with pytest.raises(wasmtime.WasmtimeError):
                wasmtime.Module.validate(engine, module)
    return counts


def test_examples() -> None:
    """Each module, and every single bit of one certificate."""
    pairs = [pair for module in example_modules() for pair in pairs_of(module)]
    counts = _agree(pairs)
    assert counts["accepted"] > 20
    assert counts["Grow"] > 5
    module = _assembled(CALLS)
    raw = write_compact(of_all(module, MODULE, frozenset([5])))
    flipped = [bytes((*raw[:at], raw[at] ^ 1 << bit, *raw[at + 1 :])) for at in range(len(raw)) for bit in range(8)]
    counts = _agree(
        [(module, raw), *[(module, one) for one in flipped], *[(module, raw[:at]) for at in range(len(raw))]]
    )
    assert counts["accepted"] == 1


def test_specification_modules() -> None:
    """Those of WebAssembly's own test suites: valid, invalid and malformed."""
    counts = _agree([pair for one in suites().modules if one.kind == "core" for pair in pairs_of(one.content)])
    assert counts["accepted"] > 1000
    assert {
        "Vacuous",
        "Grow",
        "Name",
        "Type",
        "Section",
        "Integer",
        "Instruction",
        "Index",
        "ExportTwice",
    } <= counts.keys()


def test_random_and_corrupted() -> None:
    """Tables, references and subtypes at random; certificates with a member too few, a bit changed, or cut short."""
    pairs: list[Pair] = []
    for seed in range(FIRST_SEED, FIRST_SEED + ROUNDS):
        random = Random(seed)
        module = _assembled(text(random_module(random)))
        pairs += [*pairs_of(module), *corrupted(module, random)]
    counts = _agree(pairs)
    print(f"seeds {FIRST_SEED} and on: {dict(counts)}", file=sys.stderr)
    assert {
        "accepted",
        "NotClosed",
        "Grow",
        "AssumptionMissing",
        "CertificateForm",
        "CertificateVersion",
    } <= counts.keys()


def test_damaged_modules() -> None:
    """Bytes of modules changed, with certificates about the new bytes, so that the decoders are reached."""
    random = Random(FIRST_SEED)
    valid = [one.content for one in suites().modules if one.kind == "core" and one.valid and len(one.content) < 5000]
    whole = [*valid, *[_assembled(text(random_module(random))) for _ in range(200)]]
    pairs = (pair for _ in range(4 * ROUNDS) if (pair := damaged(random.choice(whole), random)))
    assert _agree(pairs)["accepted"] > ROUNDS // 4


@pytest.mark.parametrize("name", list(modules()))
def test_real_modules(name: str) -> None:
    if not modules()[name].quick and os.environ.get("PROOFMARK_ALL_MODULES") != "1":
        pytest.skip("a large module; PROOFMARK_ALL_MODULES=1 tests it")
    module = fetch(name).read_bytes()
    pairs = pairs_of(module)
    _agree(pairs)
    if len(module) > 10_000:
        assert all(len(certificate) < len(module) / 100 for _, certificate in pairs)


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (b"\0asm\x0d\0\1\0", "Component"),
        (b"\0asm\2\0\0\0", "NoModule"),
        ('(module (import "a" "b" (func)) (import "a" "b" (func (param i32))) (func (export "c")))', "Ambiguous"),
        (f"(module {'(rec)' * 16_385} {'(type (func))' * 16_385})", "TooLarge"),
        (f"(module {'(table 0 funcref)' * 1001} (func (export {chr(34)}c{chr(34)})))", "TooLarge"),
        (b"\0asm\1\0\0\0\1\5\xff\xff\xff\xff\x0f", "UnexpectedEnd"),
        (b"\0asm\1\0\0\0\1\6\1\x4e\xff\xff\xff\x0f", "UnexpectedEnd"),
        (b"\0asm\1\0\0\0\x0d\6\xff\xff\xff\xff\x0f\0", "UnexpectedEnd"),
    ],
)
def test_refused_for_what_it_is(module: bytes | str, reason: str) -> None:
    """Components, what is too large, and sizes that no file has: refused, and at once."""
    data = _assembled(module) if isinstance(module, str) else module
    raw = bytearray(pairs_of(example_modules()[0])[1][1])
    pair = (data, bytes(raw)) if isinstance(module, bytes) else pairs_of(data)[1]
    found = answers([pair])[0].split()[0]
    assert found == reason or (found == "OtherModule" and reason == "UnexpectedEnd")
    if reason != "Ambiguous":
        assert rechecked(*pair) != "accepted" or reason == "TooLarge"


def test_carried_certificates() -> None:
    """A certificate holds of the module that carries it, wherever its section stands, and with another beside it."""
    module = _assembled(CALLS)
    raw = write_compact(of_all(module, MODULE, frozenset([5])))
    name = bytes((len(SECTION_NAME), *SECTION_NAME.encode()))
    section = bytes((0, len(name) + len(raw))) + name + raw
    other = bytes((0, len(name) + 2)) + name + b"PM"
    carrying = [module + section, module[:8] + section + module[8:], other + section]
    carrying[2] = module[:8] + other + module[8:] + section
    assert all(split_module(one)[0] == module for one in carrying)
    assert answers([(one, raw) for one in carrying]) == ["accepted"] * 3
    assert [rechecked(one, raw) for one in carrying] == ["accepted"] * 3
    assert answers([(module + section[:-1], raw), (module + b"\0\1\0", raw)]) != ["accepted"] * 2


def test_scratch_memory() -> None:
    """One word too few is refused, with how many there must be."""
    module = _assembled(CALLS)
    raw = write_compact(of_all(module, MODULE, frozenset([5])))
    said = answers([(module, raw)], words=1)[0]
    assert said.startswith("Scratch ")
    needed = int(said.split()[1], 16)
    assert answers([(module, raw)], words=needed - 1) == [said]
    assert answers([(module, raw)], words=needed) == ["accepted"]


def _shells(tmp_path: Path, more: str = "", levels: str = "3z") -> list[tuple[str, bytes]]:
    """The loader compiled to WebAssembly by each compiler that can, quick and small; `more` is added to its shell."""
    able = [rustc for rustc in compilers() if WASM in targets(rustc)]
    if not able:
        missing(f"no rustc for {WASM}")
    shell = tmp_path / "shell.rs"
    shell.write_text((PROGRAMS / "shell.rs").read_text(encoding="utf-8") + more, encoding="utf-8")
    each = [(rustc, optimise) for rustc in able for optimise in levels]
    return [(f"{rustc} {o}", build(shell, "cdylib", WASM, o, rustc).read_bytes()) for rustc, o in each]


def _imports(module: bytes) -> list[str]:
    return [str(one.name) for one in wasmtime.Module(_engine(), module).imports]


def test_nothing_can_panic(tmp_path: Path) -> None:
    """A panic would call what the shell imports: nothing does. With an index out of bounds added, something does."""
    for built, module in _shells(tmp_path):
        assert _imports(module) == [], built
        assert not re.search(rb"panic|unwrap_failed|bounds_check", module), built
    bad = '\n#[no_mangle]\npub extern "C" fn bad(at: usize) -> u8 {\n    [1u8, 2, 3][at]\n}\n'
    assert all(_imports(module) == ["panicked"] for _, module in _shells(tmp_path, bad, "s"))


def test_nothing_can_panic_on_bare_metal() -> None:
    """The linker has no `panicked` to give: it would fail if anything asked for it."""
    able = [rustc for rustc in compilers() if THUMB in targets(rustc)]
    if not able:
        missing(f"no rustc for {THUMB} (rustup target add {THUMB})")
    for optimise in ("3", "s", "z"):
        assert build(PROGRAMS / "shell.rs", "bin", THUMB, optimise, able[0]).stat().st_size > 10_000


@pytest.mark.parametrize(("optimise", "code"), [("3", 44_000), ("s", 30_000), ("z", 28_000)])
def test_what_it_takes_is_what_the_page_says(optimise: str, code: int, tmp_path: Path) -> None:
    """Code for a Cortex-M3, no static memory, and little stack, which on this machine is wider than there."""
    constant, written = sizes_of(build(PROGRAMS / "shell.rs", "bin", THUMB, optimise))
    assert (constant < code, written) == (True, 0), constant
    module, certificate = tmp_path / "module", tmp_path / "certificate"
    used = []
    for content, raw in [pair for example in example_modules() for pair in pairs_of(example)]:
        if rechecked(content, raw) == "accepted":
            module.write_bytes(content)
            certificate.write_bytes(raw)
            used.append(stack_of(module, certificate, optimise))
    assert 512 < max(used) < 8_192, max(used)
    print(f"opt-level={optimise}: {constant} bytes of code and constants, {max(used)} bytes of stack", file=sys.stderr)


def test_our_own_tool_on_it(tmp_path: Path) -> None:
    """The compiled loader never grows its memory: proved, and its certificate is accepted by the loader itself, run in
    wasmtime.
    """
    for number, (built, module) in enumerate(_shells(tmp_path)):
        path = tmp_path / f"{number}.wasm"
        path.write_bytes(module)
        (outcome,) = prove_file(Job(str(path), (Kind.MODULE_NO_GROW,), replay_seconds=0))
        assert isinstance(outcome.result.verdict, Proved), built
        assert [a.id for a in outcome.result.verdict.assumptions] == ["host-memory"]
        right = pairs_of(module)[1][1]
        assert _run(module, module, right) == 0, built
        assert _run(module, module, bytes((*right[:48], right[48] ^ 1, *right[49:]))) != 0, built


def _run(shell: bytes, module: bytes, certificate: bytes) -> int:
    """Calls `check` of the compiled loader."""
    store = wasmtime.Store(_engine())
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, shell), []).exports(store)
    memory, check = exports["memory"], exports["check"]
    assert isinstance(memory, wasmtime.Memory)
    assert isinstance(check, wasmtime.Func)
    places, at = [], memory.data_len(store)
    memory.grow(store, 64)
    for data in (module, certificate, bytes(1 << 18)):
        memory.write(store, data, at)
        places += [at, len(data)]
        at += (len(data) + 15) // 16 * 16
    places[5] //= 4
    return int(check(store, *places))


def test_the_crate_keeps_its_word() -> None:
    """What the compiler and the manifest can be asked."""
    root = (CRATE / "src" / "lib.rs").read_text(encoding="utf-8")
    assert "#![no_std]" in root
    assert "#![forbid(unsafe_code)]" in root
    assert "extern crate" not in root
    assert "[dependencies]" not in (CRATE / "Cargo.toml").read_text(encoding="utf-8")

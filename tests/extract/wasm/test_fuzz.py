"""Damaged and random files: an error with its place, or facts; never another exception.

Everything is drawn from SEED; a failure prints the bytes' origin, so that it can be made again.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import real_modules
from immediates import CONTEXT
from random_bodies import mutated, random_body
from wasm_assembly import FILE, assembled, binary, body, section, spaces, unsigned, vector, world

from extract.errors import ByteOffset, InputError
from extract.subject import read_subject
from extract.wasm.call_graph import CallGraph, call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.read import COMPONENT_HEADER
from extract.wasm.sections import MODULE_HEADER
from proofs.reachability import reachable
from smt_models.graph_obligation import host_memories, module_entries, realloc_roots

SEED = 20260826
EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.wasm"))
QUICK = [one.name for one in real_modules.modules().values() if one.quick]


def fault(data: bytes, origin: str) -> InputError | None:
    """The error for which the file is not read; any other exception is a failure."""
    try:
        use(call_graph(world(data)))
    except InputError as error:
        return error
    except Exception as error:
        raise AssertionError(f"seed {SEED}, {origin}: {error!r}") from error
    return None


def survives(data: bytes, origin: str) -> bool:
    """Whether the file is read; if it is not, the error is about a place in the file."""
    error = fault(data, origin)
    if error is None:
        return True
    assert error.file == FILE, origin
    if isinstance(error.position, ByteOffset):
        assert 0 <= error.position.offset <= len(data), f"{origin}: {error}"
    assert error.found
    assert error.expected
    return False


def use(graph: CallGraph) -> None:
    """What every proof asks of a graph."""
    names = FunctionNames(graph.world)
    roots = [*realloc_roots(graph), *module_entries(graph)]
    reachable(graph, [root.node for root in roots])
    list(host_memories(graph.world))
    for node in range(min(len(graph), 50)):
        assert names.display(graph.vertex(node))
        graph.code_bytes(node)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_mutated_examples(path: Path) -> None:
    random = Random(f"{SEED} {path.name}")
    data = path.read_bytes()
    assert survives(data, path.name)
    for number in range(60):
        survives(mutated(random, data), f"{path.name}, mutation {number}")


@pytest.mark.parametrize("name", QUICK)
def test_mutated_real_modules(name: str) -> None:
    """Most mutations fall into bodies and data; some are put where the sections begin."""
    random = Random(f"{SEED} {name}")
    data = real_modules.fetch(name).read_bytes()
    for number in range(max(3, min(60, 1_000_000 // len(data)))):
        if number % 2:
            at = random.randrange(8, min(len(data), 3_000))
            changed = data[:at] + mutated(random, data[at : at + 40]) + data[at + 40 :]
        else:
            changed = mutated(random, data)
        survives(changed, f"{name}, mutation {number}")


@pytest.mark.parametrize("cut", range(8))
def test_cut_short(cut: int) -> None:
    """Examples cut off anywhere."""
    random = Random(SEED + cut)
    for path in EXAMPLES:
        data = path.read_bytes()
        at = random.randrange(len(data))
        survives(data[:at], f"{path.name}, cut at {at}")


@pytest.mark.parametrize(
    "header", [b"", b"\0asm", MODULE_HEADER, COMPONENT_HEADER], ids=["none", "magic", "core", "component"]
)
def test_random_bytes(header: bytes) -> None:
    random = Random(SEED)
    for number in range(400):
        content = random.randbytes(random.choice((0, 1, 2, 5, 20, 200)))
        survives(header + content, f"random bytes {number}")


@pytest.mark.parametrize("header", [MODULE_HEADER, COMPONENT_HEADER], ids=["core", "component"])
def test_random_sections(header: bytes) -> None:
    """Sections of the right size with small random numbers in them, which get further than random bytes."""
    random = Random(SEED + 1)
    read = 0
    for number in range(1_500):
        parts = []
        for identity in sorted(random.sample(range(14), random.randrange(1, 5))):
            small = bytes(
                random.choice((0, 0, 1, 1, 2, 3, 0x0B, 0x40, 0x60, 0x70, 0x7F)) for _ in range(random.randrange(12))
            )
            parts.append(section(identity, small))
        read += survives(header + b"".join(parts), f"random sections {number}")
    assert read > 0


def test_random_bodies_in_a_module() -> None:
    """Bodies at random, whole and damaged, in a module that has something of everything."""
    random = Random(SEED + 2)
    skeleton = assembled(CONTEXT)
    at = 8
    while skeleton[at] != 10:
        at += 2 + skeleton[at + 1]
    after = at + 2 + skeleton[at + 1]
    for number in range(300):
        one = random_body(random, spaces(1), random.choice((1, 5, 50)))
        code = section(10, b"\x01" + (mutated(random, one) if number % 2 else one))
        survives(skeleton[:at] + code + skeleton[after:], f"random body {number}")


@pytest.mark.parametrize(
    "data",
    [
        binary(section(1, unsigned(1_000_000) + b"\x60\0\0" * 3)),
        binary(section(1, vector(b"\x4e" + unsigned(900_000)))),
        binary(section(4, unsigned(100_000) + b"\x70\0\0" * 100_000)),
        binary(section(1, vector(*[b"\x50\x01" + unsigned(place) + b"\x60\0\0" for place in range(3_000)]))),
        binary(section(1, b"\x01\x60\0\0"), section(3, unsigned(900_000) + b"\0")),
        binary(section(6, b"\x01\x7f\0" + b"\x02\x40" * 50_000)),
        binary(section(6, b"\x01\x7f\0" + b"\x41\0" * 90_000 + b"\x0b")),
        binary(section(0, b"\x04name" + b"\x01\x06\xff\xff\xff\xff\x0f\0")),
        binary(section(0, b"\x04name" + b"\x01\x80\x80\x80\x80\x80\x80\x80")),
    ],
    ids=["types", "group", "tables", "chain", "functions", "blocks", "constants", "names", "long LEB"],
)
def test_large_counts_in_small_files(data: bytes) -> None:
    survives(data, "a large count")


def test_host_functions_of_many_types() -> None:
    """An import of an open type may be of each subtype: not all pairs of functions and types are gone over."""
    size = 2_000
    types = vector(*[b"\x50\0\x60" + vector(*[b"\x7f"] * (place % 999)) + b"\0" for place in range(size)])
    imports = vector(*[b"\x01m" + b"\x01f" + b"\0" + unsigned(place) for place in range(size)])
    elements = vector(b"\0\x41\0\x0b" + vector(*[unsigned(place) for place in range(size)]))
    data = binary(
        section(1, types),
        section(2, imports),
        section(3, b"\x01\0"),
        section(4, b"\x01\x70\0\x01"),
        section(9, elements),
        section(10, vector(body(b"\x41\0\x11\0\0"))),
    )
    survives(data, "host functions of many types")


@pytest.mark.parametrize(
    "text",
    [
        b"(module",
        b"(",
        b";; only a comment",
        b"(module (func (call 7)))",
        b"(module (func $a) (func $a))",
        b'(component (core type (module (alias outer 1 $sub (type $again)) (import "a" "b" (func (type $again))))))',
        b"(module (func (local.get $x)))\n\n",
        b'(module "\xff")',
        b"(module (func " + b"(block " * 5_000 + b")" * 5_000 + b"))",
        b'(module (memory 1) (data (i32.const 0) "\\zz"))',
        b"(module)\0",
    ],
)
def test_text_that_is_refused_or_read(text: bytes, tmp_path: Path) -> None:
    """The converter may refuse, or abort; this process lives."""
    converted(tmp_path / "module.wat", text)


def converted(path: Path, text: bytes) -> bytes | None:
    """The binary form; None if the text is refused."""
    path.write_bytes(text)
    try:
        return bytes(read_subject(str(path)).data)
    except InputError as error:
        found = error
    assert found.file == str(path)
    assert "Traceback" not in str(found)
    return None


def test_mutated_text(tmp_path: Path) -> None:
    random = Random(SEED + 3)
    sources = sorted(EXAMPLES[0].parent.glob("*.wat"))
    for number in range(12):
        text = b"(" + mutated(random, random.choice(sources).read_bytes())[1:]
        data = converted(tmp_path / f"{number}.wat", text)
        if data is not None:
            survives(data, f"text {number}")

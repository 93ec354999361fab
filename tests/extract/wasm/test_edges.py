"""The calls that proofmark finds in real modules, against those that wabt's disassembler prints: exactly equal.

The quick modules always; all of them with PROOFMARK_ALL_MODULES=1 in the environment.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import edges
import pytest
import real_modules

from extract.subject import read_subject
from extract.wasm.call_graph import CallGraph, call_graph
from extract.wasm.module import ExternKind, Module
from extract.wasm.opcodes import Effect
from extract.wasm.read import read_world
from extract.wasm.world import Defined, FromHost

EVERY = os.environ.get("PROOFMARK_ALL_MODULES") == "1"
NAMES = [one.name for one in real_modules.modules().values() if one.quick or EVERY]
EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.wasm"))


def direct_calls(module: Module) -> set[tuple[int, int]]:
    code, imported = module.code, module.imported_functions
    return {
        (imported + place, callee)
        for place in range(len(code.starts))
        for callee in code.callees[code.callee_starts[place] : code.callee_starts[place + 1]]
    }


def check_nodes(graph: CallGraph, module: Module, said: edges.Calls) -> None:
    """The rows of the graph, where indices have become nodes."""
    imports = [item for item in module.imports if item.kind is ExternKind.FUNCTION]
    after: dict[int, set[int]] = defaultdict(set)
    for caller, callee in said.direct:
        host = FromHost(f"{imports[callee].module}.{imports[callee].name}") if callee < said.imported else None
        after[caller].add(graph.node(host or Defined(0, callee)))
    for caller in range(said.imported, said.imported + said.functions):
        node = graph.node(Defined(0, caller))
        assert set(graph.targets[graph.starts[node] : graph.starts[node + 1]]) == after[caller]


def compare(path: Path) -> edges.Calls:
    """Demands that both say the same of a core module; gives what wabt says."""
    said = edges.calls(path)
    world = read_world(read_subject(str(path)))
    (instance,) = world.instances
    module = instance.module
    indirect: dict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    by_reference: dict[int, Counter[int]] = defaultdict(Counter)
    grows: set[int] = set()
    taken: set[int] = set()
    for event in module.code.events():
        match event.effect:
            case Effect.CALL_INDIRECT:
                indirect[event.function][event.first, event.second] += 1
            case Effect.CALL_REFERENCE:
                by_reference[event.function][event.first] += 1
            case Effect.GROW:
                grows.add(event.function)
            case Effect.REFERENCE:
                taken.add(event.first)
            case _:
                pass
    assert (len(module.code.starts), module.imported_functions) == (said.functions, said.imported)
    assert direct_calls(module) == said.direct
    assert indirect == said.indirect
    assert by_reference == said.by_reference
    assert (grows, taken) == (said.grows, said.taken)
    assert {function for segment in module.elements for function in segment.functions} == said.elements
    assert all(segment.plain for segment in module.elements) == (not said.odd_elements)
    assert module.start_function == said.start
    assert {item.name: item.index for item in module.exports if item.kind is ExternKind.FUNCTION} == said.exports
    graph = call_graph(world)
    assert {graph.vertex(node) for node in graph.grows} == {Defined(0, function) for function in said.grows}
    check_nodes(graph, module, said)
    return said


@pytest.mark.parametrize("name", NAMES)
def test_real_modules(name: str) -> None:
    """And the numbers that are listed with the module."""
    said = compare(real_modules.fetch(name))
    listed = real_modules.modules()[name]
    assert (said.functions, said.imported) == (listed.functions, listed.imported)
    assert (len(said.direct), said.indirect_count()) == (listed.edges, listed.indirect_calls)
    assert said.grows == set(listed.grows)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_core_modules_of_the_examples(path: Path, tmp_path: Path) -> None:
    """Those inside components too."""
    for number, content in enumerate(edges.core_modules(path.read_bytes())):
        inner = tmp_path / f"{number}.wasm"
        inner.write_bytes(content)
        compare(inner)


@pytest.mark.skipif(not EVERY, reason="large generated components: set PROOFMARK_ALL_MODULES=1")
@pytest.mark.parametrize("name", list(real_modules.made()))
def test_core_modules_of_made_components(name: str, tmp_path: Path) -> None:
    for number, content in enumerate(edges.core_modules(real_modules.make(name).read_bytes())):
        inner = tmp_path / f"{number}.wasm"
        inner.write_bytes(content)
        compare(inner)

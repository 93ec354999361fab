"""The bytes under examples/ are what their sources give, valid, and where a replay is expected, memory really grows."""

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from example_tools import BUILD, EXAMPLES, need
from wasmtime import component

CASES: list[dict[str, Any]] = tomllib.loads((EXAMPLES / "expected.toml").read_text(encoding="utf-8"))["case"]
REPLAYED = [case for case in CASES if case.get("replay") == "confirmed"]
PAGE = 65536


@pytest.mark.parametrize("example", BUILD["example"], ids=lambda example: example["output"])
def test_rebuild_gives_the_same_bytes(example: dict[str, Any], tmp_path: Path) -> None:
    tools = {name: need(name) for name in example["tools"]}
    for name in {example["source"], "assemble.py"}:
        shutil.copy(EXAMPLES / name, tmp_path)
    for command, *arguments in example["commands"]:
        subprocess.run([tools[command], *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / example["output"]).read_bytes() == (EXAMPLES / example["output"]).read_bytes()


def test_every_module_is_built_and_expected() -> None:
    modules = {path.name for path in EXAMPLES.glob("*.wasm")}
    assert {example["output"] for example in BUILD["example"]} == modules
    assert {case["file"] for case in CASES} == modules
    assert {twin for example in BUILD["example"] for twin in example["twins"]} <= modules


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    for proposal in ("wasm_multi_memory", "wasm_memory64", "wasm_tail_call", "wasm_gc", "wasm_component_model"):
        setattr(config, proposal, True)
    return wasmtime.Engine(config)


@pytest.mark.parametrize("example", BUILD["example"], ids=lambda example: example["output"])
def test_module_is_valid(example: dict[str, Any]) -> None:
    content = (EXAMPLES / example["output"]).read_bytes()
    kind = component.Component if content[4:8] == b"\x0d\x00\x01\x00" else wasmtime.Module
    kind(_engine(), content)


def _arguments(given: list[int | str]) -> list[int | str]:
    """A text written `a*N` stands for N letters."""
    return [int(one[2:]) * "a" if isinstance(one, str) else one for one in given]


def _pages_grown(path: Path, calls: list[list[Any]]) -> bool:
    """Whether an exported memory of the core module is larger than declared after the calls."""
    store = wasmtime.Store(_engine())
    module = wasmtime.Module(store.engine, path.read_bytes())
    linker = wasmtime.Linker(store.engine)
    linker.define_unknown_imports_as_default_values(store, module)
    exports = linker.instantiate(store, module).exports(store)
    for name, *given in calls:
        function = exports[name]
        assert isinstance(function, wasmtime.Func)
        function(store, *_arguments(given))
    declared = {one.name: one.type.limits.min for one in module.exports if isinstance(one.type, wasmtime.MemoryType)}
    memories = {name: exports[name] for name in declared}
    return any(one.size(store) > declared[name] for name, one in memories.items() if isinstance(one, wasmtime.Memory))


def _runs(path: Path, calls: list[list[Any]], limit: int) -> bool:
    """Whether the calls of the component return when its memories may not exceed `limit` bytes."""
    store = wasmtime.Store(_engine())
    store.set_limits(memory_size=limit)
    instance = component.Linker(store.engine).instantiate(store, component.Component(store.engine, path.read_bytes()))
    try:
        for name, *given in calls:
            function = instance.get_func(store, name)
            assert function is not None
            function(store, *_arguments(given))
    except (wasmtime.Trap, wasmtime.WasmtimeError):
        return False
    return True


@pytest.mark.parametrize("case", REPLAYED, ids=lambda case: f"{case['file']}-{case['obligation']}")
def test_calls_grow_memory(case: dict[str, Any]) -> None:
    path = EXAMPLES / case["file"]
    if path.read_bytes()[4:8] == b"\x0d\x00\x01\x00":  # its memories are out of sight: a limit makes the growth felt
        assert _runs(path, case["calls"], 4 * PAGE)
        assert not _runs(path, case["calls"], PAGE)
    else:
        assert _pages_grown(path, case["calls"])

"""MIR that rustc makes of a fixture and of published crates: nothing unknown, and it prints back as it was."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from mir_tools import FIXTURE, assert_prints_back, missing, rustc, toolchains

from extract.errors import InputError
from extract.mir.compile import Build, Panic, compile_crate, default_cache, registry_package
from extract.mir.parser import parse_mir, read_mir
from extract.mir.show import show_path
from extract.mir.statements import Call
from extract.mir.tree import Function
from extract.mir.types import ImplAt

TOOLCHAINS = toolchains()
PRECISE = ("-Zmir-opt-level=0", "-Zmir-include-spans=on", "-Ztrim-diagnostic-paths=no")
OPTIONS = [
    (*PRECISE, "-Cdebug-assertions=off"),
    (*PRECISE, "-Cdebug-assertions=on"),
    (*PRECISE, "-Cpanic=abort"),
    ("-Zmir-include-spans=on", "-O"),
    (),
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("toolchain", TOOLCHAINS or [None])
def test_fixture_prints_back(toolchain: str | None, options: tuple[str, ...], tmp_path: Path) -> None:
    if toolchain is None:
        missing("rustc")
    mir = tmp_path / "fixture.mir"
    rustc(toolchain, *options, "--edition=2021", "--crate-type=lib", f"--emit=mir={mir}", str(FIXTURE))
    tree = read_mir(str(mir))
    assert [(unknown.line, unknown.text) for unknown in tree.unknowns()] == []
    steps = assert_prints_back(tree, mir.read_text(encoding="utf-8"))
    assert steps > 800
    for body in tree.bodies():
        assert [local.number for local in body.locals] == list(range(len(body.locals))) or "-O" in options


# The runtime moved: up to 0.44 it is a crate of its own, `wit-bindgen-rt`.
VERSIONS = [
    ("wit-bindgen@0.63.0", ("async", "std")),
    ("wit-bindgen@0.61.1", ("async", "std")),
    ("wit-bindgen@0.57.1", ("async", "std")),
    ("wit-bindgen@0.53.1", ("async", "std")),
    ("wit-bindgen@0.51.0", ("async", "std")),
    ("wit-bindgen@0.48.1", ("async", "std")),
    ("wit-bindgen@0.46.0", ("async", "std")),
    ("wit-bindgen-rt@0.44.0", ("async",)),
]
SUPPORT = ("rt::async_support", "async_support")


def cache() -> Path:
    return default_cache() / "tests"


@pytest.mark.parametrize("panic", Panic, ids=lambda panic: panic.value)
@pytest.mark.parametrize(("package", "features"), VERSIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_published_runtime(package: str, features: tuple[str, ...], panic: Panic) -> None:
    if not TOOLCHAINS:
        missing("cargo")
    try:
        crate = compile_crate(Build(registry_package(package), features), cache(), panic)
    except InputError as error:
        if any(word in error.found for word in ("network", "download", "offline", "resolve host", "index")):
            missing(f"the registry ({error.found})")
        raise
    text = Path(crate.mir_path).read_text(encoding="utf-8")
    start = time.perf_counter()
    tree = parse_mir(crate.mir_path, text)
    took = time.perf_counter() - start
    functions = list(tree.functions())
    drops = [item for path in crate.coroutine_drops for item in read_mir(path).items if isinstance(item, Function)]
    steps = sum(len(block.statements) + 1 for function in functions + drops for block in function.body.blocks)
    print(f"{package} {panic.value}: {len(functions)} functions, {len(drops)} drops, {steps} steps, {took:.2f} s")
    unknown = [*tree.unknowns(), *(unknown for drop in drops for unknown in drop.body.unknowns())]
    assert [(construct.line, construct.text) for construct in unknown] == []
    assert_prints_back(tree, text)
    assert len(drops) >= 5
    assert len(functions) > 150
    assert took < 3
    assert crate.panic is panic
    assert crate.overflow_checks is False
    assert os.path.expanduser("~") not in text, "a path of this machine"
    # Off wasm the host's built-ins would be functions of the crate that panic; then there is more than one such body.
    assert not [
        function
        for function in functions
        if show_path(function.path).endswith(("subtask::cancel", "::join"))
        and not any(isinstance(segment, ImplAt) for segment in function.path.segments)
    ]
    assert sum(isinstance(b.terminator.kind, Call) for f in functions for b in f.body.blocks) > 500

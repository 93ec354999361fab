"""Tiny Rust functions, compiled in the test, as programs for the executor."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from extract.mir.compile import Panic
from extract.mir.parser import parse_mir
from extract.rust.configuration import Configuration
from smt_models.runtime.execute import START, Executor
from smt_models.runtime.execute import Path as ProgramPath
from smt_models.runtime.library import MODELS
from smt_models.runtime.machine import Machine, Model
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.state import State, Then
from smt_models.runtime.unfolding import Unfolding
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import MOVED, Opaque, Value

CAUGHT = Opaque("a panic")
"""The result of a path that ends by unwinding."""
FLAGS = (
    "--edition=2024",
    "--crate-type=lib",
    "--crate-name=tiny",
    "-Zmir-opt-level=0",
    "-Zmir-enable-passes=-CheckAlignment,-CheckNull",
    "-Zmir-include-spans=on",
    "-Ztrim-diagnostic-paths=no",
    "-Coverflow-checks=off",
    "-Awarnings",
)


BLOCK = """
use std::alloc::{alloc, dealloc, Layout};
struct Block { at: *mut u8, layout: Layout }
impl Drop for Block { fn drop(&mut self) { unsafe { dealloc(self.at, self.layout) } } }
fn block() -> Block {
    let layout = Layout::from_size_align(8, 8).unwrap();
    let at = unsafe { alloc(layout) };
    if at.is_null() { panic!() }
    Block { at, layout }
}
"""


def _rustc() -> str:
    rustc = shutil.which("rustc")
    if rustc is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no rustc")
        pytest.skip("no rustc: the executor is not tested")
    return rustc


@cache
def _mir(source: str, panic: Panic) -> str:
    rustc = _rustc()
    with TemporaryDirectory() as folder:
        (Path(folder) / "src").mkdir()
        (Path(folder) / "src" / "lib.rs").write_text(source)
        command = [rustc, *FLAGS, f"-Cpanic={panic.value}", "--emit=mir", "-o", "tiny.mir", "src/lib.rs"]
        environment = {**os.environ, "RUSTC_BOOTSTRAP": "1"}
        subprocess.run(command, cwd=folder, check=True, env=environment, capture_output=True)
        return (Path(folder) / "tiny.mir").read_text()


def native(source: str, folder: Path) -> Path:
    """The program that the source is."""
    (folder / "main.rs").write_text(source)
    command = [_rustc(), "--edition=2024", "-Cpanic=unwind", "-Awarnings", "-o", "main", "main.rs"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "main"


def paths(
    source: str,
    function: str,
    *arguments: Value,
    panic: Panic = Panic.ABORT,
    compiled: Panic | None = None,
    models: Mapping[str, Model] = MODELS,
    joined: bool = False,
) -> list[ProgramPath]:
    """`compiled`: how, if not as it is run. `joined`: paths may come together again."""
    program = program_of(source, compiled or panic)
    return run(program, function, *arguments, panic=panic, models=models, joined=joined)


def program_of(source: str, panic: Panic = Panic.ABORT) -> Program:
    mir = parse_mir("tiny.mir", _mir(source, panic))
    with TemporaryDirectory() as folder:
        (Path(folder) / "src").mkdir()
        (Path(folder) / "src" / "lib.rs").write_text(source)
        return load_program(mir, Path(folder), Configuration.of())


def run(
    program: Program,
    function: str,
    *arguments: Value,
    panic: Panic = Panic.ABORT,
    models: Mapping[str, Model] = MODELS,
    joined: bool = False,
) -> list[ProgramPath]:
    executor, state = prepared(program, function, *arguments, panic=panic, models=models)
    if joined:
        unfolding = Unfolding(executor, state, ())
        found = [path for path, _ in unfolding.reach(((),))]
        assert len(found) == len(list(unfolding.paths()))
        return found
    return list(executor.run(state))


def prepared(
    program: Program,
    function: str,
    *arguments: Value,
    panic: Panic = Panic.ABORT,
    models: Mapping[str, Model] = MODELS,
) -> tuple[Executor, State]:
    """What runs it, and the state in which it starts."""
    machine = Machine(program, panic, models)
    state = State()
    state.objects[0] = MOVED

    def begin(inside: State, _: Value) -> Value | None:
        machine.enter(inside, function, arguments)
        return None

    state.frames = [Then("end", lambda _, value: value, _caught), Then(START + function, begin, passes)]
    return Executor(machine), state


def _caught(state: State) -> None:
    state.result = CAUGHT


def outcomes(source: str, function: str, *arguments: Value, **options: Any) -> Counter[str]:
    """How many paths end how: a violation by its obligation, what is unknown by what it is."""
    found = (path.outcome for path in paths(source, function, *arguments, **options))
    return Counter(getattr(one, "obligation", getattr(one, "what", type(one).__name__)) for one in found)

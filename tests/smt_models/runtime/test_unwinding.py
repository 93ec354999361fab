"""Unwinding: every path of the executor is what the compiled program does, and the other way round.

Each body is compiled twice: to MIR, which the executor runs with every point panicking or not, and to a program, which
is run with every subset of the points panicking. The logs and the ends must be the same sets.
"""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rust_bodies import BLOCK, CAUGHT, native, outcomes, paths

from extract.mir.compile import Panic
from smt_models.runtime.events import Noted
from smt_models.runtime.execute import Path as ProgramPath
from smt_models.runtime.library import MODELS
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.outcomes import Done, Ended, NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import UNIT, Scalar, Value
from smt_models.system.terms import Literal

FOLDER = Path(__file__).parent
SOURCE = (FOLDER / "unwinding_bodies.rs").read_text()
NATIVE = (FOLDER / "unwinding_native.rs").read_text()
BODIES = tuple(re.findall(r"^pub fn ([a-z_]+)\(\) \{$", SOURCE, re.MULTILINE))
POINT = "pub fn point(_n: u32) {}"
Run = tuple[tuple[int, ...], str]
"""The points that were reached, and how it ended."""


def _point(machine: Machine, state: State, call: Call) -> Value:
    number = call.arguments[0]
    assert isinstance(number, Scalar)
    assert isinstance(number.term, Literal)
    state.note("point", str(number.term.value))
    machine.user_code(state, f"point {number.term.value}")
    return UNIT


WITH_POINT = {**MODELS, "point": _point}


def _run(path: ProgramPath) -> Run:
    log = tuple(int(one.text) for one in path.state.events if isinstance(one, Noted) and one.kind == "point")
    match path.outcome:
        case Done():
            return log, "caught" if path.state.result == CAUGHT else "returned"
        case Ended():
            return log, "aborted"
        case other:
            raise AssertionError(other)


def _native_runs(number: int, program: Path) -> Iterator[Run]:
    for subset in itertools.chain.from_iterable(itertools.combinations(range(1, 6), size) for size in range(6)):
        mask = sum(1 << point for point in subset)
        done = subprocess.run([program, str(number), str(mask)], capture_output=True, text=True, check=False)
        lines = done.stdout.split()
        ended = lines.pop() if lines and not lines[-1].isdigit() else "aborted"
        assert (done.returncode == 0) is (ended != "aborted")
        yield tuple(int(one) for one in lines), ended


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = f"static BODIES: [fn(); {len(BODIES)}] = [{', '.join(BODIES)}];"
    return native(SOURCE + NATIVE + table, tmp_path_factory.mktemp("native"))


@pytest.mark.parametrize("body", BODIES)
def test_paths_are_what_the_program_does(body: str, program: Path) -> None:
    executed = {_run(one) for one in paths(SOURCE + POINT, body, panic=Panic.UNWIND, models=WITH_POINT)}
    assert executed == set(_native_runs(BODIES.index(body), program))
    assert any(end != "returned" for _, end in executed)


@pytest.mark.parametrize("body", ["guards", "fields"])
def test_under_abort_nothing_comes_after_a_panic(body: str) -> None:
    """Nothing is unwound, so no path with a panic has to be looked at."""
    found = {_run(one) for one in paths(SOURCE + POINT, body, models=WITH_POINT)}
    assert {end for _, end in found} == {"returned"}


POINTED = BLOCK + POINT
FREED_TWICE = "let b = block(); let c = Block { at: b.at, layout: b.layout };"


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        (f"{FREED_TWICE} point(1); std::mem::forget(c);", f"{FREED_TWICE} std::mem::forget(c); point(1);"),
        (
            "let b = block(); unsafe { dealloc(b.at, b.layout) } point(1); std::mem::forget(b);",
            "let b = block(); let (at, layout) = (b.at, b.layout); std::mem::forget(b); "
            "unsafe { dealloc(at, layout) } point(1);",
        ),
        (
            "let b = block(); let l = Look(b.at); let b = b; point(1); std::mem::forget(l); drop(b);",
            "let b = block(); let _l = Look(b.at); point(1);",
        ),
    ],
    ids=["two owners", "freed before it is forgotten", "looked at after it is gone"],
)
def test_faults_that_only_unwinding_shows(broken: str, right: str) -> None:
    look = "struct Look(*mut u8); impl Drop for Look { fn drop(&mut self) { unsafe { *self.0 = 1 } } }"
    for body, faulty in ((broken, True), (right, False)):
        source = f"{POINTED}{look} pub fn f() {{ {body} }}"
        found = outcomes(source, "f", panic=Panic.UNWIND, models=WITH_POINT)
        assert bool(found["memory"]) is faulty
        assert found["Done"] >= 1
        assert not outcomes(source, "f", models=WITH_POINT)["memory"]


def test_mir_that_unwinds_is_not_run_as_if_it_aborted() -> None:
    with pytest.raises(NotModelled):
        paths(SOURCE + POINT, "guards", panic=Panic.ABORT, compiled=Panic.UNWIND)


def test_mir_that_aborts_is_not_run_as_if_it_unwound() -> None:
    found = outcomes(SOURCE + POINT, "guards", panic=Panic.UNWIND, compiled=Panic.ABORT, models=WITH_POINT)
    assert found.pop("Done") == 1
    assert all("does not unwind" in one for one in found)
    assert found

"""`explore --export test` of modules: what is written fails on the module that was refuted and passes on one that is
right, or it is said why nothing can be written.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from generated_tests import assert_passes, assert_shows

from extract.subject import read_subject
from proofmark.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def exported(subject: Path, folder: Path, *arguments: str) -> Result:
    command = ["explore", str(subject), "--export", "test", "--output", str(folder), *arguments]
    return CliRunner().invoke(main, command)


@pytest.mark.parametrize(
    ("broken", "right", "fault"),
    [
        ("growing_c", "static_pool_c", r"call 2, cabi_realloc\(0, 0, 1, 4096\), grows memory from 1 to 2 pages"),
        ("start_grows", "start_plain", r"call 0, instantiation\(\), grows memory"),
        ("multi_memory_grows", "multi_memory", "grows memory"),
        ("table_open_grows", "table_open", "grows memory"),
    ],
)
def test_a_memory_that_grows(broken: str, right: str, fault: str, tmp_path: Path) -> None:
    done = exported(EXAMPLES / f"{broken}.wasm", tmp_path / "test", "--obligation", "module-no-grow")
    assert done.exit_code == 0, done.output
    test = tmp_path / "test" / "test_counterexample.py"
    assert_shows(test, EXAMPLES / f"{broken}.wasm", fault)
    assert_passes(test, EXAMPLES / f"{right}.wasm")


def test_as_its_user_runs_it(tmp_path: Path) -> None:
    """By pytest, with the module that lies beside it; no folder is written over."""
    module, folder = EXAMPLES / "growing_c.wasm", tmp_path / "test"
    assert exported(module, folder).exit_code == 0
    assert (folder / "module.wasm").read_bytes() == bytes(read_subject(str(module)).data)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert "fault: call 2, cabi_realloc(0, 0, 1, 4096), grows memory from 1 to 2 pages" in done.stdout
    assert "1 failed, 1 passed" in done.stdout
    again = exported(module, folder)
    assert again.exit_code == 2
    assert "something that is there" in again.output


HIDDEN = '(module (memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 1))))'


@pytest.mark.parametrize(
    ("subject", "arguments", "why"),
    [
        ("infeasible_grow.wasm", ("--replay-seconds", "1"), "not confirmed within the budget"),
        ("component_linked_grows.wasm", (), "a component"),
        ("hidden.wat", ("--obligation", "module-no-grow"), "a memory that is not exported"),
        ("no_alloc.wasm", ("--obligation", "no-alloc-path", "--root", "none"), "is no recorded counterexample"),
        ("alloc.wasm", ("--obligation", "no-alloc-path", "--root", "poll"), "that a function is entered"),
    ],
)
def test_why_there_is_none(subject: str, arguments: tuple[str, ...], why: str, tmp_path: Path) -> None:
    path = EXAMPLES / subject
    if subject == "hidden.wat":
        path = tmp_path / subject
        path.write_text(HIDDEN)
    done = exported(path, tmp_path / "test", *arguments)
    assert done.exit_code == 2, done.output
    assert why in done.output
    assert not (tmp_path / "test").exists()

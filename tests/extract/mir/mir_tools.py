"""What these tests share: rustc and cargo, or a skip that says what is missing; MIR of one function from its lines."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from extract.mir.parser import parse_mir
from extract.mir.show import show_path, show_type
from extract.mir.show_steps import show_statement, show_terminator
from extract.mir.statements import InlineAsm
from extract.mir.tree import Body, Function, MirFile

FIXTURE = Path(__file__).with_name("fixture.rs")
FILE = "crate.mir"
LOCALS = 200


def missing(what: str) -> NoReturn:
    """Under CI what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: CI must have it")
    pytest.skip(f"NOT TESTED: {what}")


def toolchains() -> list[str]:
    """Those that rustup has; the default one alone, as "", without rustup."""
    if shutil.which("rustc") is None:
        return []
    if shutil.which("rustup") is None:
        return [""]
    done = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines() if line.strip()]


def rustc(toolchain: str, *arguments: str) -> None:
    command = ["rustc", *([f"+{toolchain}"] if toolchain else []), *arguments]
    done = subprocess.run(command, env={**os.environ, "RUSTC_BOOTSTRAP": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def in_function(*lines: str) -> str:
    """A file with one function that has many locals and a second block; the lines are those of its first."""
    declared = "".join(f"    let mut _{number}: u8;\n" for number in range(LOCALS) if number != 1)
    body = "".join(f"        {line};\n" for line in lines)
    rest = "".join(f"    bb{number}: {{\n        return;\n    }}\n\n" for number in range(1, 10))
    return f"fn f(_1: T) -> () {{\n{declared}\n    bb0: {{\n{body}    }}\n\n{rest}}}\n"


def parse_lines(*lines: str) -> Body:
    (function,) = parse_mir(FILE, in_function(*lines)).items
    assert isinstance(function, Function)
    return function.body


def assert_prints_back(tree: MirFile, text: str) -> int:
    """Every step, local and head prints as it was read; gives the number of steps."""
    lines = text.split("\n")
    steps = 0
    for body in tree.bodies():
        for block in body.blocks:
            for statement in block.statements:
                _same(show_statement(statement.kind), lines[statement.source.line - 1])
            if not isinstance(block.terminator.kind, InlineAsm):
                _same(show_terminator(block.terminator.kind), lines[block.terminator.source.line - 1])
            steps += len(block.statements) + 1
        for local in body.locals:
            line = lines[local.source.line - 1].lstrip()
            if line.startswith("let "):
                mutable = "mut " if local.is_mutable else ""
                _same(f"let {mutable}_{local.number}: {show_type(local.type)}", line)
    for item in tree.items:
        if isinstance(item, Function):
            parameters = ", ".join(f"_{number}: {show_type(of)}" for number, of in enumerate(item.parameters, 1))
            head = f"fn {show_path(item.path)}({parameters}) -> {show_type(item.result)} {{"
            assert head == lines[item.line - 1]
    return steps


def _same(shown: str, line: str) -> None:
    code, found, comment = line.strip().rpartition(" // ")
    if not found or comment.endswith(";"):
        code = line.strip()
    assert shown + ";" == code.strip()

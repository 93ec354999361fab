"""The runtime of examples/runtime as a subject: as it is committed, or with a change and compiled."""

from __future__ import annotations

import os
import subprocess
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from shutil import copytree, which
from typing import Any

import pytest

from extract.mir.compile import Panic
from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofs.kinds import TASK_KINDS, RuntimeKind
from proofs.recheck import Session
from proofs.runtime.engine import Budget
from proofs.runtime.judge import Judged, OperationUnderProof, Spending, judge
from proofs.runtime.task_side import TaskUnderProof, judge_task
from smt_models.host.variants import Peer
from smt_models.runtime.profile import Profile, check_profile
from smt_models.runtime.profile_files import profile_for
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.task_profile import TASK_PROFILES, check_task_profile, load_task_profile

ROOT = Path(__file__).resolve().parents[3]
RUNTIME = ROOT / "examples" / "runtime"
MUTANTS = ROOT / "tests" / "mutants"
BUILD: dict[str, Any] = tomllib.loads((RUNTIME / "build.toml").read_text(encoding="utf-8"))
OF_OPERATIONS = tuple(kind for kind in RuntimeKind if kind is not RuntimeKind.TASK_CONTRACT)
WITHOUT_FOLLOWING = tuple(kind for kind in OF_OPERATIONS if kind is not RuntimeKind.PARTIAL_WRITE)
"""partial-write has a model of its own."""
TASK_SIDE = "task-side"
SPENDING = Spending(Budget(120, 4096), Budget(60, 4096), session=Session())


@dataclass(frozen=True, slots=True)
class Example:
    program: Program
    profile: Profile
    panic: Panic

    def judged(self, operation: str, kinds: tuple[RuntimeKind, ...] | None = None) -> dict[RuntimeKind, Judged]:
        """Obligations of one operation or of the tasks, with a host-defined peer: `kinds`, or all that need no model of
        their own.
        """
        if operation == TASK_SIDE:
            return {one.kind: one for one in judge_task(self.tasks(), kinds or TASK_KINDS, SPENDING)}
        found = self.profile.operation(operation)
        asked = OperationUnderProof(self.program, self.profile, found, Peer.HOST, self.panic)
        return {one.kind: one for one in judge(asked, kinds or WITHOUT_FOLLOWING, SPENDING)}

    def made_by(self, operation: str, call: str | None) -> Example:
        """With a client that makes the operation by another function of the crate, which takes what the one that the
        profile names takes; None: by that one.
        """
        if call is None:
            return self
        found = self.profile.operation(operation)
        made = replace(found, new=(*found.new[:-1], replace(found.new[-1], function=call)))
        every = tuple(made if one is found else one for one in self.profile.operations)
        profile = replace(self.profile, operations=every)
        check_profile(profile, self.program)
        return replace(self, profile=profile)

    def tasks(self) -> TaskUnderProof:
        profile = load_task_profile(TASK_PROFILES / "examples-runtime.toml")
        check_task_profile(profile, self.program)
        (generation,) = profile.generations
        return TaskUnderProof(self.program, profile, generation, self.panic)


@cache
def committed(panic: Panic = Panic.ABORT) -> Example:
    return _example(RUNTIME, panic)


def rustc() -> list[str]:
    """The compiler that the committed MIR is from."""
    wanted = BUILD["rustc"]["release"]
    for command in (["rustc"], ["rustc", f"+{wanted}"]):
        if which(command[0]) is None:
            break
        answer = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.split()[1] == wanted:
            return command
    if os.environ.get("CI") == "true":
        pytest.fail(f"no rustc {wanted}: CI must have it")
    pytest.skip(f"NOT TESTED: no rustc {wanted}")


def changed(patch: str, rustc: list[str], folder: Path, panic: Panic = Panic.ABORT, also: str | None = None) -> Example:
    """With a patch, and `also` another, compiled by the command of build.toml."""
    copytree(RUNTIME / "src", folder / "src")
    (folder / "mir").mkdir()
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_DIR": str(folder / "none")}
    for one in (patch, *([] if also is None else [also])):
        _run(["git", "apply", "-p1", str(MUTANTS / f"{one}.patch")], folder, alone)
    command = next(one["command"] for one in BUILD["mir"] if one["panic"] == panic.value)
    words = {"sysroot": "sysroot", "commit": BUILD["rustc"]["commit"]}
    arguments = [one.format(**words) if "{" in one else one for one in command[1:]]
    _run([*rustc, *arguments], folder, {**os.environ, **BUILD["environment"]})
    return _example(folder, panic)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def _example(folder: Path, panic: Panic) -> Example:
    configuration = Configuration.of([f'panic="{panic.value}"'])
    program = load_program(read_mir(str(folder / "mir" / f"{panic.value}.mir")), folder, configuration)
    profile = profile_for("proofmark-runtime-example", "0.1.0")
    check_profile(profile, program)
    return Example(program, profile, panic)

"""A run on the example runtime with a fault, opened for other ways: in the terminal, by address and on the page."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from example_runtime import RUNTIME, changed, rustc

from artifacts.explore.model import Exploration, TextView, TraceView
from proofmark.cli import main
from proofmark.explore.branches import Branches
from proofmark.explore.opening import Asked, branches_of, opened


@dataclass(frozen=True, slots=True)
class Opened:
    """`branches`: its models are made once."""

    asked: Asked
    exploration: Exploration
    branches: Branches

    @property
    def trace(self) -> TraceView:
        view = self.exploration.views[0]
        assert isinstance(view, TraceView)
        return view

    @property
    def proof(self) -> TextView:
        view = self.exploration.views[1]
        assert isinstance(view, TextView)
        return view


def cancels_twice(folder: Path) -> Opened:
    """Of which one obligation is refuted, and one proved."""
    return made(folder, "cancel-twice", "future-read", "cancel-once", "memory")


def made(folder: Path, patch: str, operation: str, *obligations: str) -> Opened:
    """A runtime with a fault, refuted."""
    shutil.copy(RUNTIME / "Cargo.toml", folder)
    changed(patch, rustc(), folder)
    given = ["--mir", str(folder / "mir" / "abort.mir"), "--src", str(folder), "--panic", "abort", "--peer", "host"]
    wanted = ["--operation", operation, *(word for one in obligations for word in ("--obligation", one))]
    done = CliRunner().invoke(main, ["prove", *given, *wanted, "--no-cache", "--out", str(folder / "out")])
    assert done.exit_code == 1, done.output
    asked = Asked(folder / "out", sources=folder)
    exploration, branches = opened(asked), branches_of(asked)
    assert branches is not None
    return Opened(asked, exploration, branches)

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
    """A run on a runtime that cancels twice; its models are made once."""

    asked: Asked
    exploration: Exploration
    branches: Branches
    trace: TraceView
    proof: TextView


def made(folder: Path) -> Opened:
    shutil.copy(RUNTIME / "Cargo.toml", folder)
    changed("cancel-twice", rustc(), folder)
    given = ["--mir", str(folder / "mir" / "abort.mir"), "--src", str(folder), "--panic", "abort", "--peer", "host"]
    wanted = ["--operation", "future-read", "--obligation", "cancel-once", "--obligation", "memory"]
    done = CliRunner().invoke(main, ["prove", *given, *wanted, "--no-cache", "--out", str(folder / "out")])
    assert done.exit_code == 1, done.output
    asked = Asked(folder / "out", sources=folder)
    exploration, branches = opened(asked), branches_of(asked)
    trace, proof = exploration.views
    assert isinstance(trace, TraceView)
    assert isinstance(proof, TextView)
    assert branches is not None
    return Opened(asked, exploration, branches, trace, proof)

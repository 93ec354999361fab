"""What the tests of the Rust reader share: small crates on disk, and the compiler."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from extract.rust.configuration import Configuration
from extract.rust.sources import Sources, read_sources


def small(
    directory: Path, text: str | dict[str, str], features: Iterable[str] = (), cfg: Iterable[str] = ()
) -> Sources:
    """The facts of a crate of one file, or of several."""
    files = {"src/lib.rs": text} if isinstance(text, str) else text
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return read_sources(directory, Configuration.of(cfg, features))


def missing(what: str) -> NoReturn:
    """What cannot be had fails the test under CI, and skips it elsewhere."""
    if os.environ.get("CI") == "true" or os.environ.get("PROOFMARK_CI") == "1":
        pytest.fail(what)
    pytest.skip(what)


def tool(name: str) -> str:
    found = shutil.which(name)
    return found if found is not None else missing(f"{name} is not installed")


def run(*command: str, cwd: Path | None = None) -> str:
    """The output of a compiler; what it refuses is a failure of the test."""
    environment = os.environ | {"RUSTC_BOOTSTRAP": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def target_cfg() -> tuple[str, ...]:
    return tuple(run(tool("rustc"), "--print", "cfg").splitlines())


def mir(directory: Path, root: str, features: Iterable[str] = (), edition: str = "2024") -> str:
    """The MIR that rustc writes when it runs in the crate's directory; nothing is written there."""
    flags = [word for feature in features for word in ("--cfg", f'feature="{feature}"')]
    return run(
        tool("rustc"), "--edition", edition, "--crate-type", "lib", "--crate-name", "subject", "--emit=mir=-",
        "-Zmir-opt-level=0", "-Zmir-enable-passes=-CheckAlignment,-CheckNull", "--cap-lints", "allow", *flags, root,
        cwd=directory,
    )  # fmt: skip

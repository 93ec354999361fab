"""Tests that `explore --export test` writes, run as pytest runs them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
from click.testing import CliRunner

from artifacts.explore.exports.pool_test import pool_test
from artifacts.explore.model import Heading
from extract.subject import read_subject
from proofmark.cli import main
from proofmark.explore.generated_module_test import exported_memory, read_call
from proofmark.explore.opening import Asked, opened
from proofs.runtime.trace import RuntimeTrace

HOSTILE = 'module\\"""\nraise SystemExit("names are no code")\n"""'


def written_of(trace: RuntimeTrace, module: Path, folder: Path) -> Path:
    """The test of a trace about a pool."""
    assert trace.pool is not None
    subject = read_subject(str(module))
    heading = Heading("key", "refuted", trace.obligation, HOSTILE, HOSTILE, "why")
    calls = tuple(read_call(step.action) for step in trace.steps)
    memory = exported_memory(subject)
    path = folder / f"test_{trace.obligation.replace('-', '_')}.py"
    path.write_text(pool_test(heading, subject.sha256, memory, trace.pool, calls, "of the tests"))
    return path


def assert_shows(test: Path, broken: Path, fault: str) -> None:
    """It fails and says so, and the module does as it was recorded."""
    with mock.patch.dict(os.environ, PROOFMARK_MODULE=str(broken)):
        made = _loaded(test)
        with pytest.raises(pytest.fail.Exception, match=f"^fault: .*{fault}"):
            _first(made)()
        made.test_the_refuted_module_does_as_it_did()


def assert_passes(test: Path, right: Path) -> None:
    """And what was recorded of another module is not asked of this one."""
    with mock.patch.dict(os.environ, PROOFMARK_MODULE=str(right)):
        made = _loaded(test)
        _first(made)()
        with pytest.raises(pytest.skip.Exception, match="another module"):
            made.test_the_refuted_module_does_as_it_did()


def exported_for(out: Path, crate: Path, folder: Path, instance: str) -> Path:
    """The Rust project that is made of the one refutation of instances whose names begin so."""
    headings = [view.heading for view in opened(Asked(out, crate)).views]
    (key,) = (one.key for one in headings if one.instance.startswith(instance) and one.verdict == "refuted")
    asked = ["explore", str(out), "--src", str(crate), "--at", key, "--export", "test", "--output", str(folder)]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    return folder


def failed_until_mended(project: Path, crate: Path, right: Path) -> subprocess.CompletedProcess[str]:
    """How it failed; it passes when the crate has the sources of the right one."""
    ended = subprocess.run(["cargo", "test", "--quiet"], cwd=project, capture_output=True, text=True, check=False)
    assert ended.returncode == 101
    shutil.rmtree(crate / "src")
    shutil.copytree(right / "src", crate / "src", copy_function=shutil.copyfile)  # with new times
    subprocess.run(["cargo", "test", "--quiet"], cwd=project, capture_output=True, check=True)
    return ended


def _first(made: ModuleType):  # type: ignore[no-untyped-def]
    return next(one for name, one in vars(made).items() if name.startswith("test_"))


def _loaded(test: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated_test", test)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, generated_test=made):
        spec.loader.exec_module(made)
    return made

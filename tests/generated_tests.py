"""Tests that `explore --export test` writes, run as pytest runs them."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from artifacts.explore.exports.pool_test import pool_test
from artifacts.explore.model import Heading
from extract.subject import read_subject
from proofmark.explore.generated_module_test import exported_memory, read_call
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

"""Exit statuses, what is missing, and relative paths."""

from pathlib import Path

import artifact_samples as samples
import pytest

from artifacts.run import Expected, Run, exit_status, missing_of, relative_path
from proofs.verdicts import Bounded, Unknown, Vacuous

PROVED = samples.result(samples.closed_set())
REFUTED = samples.result(samples.reach())
UNKNOWN = samples.result(Unknown("open"))
GONE = (Expected("x.wasm", "realloc-no-grow", None),)


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (samples.run(PROVED), 0),
        (samples.run(PROVED, PROVED), 0),
        (samples.run(), 3),
        (samples.run(UNKNOWN), 3),
        (samples.run(PROVED, UNKNOWN), 3),
        (samples.run(PROVED, samples.result(Bounded(3, "depth"))), 3),
        (samples.run(PROVED, samples.result(Vacuous("nothing"))), 3),
        (samples.run(PROVED, missing=GONE), 3),
        (samples.run(PROVED, run_state="incomplete"), 3),
        (samples.run(REFUTED), 1),
        (samples.run(REFUTED, UNKNOWN, PROVED, missing=GONE), 1),
        (samples.run(REFUTED, run_state="incomplete"), 1),
        (samples.run(PROVED, errors=("bad",)), 2),
        (samples.run(errors=("bad",)), 2),
        (samples.run(REFUTED, UNKNOWN, errors=("bad",), missing=GONE), 2),
        (samples.run(PROVED, run_state="failed"), 4),
        (samples.run(REFUTED, UNKNOWN, run_state="failed", errors=("bad",), missing=GONE), 4),
    ],
)
def test_exit_status(run: Run, status: int) -> None:
    assert exit_status(run) == status


def test_missing() -> None:
    path = PROVED.subject.path
    answered = (Expected(path, "realloc-no-grow", None), Expected(path, "realloc-no-grow", "every realloc"))
    gone = (Expected(path, "realloc-no-grow", "roots a"), Expected(path, "module-no-grow", None), *GONE)
    assert missing_of((*gone, *answered), (PROVED,)) == gone


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("a/b.wasm", "a/b.wasm"),
        ("./a//b.wasm", "a/b.wasm"),
        ("a/../b.wasm", "b.wasm"),
        ("/base/dir/a.wasm", "a.wasm"),
        ("../a.wasm", "a.wasm"),
        ("/elsewhere/a.wasm", "elsewhere/a.wasm"),
    ],
)
def test_relative_paths_never_lead_out(path: str, relative: str) -> None:
    run = Run("0", "complete", (), (), (), (), Path("/base/dir"))
    assert relative_path(run, path) == relative

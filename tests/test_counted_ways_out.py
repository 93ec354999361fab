"""Elements that are handed over, of crates that get them wrong in ways that are no twin's: never proved, by whatever
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from counted_crates import COUNTED, LOWERED, WAYS, WAYS_OF_LOWERED, changed
from rust_pools import subject_of
from test_rust_buffers import HANDED_OVER, HEAD, TRAITS, compiled

from proofs.buffers.judge import judge
from proofs.kinds import PoolKind
from proofs.runtime.engine import Budget
from proofs.verdicts import Proved, Verdict
from smt_models.buffers.model import model_of
from smt_models.buffers.subject import buffers_of
from smt_models.buffers.supposed import Elements

_LIFTING = TRAITS.replace(
    "unsafe fn lower(", "unsafe fn lift(&mut self, at: *mut u8) -> Self::Payload; unsafe fn lower("
)
WRITTEN = (PoolKind.PARTIAL_WRITE,)
_MANUALLY = "#[allow(unused_imports)] use core::mem::ManuallyDrop;\n"
_HEAD = HEAD.replace("MORE", "").replace("VISIBLE", "")


def _verdicts(
    text: str, kinds: tuple[PoolKind, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Verdict, ...]:
    """No counterexample is looked for first; a crate that has no model at all has no verdict."""
    monkeypatch.setattr("proofs.buffers.judge.LOOKED", 1)
    compiled(folder, f"{_HEAD}{_MANUALLY}{_LIFTING}{text}")
    subject = subject_of(folder / "made.mir", folder)
    buffer = next(one for one in buffers_of(subject) if one.name == "Counted")
    try:
        model = model_of(subject, buffer, Elements.COUNTED)
    except LookupError:
        return ()
    return tuple(one.verdict for one in judge(model, kinds, Budget(240, 2048)))


@pytest.mark.parametrize("text", [COUNTED, LOWERED], ids=["as they are", "lowered"])
def test_crates_that_keep_the_rules_are_proved(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else those below would say nothing."""
    found = _verdicts(text, HANDED_OVER, tmp_path, monkeypatch)
    assert found
    assert all(isinstance(one, Proved) for one in found), found


@pytest.mark.parametrize("name", WAYS)
def test_crates_that_lend_elements_as_they_are(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _verdicts(changed(COUNTED, WAYS[name]), WRITTEN, tmp_path, monkeypatch)
    assert not any(isinstance(one, Proved) for one in found), found


@pytest.mark.parametrize("name", WAYS_OF_LOWERED)
def test_crates_that_lower_elements(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _verdicts(changed(LOWERED, WAYS_OF_LOWERED[name]), WRITTEN, tmp_path, monkeypatch)
    assert not any(isinstance(one, Proved) for one in found), found

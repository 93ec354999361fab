"""Elements that are handed over, of crates that get them wrong in ways that are no twin's: never proved, by whatever
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from counted_crates import COUNTED, LOWERED, WAYS, WAYS_OF_LOWERED, Change, changed
from rust_pools import subject_of
from test_rust_buffers import HANDED_OVER, HEAD, TRAITS, compiled

from proofs.buffers import judge as judging
from proofs.buffers.judge import judge
from proofs.kinds import PoolKind
from proofs.runtime.engine import Budget
from proofs.verdicts import Proved, Verdict
from smt_models.buffers.model import BufferModel, model_of
from smt_models.buffers.subject import buffers_of
from smt_models.buffers.supposed import Elements
from smt_models.pools import conditions as c

_LIFTING = TRAITS.replace(
    "unsafe fn lower(", "unsafe fn lift(&mut self, at: *mut u8) -> Self::Payload; unsafe fn lower("
)
WRITTEN = (PoolKind.PARTIAL_WRITE,)
_MANUALLY = "#[allow(unused_imports)] use core::mem::ManuallyDrop;\n"
_HEAD = HEAD.replace("MORE", "").replace("VISIBLE", "")


def _model(text: str, folder: Path) -> BufferModel | None:
    folder.mkdir(exist_ok=True)
    compiled(folder, f"{_HEAD}{_MANUALLY}{_LIFTING}{text}")
    subject = subject_of(folder / "made.mir", folder)
    buffer = next(one for one in buffers_of(subject) if one.name == "Counted")
    try:
        return model_of(subject, buffer, Elements.COUNTED)
    except LookupError:
        return None


def _lost(text: str, folder: Path) -> set[str] | None:
    """What has no model, and in which function; None if nothing has one."""
    model = _model(text, folder)
    if model is None:
        return None
    lost = (one for one in model.paths if one.step.step.update(c.flag(c.UNMODELLED).name))
    return {f"{one.what} in {one.where.function.rpartition('::')[2]}" for one in lost}


def _verdicts(text: str, kinds: tuple[PoolKind, ...], folder: Path) -> tuple[Verdict, ...]:
    model = _model(text, folder)
    assert model is not None
    return tuple(one.verdict for one in judge(model, kinds, Budget(240, 2048)))


def test_a_crate_that_keeps_the_rules_is_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else those below would say nothing; of `COUNTED` it is shown beside its twins (`test_rust_buffers.py`)."""
    monkeypatch.setattr(judging, "LOOKED", 1)
    found = _verdicts(LOWERED, HANDED_OVER, tmp_path)
    assert all(isinstance(one, Proved) for one in found), found


@pytest.mark.parametrize("own", ["pub mod std {}", "#[allow(non_camel_case_types)] pub struct u64 {}"])
def test_names_that_may_be_the_crates_own_have_no_meaning(own: str, tmp_path: Path) -> None:
    assert _model(LOWERED, tmp_path / "right") is not None
    assert _model(f"{LOWERED}{own}", tmp_path / "own") is None


def _asked(text: str, name: str, ways: dict[str, tuple[Change, ...]], folder: Path) -> None:
    """That something has no model which has one where the rules are kept; else, that it is refuted or Unknown."""
    right, wrong = (_lost(one, folder / str(number)) for number, one in enumerate((text, changed(text, ways[name]))))
    if wrong is not None and not wrong - (right or set()):
        (verdict,) = _verdicts(changed(text, ways[name]), WRITTEN, folder)
        assert not isinstance(verdict, Proved), verdict


@pytest.fixture
def short_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Are looked for: every candidate is tried, and that is all that a proof could come of."""
    monkeypatch.setattr(judging, "LOOKED", 1)
    monkeypatch.setattr(judging, "DEPTHS", (judging.AT_ONCE,) * len(judging.DEPTHS))


@pytest.mark.usefixtures("short_runs_alone")
@pytest.mark.parametrize("name", WAYS)
def test_crates_that_lend_elements_as_they_are(name: str, tmp_path: Path) -> None:
    _asked(COUNTED, name, WAYS, tmp_path)


@pytest.mark.usefixtures("short_runs_alone")
@pytest.mark.parametrize("name", WAYS_OF_LOWERED)
def test_crates_that_lower_elements(name: str, tmp_path: Path) -> None:
    _asked(LOWERED, name, WAYS_OF_LOWERED, tmp_path)

"""Counterexamples about buffers, run on the crate itself: the broken crates show the fault, the right ones do not, and
what others cannot call is not confirmed.
"""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from generated_tests import exported_for, failed_until_mended
from rust_pools import missing, subject_of
from test_rust_buffers import BROKEN, FOLDER, HEAD, compiled

from extract.mir.compile import LocalCrate, default_cache
from proofmark.cli import main
from proofs.buffers.arguments import WORD
from proofs.buffers.judge import judge
from proofs.buffers.replay import replay
from proofs.crate_programs import Buildable
from proofs.kinds import PoolKind
from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.verdicts import ConfirmedNatively, NotConfirmed, Refuted, Violation
from smt_models.buffers.model import BufferModel, model_of
from smt_models.buffers.subject import buffers_of
from smt_models.buffers.widening import Widening, widened_model
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import WIDTH
from smt_models.system.operators import BitVec
from smt_models.system.terms import Literal, Variable, apply

Confirmation = ConfirmedNatively | NotConfirmed


def _run_on(subject: Subject, buffer: str, kind: PoolKind, crate: Path) -> Confirmation:
    """The counterexample about the subject, with this crate in its place."""

    def confirm(wide: BufferModel, route: Route, kind: PoolKind) -> Confirmation:
        return replay(subject, wide, route, kind, Buildable(LocalCrate(str(crate))), default_cache())

    owner = next(one for one in buffers_of(subject) if one.name == buffer)
    (judged,) = judge(model_of(subject, owner), (kind,), Budget(60, 2048), confirm)
    assert isinstance(judged.verdict, Refuted)
    assert isinstance(judged.verdict.trace, Violation)
    found = judged.verdict.trace.confirmation
    assert isinstance(found, ConfirmedNatively | NotConfirmed)
    return found


@cache
def _broken() -> Subject:
    if shutil.which("cargo") is None:
        missing("no cargo")
    return subject_of(FOLDER / "mir" / "broken.mir", FOLDER / "broken")


def test_the_crate_shows_every_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("cargo") is None:
        missing("no cargo")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    crate = tmp_path / "broken"
    shutil.copytree(FOLDER / "broken", crate)
    asked = ["prove", "--crate", str(crate), "--buffers", "--out", str(tmp_path / "out"), "--jobs", "1", "--quiet"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 1, done.output
    results = json.loads((tmp_path / "out" / "report.json").read_text())["results"]
    said = {
        one["instance"].split()[1].rstrip(","): (one["obligation"], one["trace"]["confirmation"]["kind"])
        for one in results
        if one["verdict"] == "refuted"
    }
    assert said == {buffer: (kind, "confirmed-natively") for buffer, (kind, _, _) in BROKEN.items()}
    made = exported_for(tmp_path / "out", crate, tmp_path / "test", "buffer aligned::")
    ended = failed_until_mended(made, crate, FOLDER / "right")
    assert "fault: aligned: a block aligned to " in ended.stdout


@pytest.mark.parametrize("buffer", BROKEN)
def test_the_right_crate_called_so_shows_none(buffer: str) -> None:
    found = _run_on(_broken(), buffer, PoolKind(BROKEN[buffer][0]), FOLDER / "right")
    assert isinstance(found, NotConfirmed)
    panics = buffer == "filled::Filled"
    assert found.why.startswith("the program ended in call 2 of 3" if panics else "the crate went through all calls")


CLOSE = """VISIBLE fn close(&mut self) {
    unsafe { dealloc(self.start.as_ptr(), Layout::from_size_align_unchecked(self.size, 1)) }
}"""


@pytest.mark.parametrize("visible", ["pub", "pub(crate)"])
def test_what_others_cannot_call_is_not_confirmed(visible: str, tmp_path: Path) -> None:
    compiled(tmp_path, HEAD.replace("MORE", CLOSE).replace("VISIBLEstart", "start").replace("VISIBLE", visible))
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    found = _run_on(subject, "Owned", PoolKind.RANGE_IN_BOUNDS, tmp_path)
    if visible == "pub":
        assert isinstance(found, ConfirmedNatively)
        assert "a block is given back twice" in found.how
    else:
        assert isinstance(found, NotConfirmed)
        assert "does not compile: error[E0624]" in found.why


def test_words_are_twice_as_wide_and_bytes_are_not() -> None:
    word, byte = Variable("word", BitVec(WIDTH)), Variable("byte", BitVec(8))
    wide = Widening()
    assert wide.term(apply("zero_extend", byte, indices=(24,))).sort == BitVec(WORD)
    assert wide.term(apply("zero_extend", word, indices=(WIDTH,))).sort == BitVec(2 * WORD)
    assert wide.term(apply("extract", word, indices=(7, 0))) == apply("extract", wide.variable(word), indices=(7, 0))
    for before, after in ((7, 7), (1 << 28, 1 << 28), ((1 << 31) - 1, (1 << 63) - 1), ((1 << 32) - 1, (1 << 64) - 1)):
        assert wide.term(Literal(before, BitVec(WIDTH))) == Literal(after, BitVec(WORD))
    with pytest.raises(LookupError, match="extract 15 8"):
        wide.term(apply("extract", word, indices=(15, 8)))


def test_a_whole_model_is_read_so() -> None:
    """`System` and its steps look at the sorts of all that they are made of."""
    subject = _broken()
    for buffer in buffers_of(subject):
        model = model_of(subject, buffer)
        assert len(widened_model(model).paths) == len(model.paths)

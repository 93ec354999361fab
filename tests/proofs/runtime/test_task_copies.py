"""Copies of a task's table, and events that come while a value of the thread has changed: what is not followed is not
proved.
"""

from __future__ import annotations

from pathlib import Path

import example_runtime
import pytest
from example_runtime import MUTANTS, changed, rustc

from proofs.kinds import RuntimeKind
from proofs.verdicts import Refuted, Unknown

COPY = "table-restored-before-cancel"
LOCK = "table-locked-over-cancel"
CELL = "|index| self.entries[index].get()"
WALK = "for (entry, old) in self.entries.iter().zip(saved.0) {"
SECOND = "let mut walk = self.entries.iter(); walk.next(); for (entry, old) in walk.zip(saved.0) {"
OWN, CURRENT = "task.as_ref().map(|task| task.entries())", "task::current().as_ref().map(|task| task.entries())"
CASES = {
    "of another cell": (COPY, CELL, "|index| self.entries[(index + 1) & 15].get()"),
    "of one cell": (COPY, CELL, "|_| self.entries[1].get()"),
    "from the second cell on": (COPY, WALK, SECOND),
    "of another task": (
        COPY,
        "task.as_ref().map(|task| task.entries())",
        "task::current().as_ref().map(|task| task.entries())",
    ),
    "an event that is lost": (LOCK, "+            reject();", "+            return;"),
    "an event that panics": (LOCK, "+            reject();", '+            panic!("locked");'),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_not_proved(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, old, new = CASES[case]
    text = (MUTANTS / f"{patch}.patch").read_text(encoding="utf-8")
    assert text.count(old) == 1, text
    (tmp_path / "of.patch").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(example_runtime, "MUTANTS", tmp_path)
    kind = RuntimeKind.BLOCKING_CANCEL
    folder = tmp_path / "made"
    folder.mkdir()
    verdict = changed("of", rustc(), folder).judged("future-read", (kind,))[kind].verdict
    assert isinstance(verdict, Refuted if patch == LOCK and "panic" in new else Unknown), verdict

"""The example runtime keeps every obligation that there is a model for; with a fault it does not, and harmless changes
make no difference. A few faults always, all of tests/mutants/proofs.toml with PROOFMARK_ALL_MODULES=1.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from example_runtime import MUTANTS, TASK_SIDE, changed, committed, rustc
from explore_corpus import assert_opens

from extract.mir.compile import Panic
from proofs.kinds import TASK_KINDS, RuntimeKind
from proofs.runtime.counts import says_of_more_than_lent
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous, Violation
from smt_models.host.variants import End, Kind, Peer, Variant

NO_CONDITION = {RuntimeKind.PANIC_IN_CALLBACK}
"""Nothing unwinds under `panic = "abort"`."""
PROOFS: dict[str, Any] = tomllib.loads((MUTANTS / "proofs.toml").read_text(encoding="utf-8"))
COMMITTED = "as it is committed"
OPERATIONS = ("future-read", "future-write", "subtask", "stream-read", "stream-write")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_right_runtime_is_proved(operation: str) -> None:
    found = {kind: one.verdict for kind, one in committed().judged(operation).items()}
    assert {kind for kind, one in found.items() if isinstance(one, Unknown)} == NO_CONDITION
    assert not {kind: one for kind, one in found.items() if isinstance(one, Refuted)}
    proved = {kind for kind, one in found.items() if isinstance(one, Proved)}
    wanted = {RuntimeKind.MEMORY, RuntimeKind.EXTENT, RuntimeKind.CANCEL_BEFORE_FREE, RuntimeKind.COMPLETION_RACE}
    assert wanted <= proved
    assert all(isinstance(found[kind], Vacuous) for kind in set(found) - proved - NO_CONDITION)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_elements_of_the_right_runtime_are_whose_its_cursors_say(operation: str) -> None:
    kinds = (RuntimeKind.PARTIAL_WRITE,)
    verdict = committed().judged(operation, kinds)[RuntimeKind.PARTIAL_WRITE].verdict
    assert isinstance(verdict, Proved if operation.startswith("stream") else Vacuous)
    if isinstance(verdict, Proved):
        assert not [one for one in verdict.assumptions if one.id == "earlier-fault"]


@pytest.mark.parametrize("panic", Panic)
def test_right_tasks_are_proved(panic: Panic) -> None:
    judged = committed(panic).judged(TASK_SIDE)
    assert {kind: type(one.verdict) for kind, one in judged.items()} == dict.fromkeys(TASK_KINDS, Proved)


@pytest.mark.parametrize("operation", ["future-write"])
def test_right_runtime_is_proved_where_user_code_unwinds(operation: str) -> None:
    found = {kind: one.verdict for kind, one in committed(Panic.UNWIND).judged(operation).items()}
    assert {kind for kind, one in found.items() if not isinstance(one, Proved)} == {RuntimeKind.SUBTASK_AREAS}
    assert isinstance(found[RuntimeKind.SUBTASK_AREAS], Vacuous)


ALL_OF_THEM = os.environ.get("PROOFMARK_ALL_MODULES") == "1"


def _some(names: list[str], some: int) -> list[str]:
    return names if ALL_OF_THEM else names[::some]


def _faults() -> list[str]:
    rows = PROOFS["refuted"]
    return _some(sorted(name for name in rows if ALL_OF_THEM or not rows[name].get("slow", False)), 3)


@pytest.mark.parametrize("name", _faults())
def test_fault_is_refuted(name: str, tmp_path: Path) -> None:
    row = PROOFS["refuted"][name]
    kind = RuntimeKind(row["obligation"])
    panic = Panic(row.get("panic", "abort"))
    client = changed(name, rustc(), tmp_path, panic).made_by(row["operation"], row.get("client"))
    found = client.judged(row["operation"], (kind,))
    verdict = found[kind].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert_opens(verdict.trace.trace)


@pytest.mark.skipif(not ALL_OF_THEM, reason="a minute and a half for each")
@pytest.mark.parametrize("name", sorted(PROOFS["proved_under"]))
def test_fault_that_no_host_shows_is_proved_under_what_says_so(name: str, tmp_path: Path) -> None:
    row = PROOFS["proved_under"][name]
    kind = RuntimeKind(row["obligation"])
    verdict = changed(name, rustc(), tmp_path).judged(row["operation"], (kind,))[kind].verdict
    assert isinstance(verdict, Proved)
    assert row["hypothesis"] in {one.about for one in verdict.assumptions if one.id == "hypothesis"}


@pytest.mark.skipif(not ALL_OF_THEM, reason="a minute")
def test_a_fault_beside_it_that_such_a_host_shows_is_refuted(tmp_path: Path) -> None:
    """By a host that says of no more elements than it was lent."""
    example = changed("count-not-checked-read", rustc(), tmp_path, also="dropped-count-ignored-read")
    verdict = example.judged("stream-read", (RuntimeKind.PARTIAL_WRITE,))[RuntimeKind.PARTIAL_WRITE].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert not says_of_more_than_lent(verdict.trace.trace, Variant(End.READER, Kind.STREAM, Peer.HOST))


@pytest.mark.parametrize("name", _some(sorted(PROOFS["proved"]), 2))
def test_harmless_change_stays_proved(name: str, tmp_path: Path) -> None:
    found = changed(name, rustc(), tmp_path).judged(PROOFS["proved"][name])
    assert {kind for kind, one in found.items() if isinstance(one.verdict, Unknown)} <= NO_CONDITION
    assert not [kind for kind, one in found.items() if isinstance(one.verdict, Refuted)]


@pytest.mark.parametrize("name", _some([COMMITTED, *sorted(PROOFS["proved_of_another_client"])], 2))
def test_what_another_client_asks_for_is_proved(name: str, tmp_path: Path) -> None:
    row = PROOFS["proved_of_another_client"]["again-as-match" if name == COMMITTED else name]
    example = committed() if name == COMMITTED else changed(name, rustc(), tmp_path)
    kind = RuntimeKind(row["obligation"])
    found = example.made_by(row["operation"], row["client"]).judged(row["operation"], (kind,))
    assert isinstance(found[kind].verdict, Proved)


def test_rows_are_of_mutants() -> None:
    rows = {row["id"]: row for row in tomllib.loads((MUTANTS / "mutants.toml").read_text(encoding="utf-8"))["mutant"]}
    assert all("harmless" not in rows[name] for name in PROOFS["refuted"])
    assert all("only_without" in rows[name] for name in PROOFS["proved_under"])
    assert all("harmless" in rows[name] for name in (*PROOFS["proved"], *PROOFS["proved_of_another_client"]))

"""The static pool of the example runtime: proved as it is committed, refuted with each fault of tests/mutants in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from example_runtime import MUTANTS, RUNTIME, changed, rustc
from rust_pools import subject_of, verdicts

from proofs.verdicts import Proved, Refuted

POOL = "storage::POOL"
PROOFS: dict[str, Any] = tomllib.loads((MUTANTS / "proofs.toml").read_text(encoding="utf-8"))


def _of(folder: Path, *kinds: str) -> dict[str, object]:
    """Of these obligations."""
    found = verdicts(subject_of(folder / "mir" / "abort.mir", folder), (POOL,), kinds)
    return {kind: one.verdict for (_, kind), one in found.items()}


def test_it_is_proved() -> None:
    found = _of(RUNTIME, "index-in-bounds", "range-in-bounds", "disjoint")
    assert all(isinstance(one, Proved) for one in found.values()), found


@pytest.mark.parametrize("name", PROOFS["pool"])
def test_a_fault_is_refuted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs.static_pools.judge.SEARCH_SECONDS", 15.0)
    changed(name, rustc(), tmp_path)
    (verdict,) = _of(tmp_path, PROOFS["pool"][name]).values()
    assert isinstance(verdict, Refuted), verdict


@pytest.mark.parametrize("name", PROOFS["pool_proved"])
def test_a_harmless_change_stays_proved(name: str, tmp_path: Path) -> None:
    changed(name, rustc(), tmp_path)
    found = _of(tmp_path, *PROOFS["pool_proved"][name])
    assert found
    assert all(isinstance(one, Proved) for one in found.values()), found

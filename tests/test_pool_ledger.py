"""tests/pool_verdicts.toml is a ledger: what it says is Unknown of a right allocator, and nothing else, stays so.

The table is always held against the corpus; what is decided quickly is asked with PROOFMARK_ALL_MODULES=1, and all with
PROOFMARK_POOL_CORPUS=1, which takes half an hour.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from pool_corpus import MODULES, Host, read_module
from test_pool_proofs import CASES, DECIDED, verdicts

from proofs.verdicts import Proved, Unknown, Verdict

Reason = Literal["undecided", "not excluded", "not shown"]
LEDGER: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "pool_verdicts.toml").read_text(encoding="utf-8")
)["unknown"]
HOST: Final = "conforming"
RIGHT = [file for file, entry in MODULES.items() if not read_module(entry).refuted[HOST]]
QUICK: list[tuple[str, Host]] = [("bump_arena_rust.wasm", HOST)]
OTHERS: list[tuple[str, Host]] = [(file, HOST) for file in RIGHT if (file, HOST) not in CASES]
FOR_ANY_HOST = ("bump_arena_rust.wasm", "mark_arena.wasm", "budget.wasm")
"""Of this host nothing is said of the others."""
OTHERS += [(file, "any") for file in FOR_ANY_HOST]
ASKED = (
    OTHERS
    if os.environ.get("PROOFMARK_POOL_CORPUS") == "1"
    else QUICK
    if os.environ.get("PROOFMARK_ALL_MODULES") == "1"
    else []
)


def reason_of(verdict: Unknown) -> Reason:
    """Why in a word: not after how many seconds or calls."""
    if verdict.reason.startswith("not excluded"):
        return "not excluded"
    return "not shown" if "the module does not show it" in verdict.reason else "undecided"


def unknown_of(file: str, host: Host) -> dict[str, Reason]:
    """What the ledger says of a module."""
    found = [one for one in LEDGER if (f"{one['file']}.wasm", one["host"]) == (file, host)]
    return {kind: one["reason"] for one in found for kind in one["obligations"]}


@pytest.mark.parametrize(("file", "host"), ASKED)
def test_what_is_unknown_is_what_the_ledger_says(file: str, host: Host) -> None:
    found: dict[str, Verdict] = dict(verdicts(file, host))
    assert {kind: reason_of(one) for kind, one in found.items() if isinstance(one, Unknown)} == unknown_of(file, host)
    for kind, one in found.items():
        assert isinstance(one, Unknown | Proved), (kind, one)


@pytest.mark.parametrize("one", LEDGER, ids=lambda one: one["file"])
def test_the_ledger_is_about_what_there_is(one: dict[str, Any]) -> None:
    file = f"{one['file']}.wasm"
    assert file in RIGHT
    assert set(one["obligations"]) <= set(read_module(MODULES[file]).obligations)
    assert one["reason"] in ("undecided", "not excluded", "not shown")
    assert one["why"]
    assert (file, one["host"]) in OTHERS  # what is held to it
    assert one["file"] not in DECIDED[one["host"]]  # all of these is decided


def test_each_module_has_one_entry_for_a_host() -> None:
    entries = [(one["file"], one["host"]) for one in LEDGER]
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("not excluded: a load at offset 0x4 (function 1)", "not excluded"),
        ("the model allows take(1), and the module does not show it: it trapped", "not shown"),
        ("no invariant was found among the templates, and no violation by search", "undecided"),
        ("the budget is spent", "undecided"),
    ],
)
def test_reasons_are_told_apart(said: str, reason: Reason) -> None:
    assert reason_of(Unknown(said)) == reason

"""`proofmark ablate` of statics and buffers: what their proofs rest on of the library, from the crate itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from proved_kinds import BUFFERS, STATICS
from proved_pool import accepted, run

CASES = {"static": (STATICS, "static_pools", "statics", "bump_arena::ARENA")}
CASES["buffer"] = (BUFFERS, "buffers", "buffers", "realloc::cabi_realloc")
NEEDED = {
    "static": "library core::sync::atomic::AtomicUsize::load",
    "buffer": "library alloc::alloc::realloc",
}
OBLIGATIONS = {"static": "disjoint", "buffer": "range-in-bounds"}


@pytest.fixture(scope="module", params=CASES)
def proved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """Which, a certificate with its MIR beside it, and the crate."""
    crate, kind, what, name = CASES[request.param]
    directory = tmp_path_factory.mktemp(request.param)
    place = directory / "crate"
    shutil.copytree(crate, place)
    (directory / "proofmark.toml").write_text(
        f'[[{kind}]]\nmir = "crate/mir/right.mir"\nsrc = "crate/right"\n{what} = ["{name}"]\n'
    )
    asked = ("--manifest", directory / "proofmark.toml", "--out", directory / "out", "--no-cache", "--jobs", "1")
    accepted(run("prove", *asked))
    (certificate,) = (directory / "out" / "certificates").glob(f"*.{OBLIGATIONS[request.param]}.*.cert.json")
    return request.param, certificate, place / "right"


def _ablated(certificate: Path, *more: str | Path) -> tuple[int, dict[str, dict[str, Any]]]:
    done = run("ablate", certificate, "--json", "--quiet", "--no-keep", *more)
    (found,) = json.loads(done.stdout)
    return done.exit_code, {one["name"]: one for one in found["dropped"] if one["sort"] == "assumption"}


def test_each_function_is_taken_out_and_named_where_runs_come_to_it(proved: tuple[str, Path, Path]) -> None:
    which, certificate, crate = proved
    status, found = _ablated(certificate, "--src", crate)
    assert status == 0
    assert {one["without"] for one in found.values()} <= {"needed", "still proved", "not asked"}
    one = found[NEEDED[which]]
    assert one["without"] == "needed"
    assert "runs come to what has no model then" in one["why"]
    assert one["name"].removeprefix("library ") in one["why"]
    if which == "static":
        assert found["block-size bump_arena::allocate"]["without"] == "needed"


def test_without_the_crate_it_is_not_known_and_what_would_help_is_said(proved: tuple[str, Path, Path]) -> None:
    which, certificate, _ = proved
    status, found = _ablated(certificate)
    assert status == 3
    assert found[NEEDED[which]]["without"] == "not known"
    assert "--src DIR" in found[NEEDED[which]]["why"]

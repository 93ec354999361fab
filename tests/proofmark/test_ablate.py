"""`proofmark ablate`: what stands of a proof without one assumption, or without one clause of its invariant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from proved_pool import POOLS, accepted, manifest, run, text_beside, write_certificate

from proofs.ablation.clauses import clauses_of
from proofs.recheck.invariant import check_invariant, read_invariant, read_model

EXAMPLES = POOLS.parent
CALLS_THE_HOST = """(module (import "env" "log" (func $log)) (memory 1 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) call $log i32.const 0) {more})"""
GROWS = '(func (export "reserve") (result i32) i32.const 1 memory.grow)'


def _ablated(place: Path, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    done = run("ablate", place, "--json", "--quiet", *arguments)
    return done.exit_code, json.loads(done.stdout)


def _without(ablation: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["without"] for one in ablation["dropped"] if one["sort"] == "assumption"}


def _proved(directory: Path, more: str) -> Path:
    (directory / "subject.wat").write_text(CALLS_THE_HOST.format(more=more))
    out = directory / "out"
    asked = ("--obligation", "realloc-no-grow", "--no-cache", "--replay-seconds", "0")
    accepted(run("prove", directory / "subject.wat", *asked, "--out", out))
    return out


def test_a_host_function_that_could_call_nothing_that_grows_is_not_needed(tmp_path: Path) -> None:
    status, (found,) = _ablated(_proved(tmp_path, ""))
    assert (status, _without(found)) == (0, {"host-function env.log": "still proved"})


def test_a_host_function_that_could_call_an_export_that_grows_is_needed(tmp_path: Path) -> None:
    status, (found,) = _ablated(_proved(tmp_path, GROWS))
    assert (status, _without(found)) == (0, {"host-function env.log": "refuted"})
    (dropped,) = found["dropped"]
    assert dropped["trace"][0] == "from export cabi_realloc"
    assert "from export reserve" in dropped["trace"]
    assert "memory.grow" in " ".join(dropped["trace"])


def test_what_the_host_puts_into_a_table_calls_what_the_host_can_call(tmp_path: Path) -> None:
    asked = ("--obligation", "realloc-no-grow", "--assume", "host-tables", "--no-cache", "--out", tmp_path)
    accepted(run("prove", EXAMPLES / "table_open.wasm", *asked))
    status, (found,) = _ablated(tmp_path)
    assert (status, _without(found)) == (0, {"host-memory memory": "refuted", "host-tables": "refuted"})


def test_nothing_to_drop_is_not_green(tmp_path: Path) -> None:
    asked = ("--obligation", "realloc-no-grow", "--no-cache", "--out", tmp_path)
    accepted(run("prove", EXAMPLES / "component_linked.wasm", *asked))
    assert _ablated(tmp_path)[0] == 3
    assert "nothing was asked" in run("ablate", tmp_path).output
    assert run("ablate", tmp_path, "--obligation", "module-no-grow").exit_code == 3
    assert run("ablate", tmp_path / "certificates", "--subject", tmp_path / "none").exit_code == 2
    assert run("ablate", tmp_path / "none").exit_code == 2


# Pools: clauses, and faults that would come earlier


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pool")
    (directory / "proofmark.toml").write_text(manifest("disjoint", "range-in-bounds"))
    shutil.copy(POOLS / "slot_bitmap.wasm", directory)
    asked = ("--manifest", directory / "proofmark.toml", "--out", directory / "out", "--jobs", "1")
    accepted(run("prove", *asked))
    return directory / "out"


def test_a_pool_s_assumptions_and_clauses(pool: Path) -> None:
    status, found = _ablated(pool, "--obligation", "range-in-bounds")
    assert status == 0
    conforming = next(one for one in found if "host=conforming" in one["instance"])
    assert _without(conforming) == {
        "arguments": "still proved",
        "earlier-fault disjoint": "still proved",
        "metadata": "not asked",
        "pool-model": "not asked",
    }
    clauses = [one for one in conforming["dropped"] if one["sort"] == "clause"]
    words = {one["text"][0]: one["without"] for one in clauses}
    assert words.pop("not broken: range-in-bounds") == "needed"
    assert words
    assert all(len(one["trace"]) == 2 for one in clauses if one["without"] == "needed")


def test_alone_a_certificate_does_not_know_what_another_excludes(pool: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(pool / "certificates", tmp_path / "certificates"))
    shutil.copy(POOLS / "slot_bitmap.wasm", copied)
    certificate = next(path for path in copied.glob("*range-in-bounds*") if "host=any" in path.read_text())
    status, (found,) = _ablated(certificate)
    assert status == 3
    assert _without(found)["earlier-fault disjoint"] == "not known"


def test_explore_shows_what_was_found_or_how_to_ask(pool: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(pool / "certificates", tmp_path / "certificates"))
    for path in copied.glob("*.ablation.json"):
        path.unlink()
    shutil.copy(POOLS / "slot_bitmap.wasm", copied)
    certificate = next(path for path in copied.glob("*range-in-bounds*") if "host=any" in path.read_text())
    assert "proofmark ablate" in run("explore", certificate, "--export", "markdown").output
    run("ablate", certificate, "--quiet")
    shown = run("explore", certificate, "--export", "markdown").output
    assert "needed" in shown
    assert "Not asked yet" not in shown
    document = json.loads(certificate.read_bytes())
    write_certificate(certificate, {**document, "tool": {"name": "proofmark", "version": "another"}})
    assert "another certificate" in run("explore", certificate, "--export", "markdown").output


def test_what_is_no_proof_is_not_taken_apart(pool: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(pool / "certificates", tmp_path / "certificates"))
    shutil.copy(POOLS / "slot_bitmap.wasm", copied)
    certificate = next(copied.glob("*range-in-bounds*.cert.json"))
    document = json.loads(certificate.read_bytes())
    document["evidence"]["excluded"] = document["evidence"]["excluded"][:1]
    write_certificate(certificate, document)
    status, found = _ablated(certificate)
    assert (status, found) == (1, [])


def test_each_clause_that_is_not_needed_is_left_out_to_the_checker_s_satisfaction(pool: Path) -> None:
    """And one that is needed is not: what is left is what was asked about."""
    path = next(path for path in (pool / "certificates").glob("*range-in-bounds*.cert.json"))
    model, document = text_beside(path, "model"), json.loads(path.read_bytes())
    excluded = tuple(document["evidence"]["excluded"])
    term = read_invariant(read_model(model), text_beside(path, "invariant"))
    for clause in clauses_of(term, read_model(model).state):
        assert clause.left != term
        if "range-in-bounds" in clause.text:
            with pytest.raises(Exception, match="does not exclude"):
                check_invariant(model, clause.left, excluded, ghosts=True)

"""What an earlier run read of a crate is taken again while nothing that it read has changed, and never otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from extract.errors import InputError
from extract.mir.compile import Panic
from proofmark import runtime_contents
from proofmark.runtime_job import load
from proofmark.runtime_plan import GivenMir, RuntimePlan, RuntimeSubject, plan_runtime
from proofmark.signed_store import SignedStore
from smt_models.runtime.program import Program

RUNTIME = Path(__file__).parents[2] / "examples" / "runtime"


@pytest.fixture
def subject(tmp_path: Path) -> RuntimeSubject:
    for part in ("src", "mir"):
        copytree(RUNTIME / part, tmp_path / "crate" / part)
    (tmp_path / "crate" / "Cargo.toml").write_bytes((RUNTIME / "Cargo.toml").read_bytes())
    crate = tmp_path / "crate"
    source = GivenMir(str(crate / "mir" / "abort.mir"), str(crate))
    return RuntimeSubject(source.mir, source, panics=(Panic.ABORT,), peers=("host",), operations=("subtask",))


@pytest.fixture
def store(tmp_path: Path) -> SignedStore:
    return SignedStore(tmp_path / "cache", b"of this user", "the code")


class Read(Exception):
    pass


def _reads(*_: object) -> Program:
    raise Read


def planned(subject: RuntimeSubject, store: SignedStore) -> RuntimePlan:
    return plan_runtime(subject, lambda _: None, store=store)


def test_nothing_is_read_again(subject: RuntimeSubject, store: SignedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = planned(subject, store)
    assert len(first.jobs) == 1
    monkeypatch.setattr(runtime_contents, "load_crate", _reads)
    assert planned(subject, store) == first
    assert isinstance(subject.source, GivenMir)
    entries = {path: path.read_bytes() for path in store.directory.rglob("*.json")}
    for change in (
        replace(subject, peers=("wasm",)),
        replace(subject, operations=("subtask", "future-read")),
        replace(subject, profile=str(RUNTIME / "Cargo.toml")),
    ):
        with pytest.raises((Read, InputError)):
            planned(change, store)
    for other in (SignedStore(store.directory, b"of another", "the code"), replace(store, engine="other code")):
        with pytest.raises(Read):
            planned(subject, other)
        for path, data in entries.items():
            path.write_bytes(data)  # a foreign signature was thrown away
    changed = next(Path(subject.source.source, "src").glob("*.rs"))
    changed.write_text(changed.read_text() + "// changed\n")
    with pytest.raises(Read):
        planned(subject, store)


def test_a_crate_is_read_once_for_all_its_parts(subject: RuntimeSubject, store: SignedStore) -> None:
    (job,) = planned(subject, store).jobs
    assert load(job) is load(replace(job, kinds=()))
    with pytest.raises(InputError, match="other sources than before"):
        load(replace(job, sources_sha256=64 * "0"))

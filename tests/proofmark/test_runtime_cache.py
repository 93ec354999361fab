"""What is kept about runtimes is believed by its signature: without the user's key nothing is, whatever it says."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts.certificate import certificate
from extract.mir.compile import CompiledCrate, Panic
from extract.mir.parser import sha256_of
from proofmark import cache_place, runtime_cache, signed_store
from proofmark.cache import CachedProver
from proofmark.codec import canonical
from proofmark.job import Outcome
from proofmark.pool import Pool
from proofmark.runtime_job import RuntimeJob
from proofmark.runtime_parts import OperationPart
from proofmark.scheduler import Processes, attempts
from proofmark.signed_store import open_store
from proofmark.signing import read_key, user_key_file
from proofmark.version import VERSION
from proofmark.worker import Done
from proofs import runtime_wording as wording
from proofs.kinds import RuntimeKind
from proofs.runtime.trace import RuntimeTrace
from proofs.runtime_verdicts import Blocks, Invariant, LibraryFunction
from proofs.verdicts import (
    ConfirmedNatively,
    NotConfirmed,
    Proved,
    Refuted,
    Result,
    Unknown,
    Vacuous,
    Verdict,
    Violation,
)
from smt_models.runtime.outcomes import Where

KINDS = (
    RuntimeKind.MEMORY,
    RuntimeKind.CANCEL_ONCE,
    RuntimeKind.COPY_WHEN_IDLE,
    RuntimeKind.EXTENT,
    RuntimeKind.SET_EMPTY,
)
EVIDENCE = Invariant(
    model="(set-logic QF_BV)\n",
    invariant="true",
    excluded=tuple(sorted(("memory", "cancel-once", "outside the shapes explored", "something not modelled"))),
    hypotheses=("H3",),
    trusted=(LibraryFunction("core::mem::take", "leaves the default", "https://doc.rust-lang.org/"),),
    covered=(Blocks("a::free", (0,)),),
    uncovered=(),
)
PROVED = Proved(EVIDENCE, (wording.assumption("hypothesis", "H3"), wording.assumption("model")))
WHERE = Where("a::free", 0, "a.rs:1")
TRACE = RuntimeTrace("copy-when-idle", "it copies", WHERE, (("native", True), ("size", 4)), ())
REFUTED = Refuted(Violation(TRACE, ConfirmedNatively("run natively")))
VERDICTS: tuple[Verdict, ...] = (PROVED, PROVED, REFUTED, Unknown("no condition", final=True), Vacuous("no set"))


@pytest.fixture
def job(tmp_path: Path) -> RuntimeJob:
    mir = tmp_path / "crate" / "a.mir"
    mir.parent.mkdir()
    mir.write_text("fn a::free(_1: T) -> () {\n}\n")
    (mir.parent / "Cargo.toml").write_text("[package]\n")
    crate = CompiledCrate(
        "a", "1.0.0", "a", str(mir.parent), None, None, (), (), Panic.ABORT, False, False, str(mir),
        sha256_of(str(mir)), (), (),
    )  # fmt: skip
    return RuntimeJob(
        path="a@1.0.0", source=None, crate=crate, panic=Panic.ABORT, settings=("unix",), sources_sha256="0" * 64,
        profile="/profiles/a.toml", profile_sha256="1" * 64, part=OperationPart("a::Op", "op", "wasm"),
        kinds=KINDS, seconds=1, megabytes=100,
    )  # fmt: skip


def outcome(job: RuntimeJob, kind: RuntimeKind, verdict: Verdict) -> Outcome:
    result = Result(job.subject, kind, job.instance, verdict, 1.0)
    return Outcome(result, certificate(result, VERSION) if isinstance(verdict, Proved) else None, job.crate.mir_path)


def prover(*verdicts: Verdict) -> Callable[[RuntimeJob], Done]:
    return lambda job: Done(tuple(outcome(job, *pair) for pair in zip(job.kinds, verdicts, strict=True)))


def never(job: RuntimeJob) -> Done:
    raise AssertionError(f"{job.label} was to come from the cache")


@pytest.fixture
def cached(tmp_path: Path) -> Callable[[Any], CachedProver]:
    return lambda inner: CachedProver(inner, tmp_path / "cache", tmp_path / "key")


Cached = Callable[[Any], CachedProver]


def the_entry(tmp_path: Path) -> Path:
    (entry,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    return entry


def again(cached: Cached, job: RuntimeJob) -> bool:
    """Whether the job comes from the cache; what it yields is right either way."""
    done = cached(prover(*VERDICTS))(job)
    assert tuple(one.result.verdict for one in done.outcomes) == VERDICTS
    return done.cached


def test_a_second_run_proves_nothing_anew(cached: Cached, job: RuntimeJob) -> None:
    first, second = cached(prover(*VERDICTS))(job), cached(never)(job)
    assert (first.cached, second.cached) == (False, True)
    for one, other in zip(first.outcomes, second.outcomes, strict=True):
        assert replace(one.result, seconds=0.0, cached=True) == replace(other.result, seconds=0.0)
        assert (one.certificate, one.subject_file) == (other.certificate, other.subject_file)


def test_what_is_kept_is_answered_without_a_worker(
    cached: Cached, job: RuntimeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(prover(*VERDICTS))(job)
    asked: list[int] = []

    def in_threads(workers: int) -> AbstractContextManager[Pool]:
        asked.append(workers)
        return nullcontext(Pool(ThreadPoolExecutor(workers), workers, lambda: None))

    monkeypatch.setattr("proofmark.processes.open_processes", in_threads)
    ((_, kept),) = attempts([job], cached(never), Processes(2))
    assert isinstance(kept, Done)
    assert kept.cached
    assert asked == []
    answers = dict(attempts([replace(job, seconds=2), job], cached(prover(*VERDICTS)), Processes(2)))
    assert asked == [1]
    assert {number: isinstance(one, Done) and one.cached for number, one in answers.items()} == {0: False, 1: True}


def test_who_asks_and_where_it_lies_make_no_difference(cached: Cached, job: RuntimeJob, tmp_path: Path) -> None:
    cached(prover(*VERDICTS))(job)
    (tmp_path / "crate").rename(tmp_path / "moved")
    moved = replace(job.crate, mir_path=str(tmp_path / "moved" / "a.mir"), source_directory=str(tmp_path / "moved"))
    done = cached(never)(replace(job, path="other", crate=moved, keep="/elsewhere"))
    assert {one.result.subject.path for one in done.outcomes} == {"other"}


@pytest.mark.parametrize(
    "change",
    [
        {"sources_sha256": "2" * 64},
        {"profile_sha256": "2" * 64},
        {"part": OperationPart("a::Op", "op", "host")},
        {"seconds": 2},
        {"settings": ()},
        {"part": OperationPart("a::Other", "op", "wasm")},
        {"toolchain": "nightly"},
    ],
)
def test_another_question(cached: Cached, job: RuntimeJob, change: dict[str, Any]) -> None:
    cached(prover(*VERDICTS))(job)
    assert not again(cached, replace(job, **change))


def test_other_mir_manifest_or_code_is_another_question(
    cached: Cached, job: RuntimeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(prover(*VERDICTS))(job)
    other = replace(job, crate=replace(job.crate, mir_sha256="3" * 64))
    assert cached(prover(*VERDICTS))(other).cached is False
    Path(job.crate.source_directory, "Cargo.toml").write_text("[package] # of another version\n")
    assert not again(cached, job)
    for module, name, value in (
        (signed_store, "engine", lambda: "edited"),
        (runtime_cache, "_solvers", lambda: ("cvc5 0",)),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            assert not again(cached, job)


def test_mir_that_changed_on_disk_is_not_answered_for(cached: Cached, job: RuntimeJob) -> None:
    cached(prover(*VERDICTS))(job)
    Path(job.crate.mir_path).write_text("fn a::free(_1: U) -> () {\n}\n")
    assert not cached(prover(*VERDICTS))(job).cached


def test_every_byte_counts(cached: Cached, job: RuntimeJob, tmp_path: Path) -> None:
    cached(prover(*VERDICTS))(job)
    entry = the_entry(tmp_path)
    whole, store = entry.read_bytes(), open_store(tmp_path / "cache", tmp_path / "key")
    assert runtime_cache.load(store, job)
    for place in range(len(whole)):
        entry.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert runtime_cache.load(store, job) == ()
        assert not entry.exists()


def forged(entry: Path, body: bytes, secret: bytes) -> None:
    entry.write_bytes(hmac.new(secret, body, hashlib.sha256).hexdigest().encode() + b"\n" + body)


@pytest.mark.parametrize("secret", [b"", bytes(32), b"guessed"])
def test_what_others_sign_makes_nothing_green(cached: Cached, job: RuntimeJob, tmp_path: Path, secret: bytes) -> None:
    """The refutation turned into a proof, by somebody who knows the format and not the key."""
    cached(prover(*VERDICTS))(job)
    entry = the_entry(tmp_path)
    value = json.loads(entry.read_bytes().partition(b"\n")[2])
    refuted = next(one for one in value["value"]["verdicts"] if one["verdict"]["$"] == "Refuted")
    refuted["verdict"] = value["value"]["verdicts"][0]["verdict"]
    forged(entry, canonical(value), secret)
    assert not again(cached, job)
    assert again(cached, job)


def test_an_entry_under_another_name_is_of_another_job(cached: Cached, job: RuntimeJob, tmp_path: Path) -> None:
    other = replace(job, part=OperationPart("a::Op", "op", "host"))
    cached(prover(*VERDICTS))(other)
    key = runtime_cache.key_of(job, cache_place.engine())
    place = tmp_path / "cache" / "results" / key[:2] / f"{key[2:]}.json"
    place.parent.mkdir(exist_ok=True)
    the_entry(tmp_path).rename(place)
    assert not again(cached, job)


@pytest.mark.parametrize("content", [b"", b"\n", b"\x80\x04\x95.", b"[" * 200_000, b"\0" * 5000])
def test_rubbish_is_thrown_away_though_it_is_signed(
    cached: Cached, job: RuntimeJob, tmp_path: Path, content: bytes
) -> None:
    cached(prover(*VERDICTS))(job)
    forged(the_entry(tmp_path), content, read_key(tmp_path / "key"))
    assert not again(cached, job)
    assert again(cached, job)


@pytest.mark.parametrize(
    "verdict", [Unknown("60 s were spent"), Refuted(Violation(TRACE, NotConfirmed("cargo had no end")))]
)
def test_what_might_be_otherwise_another_time_is_not_kept(cached: Cached, job: RuntimeJob, verdict: Verdict) -> None:
    several = (*VERDICTS[:2], verdict, *VERDICTS[3:])
    for _ in range(2):
        done = cached(prover(*several))(job)
        assert not done.cached
        assert not done.warnings


def test_without_a_key_of_ones_own_nothing_is_kept(cached: Cached, job: RuntimeJob, tmp_path: Path) -> None:
    assert not again(cached, job)
    os.chmod(tmp_path / "key", 0o644)
    done = cached(prover(*VERDICTS))(job)
    assert not done.cached
    assert [warning for warning in done.warnings if "a key that others can read" in warning]
    (tmp_path / "key").unlink()
    assert not again(cached, job), "a new key signed nothing yet"
    assert again(cached, job)


def test_a_cache_that_cannot_be_written_is_a_warning(cached: Cached, job: RuntimeJob, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file stands here")
    done = cached(prover(*VERDICTS))(job)
    assert done.outcomes
    assert [warning for warning in done.warnings if "cannot be written" in warning]


def test_the_key_is_random_its_owners_and_not_in_the_cache(tmp_path: Path) -> None:
    first, second = (read_key(tmp_path / name / "key") for name in ("one", "other"))
    assert first != second
    assert read_key(tmp_path / "one" / "key") == first
    assert (tmp_path / "one" / "key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["key"]
    environ = {"HOME": "/h"}
    for platform in ("linux", "darwin", "win32"):
        assert not user_key_file(platform, environ).is_relative_to(cache_place.user_cache_directory(platform, environ))

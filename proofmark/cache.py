"""Results kept from earlier runs, by content hash. What is damaged, tampered with or foreign is thrown away.

An entry is one line with the SHA-256 of the rest, then canonical JSON, never anything that could run code. Only Proved
and Refuted are kept. A Proved is believed only after the independent checker has accepted its certificate against the
file again, and the certificate says what the job asks; so nobody who writes here can make a run green. What is kept
about runtimes is signed instead (`runtime_cache.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.certificate import RULE_PACK
from proofmark.cache_place import engine, user_cache_directory
from proofmark.codec import CodecError, canonical, decode, encode
from proofmark.files import write_atomically
from proofmark.job import Job, Outcome
from proofmark.version import VERSION
from proofmark.vetting import Distrusted, vet
from proofmark.worker import Done, Prover
from proofs.verdicts import Bounded, Kind, NotConfirmed, Proved, Reach, Refuted, Unknown, Vacuous

if TYPE_CHECKING:
    from proofmark.jobs import AnyJob
    from proofmark.runtime_job import RuntimeJob
    from proofmark.signed_store import SignedStore

_FORMAT = "proofmark-cache/1"
_MAX_ENTRY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says: the key it was written under, and the outcomes of one obligation on one file."""

    format: str
    key: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class CachedProver:
    """`prover` behind the cache in `directory`, with the key in `key_file`; None: the user's own, wherever it runs."""

    prover: Prover
    directory: Path | None = None
    key_file: Path | None = None

    def __call__(self, job: AnyJob) -> Done:
        if not isinstance(job, Job):
            from proofmark.runtime_job import RuntimeJob  # of runtimes only

            return self._operation(job) if isinstance(job, RuntimeJob) else self.prover(job)
        try:
            sha256, size = _hash_of(job.path)
        except OSError:
            return self.prover(job)  # which says what is wrong
        directory = self.directory or user_cache_directory(sys.platform, os.environ)
        kept: dict[Kind, tuple[Outcome, ...]] = {}
        for kind in job.kinds:
            found = load(directory, replace(job, kinds=(kind,)), sha256, size)
            if found:
                kept[kind] = found
        rest = tuple(kind for kind in job.kinds if kind not in kept)
        if not rest:
            return Done(tuple(outcome for kind in job.kinds for outcome in kept[kind]), cached=True)
        done = self.prover(replace(job, kinds=rest))
        fresh = {kind: tuple(o for o in done.outcomes if o.result.kind is kind) for kind in rest}
        warnings = [store(directory, replace(job, kinds=(kind,)), sha256, fresh[kind]) for kind in rest]
        both = {**kept, **fresh}
        stray = tuple(outcome for outcome in done.outcomes if outcome.result.kind not in both)
        return Done(
            tuple(outcome for kind in job.kinds for outcome in both[kind]) + stray,
            (*done.warnings, *sorted({warning for warning in warnings if warning})),
        )

    def remembered(self, job: AnyJob) -> Done | None:
        """What is kept about runtimes: all else is held to the file by the checker, which is work for a worker."""
        from proofmark.runtime_job import RuntimeJob  # of runtimes only

        if not isinstance(job, RuntimeJob):
            return None
        from proofmark.signed_store import open_store

        return _kept(open_store(self.directory, self.key_file), job)

    def _operation(self, job: RuntimeJob) -> Done:
        from proofmark import runtime_cache  # of runtimes only
        from proofmark.signed_store import open_store

        try:
            store = open_store(self.directory, self.key_file)
        except OSError as error:
            return _warned(self.prover(job), f"without a key nothing is kept: {error.filename}: {error.strerror}")
        kept = _kept(store, job)
        if kept is not None:
            return kept
        done = self.prover(job)
        try:
            runtime_cache.keep(store, job, done.outcomes)
        except OSError as error:
            return _warned(done, f"the cache {store.directory} cannot be written: {error.strerror}")
        return done


def _kept(store: SignedStore, job: RuntimeJob) -> Done | None:
    from proofmark import runtime_cache  # of runtimes only

    outcomes = runtime_cache.load(store, job)
    return Done(outcomes, cached=True) if outcomes else None


def _warned(done: Done, warning: str) -> Done:
    return replace(done, warnings=(*done.warnings, warning))


def load(directory: Path, job: Job, sha256: str, size: int) -> tuple[Outcome, ...]:
    """The outcomes kept for a job of one obligation, or none. An entry that is not to be believed is removed."""
    key = key_of(job, sha256)
    path = _path_of(directory, key)
    start = time.perf_counter()
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_ENTRY_BYTES + 1)
    except OSError:
        return ()
    try:
        entry = _parse(data)
        if entry.key != key or not entry.outcomes:
            raise CodecError("an entry of another job")
        for outcome in entry.outcomes:
            if not _worth_keeping(outcome, sha256):
                raise CodecError("an outcome that is never kept")
            vet(job, job.kinds[0], sha256, size, outcome)
    except (CodecError, Distrusted, RecursionError):
        _discard(path)
        return ()
    seconds = (time.perf_counter() - start) / len(entry.outcomes)
    return tuple(_on(job.path, outcome, seconds) for outcome in entry.outcomes)


def store(directory: Path, job: Job, sha256: str, outcomes: tuple[Outcome, ...]) -> str | None:
    """Keeps the outcomes of a job of one obligation, if they are worth it; a failure to write gives a warning."""
    if not outcomes or not all(_worth_keeping(outcome, sha256) for outcome in outcomes):
        return None
    key = key_of(job, sha256)
    body = canonical(encode(Entry(_FORMAT, key, outcomes)))
    path = _path_of(directory, key)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, _digest(body) + body)
    except OSError as error:
        return f"the cache {directory} cannot be written: {error.strerror}"
    return None


def key_of(job: Job, sha256: str) -> str:
    """What decides about an outcome: the file's bytes and name, the options, the rules and their code."""
    described = encode(replace(job, path=Path(job.path).name))
    parts = [_FORMAT, VERSION, RULE_PACK, engine(), sha256, described]
    return hashlib.sha256(canonical(parts)).hexdigest()


def _path_of(directory: Path, key: str) -> Path:
    return directory / "results" / key[:2] / f"{key[2:]}.json"


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode("ascii") + b"\n"


def _parse(data: bytes) -> Entry:
    line, _, body = data.partition(b"\n")
    if line + b"\n" != _digest(body):
        raise CodecError("a damaged entry")
    try:
        entry = decode(Entry, json.loads(body))
    except (ValueError, UnicodeDecodeError) as error:
        raise CodecError(str(error)) from error
    if entry.format != _FORMAT or canonical(encode(entry)) != body:
        raise CodecError("not in canonical form")
    return entry


def _worth_keeping(outcome: Outcome, sha256: str) -> bool:
    if outcome.result.subject.sha256 != sha256:  # the file changed under our hands
        return False
    match outcome.result.verdict:
        case Proved():
            return outcome.certificate is not None
        case Refuted(trace):
            # What no run confirmed within one budget, another may: the machine was busy, say.
            return not (isinstance(trace, Reach) and isinstance(trace.confirmation, NotConfirmed))
        case Bounded() | Unknown() | Vacuous():
            return False


def _on(path: str, outcome: Outcome, seconds: float) -> Outcome:
    result = outcome.result
    return replace(outcome, result=replace(result, subject=replace(result.subject, path=path), seconds=seconds))


def _hash_of(path: str) -> tuple[str, int]:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)

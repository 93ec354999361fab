"""Results about runtimes kept from earlier runs, signed with a key of the user's own.

A checker can hold a certificate to its model, and no checker derives the model anew: so that an entry which anybody
could have written may not be believed, whatever certificates it has. It is the signature that says that this tool, run
by this user, reached these verdicts, and that the checker accepted every proof then. Certificates are made anew from
what is kept, byte for byte those that were accepted.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import time
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from artifacts.certificate import certificate
from extract.errors import InputError
from extract.mir.parser import sha256_of
from proofmark.codec import CodecError, canonical, encode
from proofmark.job import Outcome
from proofmark.runtime_job import RuntimeJob
from proofmark.signed_store import SignedStore
from proofmark.version import VERSION
from proofs.kinds import RuntimeKind
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import (
    Assumption,
    Bounded,
    ConfirmedNatively,
    NotConfirmed,
    Proved,
    Refuted,
    Result,
    Unknown,
    Vacuous,
    Violation,
)

_FORMAT = "proofmark-runtime-cache/1"


@dataclass(frozen=True, slots=True)
class ProvedBy:
    """`evidence`: its number in the entry; the obligations of one operation share theirs."""

    evidence: int
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    kind: RuntimeKind
    verdict: ProvedBy | Refuted | Unknown | Vacuous


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says: the verdicts on one part of a runtime."""

    format: str
    evidence: tuple[Invariant, ...]
    verdicts: tuple[Kept, ...]


def load(store: SignedStore, job: RuntimeJob) -> tuple[Outcome, ...]:
    """The outcomes kept for a job, or none. An entry that is not to be believed is removed."""
    start = time.perf_counter()
    key = key_of(job, store.engine)
    entry = store.load(Entry, key)
    if entry is None or not _is_the_subject(job):
        return ()
    try:
        if entry.format != _FORMAT or tuple(one.kind for one in entry.verdicts) != job.kinds:
            raise CodecError("an entry of another job")
        results = tuple(_result(job, entry, one) for one in entry.verdicts)
        documents = tuple(certificate(one, VERSION) if isinstance(one.verdict, Proved) else None for one in results)
    except (CodecError, ValueError):
        store.discard(key)
        return ()
    seconds = (time.perf_counter() - start) / len(results)
    return tuple(
        Outcome(replace(result, seconds=seconds), document, job.crate.mir_path, job.crate.source_directory)
        for result, document in zip(results, documents, strict=True)
    )


def keep(store: SignedStore, job: RuntimeJob, outcomes: tuple[Outcome, ...]) -> None:
    """The outcomes of a job, if each of them would be the same another time. Raises OSError."""
    results = tuple(outcome.result for outcome in outcomes)
    if tuple(one.kind for one in results) != job.kinds or not all(_final(one) for one in results):
        return
    evidence: dict[Invariant, int] = {}
    verdicts = tuple(_kept(one, evidence) for one in results)
    store.store(key_of(job, store.engine), Entry(_FORMAT, tuple(evidence), verdicts))


def _is_the_subject(job: RuntimeJob) -> bool:
    try:
        return sha256_of(job.crate.mir_path) == job.crate.mir_sha256
    except InputError:
        return False


def key_of(job: RuntimeJob, engine: str) -> str:
    """What decides about the outcomes: what the job reads, its options, the rules and their code, the solvers."""
    crate = replace(job.crate, mir_path="", source_directory="", coroutine_drops=(), warnings=())
    described = replace(job, path="", crate=crate, profile=Path(job.profile).name, keep=None)
    manifests = [_sha256_if_there(Path(job.crate.source_directory) / name) for name in ("Cargo.toml", "Cargo.lock")]
    drops = [sha256_of(path) for path in job.crate.coroutine_drops]
    parts = [_FORMAT, VERSION, engine, *_solvers(), encode(described), manifests, drops]
    return hashlib.sha256(canonical(parts)).hexdigest()


@functools.cache
def _solvers() -> tuple[str, ...]:
    return (f"python {sys.version_info[:2]}", *(metadata.version(name) for name in ("z3-solver", "cvc5")))


def _sha256_if_there(path: Path) -> str | None:
    return sha256_of(str(path)) if path.is_file() else None


def _final(result: Result) -> bool:
    """Whether neither more time or memory nor another state of the machine could lead to another verdict."""
    match result.verdict:
        case Proved() | Vacuous() | Refuted(Violation(_, ConfirmedNatively())):
            return True
        case Refuted(Violation(_, NotConfirmed(_, final))) | Unknown(_, final):
            return final
        case Refuted() | Bounded():
            return False


def _kept(result: Result, evidence: dict[Invariant, int]) -> Kept:
    assert isinstance(result.kind, RuntimeKind)
    match result.verdict:
        case Proved(Invariant() as invariant, assumptions):
            return Kept(result.kind, ProvedBy(evidence.setdefault(invariant, len(evidence)), assumptions))
        case Refuted() | Unknown() | Vacuous() as verdict:
            return Kept(result.kind, verdict)
        case verdict:
            raise TypeError(f"no verdict about a runtime: {type(verdict).__name__}")


def _result(job: RuntimeJob, entry: Entry, kept: Kept) -> Result:
    match kept.verdict:
        case ProvedBy(number, assumptions):
            if not 0 <= number < len(entry.evidence):
                raise CodecError("evidence that is not there")
            verdict: Proved | Refuted | Unknown | Vacuous = Proved(entry.evidence[number], assumptions)
        case other:
            verdict = other
    return Result(job.subject, kept.kind, job.instance, verdict, 0.0, cached=True)

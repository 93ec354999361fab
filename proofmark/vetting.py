"""Outcomes that come from elsewhere, a cache or another machine: believed only as far as they can be checked here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofmark.codec import encode
from proofs.verdicts import Bounded, Kind, Proved, Refuted, Result, Unknown, Vacuous

if TYPE_CHECKING:
    from proofmark.buffers_job import BuffersJob
    from proofmark.job import Job, Outcome
    from proofmark.pool_job import PoolJob
    from proofmark.runtime_job import RuntimeJob
    from proofmark.statics_job import StaticsJob
    from proofs.recheck import Session


class Distrusted(Exception):
    """The outcome is not an answer to the job, or it is a proof that the checker does not accept."""


def vet(job: Job, kind: Kind, sha256: str, size: int, outcome: Outcome) -> None:
    """Raises Distrusted unless the outcome answers the job, and, if it is a proof, the checker accepts it."""
    result = outcome.result
    subject = result.subject
    if (subject.sha256, subject.size, subject.name) != (sha256, size, Path(job.path).name):
        raise Distrusted("about another file")
    if result.kind is not kind:
        raise Distrusted("about another obligation")
    match result.verdict:
        case Proved(_, assumptions):
            if outcome.certificate is None:
                raise Distrusted("a proof without its certificate")
            _vet_certificate(job, kind, result.instance, encode(assumptions), outcome.certificate)
        case Refuted():
            if outcome.certificate is not None:
                raise Distrusted("a certificate of what is refuted")
        case Bounded() | Unknown() | Vacuous():
            pass


def vet_pool(job: PoolJob, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """The outcomes under the path that the user wrote. Raises Distrusted unless they answer the job, and the checker
    accepts every proof; OSError if the file cannot be read.
    """
    data = Path(job.path).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if not set(job.expected) <= {outcome.result.kind for outcome in outcomes}:
        raise Distrusted("about other obligations")
    for outcome in outcomes:
        result = outcome.result
        if (result.subject.sha256, result.instance) != (sha256, job.instance):
            raise Distrusted("about another subject or instance")
    _vet_evidence(Path(job.path), outcomes)
    return tuple(
        replace(one, result=replace(one.result, subject=replace(one.result.subject, path=job.path))) for one in outcomes
    )


def vet_operation(job: RuntimeJob, outcomes: tuple[Outcome, ...]) -> None:
    """Raises Distrusted unless the outcomes answer the job, and the checker accepts every proof.

    What no checker derives anew is the model: of that the worker is believed.
    """
    if tuple(outcome.result.kind for outcome in outcomes) != job.kinds:
        raise Distrusted("about other obligations")
    for outcome in outcomes:
        result = outcome.result
        if result.subject != job.subject or result.instance != job.instance:
            raise Distrusted("about another subject or instance")
    _vet_evidence(Path(job.crate.mir_path), outcomes)


def vet_statics(job: StaticsJob | BuffersJob, outcomes: tuple[Outcome, ...]) -> None:
    """Raises Distrusted unless the outcomes answer the job, and the checker accepts every proof."""
    about = tuple((outcome.result.kind, outcome.result.instance) for outcome in outcomes)
    if (job.kinds and about != job.expected) or {one for _, one in about} != set(job.instances):
        raise Distrusted("about other obligations")
    for outcome in outcomes:
        if outcome.result.subject != job.subject:
            raise Distrusted("about another subject")
    _vet_evidence(Path(job.crate.mir_path), outcomes)


def _vet_evidence(subject: Path, outcomes: tuple[Outcome, ...]) -> None:
    """A proof has a certificate that the checker accepts; nothing else has one."""
    from proofs.recheck import Session

    with Session() as session:
        for outcome in outcomes:
            match outcome.result.verdict, outcome.certificate:
                case Proved(_, assumptions), bytes(certificate):
                    _vet_shared(subject, outcome.result, encode(assumptions), certificate, session)
                case Proved(), _:
                    raise Distrusted("a proof without its certificate")
                case _, None:
                    pass
                case _:
                    raise Distrusted("a certificate of what is not proved")


def _vet_shared(subject: Path, result: Result, assumptions: Any, certificate: bytes, session: Session) -> None:
    from artifacts.runtime_certificate import texts_of
    from proofs.recheck import Accepted, recheck

    answer = recheck(certificate, subject, texts_of(result), session=session)
    if not isinstance(answer, Accepted):
        raise Distrusted("the checker does not accept the certificate")
    taken = tuple((one["id"], one["about"], one["text"]) for one in assumptions)
    if (answer.obligation, answer.instance, answer.assumptions) != (result.kind.value, result.instance, taken):
        raise Distrusted("the certificate proves something else")


def _vet_certificate(job: Job, kind: Kind, instance: str, assumptions: Any, certificate: bytes) -> None:
    from proofs.recheck import Accepted, recheck

    answer = recheck(certificate, Path(job.path))
    if not isinstance(answer, Accepted):
        raise Distrusted("the checker does not accept the certificate")
    says = json.loads(certificate)
    evidence = says["evidence"]
    taken = list(answer.assumptions)
    asked_roots = sorted(set(job.roots)) if job.roots and says["obligation"] != Kind.REALLOC_VESTIGIAL.value else None
    agrees = (
        says["obligation"] == kind.value
        and says["instance"] == instance
        and taken == [(one["id"], one["about"], one["text"]) for one in assumptions]
        and (evidence["root_names"] if evidence.get("roots_by") == "name" else None) == asked_roots
        and (not job.allocators or evidence.get("goal_names", []) in ([], sorted(set(job.allocators))))
        and all(name in job.boundary for id_, name, _ in taken if id_ == "boundary")
        and all(id_ in job.assume for id_, _, _ in taken if id_ == "host-tables")
    )
    if not agrees:
        raise Distrusted("the certificate proves something else")

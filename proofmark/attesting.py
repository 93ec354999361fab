"""The attestation of a run in which everything was proved, by whomever it is signed, and what comes of its check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from artifacts.attestation import MAX_BYTES, NoAttestation, Proof, read_statement, statement
from artifacts.regular_file import read_regular
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.version import VERSION
from proofs.recheck import Accepted, Answer, Rejected

if TYPE_CHECKING:
    from proofmark.job import Outcome


class Signer(Protocol):
    """`file_name`: of what it writes."""

    @property
    def file_name(self) -> str: ...

    def signed(self, statement: bytes) -> bytes:
        """The file's content. Raises UsageError."""


class Verifier(Protocol):
    """`who`: whose signature it is that counts."""

    @property
    def who(self) -> str: ...

    def opened(self, raw: bytes) -> bytes:
        """The statement in such a file, if it is signed by them. Raises NoAttestation."""


def write_attestation(directory: Path, outcomes: Iterable[Outcome], signer: Signer) -> None:
    """Raises UsageError."""
    payload = statement([_proof(one, one.certificate) for one in outcomes if one.certificate is not None], VERSION)
    signed = signer.signed(payload)
    try:
        write_atomically(directory / signer.file_name, signed)
    except OSError as error:
        raise UsageError(f"--out {directory}: {error.strerror}; expected a directory that can be written") from error


def _proof(outcome: Outcome, certificate: bytes) -> Proof:
    from artifacts.certificate import file_name
    from proofs.verdicts import Proved

    result = outcome.result
    assumptions = result.verdict.assumptions if isinstance(result.verdict, Proved) else ()
    return Proof(
        result.kind.value,
        result.instance,
        (result.subject.name, result.subject.sha256),
        (file_name(result), hashlib.sha256(certificate).hexdigest()),
        tuple(sorted({(one.id, one.about) for one in assumptions})),
    )


def check_attestation(path: Path, verifier: Verifier, check: Callable[[Path], Answer]) -> tuple[Proof, ...] | Rejected:
    """The proofs that were signed, if the signature is theirs and every certificate is there and accepted."""
    try:
        proofs = read_statement(verifier.opened(read_regular(path, MAX_BYTES)))
    except (NoAttestation, OSError) as reason:
        return Rejected(f"attestation: {reason}")
    for proof in proofs:
        reason_why = _why_not(path.parent, proof, check)
        if reason_why is not None:
            return Rejected(f"attestation, {proof.certificate[0]}: {reason_why}")
    return proofs


def _why_not(directory: Path, proof: Proof, check: Callable[[Path], Answer]) -> str | None:
    name, sha256 = proof.certificate
    if Path(name).name != name:
        return "no file name without directories"
    try:
        path = next((p for p in (directory / "certificates" / name, directory / name) if p.is_file()), None)
        now = None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        return f"the certificate cannot be read: {fault.strerror}"
    if path is None:
        return "the certificate is not there"
    if now != sha256:
        return "the certificate is not the one that was signed"
    match check(path):
        case Accepted(obligation, instance, subject, found, assumptions):
            read = (obligation, instance, (subject, found), tuple([one[:2] for one in assumptions]))
            if read != (proof.obligation, proof.instance, proof.subject, proof.assumptions):
                return "the certificate does not say what was signed"
            return None
        case answer:
            return f"the certificate is not accepted: {answer.reason}"

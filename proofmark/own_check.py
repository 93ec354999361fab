"""Nothing that rests on an invariant is called proved before the independent checker has accepted its certificate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from artifacts.certificate import certificate
from artifacts.runtime_certificate import texts_of
from proofmark.job import RecheckFault
from proofmark.version import VERSION
from proofs.recheck import Accepted, NotChecked, Rejected, Session, recheck
from proofs.recheck.solver_process import check_seconds
from proofs.verdicts import Proved, Result, Unknown


def own_check(result: Result, subject: Path, label: str, seconds: int, session: Session) -> tuple[Result, bytes | None]:
    """The result, and the certificate of a proof; Unknown in place of a proof that was not checked within `seconds` of
    the budget (`check_seconds`). Raises RecheckFault.
    """
    if not isinstance(result.verdict, Proved):
        return result, None
    document = certificate(result, VERSION)
    match recheck(document, subject, texts_of(result), seconds=check_seconds(seconds), session=session):
        case Accepted():
            return result, document
        case NotChecked(reason):
            return replace(result, verdict=Unknown(f"proved, and not checked: {reason}")), None
        case Rejected(reason):
            raise RecheckFault(f"{label}: the proof of {result.kind.value} is not accepted: {reason}")

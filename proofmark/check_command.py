"""`proofmark check`: the independent checker at the command line. Nothing that made the certificate is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from artifacts.attestation import BUNDLE, ENVELOPE
from artifacts.names import visible
from artifacts.regular_file import open_regular
from proofmark import console, guard
from proofs.recheck import Accepted, Answer, NotChecked, Rejected, Session, find_subject, recheck_carried, recheck_file
from proofs.recheck.certificate import MAX_BYTES
from proofs.recheck.compact import MAGIC, SUFFIX, is_about
from proofs.recheck.solver_process import SECONDS, check_seconds

if TYPE_CHECKING:
    from proofmark.attesting import Verifier
    from proofmark.deep_check import Deep

FORMAT = "proofmark-check/1"
Verifiers = dict[str, tuple["Verifier | None", str]]  # by the end of a file's name; and how one is given


@dataclass(frozen=True, slots=True)
class _Unreadable:
    reason: str


@dataclass(frozen=True, slots=True)
class _Deeper:
    """Accepted, and `how` its model was found to be the subject's."""

    answer: Accepted
    how: str


@dataclass(frozen=True, slots=True)
class _Attested:
    """An attestation, signed by whom it has to be, all of whose certificates are accepted."""

    signed_by: str
    proofs: int


_Any = Answer | _Deeper | _Attested | _Unreadable


@dataclass(frozen=True, slots=True)
class _Checked:
    certificate: str
    answer: _Any


@dataclass(frozen=True, slots=True)
class Asked:
    """`key`, `keyless`: whose signature attestations must have. `by_lrat`: by propositional proofs beside the
    certificates, and no solver. `deep`: makes models again. `seconds`: the budget of what was proved, where it was
    another than the usual. `session`: of the solver, for all that is asked.
    """

    subjects: Sequence[str]
    key: Path | None = None
    keyless: Verifier | None = None
    by_lrat: bool = False
    deep: Deep | None = None
    seconds: int | None = None
    session: Session | None = None


def run(certificates: Sequence[str], asked: Asked, as_json: bool, quiet: bool) -> int:
    """0: all accepted; 1: one rejected; 2: one unreadable; 3: one not checked, for want of its subject or a solver."""
    hashes, verifiers = _hashes(asked.subjects), _verifiers(asked)
    paths = dict.fromkeys(path for given in certificates for path in _within(given))
    with Session() as session:
        asked = replace(asked, session=session)
        checked = [one for path in paths for one in _checked(path, asked, hashes, verifiers)]
    if not quiet:
        console.results([_lines(one) for one in checked], to_stderr=as_json)
    if as_json:
        console.out(_json(checked))
    statuses = {_status(one.answer) for one in checked}
    return next(status for status in (guard.BAD_INPUT, 1, 3, 0) if status in statuses)


def _verifiers(asked: Asked) -> Verifiers:
    """Raises UsageError."""
    by_key: Verifier | None = None
    if asked.key is not None:
        from proofmark.key_files import read_verifier  # of signatures only

        by_key = read_verifier(asked.key)
    return {
        ENVELOPE: (by_key, "the public key, --key FILE"),
        BUNDLE: (asked.keyless, "who signed, --identity NAME --issuer URL"),
    }


def _within(given: str) -> list[str]:
    """The certificates of a directory; one without any is left as it is, and cannot be read."""
    found = [*Path(given).glob("*.cert.json"), *Path(given).glob(f"*{SUFFIX}")]
    return sorted(map(str, found)) or [given]


def _hashes(subjects: Sequence[str]) -> dict[str, Path]:
    """Several subjects are told apart by hash; for a single one there is nothing to tell apart."""
    if len(subjects) < 2:
        return {}
    hashes = {}
    for subject in subjects:
        try:
            with open_regular(Path(subject)) as file:
                hashes[hashlib.file_digest(file, "sha256").hexdigest()] = Path(subject)
        except OSError as error:
            console.err(f"warning: {subject}: {error.strerror}")
    return hashes


def _checked(path: str, asked: Asked, hashes: dict[str, Path], verifiers: Verifiers) -> list[_Checked]:
    """What a file says: a certificate is one, a module may carry several."""
    try:
        with open_regular(Path(path)) as file:
            is_module = file.read(4) == b"\0asm"
    except OSError:
        is_module = False
    for suffix, (verifier, wanted) in verifiers.items():
        if path.endswith(suffix) and Path(path).is_file():
            if verifier is None:
                return [_Checked(path, NotChecked(f"an attestation is worth what its signature is: give {wanted}"))]
            return [_Checked(path, _attested(Path(path), verifier, asked, hashes))]
    if not is_module:
        return [_Checked(path, _check(Path(path), asked, hashes))]
    return [_Checked(f"{path}#{name}" if name else path, answer) for name, answer in recheck_carried(Path(path))]


def _attested(path: Path, verifier: Verifier, asked: Asked, hashes: dict[str, Path]) -> Answer | _Attested:
    from proofmark.attesting import check_attestation

    def check(certificate: Path) -> Answer:
        match _check(certificate, asked, hashes):
            case _Unreadable(reason):
                return Rejected(reason)
            case _Deeper(answer, _):
                return answer
            case answer:
                return answer

    found = check_attestation(path, verifier, check)
    return found if isinstance(found, Rejected) else _Attested(verifier.who, len(found))


def _check(path: Path, asked: Asked, hashes: dict[str, Path]) -> Answer | _Deeper | _Unreadable:
    try:
        with open_regular(path) as file:
            raw = file.read(MAX_BYTES)  # what has more the checker refuses
    except OSError as error:
        return _Unreadable(f"found {error.strerror}; expected a readable certificate")
    subject = _subject(path, raw, asked, hashes)
    seconds = SECONDS if asked.seconds is None else check_seconds(asked.seconds)
    answer = recheck_file(path, subject, asked.by_lrat, seconds, asked.session)
    if asked.deep is None or subject is None or not isinstance(answer, Accepted):
        return answer
    return _deeper(asked.deep, path, subject, answer)


def _subject(path: Path, raw: bytes, asked: Asked, hashes: dict[str, Path]) -> Path | None:
    if len(asked.subjects) == 1:
        return Path(asked.subjects[0])
    if raw.startswith(MAGIC):
        about = [subject for subject in hashes.values() if is_about(raw, subject.read_bytes())]
        return about[0] if about else find_subject(raw, path)
    named = [subject for sha256, subject in hashes.items() if f'"sha256":"{sha256}"'.encode() in raw]
    return named[0] if named else find_subject(raw, path)


def _deeper(deep: Deep, path: Path, subject: Path, answer: Accepted) -> Answer | _Deeper:
    from proofmark.deep_check import Different, NotMade, Same

    match deep.look(path, subject):
        case Same(how):
            return _Deeper(answer, how)
        case Different(reason):
            return Rejected(f"deep: {reason}")
        case NotMade(reason):
            return NotChecked(f"deep: {reason}")


def _status(answer: _Any) -> int:
    match answer:
        case Accepted() | _Deeper() | _Attested():
            return 0
        case Rejected():
            return 1
        case _Unreadable():
            return guard.BAD_INPUT
        case NotChecked():
            return 3
    assert_never(answer)


def _lines(checked: _Checked) -> tuple[str, ...]:
    name = visible(checked.certificate)
    match checked.answer:
        case Accepted(obligation, instance, subject, _, assumptions):
            head = f"accepted    {name}: {obligation} of {visible(subject)} ({visible(instance)})"
            return (head, *(f"            assuming {id_}: {visible(text, 600)}" for id_, _, text in assumptions))
        case _Deeper(answer, how):
            head, *rest = _lines(_Checked(checked.certificate, answer))
            return (head, f"            {how}", *rest)
        case _Attested(signed_by, proofs):
            return (f"accepted    {name}: {proofs} proofs, signed by {visible(signed_by)}",)
        case Rejected(reason):
            return (f"rejected    {name}: {visible(reason, 600)}",)
        case NotChecked(reason):
            return (f"not-checked {name}: {visible(reason, 600)}",)
        case _Unreadable(reason):
            return (f"error       {name}: {reason}",)
    assert_never(checked.answer)


def _json(checked: Sequence[_Checked]) -> bytes:
    value = {"format": FORMAT, "results": [_entry(one) for one in checked]}
    return json.dumps(value, indent=1).encode("ascii") + b"\n"


def _entry(checked: _Checked) -> dict[str, Any]:
    entry: dict[str, Any] = {"certificate": checked.certificate}
    match checked.answer:
        case Accepted(obligation, instance, subject, sha256, assumptions):
            listed = [{"id": id_, "about": about, "text": text} for id_, about, text in assumptions]
            return {
                **entry,
                "answer": "accepted",
                "obligation": obligation,
                "instance": instance,
                "subject": {"name": subject, "sha256": sha256},
                "assumptions": listed,
            }
        case _Deeper(answer, how):
            return {**_entry(_Checked(checked.certificate, answer)), "deep": how}
        case _Attested(signed_by, proofs):
            return {**entry, "answer": "accepted", "signed_by": signed_by, "proofs": proofs}
        case Rejected(reason):
            return {**entry, "answer": "rejected", "reason": reason}
        case NotChecked(reason):
            return {**entry, "answer": "not-checked", "reason": reason}
        case _Unreadable(reason):
            return {**entry, "answer": "unreadable", "reason": reason}
    assert_never(checked.answer)

"""`proofmark kit RUN`: one archive of all that holds now, that others check with Python alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from artifacts.kit.archive import Contents, Subject, kit
from artifacts.names import visible
from artifacts.safety.case_json import case_json
from artifacts.safety.states import Certified, State
from extract.errors import InputError
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.report_files import bad, read_report
from proofmark.safety_case_command import Asked, case_of, said, status_of
from proofmark.standing import hashes_of, subject_file
from proofmark.version import VERSION
from proofs.recheck.certificate import read_certificate
from proofs.recheck.graph_certificate import ClosedSet, NeededBy
from proofs.recheck.question import question_of


def run(asked: Asked, with_subjects: bool, out: Path, quiet: bool) -> int:
    """As `safety-case`: whatever does not hold is not in the kit, and said."""
    try:
        made, leaves = case_of(asked)
        holding = [one.standing.certificate for one in leaves if one.standing.state is State.HOLDS]
        certificates = [one for one in holding if one is not None]
        if not certificates:
            raise bad(asked.directory, "no certificate that holds")
        contents = _contents(asked, certificates, with_subjects, case_json(made, VERSION))
    except InputError as error:
        console.err(f"error: {error}")
        return guard.BAD_INPUT
    data = kit(contents, VERSION)
    try:
        write_atomically(out, data)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}; expected a file that can be written") from error
    if not quiet:
        console.results([said(one) for one in leaves if one.standing.state is not State.HOLDS], to_stderr=False)
        sha256 = hashlib.sha256(data).hexdigest()
        console.out(f"{visible(str(out))}: {len(certificates)} certificates, {len(data)} bytes, SHA-256 {sha256}\n")
    return status_of(made.state)


def _contents(asked: Asked, certificates: Sequence[Certified], with_subjects: bool, case: bytes) -> Contents:
    """Raises InputError if something changed since it was checked."""
    beside = asked.directory / "certificates"
    results = read_report(asked.directory)["results"]
    rows = {(one["subject"]["path"], one["obligation"], one["instance"]): one for one in results}
    known, read = hashes_of(asked.subjects), dict[str, Subject]()
    found, shared = [], dict[str, bytes]()
    for one in certificates:
        raw = _bytes(beside / one.file, one.sha256)
        subject = rows[one.about]["subject"]
        if subject["sha256"] not in read:
            path = subject_file(subject, beside, known)
            data = None if path is None or not with_subjects else _bytes(path, subject["sha256"])
            read[subject["sha256"]] = Subject(subject["name"], subject["bytes"], subject["sha256"], data)
        found.append((one, raw, read[subject["sha256"]]))
        shared |= {path.name: path.read_bytes() for path in _shared(beside, raw, asked.by_lrat)}
    return Contents(found, shared, case)


def _shared(beside: Path, certificate: bytes, by_lrat: bool) -> Iterator[Path]:
    """What an invariant's certificate was accepted with a moment ago."""
    evidence = read_certificate(certificate).evidence
    if isinstance(evidence, ClosedSet | NeededBy):
        return
    yield from (beside / one.file_name for one in (evidence.model, evidence.invariant))
    if by_lrat:
        asked = question_of(evidence, beside)
        yield from (beside / name for name in (asked.inductive_file, asked.excluded_file))


def _bytes(path: Path, sha256: str) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise bad(path, "other bytes than a moment ago")
    return data

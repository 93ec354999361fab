"""`proofmark ablate`: each certificate without one assumption, and without one clause of its invariant, at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from artifacts.ablation import SUFFIX, Ablation, decided, document, table
from artifacts.explore.json_reading import Node, read_json
from artifacts.names import visible
from extract.errors import InputError, WholeFile
from proofmark import console
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.run_models import ProgramAt
from proofmark.standing import hashes_of, subject_file
from proofmark.taken_apart import Apart
from proofs.ablation.left import Clock
from proofs.recheck import Accepted, NotChecked, Rejected, Session, recheck

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """`target`: a run, a directory of certificates, or one. `kinds`: of obligations; none named: all. `program`: of
    runtimes. `traces`: shown as well. `kept`: written beside each certificate.
    """

    target: Path
    kinds: tuple[str, ...]
    subjects: tuple[Path, ...]
    program: ProgramAt
    seconds: int
    megabytes: int
    traces: bool
    kept: bool


def run(asked: Asked, as_json: bool, quiet: bool) -> int:
    """0: every question is answered; 1: one is no certificate that is accepted; 2: unreadable; 3: something is not
    known, or nothing was asked. Raises InputError.
    """
    named = hashes_of(asked.subjects)
    paths, results = _certificates(asked.target)
    program = ProgramAt(asked.program.sources, asked.program.package, tuple({path.parent for path in paths}))
    clock = Clock.of(asked.seconds, asked.megabytes)
    found: list[Ablation] = []
    statuses = set()
    with Session() as session:
        apart = Apart(program, tuple(path for path in paths if path.is_file()), clock, session)
        for path in paths:
            certificate = read_json(path)
            if asked.kinds and certificate.child("obligation").value not in asked.kinds:
                continue
            subject = subject_file(_subject(certificate, results.get(path.name)), path.parent, named)
            match recheck(path.read_bytes(), subject, path.parent, session=session):
                case Accepted() if subject is not None:
                    ablation = apart.of(path, certificate, subject)
                    found.append(ablation)
                    _told(ablation, asked, as_json, quiet)
                case Rejected(reason):
                    statuses.add(1)
                    console.err(f"rejected    {visible(str(path))}: {visible(reason, 600)}")
                case NotChecked(reason):
                    statuses.add(3)
                    console.err(f"not-checked {visible(str(path))}: {visible(reason, 600)}")
    if as_json:
        console.out(json.dumps([document(one) for one in found], indent=1).encode("ascii") + b"\n")
    statuses.add(0 if decided(found) else 3)
    return next(status for status in (1, 3, 0) if status in statuses)


def _certificates(target: Path) -> tuple[list[Path], Mapping[str, Node]]:
    """And the results of the report that they are of, by the certificates' names. Raises InputError."""
    if not target.is_dir():
        return [target], {}
    report = target / REPORT
    if not report.is_file():
        found = sorted(target.glob("*.cert.json"))
        if not found:
            raise InputError(str(target), WholeFile(), "no certificate", "a run, or certificates")
        return found, {}
    results = [one for one in read_json(report).child("results").items() if one.has("certificate")]
    named = {Path(one.child("certificate").text()).name: one for one in results}
    return [target / "certificates" / name for name in named], named


def _subject(certificate: Node, result: Node | None) -> Mapping[str, str]:
    subject = certificate.child("subject")
    name = subject.child("name").text()
    path = name if result is None else result.child("subject").child("path").text()
    return {"name": name, "path": path, "sha256": subject.child("sha256").text()}


def _told(ablation: Ablation, asked: Asked, as_json: bool, quiet: bool) -> None:
    if asked.kept:
        directory = asked.target / "certificates" if (asked.target / REPORT).is_file() else asked.target
        place = directory if directory.is_dir() else directory.parent
        path = place / (ablation.certificate.removesuffix(".cert.json") + SUFFIX)
        try:
            write_atomically(path, json.dumps(document(ablation), indent=1).encode("ascii") + b"\n")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; expected to write there, or --no-keep") from error
    if not quiet:
        console.results([table(ablation, asked.traces)], to_stderr=as_json)

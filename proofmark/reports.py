"""The files of a run: reports in the formats asked for, and the certificates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from artifacts.attestation import BUNDLE, ENVELOPE
from artifacts.run import Run
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.trace_files import copy, write_traces
from proofs.kinds import POOL_KINDS, RuntimeKind
from proofs.verdicts import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proofmark.job import Outcome

Format = Literal["json", "sarif", "junit", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)

_FILES: dict[Format, str] = {
    "json": "report.json",
    "sarif": "proofmark.sarif",
    "junit": "junit.xml",
    "markdown": "summary.md",
}
_ATTESTATIONS = (f"attestation{ENVELOPE}", f"attestation{BUNDLE}")
_KINDS = "|".join(re.escape(kind.value) for kind in (*Kind, *POOL_KINDS, *RuntimeKind))
_OURS = re.compile(
    rf".+-[0-9a-f]{{12}}\.({_KINDS})(\.[0-9a-f]{{8}})?\.cert\.json|[0-9a-f]{{64}}\.(model|invariant)\.smt2"
)
"""What stands among the certificates under a name that we give."""


def rendered(run: Run, form: Format) -> bytes:
    """The run in a format."""
    match form:
        case "json":
            from artifacts.report import report

            return report(run)
        case "sarif":
            from artifacts.sarif import sarif

            return sarif(run)
        case "junit":
            from artifacts.junit import junit

            return junit(run)
        case "markdown":
            from artifacts.markdown import markdown

            return markdown(run).encode("utf-8")
    assert_never(form)


def prepare(directory: Path) -> None:
    """Makes the directory before any work is done for it. Raises UsageError."""
    try:
        (directory / "certificates").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(directory, error) from error


def write(directory: Path, run: Run, outcomes: Sequence[Outcome], formats: Iterable[Format]) -> None:
    """Writes all files, and removes the certificates of earlier runs, of our own naming only. Raises UsageError."""
    from artifacts.certificate import file_name
    from artifacts.runtime_certificate import texts_of

    certificates = directory / "certificates"
    written: set[str] = set()
    try:
        certificates.mkdir(parents=True, exist_ok=True)
        for outcome in outcomes:
            if outcome.certificate is not None:
                name = file_name(outcome.result)
                write_atomically(certificates / name, outcome.certificate)
                texts = {at: text for at, text in texts_of(outcome.result).items() if at not in written}
                for at, text in texts.items():
                    write_atomically(certificates / at, text)
                written |= {name, *texts}
                if outcome.subject_file is not None:
                    copy(Path(outcome.subject_file), certificates / outcome.result.subject.name)
        for old in certificates.iterdir():
            if old.name not in written and _OURS.fullmatch(old.name) and old.is_file():
                old.unlink()
        for of_an_earlier_run in _ATTESTATIONS:
            (directory / of_an_earlier_run).unlink(missing_ok=True)
        write_traces(directory, outcomes)
        for form in formats:
            write_atomically(directory / _FILES[form], rendered(run, form))
    except OSError as error:
        raise _unwritable(directory, error) from error


def _unwritable(directory: Path, error: OSError) -> UsageError:
    return UsageError(f"--out {directory}: {error.strerror}; expected a directory that can be written")

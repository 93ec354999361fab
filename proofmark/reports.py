"""The files of a run: reports in the formats asked for, and the certificates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from artifacts.run import Run
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofs.kinds import PoolKind, RuntimeKind
from proofs.verdicts import Kind, Refuted, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofmark.job import Outcome

Format = Literal["json", "sarif", "junit", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)

_FILES: dict[Format, str] = {
    "json": "report.json",
    "sarif": "proofmark.sarif",
    "junit": "junit.xml",
    "markdown": "summary.md",
}
_KINDS = "|".join(re.escape(kind.value) for kind in (*Kind, *PoolKind, *RuntimeKind))
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


def write(directory: Path, run: Run, outcomes: Iterable[Outcome], formats: Iterable[Format]) -> None:
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
                    _copy(Path(outcome.subject_file), certificates / outcome.result.subject.name)
        for old in certificates.iterdir():
            if old.name not in written and _OURS.fullmatch(old.name) and old.is_file():
                old.unlink()
        _write_traces(directory / "traces", run)
        for form in formats:
            write_atomically(directory / _FILES[form], rendered(run, form))
    except OSError as error:
        raise _unwritable(directory, error) from error


def _write_traces(directory: Path, run: Run) -> None:
    """Every state of each counterexample of a runtime."""
    found = [(one, one.verdict.trace) for one in run.results if isinstance(one.verdict, Refuted)]
    violations = [(one, trace.trace) for one, trace in found if isinstance(trace, Violation)]
    if not violations:
        return
    from artifacts.certificate import file_name
    from artifacts.itf import itf

    directory.mkdir(exist_ok=True)
    for result, trace in violations:
        name = file_name(result).removesuffix("cert.json") + "itf.json"
        write_atomically(directory / name, json.dumps(itf(trace), indent=1).encode() + b"\n")


def _copy(source: Path, target: Path) -> None:
    """The MIR text beside the certificates about it, where the checker looks for it."""
    data = source.read_bytes()
    if not target.is_file() or target.read_bytes() != data:
        write_atomically(target, data)


def _unwritable(directory: Path, error: OSError) -> UsageError:
    return UsageError(f"--out {directory}: {error.strerror}; expected a directory that can be written")

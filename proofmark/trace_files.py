"""What stands beside a run's report so that its counterexamples can be explored anywhere: every state of each, the MIR,
and the files of Rust that they pass through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from proofmark.files import write_atomically
from proofs.verdicts import Refuted, Violation

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofs.runtime.trace import RuntimeTrace


def write_traces(directory: Path, outcomes: Iterable[Outcome]) -> None:
    """`directory`: of the run. Raises OSError."""
    for outcome in outcomes:
        match outcome.result.verdict:
            case Refuted(Violation(trace, _)):
                _write(directory, outcome, trace)
            case _:
                pass


def _write(directory: Path, outcome: Outcome, trace: RuntimeTrace) -> None:
    from artifacts.certificate import file_name
    from artifacts.itf import itf

    (directory / "traces").mkdir(exist_ok=True)
    name = file_name(outcome.result).removesuffix("cert.json") + "itf.json"
    write_atomically(directory / "traces" / name, json.dumps(itf(trace), indent=1).encode() + b"\n")
    if outcome.subject_file is not None:
        copy(Path(outcome.subject_file), directory / "certificates" / outcome.result.subject.name)
    build = outcome.result.subject.build
    if build is not None and outcome.source_directory is not None:
        kept = directory / "sources" / build.sources_sha256[:16]
        for file in _files(trace):
            source = Path(outcome.source_directory) / file
            if source.is_file():
                (kept / file).parent.mkdir(parents=True, exist_ok=True)
                copy(source, kept / file)


def _files(trace: RuntimeTrace) -> Iterable[PurePosixPath]:
    """The files of the crate itself that a trace passes through: MIR names them from its directory."""
    places = [event.where for step in trace.steps for event in step.events]
    for name in dict.fromkeys(place.source.partition(":")[0] for place in (*places, trace.where) if place is not None):
        path = PurePosixPath(name)
        if not path.is_absolute() and ".." not in path.parts:
            yield path


def copy(source: Path, target: Path) -> None:
    """The same bytes, written only where others stand."""
    data = source.read_bytes()
    if not target.is_file() or target.read_bytes() != data:
        write_atomically(target, data)

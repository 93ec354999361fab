"""`proofmark explain`: why a goal is reachable; how a runtime breaks an obligation, or what its proofs rest on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never

from artifacts.run import exit_status
from proofmark import console, guard
from proofmark.cache import CachedProver
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.job import Job
from proofmark.plan import DEFAULT_KINDS, expected_of
from proofmark.progress import Progress
from proofmark.run import run_jobs
from proofmark.scheduler import InProcess
from proofmark.worker import prove
from proofs.verdicts import Kind, Proved, Refuted, Result

if TYPE_CHECKING:
    from proofmark.asked_runtimes import AskedRuntimes

Picture = Literal["text", "dot", "svg"]


def run(path: str, kind: Kind | None, roots: tuple[str, ...], form: Picture, output: Path | None) -> int:
    """Explains one file; a picture shows one obligation, the first that is refuted unless one is asked for."""
    if kind is Kind.NO_ALLOC_PATH and not roots:
        raise UsageError("--obligation no-alloc-path needs --root NAME, the function that must not allocate")
    job = Job(path, (kind,) if kind else DEFAULT_KINDS, roots)
    finished = run_jobs((job,), expected_of((job,)), CachedProver(prove), InProcess(), Progress(None, 1))
    for error in finished.run.errors:
        console.err(f"error: {error}")
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    if finished.interrupted:
        return guard.INTERRUPTED
    if finished.run.results:
        _show(_drawn(finished.run.results, form), output)
    return exit_status(finished.run)


def run_runtimes(asked: AskedRuntimes, output: Path | None) -> int:
    """Every result that was asked for by its obligation; else what is not proved, and how much is."""
    from artifacts.runtime_explained import explained
    from artifacts.text import all_lines
    from proofmark.asked import Asked
    from proofmark.prove_command import proved

    _, finished = proved(Asked(runtimes=asked))
    for error in finished.run.errors:
        console.err(f"error: {error}")
    for warning in finished.warnings:
        console.err(f"warning: {warning}")
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    if finished.interrupted:
        return guard.INTERRUPTED
    results = finished.run.results
    if results:
        overview = "" if asked.kinds else "".join("\n".join(block) + "\n\n" for block in all_lines(results))
        shown = [one for one in results if asked.kinds or not isinstance(one.verdict, Proved)]
        _show(overview + "\n".join(map(explained, shown)), output)
    return exit_status(finished.run)


def _drawn(results: tuple[Result, ...], form: Picture) -> str:
    refuted = [result for result in results if isinstance(result.verdict, Refuted)]
    shown = (refuted or list(results))[0]
    match form:
        case "text":
            from artifacts.text import explain_text

            return "\n".join(explain_text(result) for result in results)
        case "dot":
            from artifacts.dot import dot

            return dot(shown)
        case "svg":
            from artifacts.svg import svg

            return svg(shown)
    assert_never(form)


def _show(text: str, output: Path | None) -> None:
    if output is None or str(output) == "-":
        console.out(text)
        return
    try:
        write_atomically(output, text.encode("utf-8", sys.getfilesystemencodeerrors()))
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}; expected a file that can be written") from error

"""`proofmark prove`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.run import Expected, Run, exit_status
from extract.errors import InputError
from proofmark import console, guard, reports
from proofmark.asked import Asked, check_options
from proofmark.errors import UsageError
from proofmark.planning import Plan, plan_of
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs
from proofmark.scheduler import Backend, Cluster, InProcess, Processes
from proofmark.version import VERSION
from proofmark.worker import Prover, prove

if TYPE_CHECKING:
    from proofmark.attesting import Signer


def run(asked: Asked) -> int:
    """Proves, reports, and gives back the exit status."""
    signers = _signers(asked)
    return _report(asked, *proved(asked), signers)


def _signers(asked: Asked) -> list[Signer]:
    """Before anything is proved: keys and roots that cannot be read are known then. Raises UsageError."""
    signers: list[Signer] = []
    if asked.sign:
        from proofmark.key_files import read_signer  # of signatures only

        signers.append(read_signer(asked.sign))
    if asked.sigstore:
        from proofmark.keyless import KeylessSigner, read_trust  # of keyless signatures only

        signers.append(KeylessSigner(read_trust(asked.sigstore_config)))
    return signers


def proved(asked: Asked) -> tuple[Path | None, Finished]:
    """What came of it, and the directory for the reports."""
    check_options(asked)
    try:
        plan = plan_of(asked)
    except InputError as error:
        nothing = Run(VERSION, "incomplete", (), (), (), (str(error),), Path.cwd())
        return asked.out, Finished(nothing, (), (), (), (error,), False)
    if plan.out:
        reports.prepare(plan.out)
    elif asked.embed or asked.sign or asked.sigstore:
        raise UsageError("--embed, --sign and --sigstore need --out DIR, where their files are written")
    progress = Progress(None if asked.quiet else sys.stderr, len(plan.jobs))
    finished = run_jobs(plan.jobs, plan.expected, _prover(asked), _backend(asked, plan), progress)
    return plan.out, _with(finished, plan)


def _with(finished: Finished, plan: Plan) -> Finished:
    """What the plan already knew stands beside what came of its jobs."""
    refused = (*plan.refused, *finished.refused)
    warnings = tuple(dict.fromkeys((*plan.warnings, *finished.warnings)))
    errors = tuple(dict.fromkeys(str(error) for error in refused))
    run = replace(finished.run, errors=errors, warnings=plan.warnings)
    if plan.joins:
        from proofmark.pool_joins import join_all  # of joins only

        run = replace(run, joins=join_all(plan.joins, plan.jobs, run.results))
    return replace(finished, run=run, refused=refused, warnings=warnings)


def _prover(asked: Asked) -> Prover:
    if not asked.cached:
        return prove
    from proofmark.cache import CachedProver

    return CachedProver(prove)


def _backend(asked: Asked, plan: Plan) -> Backend:
    if asked.scheduler:
        return Cluster(asked.scheduler)
    workers = plan.workers or os.cpu_count() or 1
    return InProcess() if min(workers, len(plan.jobs)) <= 1 else Processes(workers)


def _report(asked: Asked, out: Path | None, finished: Finished, signers: list[Signer]) -> int:
    if not asked.quiet:
        _say_results(finished, to_stderr=asked.on_stdout is not None)
    for error in finished.run.errors:
        console.err(f"error: {error}")
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    if finished.interrupted:
        console.err("interrupted: the report holds what was reached")
    if out:
        reports.prepare(out)
        reports.write(out, finished.run, finished.outcomes, asked.formats)
        if asked.embed:
            from proofmark.embedding import write_embedded  # of --embed only

            for line in write_embedded(out, finished.outcomes):
                console.err(f"warning: {line}")
        if signers:
            _attest(out, finished, signers)
    if asked.on_stdout:
        console.out(reports.rendered(finished.run, asked.on_stdout))
    return guard.INTERRUPTED if finished.interrupted else exit_status(finished.run)


def _attest(out: Path, finished: Finished, signers: list[Signer]) -> None:
    """Only a run in which everything was proved is signed."""
    from proofmark.attesting import write_attestation

    if exit_status(finished.run) == 0 and not finished.interrupted:
        for signer in signers:
            write_attestation(out, finished.outcomes, signer)
    else:
        console.err("warning: not signed: not everything was proved")


def _say_results(finished: Finished, to_stderr: bool) -> None:
    from artifacts.joins import join_lines
    from artifacts.text import all_lines

    console.results(all_lines(finished.run.results), to_stderr)
    console.results(map(join_lines, finished.run.joins), to_stderr)
    for warning in finished.warnings:
        console.err(f"warning: {warning}")
    said = {error.file for error in finished.refused}
    _say_missing([wanted for wanted in finished.run.missing if wanted.subject_path not in said])


def _say_missing(missing: Sequence[Expected]) -> None:
    from artifacts.names import visible

    for wanted in missing:
        console.err(f"missing: {wanted.obligation} of {visible(wanted.subject_path)} ({wanted.instance}) has no result")

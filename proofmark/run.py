"""Jobs to one Run: what was asked for, what came back, in the order of the jobs, whatever ended first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.run import Expected, Run, RunState, missing_of, verdict_word
from extract.errors import InputError
from proofmark.progress import Progress
from proofmark.scheduler import Backend, attempts
from proofmark.version import VERSION
from proofmark.worker import Attempt, Done, Faulted, Lost, Prover, Refused

if TYPE_CHECKING:
    from proofmark.job import Outcome
    from proofmark.jobs import AnyJob


@dataclass(frozen=True, slots=True)
class Finished:
    """A run and what belongs to it: the outcomes with their certificates, and what the user is told besides.

    `faults`: our own, each with its traceback. `refused`: bad input. `interrupted`: by the user.
    """

    run: Run
    outcomes: tuple[Outcome, ...]
    warnings: tuple[str, ...]
    faults: tuple[Faulted, ...]
    refused: tuple[InputError, ...]
    interrupted: bool


@dataclass(slots=True)
class _Tally:
    answers: dict[int, Attempt] = field(default_factory=dict)
    interrupted: bool = False


def run_jobs(
    jobs: Sequence[AnyJob], expected: Sequence[Expected], prover: Prover, backend: Backend, progress: Progress
) -> Finished:
    """Runs every job. An interrupt ends it early, with what has been reached; nothing else does."""
    tally = _Tally()
    try:
        with closing(attempts(jobs, prover, backend)) as answers:
            progress.start([job.label for job in jobs])
            for number, answer in answers:
                tally.answers[number] = answer
                progress.end(jobs[number].label, summary(answer))
                progress.start([job.label for n, job in enumerate(jobs) if n not in tally.answers])
    except KeyboardInterrupt:
        tally.interrupted = True
    progress.clear()
    return _finished(jobs, expected, tally)


def summary(answer: Attempt) -> str:
    """An attempt in a few words."""
    match answer:
        case Done(outcomes, _, cached):
            counts = Counter(verdict_word(outcome.result.verdict) for outcome in outcomes)
            words = ", ".join(f"{count} {word}" for word, count in counts.items()) or "no result"
            return f"{words} (cached)" if cached else words
        case Refused():
            return "bad input"
        case Faulted(text):
            return f"fault: {text}"
        case Lost(why):
            return f"lost: {why}"


def _finished(jobs: Sequence[AnyJob], expected: Sequence[Expected], tally: _Tally) -> Finished:
    outcomes: list[Outcome] = []
    warnings: list[str] = []
    refused: list[InputError] = []
    faults: list[Faulted] = []
    state: RunState = "incomplete" if tally.interrupted else "complete"
    for number, job in enumerate(jobs):
        match tally.answers.get(number):
            case Done(reached, told):
                outcomes.extend(reached)
                warnings.extend(told)
            case Refused(error):
                refused.append(error)
            case Faulted() as fault:
                faults.append(fault)
            case Lost(why):
                warnings.append(f"{job.label}: no result, its worker was lost: {why}")
                state = "incomplete"
            case None:
                state = "incomplete"
    results = tuple(outcome.result for outcome in outcomes)
    run = Run(
        tool_version=VERSION,
        run_state="failed" if faults else state,
        results=results,
        expected=tuple(expected),
        missing=missing_of(expected, results),
        errors=tuple(dict.fromkeys(str(error) for error in refused)),
        base=Path.cwd(),
    )
    return Finished(
        run, tuple(outcomes), tuple(dict.fromkeys(warnings)), tuple(faults), tuple(refused), tally.interrupted
    )

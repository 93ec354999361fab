"""One run as a whole: what was asked for, what came of it, and the exit status that says so to a shell."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never

from proofs.pool_join import Join
from proofs.verdicts import Bounded, Proved, Refuted, Result, Unknown, Vacuous, Verdict

RunState = Literal["complete", "incomplete", "failed"]
"""All was tried; something was cut short (interrupt, lost worker); a fault of our own ended the run."""


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """An obligation that a manifest or command line asks for; `instance` None: whichever instance."""

    subject_path: str
    obligation: str
    instance: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that the files in this room are made from.

    `errors`: bad input, each with file, position and what was expected. `base`: the directory that paths in reports
    are relative to (the root of the repository, for code scanning). `warnings`: what a reader must know besides.
    `joins`: of pools of a crate with those of modules.
    """

    tool_version: str
    run_state: RunState
    results: tuple[Result, ...]
    expected: tuple[Expected, ...]
    missing: tuple[Expected, ...]
    errors: tuple[str, ...]
    base: Path
    warnings: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()


VerdictWord = Literal["proved", "refuted", "bounded", "unknown", "vacuous"]


def verdict_word(verdict: Verdict) -> VerdictWord:
    """The verdict in a word, as every file writes it."""
    match verdict:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Bounded():
            return "bounded"
        case Unknown():
            return "unknown"
        case Vacuous():
            return "vacuous"
    assert_never(verdict)


def missing_of(expected: Iterable[Expected], results: Iterable[Result]) -> tuple[Expected, ...]:
    """Those of `expected` that no result answers: same path as written, obligation, and instance if asked."""
    there: set[Expected] = set()
    for result in results:
        there.add(Expected(result.subject.path, result.kind.value, None))
        there.add(Expected(result.subject.path, result.kind.value, result.instance))
    return tuple(wanted for wanted in expected if wanted not in there)


def in_order(results: Iterable[Result]) -> tuple[Result, ...]:
    """The order of every file that lists results, however the work was spread."""
    return tuple(sorted(results, key=lambda r: (r.subject.path, r.kind.value, r.instance, r.subject.sha256)))


def expected_in_order(expected: Iterable[Expected]) -> tuple[Expected, ...]:
    """The order of every file that lists expectations."""
    return tuple(sorted(expected, key=lambda e: (e.subject_path, e.obligation, e.instance or "")))


def exit_status(run: Run) -> int:
    """0 all proved; 1 something refuted; 2 bad input; 3 anything less than a proof; 4 a fault of our own; 5 two
    ends of a pool do not agree.

    The worst counts, in the order 4, 2, 1, 5, 3, 0. A run without results, or one cut short, is never 0.
    """
    words = {verdict_word(result.verdict) for result in run.results}
    if run.run_state == "failed":
        return 4
    if run.errors:
        return 2
    if "refuted" in words:
        return 1
    if any(join.findings for join in run.joins):
        return 5
    if not all(join.holds for join in run.joins):
        return 3
    if words != {"proved"} or run.missing or run.run_state != "complete":
        return 3
    return 0


def relative_path(run: Run, path: str) -> str:
    """`path` below the base directory, with `/`; what lies outside loses its `..`, so that it never leads out."""
    absolute = os.path.join(run.base, path)
    parts = Path(os.path.relpath(absolute, run.base)).parts
    kept = [part for part in parts if part not in ("..", os.path.sep)]
    return "/".join(kept) or "."

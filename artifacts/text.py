"""Plain text for terminals: a few lines for each result, and why a goal is reachable, like a profiler's call path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

from artifacts import sentences
from artifacts.names import visible
from artifacts.run import verdict_word
from proofs.kinds import PoolKind, RuntimeKind
from proofs.verdicts import Path, Proved, Reach, Refuted, Result, Trace, Vestiges, Violation

LISTED = 40
"""Longest list of names on a terminal; what is left out is counted."""


def result_lines(result: Result) -> tuple[str, ...]:
    """The verdict in a line, why in a second, and a line for each assumption."""
    head = f"{verdict_word(result.verdict):<8} {result.kind.value:<17} {visible(result.subject.path)}"
    lines = [f"{head} ({visible(result.instance)}) {result.seconds:.2f} s", f"         {sentences.reason(result)}"]
    if isinstance(result.verdict, Proved):
        lines += [f"         assuming {a.id}: {visible(a.text, 600)}" for a in sorted(result.verdict.assumptions)]
    return tuple(lines)


def all_lines(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    """A block for each result; of a runtime, for each operation; of a pool, for each host."""
    for many, group in groupby(results, key=lambda one: isinstance(one.kind, RuntimeKind | PoolKind)):
        if many:
            from artifacts.runtime_text import operation_blocks

            yield from operation_blocks(group)
        else:
            yield from (result_lines(one) for one in group)


def explain_text(result: Result) -> str:
    """Why the verdict is what it is, at length; ends with a new line."""
    lines = list(result_lines(result))
    if isinstance(result.verdict, Refuted):
        lines += ["", *trace_lines(result.verdict.trace)]
    return "\n".join(lines) + "\n"


def trace_lines(trace: Trace) -> tuple[str, ...]:
    """A trace, line by line."""
    match trace:
        case Reach():
            return _reach_lines(trace)
        case Vestiges():
            return _vestiges_lines(trace)
        case Violation():
            from artifacts.runtime_trace import trace_text  # of runtimes only

            said = sentences.native(trace.confirmation)
            return (*trace_text(trace.trace).splitlines(), said)
    assert_never(trace)


def _reach_lines(reach: Reach) -> tuple[str, ...]:
    lines: list[str] = []
    for number, path in enumerate(reach.paths, 1):
        lines += [f"path {number} of {len(reach.paths)}: from {visible(path.root)}", *path_lines(path), ""]
    lines += [f"entries that reach the goal: {len(reach.entries)}", *listed(reach.entries)]
    lines += [f"smallest cut: {sentences.cut(reach.cut)}", f"replay: {sentences.confirmation(reach.confirmation)}"]
    return tuple(lines)


def path_lines(path: Path) -> tuple[str, ...]:
    """A step each, and how it is made."""
    width = len(str(len(path.steps)))
    lines = []
    for number, step in enumerate(path.steps):
        arrow = "  " if number == 0 else "→ " if number < len(path.steps) - 1 else "⇒ "
        lines.append(f"  {number:>{width}} {arrow}{visible(step.function)}")
        lines.append(f"  {'':>{width}}   {sentences.how(step)}")
    return tuple(lines)


def _vestiges_lines(vestiges: Vestiges) -> tuple[str, ...]:
    lines: list[str] = []
    for export in vestiges.exports:
        lines += [sentences.vestige(export), *listed(export.keeps_alive), ""]
    size = f"{sentences.count(vestiges.functions, 'function')}, {sentences.count(vestiges.code_bytes, 'code byte')}"
    grows = "every memory.grow among them" if vestiges.grow_dies else "memory.grow not among them"
    return (*lines, f"removing all of them frees {size}, {grows}")


def listed(names: tuple[str, ...]) -> tuple[str, ...]:
    """`names`, one a line, up to `LISTED`; and how many are left out."""
    shown = [f"  {visible(name)}" for name in names[:LISTED]]
    left = len(names) - len(shown)
    return (*shown, f"  … and {left} more") if left > 0 else tuple(shown)

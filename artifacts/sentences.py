"""What a verdict comes to, in a sentence or a few: the same words in every file for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from artifacts.names import visible
from proofs import buffer_wording, pool_wording, runtime_wording, statics_wording, wording
from proofs.kinds import PoolKind, RuntimeKind
from proofs.pool_verdicts import BufferInvariant, Replayed, StaticsInvariant
from proofs.verdicts import (
    AnyKind,
    Bounded,
    ClosedSet,
    Confirmation,
    Confirmed,
    ConfirmedNatively,
    Cut,
    Evidence,
    NotConfirmed,
    Path,
    Proved,
    Reach,
    Refuted,
    Result,
    Step,
    Trace,
    Unknown,
    Vacuous,
    Vestiges,
    VestigialExport,
    Violation,
)
from smt_models.runtime.outcomes import Where

_IMPL = re.compile(r"<impl at [^>]*>::")

FEW = 8
"""Most names in one sentence."""

SENTENCE_LIMIT = 2000
"""Longest reason, in characters, that a report carries."""


def reason(result: Result) -> str:
    """Why the verdict is what it is."""
    verdict = result.verdict
    match verdict:
        case Proved(evidence):
            return _claim(result.kind, evidence)
        case Refuted(trace):
            return trace_reason(trace)
        case Bounded():
            return f"holds up to depth {verdict.depth}, no further: {visible(verdict.reason, SENTENCE_LIMIT)}"
        case Unknown():
            return visible(verdict.reason, SENTENCE_LIMIT)
        case Vacuous():
            return f"nothing to prove: {visible(verdict.why, SENTENCE_LIMIT)}"
    assert_never(verdict)


def _claim(kind: AnyKind, evidence: Evidence) -> str:
    if isinstance(kind, PoolKind) and isinstance(evidence, StaticsInvariant):
        return statics_wording.claim(kind)
    if isinstance(kind, PoolKind) and isinstance(evidence, BufferInvariant):
        return buffer_wording.claim(kind)
    if isinstance(kind, PoolKind):
        return pool_wording.claim(kind)
    if isinstance(kind, RuntimeKind):
        return runtime_wording.claim(kind)
    if isinstance(evidence, ClosedSet):
        return wording.claim(kind, evidence.root_names is not None, evidence.goal_names)
    return wording.claim(kind, by_name=False)


def trace_reason(trace: Trace) -> str:
    """What refutes the obligation."""
    match trace:
        case Reach():
            return reach_reason(trace)
        case Vestiges():
            return vestiges_reason(trace)
        case Violation():
            return violation_reason(trace)
    assert_never(trace)


def violation_reason(violation: Violation) -> str:
    """What is broken, where, after how many steps, and whether a run of the crate itself confirmed it."""
    trace = violation.trace
    steps = " → ".join(step.action for step in trace.steps[:FEW])
    more = f" → … ({len(trace.steps)} steps)" if len(trace.steps) > FEW else ""
    at = "" if trace.where is None else f", at {place(trace.where)}"
    return visible(
        f"{trace.why}{at}; after {steps}{more}; {native(violation.confirmation)}",
        SENTENCE_LIMIT,
    )


def native(said: ConfirmedNatively | Replayed | NotConfirmed) -> str:
    """What a run of the crate or module itself said."""
    match said:
        case ConfirmedNatively() | Replayed():
            return confirmation(said)
        case NotConfirmed():
            return f"not confirmed by a run of the crate itself: {visible(said.why, SENTENCE_LIMIT)}"


def place(where: Where | None) -> str:
    """The line of Rust first: that is what a reader looks for."""
    return "no place" if where is None else f"{where.source} ({_IMPL.sub('', where.function)} bb{where.block})"


def reach_reason(reach: Reach) -> str:
    """From where the goal is reached, over how many calls, and whether a run confirmed it."""
    said = confirmation(reach.confirmation)
    if not reach.paths:
        return f"the goal is reached; {said}"
    shortest = min(reach.paths, key=lambda path: len(path.steps))
    others = len(reach.paths) - 1
    more = "" if not others else f", and {count(others, 'other root reaches', 'other roots reach')} it"
    route = f"{visible(shortest.root)} reaches {goal(shortest)} in {count(max(len(shortest.steps) - 1, 0), 'step')}"
    return f"{route}{more}; {said}"


def vestiges_reason(vestiges: Vestiges) -> str:
    """How many reallocs nothing needs, and what goes with them."""
    exports = few([export.name for export in vestiges.exports]) if vestiges.exports else "a realloc"
    size = f"{count(vestiges.functions, 'function')}, {count(vestiges.code_bytes, 'code byte')}"
    grows = "every memory.grow among them" if vestiges.grow_dies else "memory.grow not among them"
    return f"nothing needs {exports}; with {'it' if len(vestiges.exports) == 1 else 'them'} go {size}, {grows}"


def goal(path: Path) -> str:
    """The name of the goal of a path."""
    return visible(path.steps[-1].function) if path.steps else "the goal"


def confirmation(said: Confirmation) -> str:
    """What replay said: never more than it saw."""
    match said:
        case Confirmed():
            arguments = ", ".join(str(argument) for argument in said.arguments)
            times = "" if said.calls == 1 else f" (call {said.calls})"
            return (
                f"confirmed with {visible(said.export)}({arguments}){times} "
                f"pages {said.pages_before}→{said.pages_after} ({visible(said.how, SENTENCE_LIMIT)})"
            )
        case ConfirmedNatively():
            return f"confirmed by a run of the crate itself: {visible(said.how, SENTENCE_LIMIT)}"
        case Replayed():
            return f"confirmed by a run of the module itself: {visible(said.how, SENTENCE_LIMIT)}"
        case NotConfirmed():
            return f"not confirmed within the budget: {visible(said.why, SENTENCE_LIMIT)}"
    assert_never(said)


def step(one: Step) -> str:
    """One step of a path in a line: the function, how it is reached, where, and by which rule."""
    return f"{visible(one.function)}: {how(one)}"


def how(one: Step) -> str:
    """How a step is reached, where, and by which rule."""
    place = "" if one.offset is None else f" at offset 0x{one.offset:x}"
    rule = f" [{visible(one.rule)}]" if one.rule else ""
    return f"{visible(one.action)}{place}{rule}"


def cut(smallest: Cut | None) -> str:
    """What to remove so that no root reaches the goal."""
    if smallest is None:
        return "no cut as small as the limit of the search"
    edges = [f"{visible(caller, 120)} → {visible(callee, 110)}" for caller, callee in smallest.edges]
    exports = [visible(name) for name in smallest.exports]
    ways = []
    if edges:
        ways.append(f"the {'call' if len(edges) == 1 else 'calls'} {few(edges)}")
    if exports:
        ways.append(f"the {'root' if len(exports) == 1 else 'roots'} {few(exports)}")
    return "remove " + ", or ".join(ways) if ways else "nothing to cut"


def vestige(export: VestigialExport) -> str:
    """What one realloc that nothing needs alone keeps alive."""
    others = count(len(export.keeps_alive), "other function")
    goes = f"{count(export.functions, 'function')}, {count(export.code_bytes, 'code byte')}"
    grows = "every memory.grow goes with it" if export.grow_dies else "memory.grow does not go with it alone"
    return f"{visible(export.name)} alone keeps alive {others}; {goes} in all; {grows}"


def few(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    rest = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(visible(name) for name in names[:FEW]) + rest


def count(number: int, one: str, many: str | None = None) -> str:
    """`number` with its noun in singular or plural."""
    return f"{number} {one if number == 1 else many or one + 's'}"

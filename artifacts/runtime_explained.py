"""A result about a runtime at length: the trace against it, or all that the proof rests on."""

from __future__ import annotations

from collections.abc import Iterator

from artifacts import sentences
from artifacts.names import visible
from artifacts.run import verdict_word
from artifacts.runtime_certificate import texts_of
from artifacts.runtime_controls import controls_of
from artifacts.runtime_trace import trace_text
from proofs.runtime_verdicts import Blocks, Control, Invariant
from proofs.verdicts import Assumption, Proved, Refuted, Result, Violation

LONG = 600
"""Longest text in one line, in characters."""


def explained(result: Result) -> str:
    """Ends with a new line."""
    head = f"{verdict_word(result.verdict)} {result.kind.value} of {visible(result.subject.path)}"
    lines = [head, f"  {visible(result.instance)}", f"  {sentences.reason(result)}"]
    match result.verdict:
        case Refuted(Violation(trace, confirmation)):
            lines += ["", *trace_text(trace).splitlines(), sentences.native(confirmation)]
        case Proved(Invariant() as evidence, assumptions):
            lines += _proof(result, evidence, assumptions)
        case _:
            pass
    return "\n".join(lines) + "\n"


def _proof(result: Result, evidence: Invariant, assumptions: tuple[Assumption, ...]) -> Iterator[str]:
    yield from ("", "the proof: an invariant of", *(f"  {name}" for name in texts_of(result)))
    yield f"it excludes {', '.join(evidence.excluded)}"
    yield from ("", "taken on faith:")
    for taken in assumptions:
        if taken.id not in ("library", "contract"):
            yield f"  {taken.about if taken.id == 'hypothesis' else taken.id}: {visible(taken.text, LONG)}"
    yield "  functions that were not executed do what is said of them:"
    for one in evidence.trusted:
        yield f"    {visible(one.name)}: {visible(one.meaning, LONG) or 'by contract'}"
    yield from ("", f"executed: {_counted(evidence.covered)}; not reached in them: {_counted(evidence.uncovered)}")
    for left in evidence.uncovered:
        yield f"  {visible(left.function)}: {_numbers(left)}"
    yield from _controls(controls_of(result))


def _counted(blocks: tuple[Blocks, ...]) -> str:
    many = sum(len(one.numbers) for one in blocks)
    return f"{sentences.count(many, 'block')} of {sentences.count(len(blocks), 'function')}"


def _numbers(blocks: Blocks) -> str:
    return ", ".join(f"bb{number}" for number in blocks.numbers)


def _controls(controls: tuple[Control, ...]) -> Iterator[str]:
    if controls:
        yield from ("", "without one step:")
    for one in controls:
        said = f"breaks {', '.join(one.fails)}" if one.fails else one.undecided or "all stays proved"
        yield f"  {visible(one.step)} at {visible(sentences.place(one.where), LONG)}: {visible(said, LONG)}"

"""A runtime trace for people: the actions in order; what happened in each, where, by which rule; what it changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from artifacts.names import markdown_code, visible
from proofs.runtime.trace import RuntimeTrace, TraceEvent, TraceStep, Word
from smt_models.runtime.outcomes import Where

_IMPL = re.compile(r"<impl at [^>]*>::")
_LARGE = 1 << 16
LONG = 400
"""Longest text of one event, in characters."""


def trace_text(trace: RuntimeTrace) -> str:
    """Ends with a new line."""
    return "\n".join(_lines(trace)) + "\n"


def trace_markdown(trace: RuntimeTrace) -> str:
    """A table, a row for each step. Ends with a new line."""
    head = f"**{markdown_code(trace.obligation)}** {markdown_code(trace.why, LONG)} after {_steps(trace)}"
    lines = [head, "", "| step | who | action | what happens | state |", "|---|---|---|---|---|"]
    for step in trace.steps:
        events = "<br>".join(markdown_code(one, LONG) for one in map(_event, step.events))
        changes = "<br>".join(markdown_code(one, LONG) for one in _changes(step))
        lines.append(f"| {step.number} | {step.actor.value} | {markdown_code(step.action)} | {events} | {changes} |")
    return "\n".join(lines) + "\n"


def _steps(trace: RuntimeTrace) -> str:
    return "1 step" if len(trace.steps) == 1 else f"{len(trace.steps)} steps"


def _lines(trace: RuntimeTrace) -> Iterator[str]:
    yield f"{visible(trace.obligation)} after {_steps(trace)}: {visible(trace.why, LONG)}"
    if trace.where is not None:
        yield f"  at {_place(trace.where)}"
    if trace.constants:
        yield f"  with {', '.join(_word(one) for one in trace.constants)}"
    width = len(str(len(trace.steps)))
    for step in trace.steps:
        yield f"{step.number:>{width}}  {step.actor.value}: {visible(step.action)}"
        yield from (f"{'':>{width}}    {visible(_event(one), LONG)}" for one in step.events)
        yield from (f"{'':>{width}}    | {visible(one, LONG)}" for one in _changes(step))


def _event(event: TraceEvent) -> str:
    code = "" if event.code is None else f" → {_number(event.code)}"
    place = "" if event.where is None else f", at {_place(event.where)}"
    rule = f" [{event.citation}]" if event.citation else ""
    return f"{event.kind}: {_plain(event.text)}{code}{rule}{place}"


def _changes(step: TraceStep) -> tuple[str, ...]:
    before = dict(step.before)
    changed = ((name, before.get(name), value) for name, value in step.after)
    return tuple(f"{name}: {_value(old)} → {_value(new)}" for name, old, new in changed if old != new)


def _word(word: Word) -> str:
    return visible(f"{word[0]} = {_value(word[1])}")


def _value(value: bool | int | str | None) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return _number(value)
        case _:
            return str(value)


def _number(value: int) -> str:
    """Codes have their meaning in their bits."""
    return str(value) if value < _LARGE else f"0x{value:08x}"


def _plain(text: str) -> str:
    """Paths without where their impl stands, which the place says."""
    return _IMPL.sub("", text)


def _place(where: Where) -> str:
    return visible(f"{_plain(where.function)} bb{where.block} ({where.source})", LONG)

"""A view as Markdown for an issue: what is wrong, how it comes about, where, and by which rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from artifacts.explore.call_questions import Calls
from artifacts.explore.exports.mermaid import flow, sequence
from artifacts.explore.exports.ways import ways
from artifacts.explore.leases import VIOLATION
from artifacts.explore.listing import source_line
from artifacts.explore.model import CallView, Entry, Heading, TextView, TraceView, View
from artifacts.explore.summaries import life_words
from artifacts.names import markdown_code

_LONG = 600
_ITEMS = 200
_DIAGRAM = 20_000


def issue(view: View) -> str:
    """Ends with a new line."""
    return "\n".join((*_heading(view.heading), *_body(view))) + "\n"


def _heading(heading: Heading) -> Iterator[str]:
    yield f"### {markdown_code(heading.obligation)} {markdown_code(heading.verdict)}: {markdown_code(heading.subject)}"
    yield f"\n{markdown_code(heading.reason, 2000)}\n"
    for name, text in (("instance", heading.instance), *heading.facts):
        if text:
            yield f"- {markdown_code(name)}: {markdown_code(text, _LONG)}"
    yield f"- address: {markdown_code(heading.key)}\n"


def _body(view: View) -> Iterator[str]:
    match view:
        case TraceView():
            yield from _trace(view)
        case CallView():
            yield from _calls(view)
        case TextView():
            for section in view.sections:
                yield f"<details><summary>{markdown_code(section.title)} ({len(section.items)})</summary>\n"
                for text, more in section.items[:_ITEMS]:
                    yield f"- {markdown_code(text, _LONG)}{f' {markdown_code(more, _LONG)}' if more else ''}"
                if len(section.items) > _ITEMS:
                    yield f"- … and {len(section.items) - _ITEMS} more"
                yield "\n</details>\n"
        case _:
            assert_never(view)


def _trace(view: TraceView) -> Iterator[str]:
    yield "| step | who | action | what happens | what changes |\n|---|---|---|---|---|"
    for step in view.steps:
        told = [entry for entry in step.entries if entry.kind != "call"]
        events = "<br>".join(markdown_code(_told(entry), _LONG) for entry in told)
        changes = "<br>".join(
            markdown_code(f"{view.words[one.word].name}: {one.before} → {one.after}", _LONG) for one in step.changes
        )
        action = markdown_code(step.action, _LONG)
        yield f"| {step.number} | {markdown_code(step.actor)} | {action} | {events} | {changes} |"
    yield ""
    for block in view.blocks:
        yield f"- after the last step {markdown_code(life_words(block, -1), _LONG)}"
    yield from _line(view)
    yield from _diagram(sequence(view))


def _told(entry: Entry) -> str:
    sign = "✗ " if entry.kind == VIOLATION else ""
    code = f" → {entry.code}" if entry.code else ""
    rule = f" [{entry.citation}]" if entry.citation else ""
    place = f", at {entry.where.source}" if entry.where else ""
    return f"{sign}{entry.kind}: {entry.text}{code}{rule}{place}"


def _line(view: TraceView) -> Iterator[str]:
    """The lines around the violation."""
    place = source_line(view.where) if view.where else None
    for one in view.listing.rust.get(place[0], ()) if place else ():
        if place and one.first <= place[1] < one.first + len(one.lines):
            yield f"\n{markdown_code(place[0])}\n"
            for number, line in enumerate(one.lines, one.first):
                mark = "▶" if number == place[1] else " "
                yield f"    {mark} {number:>5} {line}"
            yield ""


def _calls(view: CallView) -> Iterator[str]:
    calls = Calls(view)
    left = calls.roots()
    yield f"{len(left)} roots reach {markdown_code(view.goal)}; {len(view.names)} functions are on the way.\n"
    every, cut = calls.on_every_path(left), calls.smallest_cut(left)
    for name, shown in (
        ("on every path", [view.names[one] for one in every.functions]),
        ("calls on every path", [f"{view.names[a]} → {view.names[b]}" for a, b in every.calls]),
        ("a smallest cut", [f"{view.names[a]} → {view.names[b]}" for a, b in cut or ()]),
    ):
        yield f"- {name}: {', '.join(markdown_code(one) for one in shown[:_ITEMS]) or 'none'}"
    for root in left[:1]:
        yield from _diagram(flow(ways(view, calls, root)))


def _diagram(text: str) -> Iterator[str]:
    """Left out where it is larger than what draws it takes."""
    if len(text) <= _DIAGRAM:
        yield f"\n```mermaid\n{text}```\n"

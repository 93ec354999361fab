"""Searching a view: texts that hold the words, whatever the case, each with the place where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import assert_never

from artifacts.explore.call_questions import search
from artifacts.explore.model import CallView, ShownStep, TextView, TraceView, View


@dataclass(frozen=True, slots=True)
class Hit:
    text: str
    place: Mapping[str, str]


def hits(view: View, words: str, most: int) -> list[Hit]:
    """The first of them; none for no words."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    match view:
        case CallView():
            return [Hit(view.names[one], {"function": str(one)}) for one in search(view, wanted, most)]
        case TraceView():
            found = chain.from_iterable(_of_step(view, step) for step in view.steps)
        case TextView():
            found = chain(_of_sections(view))
        case _:
            assert_never(view)
    return list(islice((hit for hit in found if wanted in hit.text.casefold()), most))


def _of_step(view: TraceView, step: ShownStep) -> Iterator[Hit]:
    here = {"step": str(step.number)}
    yield Hit(f"step {step.number}: {step.action}", here)
    for number, entry in enumerate(step.entries):
        where = "" if entry.where is None else f" {entry.where.source}"
        yield Hit(f"step {step.number}: {entry.text} {entry.citation}{where}", {**here, "entry": str(number)})
    for change in step.changes:
        yield Hit(f"step {step.number}: {view.words[change.word].name} {change.before} {change.after}", here)


def _of_sections(view: TextView) -> Iterator[Hit]:
    for number, section in enumerate(view.sections):
        for item, (text, more) in enumerate(section.items):
            yield Hit(f"{section.title}: {text} {more}", {"section": str(number), "item": str(item)})

"""An exploration as one JSON value, as the page reads it; small, since a page may not be large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from artifacts.explore.leases import VIOLATION
from artifacts.explore.model import (
    CallView,
    Entry,
    Exploration,
    Heading,
    Lane,
    Life,
    Listing,
    Section,
    ShownStep,
    TextView,
    TraceView,
    View,
)
from artifacts.explore.pool_drawing import pool_drawing
from artifacts.explore.summaries import SIGNS, cells_of, columns_of
from smt_models.runtime.outcomes import Where

FORMAT = "proofmark-exploration/1"

_LANES = {lane: number for number, lane in enumerate(Lane)}
_LIVES = {life: number for number, life in enumerate(Life)}


def document(exploration: Exploration, held: Mapping[str, Any] | None) -> dict[str, Any]:
    """Sections that proofs share stand once. `held`: answers to questions about other ways; None: the page asks."""
    sections: dict[Section, int] = {}
    views = [_view(view, sections) for view in exploration.views]
    return {
        "format": FORMAT,
        "title": exploration.title,
        "notes": list(exploration.notes),
        "held": held,
        "lanes": [lane.value for lane in Lane],
        "lives": [[SIGNS[life], life.value] for life in Life],
        "sections": [[one.title, one.note, [list(item) for item in one.items]] for one in sections],
        "views": views,
    }


def _view(view: View, sections: dict[Section, int]) -> dict[str, Any]:
    match view:
        case TraceView():
            return document_of(view)
        case CallView():
            return {"kind": "calls", "heading": _heading(view.heading), **_calls(view)}
        case TextView():
            numbers = [sections.setdefault(one, len(sections)) for one in view.sections]
            return {"kind": "text", "heading": _heading(view.heading), "sections": numbers}
    assert_never(view)


def document_of(view: TraceView) -> dict[str, Any]:
    """Of a run alone."""
    return {"kind": "trace", "heading": _heading(view.heading), **_trace(view)}


def _heading(heading: Heading) -> dict[str, Any]:
    return {
        "key": heading.key,
        "verdict": heading.verdict,
        "obligation": heading.obligation,
        "subject": heading.subject,
        "instance": heading.instance,
        "reason": heading.reason,
        "facts": [list(fact) for fact in heading.facts],
    }


def _trace(view: TraceView) -> dict[str, Any]:
    return {
        "where": _where(view.where),
        "words": [[word.name, _LANES[word.lane], [list(one) for one in word.within]] for word in view.words],
        "start": list(view.start),
        "steps": [_step(view, step) for step in view.steps],
        "blocks": [
            [block.name, [_LIVES[life] for life in block.lives], [list(by) for by in block.reached_by]]
            for block in view.blocks
        ],
        "listing": _listing(view.listing),
        **({} if view.pool is None else {"columns": list(columns_of(view)), "pool": pool_drawing(view.pool)}),
    }


def _step(view: TraceView, step: ShownStep) -> dict[str, Any]:
    return {
        "number": step.number,
        "actor": step.actor,
        "action": step.action,
        "entries": [_entry(entry) for entry in step.entries],
        "changes": [[one.word, one.before, one.after] for one in step.changes],
        "cells": [list(cell) for cell in cells_of(view, step)],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    said = {"rule": entry.rule, "citation": entry.citation, "code": entry.code}
    place = {} if entry.where is None else {"where": _where(entry.where)}
    broken = {"broken": True} if entry.kind == VIOLATION else {}
    told = {name: value for name, value in said.items() if value}
    return {"lane": _LANES[entry.lane], "kind": entry.kind, "text": entry.text, **told, **place, **broken}


def _where(where: Where | None) -> list[Any] | None:
    return None if where is None else [where.function, where.block, where.source]


def _listing(listing: Listing) -> dict[str, Any]:
    return {
        "rust": {name: [[one.first, list(one.lines)] for one in some] for name, some in listing.rust.items()},
        "mir": {name: {str(at): list(lines) for at, lines in some.items()} for name, some in listing.mir.items()},
        "missing": list(listing.missing),
    }


def _calls(view: CallView) -> dict[str, Any]:
    """Callees as differences from the caller: calls stay near, and small numbers take less room."""
    return {
        "goal": view.goal,
        "names": list(view.names),
        "sizes": list(view.sizes),
        "edges": [[target - caller for target in targets] for caller, targets in enumerate(view.edges)],
        "goals": list(view.goals),
        "roots": [[root.name, root.function] for root in view.roots],
        "sites": [
            [caller, -1 if target is None else target, site.offset, list(site.lines)]
            for (caller, target), site in view.sites.items()
        ],
        "left_out": view.left_out,
    }

"""What every counterexample that a test finds must do: open in what both faces of `explore` show."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

from artifacts.explore.document import document
from artifacts.explore.exports.issue import issue
from artifacts.explore.exports.lanes_svg import lanes_svg
from artifacts.explore.exports.pool_svg import pool_svg
from artifacts.explore.json_reading import Node
from artifacts.explore.model import Exploration, Heading, Listing, TraceView
from artifacts.explore.summaries import state_of
from artifacts.explore.trace_reading import read_trace
from artifacts.itf import itf
from proofmark.explore.terminal.panels import PANELS, POOL_PANELS, At, default_entry
from proofs.runtime.trace import RuntimeTrace


def view_of(trace: RuntimeTrace) -> TraceView:
    """From the file that `prove` writes."""
    heading = Heading("trace", "refuted", trace.obligation, "subject", "instance", "why")
    return read_trace(Node("trace.itf.json", "", json.loads(json.dumps(itf(trace)))), heading, Listing())


def assert_opens(trace: RuntimeTrace) -> None:
    """Every step in every panel, the page's data, and the exports."""
    view = view_of(trace)
    assert [step.action for step in view.steps] == [step.action for step in trace.steps]
    assert [len(step.entries) for step in view.steps] == [len(step.events) for step in trace.steps]
    for number in range(len(view.steps) + 1):
        chosen = default_entry(view.steps[number - 1]) if number else None
        for _, panel in PANELS if view.pool is None else POOL_PANELS:
            lines = list(panel(At(view, number, chosen)))
            assert lines
            assert "".join(lines).isprintable()
        assert all(len(block.lives) == len(view.steps) + 1 for block in view.blocks)
        assert len(state_of(view, number)) == len(view.words)
    assert any(entry.kind == "violation" for entry in view.steps[-1].entries)
    (shown,) = json.loads(json.dumps(document(Exploration("trace", (view,)), {})))["views"]
    assert len(shown["steps"]) == len(trace.steps)
    ElementTree.fromstring(lanes_svg(view) if view.pool is None else pool_svg(view, view.pool))
    assert issue(view).count("\n| ") == len(trace.steps) + 1

"""What every counterexample that a test finds must do: open in what both faces of `explore` show.

With PROOFMARK_KEEP_TRACES=DIR it is kept there, too, for `test_explore_traces.py`, which opens all in both programs.
"""

from __future__ import annotations

import hashlib
import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

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
    return view_of_file(json.dumps(itf(trace)), trace.obligation, "trace")


def view_of_file(text: str, obligation: str, key: str) -> TraceView:
    heading = Heading(key, "refuted", obligation, "subject", "instance", "why")
    return read_trace(Node("trace.itf.json", "", json.loads(text)), heading, Listing())


def _keep(trace: RuntimeTrace, directory: str) -> None:
    text = json.dumps(itf(trace)).encode()
    name = f"{trace.obligation}-{hashlib.sha256(text).hexdigest()[:12]}.itf.json"
    Path(directory, name).write_bytes(text)


def assert_opens(trace: RuntimeTrace) -> None:
    """Every step in every panel, the page's data, and the exports."""
    if directory := os.environ.get("PROOFMARK_KEEP_TRACES"):
        _keep(trace, directory)
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

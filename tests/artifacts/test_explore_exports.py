"""Views as text and pictures for elsewhere: whole, and with nothing hostile in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest
from explore_samples import hostile, long_trace, random_calls

from artifacts.explore.call_questions import Calls, Without
from artifacts.explore.exports.issue import issue
from artifacts.explore.exports.lanes_svg import lanes_svg
from artifacts.explore.exports.mermaid import flow, sequence
from artifacts.explore.exports.ways import ways
from artifacts.explore.model import CallView, TraceView
from artifacts.svg import svg_of

_LINE = re.compile(
    r"sequenceDiagram|    (participant L\d as [a-z ]+|L\d-?->>L\d: .+|Note (over|right of) L\d: .+)"
    r"|flowchart TD|    N\d+(\[\".*\"\]| -->\|\".*\"\| N\d+)"
)
_CODES = re.compile(r"#[0-9]+;|<br/>")


def _assert_mermaid(text: str) -> None:
    """Every line is of a form of ours, and what is said on it holds no sign that Mermaid reads as syntax."""
    for line in text.splitlines():
        assert _LINE.fullmatch(line), line
        said = line.partition(": ")[2] if "Note" in line or "->>" in line else ""
        assert not set(_CODES.sub("", said)) & set(";<>{}#|\"'`"), line


def test_a_sequence_diagram_says_every_step() -> None:
    text = sequence(long_trace(6))
    _assert_mermaid(text)
    for number in range(1, 7):
        assert f"L0->>L1: {number}. " in text
        assert f"L4-->>L1: {number}" in text
    assert "Note right of L4: st: IDLE → COPYING" in text


@pytest.mark.parametrize("seed", range(10))
def test_the_ways_are_all_shortest_paths(seed: int) -> None:
    view = random_calls(seed)
    drawn = ways(view, Calls(view), 0)
    paths = Calls(view).shortest(view.roots[0].function)
    assert {box.key for box in drawn.boxes} == {str(one) for layer in paths.layers for one in layer} | {"goal"}
    counted = {str(view.roots[0].function): 1}
    for box in drawn.boxes:
        for arrow in drawn.arrows:
            if arrow.tail == box.key:
                counted[arrow.head] = counted.get(arrow.head, 0) + counted[box.key]
    assert counted["goal"] == paths.count
    _assert_mermaid(flow(drawn))
    ElementTree.fromstring(svg_of(drawn))


def test_no_way() -> None:
    view = random_calls(0)
    calls = Calls(view, Without(calls=frozenset((a, b) for a, targets in enumerate(view.edges) for b in targets)))
    start = next(number for number, root in enumerate(view.roots) if root.function not in view.goals)
    assert "does not reach" in flow(ways(view, calls, start))


def test_lanes_as_a_picture() -> None:
    text = lanes_svg(long_trace(6))
    drawn = ElementTree.fromstring(text)
    lines = [one.text or "" for one in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert "Δ st: IDLE → COPYING" in lines
    assert "block of src/a.rs:7 │ ▓█▓█▓█│" in lines
    assert "<script" not in text


def test_markdown_for_an_issue() -> None:
    text = issue(long_trace(6))
    assert text.count("\n| ") == 7
    assert "```mermaid\nsequenceDiagram" in text
    assert "a smallest cut" in issue(random_calls(2))


def test_nothing_hostile_gets_out() -> None:
    for view in hostile().views:
        written = issue(view)
        assert "<script>" not in written
        assert "<img" not in written
        if isinstance(view, TraceView):
            ElementTree.fromstring(lanes_svg(view))
            _assert_mermaid(sequence(view))
        if isinstance(view, CallView):
            _assert_mermaid(flow(ways(view, Calls(view), 0)))

"""Call paths as one self-contained SVG: no script, no font or image from elsewhere, readable on light and dark."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from artifacts.callpaths import Arrow, Box, Picture, picture
from artifacts.layout import Layout, Node, layout
from artifacts.names import columns
from proofs.verdicts import Result

_CHAR = 7.3
"""Width of a character of the 12 pixel fixed-width font, a little generous: fonts differ."""
_SMALL = 6.1
_MARGIN = 24.0
_TITLE = 34.0
_BOX_HEIGHT = 46.0
_GAP = 66.0
_STUB = 22.0
"""How far an arrow runs straight before and after it bends: room for a label."""
_COLUMN_GAP = 28.0
_NAME_COLUMNS = 38
_SMALLEST_BOX = 180.0

_STYLE = """
.page{fill:#ffffff}
.box{fill:#f3f5f8;stroke:#68778d;stroke-width:1.2}
.root{fill:#e3edfb;stroke:#2b62b0}
.goal{fill:#fbe1df;stroke:#b3261e;stroke-width:2}
.edge{fill:none;stroke:#68778d;stroke-width:1.4}
.last{stroke:#b3261e}
.tip{fill:#68778d}
.tip-last{fill:#b3261e}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1b2430}
.name{font-size:12px}
.detail,.label{font-size:10px;fill:#4b586a}
.title{font-size:14px;font-weight:bold}
@media (prefers-color-scheme:dark){
.page{fill:#12161c}
.box{fill:#1e2530;stroke:#8593a8}
.root{fill:#17304f;stroke:#7fb0f5}
.goal{fill:#4a1714;stroke:#ff8a80}
.edge{stroke:#8593a8}
.last{stroke:#ff8a80}
.tip{fill:#8593a8}
.tip-last{fill:#ff8a80}
text{fill:#e6ebf2}
.detail,.label{fill:#aab6c6}
}
"""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where everything is: `width` of a box, and the places of the layout moved inside the margin."""

    width: float
    places: Layout
    left: float

    def x(self, node: Node) -> float:
        return self.left + self.places.x[node]

    def top(self, node: Node) -> float:
        return _MARGIN + _TITLE + self.places.layer[node] * (_BOX_HEIGHT + _GAP)


def svg(result: Result) -> str:
    return svg_of(picture(result))


def svg_of(drawn: Picture) -> str:
    """The picture; every box and arrow has its full name in a `<title>`."""
    width = _box_width(drawn.boxes)
    edges = [(arrow.tail, arrow.head) for arrow in drawn.arrows]
    keys = [box.key for box in drawn.boxes]
    places = layout(keys, edges, width + _COLUMN_GAP, _COLUMN_GAP * 2)
    graph_width = max((places.x[key] + (width + _COLUMN_GAP) / 2 for key in places.x), default=0.0)
    page_width = max(graph_width, columns(_fitted(drawn.title, 90)) * 8.6) + 2 * _MARGIN
    sheet = _Sheet(width, places, (page_width - graph_width) / 2)
    rows = max(places.layer.values(), default=0) + 1
    page_height = _MARGIN * 2 + _TITLE + rows * _BOX_HEIGHT + (rows - 1) * _GAP + (18 if drawn.left_out else 0)
    goals = {box.key for box in drawn.boxes if box.role == "goal"}
    merged = _merged(drawn)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page_width:.0f} {page_height:.0f}" '
        f'width="{page_width:.0f}" height="{page_height:.0f}" role="img">',
        f"<title>{escape(drawn.title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{page_width:.0f}" height="{page_height:.0f}"/>',
        _text("title", page_width / 2, _MARGIN + 8, _fitted(drawn.title, 90)),
        *(_arrow(sheet, group, group[0].head in goals) for group in merged),
        *(_box(sheet, box) for box in drawn.boxes),
        *_labels(sheet, merged),
    ]
    if drawn.left_out:
        parts.append(_text("detail", page_width / 2, page_height - _MARGIN / 2, f"and {drawn.left_out} more"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box_width(boxes: tuple[Box, ...]) -> float:
    names = max((columns(_fitted(box.name, _NAME_COLUMNS)) * _CHAR for box in boxes), default=0.0)
    details = max((min(columns(box.detail) * _SMALL, _NAME_COLUMNS * _CHAR) for box in boxes), default=0.0)
    return max(_SMALLEST_BOX, names + 24, details + 24)


def _merged(drawn: Picture) -> list[tuple[Arrow, ...]]:
    """Arrows by their two ends: several calls from one function to another are drawn as one arrow."""
    groups: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in drawn.arrows:
        groups.setdefault((arrow.tail, arrow.head), []).append(arrow)
    return [tuple(group) for group in groups.values()]


def _box(sheet: _Sheet, box: Box) -> str:
    left, top = sheet.x(box.key) - sheet.width / 2, sheet.top(box.key)
    middle = sheet.x(box.key)
    name = _text("name", middle, top + (20 if box.detail else 27), _fitted(box.name, _NAME_COLUMNS))
    room = int((sheet.width - 16) / _SMALL)
    detail = _text("detail", middle, top + 36, _fitted(box.detail, room)) if box.detail else ""
    full = f"{box.name}\n{box.detail}" if box.detail else box.name
    return (
        f'<g><title>{escape(full)}</title><rect class="box {box.role}" x="{left:.1f}" y="{top:.1f}" '
        f'width="{sheet.width:.1f}" height="{_BOX_HEIGHT:.0f}" rx="7"/>{name}{detail}</g>'
    )


def _arrow(sheet: _Sheet, group: tuple[Arrow, ...], last: bool) -> str:
    full = "\n".join(arrow.detail for arrow in group)
    points = _points(sheet, group[0])
    (x, y), upward = points[-1], points[-1][1] < points[-2][1]
    back = 8 if upward else -8
    path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        end = y1 + back if (x1, y1) == points[-1] else y1
        stub = min(_STUB, abs(end - y0) / 3) * (-1 if upward else 1)
        middle = (y0 + end) / 2
        path += f" V{y0 + stub:.1f} C{x0:.1f},{middle:.1f} {x1:.1f},{middle:.1f} {x1:.1f},{end - stub:.1f} V{end:.1f}"
    tip = f"M{x:.1f},{y:.1f} l-5,{back} h10 z"
    edge, head = ("edge last", "tip-last") if last else ("edge", "tip")
    return f'<g><title>{escape(full)}</title><path class="{edge}" d="{path}"/><path class="{head}" d="{tip}"/></g>'


def _points(sheet: _Sheet, arrow: Arrow) -> list[tuple[float, float]]:
    """Where an arrow goes: from the edge of a box, straight through the layers that it passes, to the edge of a box."""
    if arrow.tail == arrow.head:
        right, top = sheet.x(arrow.tail) + sheet.width / 2 - 20, sheet.top(arrow.tail)
        return [(right - 40, top + _BOX_HEIGHT), (right - 20, top + _BOX_HEIGHT + 16), (right, top + _BOX_HEIGHT)]
    chain = sheet.places.bends[arrow.tail, arrow.head]
    down = sheet.places.layer[chain[0]] < sheet.places.layer[chain[-1]]
    points = [(sheet.x(chain[0]), sheet.top(chain[0]) + (_BOX_HEIGHT if down else 0))]
    for node in chain[1:-1]:
        ends = (sheet.top(node), sheet.top(node) + _BOX_HEIGHT)
        points += [(sheet.x(node), y) for y in (ends if down else ends[::-1])]
    return [*points, (sheet.x(chain[-1]), sheet.top(chain[-1]) + (0 if down else _BOX_HEIGHT))]


def _labels(sheet: _Sheet, groups: list[tuple[Arrow, ...]]) -> list[str]:
    """The kinds of the calls, each on a straight end of its arrow: where it leaves, unless others leave there too.

    There no two labels meet: they are no wider than a column, and arrows that share an end share a label.
    """
    leaving = Counter(group[0].tail for group in groups)
    at: dict[tuple[float, float], list[str]] = {}
    for group in groups:
        if group[0].tail != group[0].head:
            points = _points(sheet, group[0])
            alone = leaving[group[0].tail] == 1
            (x, y), (_, other) = points[:2] if alone else points[:-3:-1]
            at.setdefault((x, y + (_STUB if other > y else -_STUB) * 0.62), []).extend(arrow.label for arrow in group)
    room = int((sheet.width + _COLUMN_GAP - 12) / _SMALL)
    written = []
    for (x, y), labels in at.items():
        distinct = list(dict.fromkeys(labels))
        rest = "" if len(distinct) == 1 else f" and {len(distinct) - 1} more"
        label = _fitted(distinct[0], room - len(rest)) + rest
        width = columns(label) * _SMALL + 6
        back = f'<rect class="page" x="{x - width / 2:.1f}" y="{y - 7:.1f}" width="{width:.1f}" height="13"/>'
        written.append(back + _text("label", x, y + 3, label))
    return written


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def _fitted(text: str, room: int) -> str:
    """`text` with its middle left out, so that it takes no more than `room` columns."""
    if columns(text) <= room:
        return text
    head = tail = ""
    front, rear = 0, len(text) - 1
    while True:
        if columns(head) <= columns(tail):
            if columns(head + text[front]) + columns(tail) >= room:
                break
            head += text[front]
            front += 1
        else:
            if columns(head) + columns(text[rear] + tail) >= room:
                break
            tail = text[rear] + tail
            rear -= 1
    return f"{head}…{tail}"

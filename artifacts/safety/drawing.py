"""The safety case as one self-contained SVG: an outline in the shapes of the Goal Structuring Notation.

Goals are boxes, strategies parallelograms, solutions circles, contexts rounded, assumptions rounder and marked A, goals
without support marked with a diamond. Support is a filled arrow, context a hollow one. States are words, signs and
colours. What hangs at one node is drawn as one box for its contexts and one for its assumptions.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from artifacts.names import columns, visible
from artifacts.safety.argument import Argument, Node, NodeKind
from artifacts.safety.mermaid import looks
from artifacts.safety.states import State

_MARGIN, _GAP, _BETWEEN, _LINE, _PAD = 24, 44, 14, 14, 9
_CHAR = 6.7
_WIDTHS = {NodeKind.GOAL: 292, NodeKind.STRATEGY: 176, NodeKind.SOLUTION: 330}
_RADIUS = 35
_INDENT = 22
_SLANT = 12
_LISTED = 6
_WRAPPED = 3

_STYLE = """
.page{fill:#ffffff}
.said{fill:#f3f5f8;stroke:#68778d}
.good{fill:#dcefdc;stroke:#2e7d32}
.bad{fill:#fbe1df;stroke:#b3261e;stroke-width:2}
.open{fill:#fdf0d0;stroke:#9a6700;stroke-dasharray:5 3}
.edge{fill:none;stroke:#68778d;stroke-width:1.3}
.tip{fill:#68778d}
.hollow{fill:#ffffff;stroke:#68778d}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11px;fill:#1b2430}
.head{font-size:10px;fill:#4b586a}
.small{font-size:9px}
.mark{font-weight:bold}
@media (prefers-color-scheme:dark){
.page,.hollow{fill:#12161c}
.said{fill:#1e2530;stroke:#8593a8}
.good{fill:#16361c;stroke:#7bc67e}
.bad{fill:#4a1714;stroke:#ff8a80}
.open{fill:#3d2f0c;stroke:#e3b341}
.edge{stroke:#8593a8}
.tip{fill:#8593a8}
.hollow{stroke:#8593a8}
text{fill:#e6ebf2}
.head{fill:#aab6c6}
}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    """A node or what hangs at one, drawn at a place. `head`: the small line above; `full`: all that is to say of it."""

    kind: NodeKind
    look: str
    head: str
    lines: tuple[str, ...]
    full: str
    x: float
    y: float
    width: float
    undeveloped: bool = False

    @property
    def height(self) -> float:
        if self.kind is NodeKind.SOLUTION:
            return 2 * _RADIUS
        return (len(self.lines) + 1) * _LINE + 2 * _PAD + (_PAD if self.undeveloped else 0)


def drawing(argument: Argument) -> bytes:
    sheet = _Sheet({node.id: node for node in argument.nodes})
    bottom = sheet.place(argument.nodes[0], _MARGIN, _MARGIN)
    width = max(box.x + box.width for box in sheet.boxes) + _MARGIN
    title = f"safety case: {argument.state.value}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {bottom + _MARGIN:.0f}" '
        f'width="{width:.0f}" height="{bottom + _MARGIN:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{width:.0f}" height="{bottom + _MARGIN:.0f}"/>',
        *sheet.edges,
        *(line for box in sheet.boxes for line in _drawn(box)),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode("utf-8")


class _Sheet:
    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self.boxes: list[_Box] = []
        self.edges: list[str] = []

    def place(self, node: Node, x: float, y: float) -> float:
        """Draws what begins at this node; gives its lower end."""
        box = _box(node, x, y)
        self.boxes.append(box)
        own = y + box.height
        for note in self._notes(node, box):
            self.boxes.append(note)
            self.edges.append(_context(box, note))
            own = note.y + note.height
        below = y
        for part in node.supported_by:
            child = self._nodes[part]
            at = len(self.boxes)
            low = self.place(child, x + box.width + _GAP, below)
            self.edges.append(_support(box, self.boxes[at]))
            below = low + _BETWEEN
        return max(own, below - _BETWEEN)

    def _notes(self, node: Node, box: _Box) -> Iterator[_Box]:
        y = box.y + box.height + _BETWEEN
        for kind in (NodeKind.CONTEXT, NodeKind.ASSUMPTION):
            some = [self._nodes[id_] for id_ in node.in_context_of if self._nodes[id_].kind is kind]
            if some:
                note = _note(kind, some, box.x + _INDENT, y, box.width - _INDENT)
                yield note
                y += note.height + _BETWEEN


def _box(node: Node, x: float, y: float) -> _Box:
    width = _WIDTHS[node.kind]
    assert node.state is not None
    head = f"{node.id}  {node.state.sign} {node.state.value}"
    room = width - 2 * _PAD - (2 * _SLANT if node.kind is NodeKind.STRATEGY else 0)
    lines = _wrapped(node.title, room - (2 * _RADIUS if node.kind is NodeKind.SOLUTION else 0))
    bare = node.kind is NodeKind.GOAL and not node.supported_by
    if node.why and node.state is not State.HOLDS and node.kind is NodeKind.GOAL:
        lines += _wrapped(node.why, room)
    full = "\n".join(filter(None, (node.id, node.title, node.text, node.state.value, node.why)))
    return _Box(node.kind, looks(node.state), head, tuple(lines), full, x, y, width, bare)


def _note(kind: NodeKind, notes: Sequence[Node], x: float, y: float, width: float) -> _Box:
    room = width - 2 * _PAD - _SLANT
    lines = [_wrapped(note.title, room, 1)[0] for note in notes[:_LISTED]]
    if len(notes) == 1:
        lines = _wrapped(notes[0].title, room)
    if len(notes) > _LISTED:
        lines.append(f"and {len(notes) - _LISTED} more")
    word = kind.value if len(notes) == 1 else f"{len(notes)} {kind.value}s"
    full = "\n".join(f"{note.id}: {note.text}" for note in notes)
    return _Box(kind, "said", f"{notes[0].id}" if len(notes) == 1 else word, tuple(lines), full, x, y, width)


def _wrapped(text: str, room: float, most: int = _WRAPPED) -> list[str]:
    """At most some lines, each no wider than there is room; where columns are wide, they are broken sooner."""
    shown = visible(text)
    wide = max(1.0, columns(shown) / max(1, len(shown)))
    width = max(8, int(room / _CHAR / wide))
    return textwrap.wrap(shown, width, max_lines=most, placeholder="…", break_long_words=True) or [""]


def _drawn(box: _Box) -> Iterator[str]:
    yield f"<g><title>{escape(visible_lines(box.full))}</title>{_shape(box)}"
    if box.kind is NodeKind.SOLUTION:
        middle = box.y + _RADIUS
        id_, _, state = box.head.partition("  ")
        yield _text("small", box.x + _RADIUS, middle - 3, id_, "middle") + _text(
            "small", box.x + _RADIUS, middle + 10, state, "middle"
        )
        left, first = box.x + 2 * _RADIUS + _PAD, middle - (len(box.lines) - 1) * _LINE / 2 + 4
        yield from (_text("line", left, first + n * _LINE, line) for n, line in enumerate(box.lines))
    else:
        left = box.x + _PAD + (_SLANT if box.kind is NodeKind.STRATEGY else 0)
        yield _text("head", left, box.y + _PAD + 9, box.head)
        yield from (_text("line", left, box.y + _PAD + 9 + (n + 1) * _LINE, one) for n, one in enumerate(box.lines))
    yield "</g>"


def visible_lines(text: str) -> str:
    return "\n".join(visible(line, 2000) for line in text.split("\n"))


def _shape(box: _Box) -> str:
    x, y, width, height = box.x, box.y, box.width, box.height
    at = f'class="{box.look}" x="{x}" y="{y}" width="{width}" height="{height}"'
    match box.kind:
        case NodeKind.GOAL:
            middle, low, half = x + width / 2, y + height, 9
            sides = f"l{half},{half} l-{half},{half} l-{half},-{half} z"
            diamond = f'<path class="{box.look}" d="M{middle},{low - half} {sides}"/>'
            return f"<rect {at}/>" + (diamond if box.undeveloped else "")
        case NodeKind.STRATEGY:
            slant = f"M{x + _SLANT},{y} H{x + width} L{x + width - _SLANT},{y + height} H{x} z"
            return f'<path class="{box.look}" d="{slant}"/>'
        case NodeKind.SOLUTION:
            return f'<circle class="{box.look}" cx="{x + _RADIUS}" cy="{y + _RADIUS}" r="{_RADIUS}"/>'
        case NodeKind.CONTEXT:
            return f'<rect {at} rx="8"/>'
        case NodeKind.ASSUMPTION:
            return f'<rect {at} rx="22"/>' + _text("mark", x + width - 16, y + height - 5, "A")


def _support(above: _Box, below: _Box) -> str:
    x, end = above.x + above.width, below.x
    start, level = above.y + _PAD + 9, below.y + (_RADIUS if below.kind is NodeKind.SOLUTION else _PAD + 9)
    lean = _SLANT / 2 if below.kind is NodeKind.STRATEGY else 0
    path = f"M{x - (2 if above.kind is NodeKind.STRATEGY else 0)},{start} H{x + _GAP / 2} V{level} H{end + lean - 7}"
    return f'<path class="edge" d="{path}"/><path class="tip" d="M{end + lean},{level} l-9,-4.5 v9 z"/>'


def _context(box: _Box, note: _Box) -> str:
    x, level = box.x + 8, note.y + note.height / 2
    path = f"M{x},{box.y + box.height} V{level} H{note.x - 9}"
    return f'<path class="edge" d="{path}"/><path class="hollow" d="M{note.x},{level} l-9,-4.5 v9 z"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

"""A trace's swim lanes as one self-contained SVG: no script, nothing from elsewhere, readable on light and dark."""

from __future__ import annotations

from xml.sax.saxutils import escape

from artifacts.explore.model import Lane, TraceView
from artifacts.explore.summaries import lane_cells, life_line, life_words
from artifacts.names import columns, shortened

_LANE, _STEP, _LINE = 210, 48, 14
PAD = 6
_ROOM = 28
"""Columns of text in a lane."""
STYLE = """
.page{fill:#ffffff}.row{fill:none;stroke:#c4ccd6}.head{fill:#e3edfb}
text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1b2430}
.title{font-size:14px;font-weight:bold}.change{fill:#0b5c2e}.broken{fill:#a1160c;font-weight:bold}
@media (prefers-color-scheme:dark){.page{fill:#12161c}.row{stroke:#3a4556}.head{fill:#17304f}text{fill:#e6ebf2}
.change{fill:#7ee2a8}.broken{fill:#ff9a90}}
"""


def lanes_svg(view: TraceView) -> str:
    """A row for each step, as high as its longest cell; every line has its full text in a `<title>`."""
    parts, top = _head(view), 76
    for step in view.steps:
        cells = lane_cells(view, step)
        height = max(1, *map(len, cells)) * _LINE + 2 * PAD
        parts.append(svg_text(PAD, top + PAD + 10, "", str(step.number)))
        for number, lines in enumerate(cells):
            left = _STEP + number * _LANE
            parts.append(f'<rect class="row" x="{left}" y="{top}" width="{_LANE}" height="{height}"/>')
            for at, line in enumerate(lines):
                kind = {"Δ": "change", "✗": "broken"}.get(line[:1], "")
                parts.append(svg_text(left + PAD, top + PAD + 10 + at * _LINE, kind, line))
        top += height
    for block in view.blocks:
        parts.append(svg_text(PAD, top + 18, "", f"{block.name} │{life_line(block)}│", room=200))
        parts.append(svg_text(PAD, top + 32, "", f"after the last step {life_words(block, -1)}", room=200))
        top += 34
    return written(view.heading.reason, STYLE, parts, _STEP + len(Lane) * _LANE + PAD, top + 12)


def written(title: str, style: str, parts: list[str], width: int, height: int) -> str:
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{style}</style>'
        f'<rect class="page" width="{width}" height="{height}"/>'
    )
    return "\n".join((begin, *parts, "</svg>")) + "\n"


def _head(view: TraceView) -> list[str]:
    heading = view.heading
    title = f"{heading.verdict} {heading.obligation} {heading.subject}"
    parts = [svg_text(PAD, 20, "title", title, room=150), svg_text(PAD, 38, "", heading.reason, room=190)]
    for number, lane in enumerate(Lane):
        left = _STEP + number * _LANE
        parts.append(f'<rect class="head" x="{left}" y="50" width="{_LANE}" height="24"/>')
        parts.append(svg_text(left + PAD, 66, "", lane.value))
    return parts


def svg_text(x: int, y: int, kind: str, text: str, room: int = _ROOM) -> str:
    fitted = text
    while columns(fitted) > room:
        fitted = shortened(text, len(fitted) - 1)
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}" xml:space="preserve"><title>{escape(text)}</title>{escape(fitted)}</text>'

"""Calls to a pool's owner as one self-contained SVG: for each call the pool as a bar to scale, and what changed."""

from __future__ import annotations

from collections.abc import Iterator

from artifacts.explore.exports.lanes_svg import PAD, STYLE, svg_text, written
from artifacts.explore.model import TraceView
from artifacts.explore.pool_bar import (
    Scale,
    cell_rows,
    marks,
    moment_words,
    pool_words,
    scale_of,
    spans,
    told,
)
from artifacts.explore.summaries import cells_of
from proofs.pool_run import PoolMoment, PoolRun

_BAR, _ROW, _LINE = 900, 24, 14
_STYLE = """
.free{fill:none;stroke:#8894a3;stroke-dasharray:2 3}.edge{stroke:#1b2430;stroke-width:2}
.block{fill:#fff3c4;stroke:#8a6d00}
.worst{fill:#fff3c4;stroke:#a1160c;stroke-width:3;stroke-dasharray:6 3}.wrong{fill:#a1160c}
.shared{fill:none;stroke:#1b2430;stroke-dasharray:3 2}
@media (prefers-color-scheme:dark){.edge,.shared{stroke:#e6ebf2}.block,.worst{fill:#463a10}.block{stroke:#ffd75e}
.worst{stroke:#ff9a90}.wrong{fill:#ff9a90}}
"""


def pool_svg(view: TraceView, run: PoolRun) -> str:
    """Before the first call, and after each; every line has its full text in a `<title>`."""
    heading = view.heading
    title = f"{heading.verdict} {heading.obligation} {heading.subject}"
    parts = [
        svg_text(PAD, 20, "title", title, room=120),
        svg_text(PAD, 38, "", heading.reason, room=130),
        svg_text(PAD, 54, "", f"pool {pool_words(run)}", room=130),
    ]
    top = 70
    scale = scale_of(run, _BAR) if run.pool.size else None
    for at in range(len(run.moments)):
        action = [f"{at}. {view.steps[at - 1].action}"] if at else ["before the first call"]
        returned = cells_of(view, view.steps[at - 1])[1] if at else ()
        parts.append(svg_text(PAD, top + 12, "title", " ".join((*action, *returned)), room=100))
        if scale is not None:
            parts += _bar(run.moments[at], scale, top + 18)
        top += 18 if scale is None else _height(run.moments[at], scale)
        for kind, line in _lines(run, at):
            top += _LINE
            parts.append(svg_text(PAD, top, kind, line, room=130))
        top += 16
    return written(heading.reason, f"{STYLE}{_STYLE}", parts, _BAR + 2 * PAD, top)


def _height(moment: PoolMoment, scale: Scale) -> int:
    """Of the call's name and the bar."""
    rows = 1 + max((one.row for one in spans(moment, scale)), default=0)
    return 18 + _ROW * rows + 12


def _bar(moment: PoolMoment, scale: Scale, top: int) -> Iterator[str]:
    shown = spans(moment, scale)
    height = _ROW * (1 + max((one.row for one in shown), default=0))
    left, right = PAD + scale.left, PAD + scale.left + scale.pool
    yield f'<rect class="free" x="{left}" y="{top}" width="{scale.pool}" height="{height}"/>'
    for one in shown:
        y, kind = top + one.row * _ROW, "worst" if one.is_broken else "block"
        yield (
            f'<rect class="{kind}" x="{PAD + one.start}" y="{y + 1}" width="{one.stop - one.start}" '
            f'height="{_ROW - 2}"/>'
        )
        name = f"{'✗ ' if one.is_broken else ''}{one.block.name}{' …' if one.is_cut else ''}"
        if one.stop - one.start >= 8 * len(name):
            yield svg_text(PAD + one.start + 4, y + 16, "broken" if one.is_broken else "", name)
    for mark in marks(moment, scale):
        kind, y = ("wrong", top + height + 6) if mark.is_broken else ("shared", top + height + 1)
        width = max(3, mark.stop - mark.start)
        yield f'<rect class="{kind}" x="{PAD + mark.start}" y="{y}" width="{width}" height="4"/>'
    yield f'<path class="edge" d="M{left} {top - 3}v{height + 6}M{right} {top - 3}v{height + 6}"/>'


def _lines(run: PoolRun, at: int) -> Iterator[tuple[str, str]]:
    moment = run.moments[at]
    yield "", moment_words(run, moment)
    for text in told(run, moment):
        yield ("broken" if text.startswith("✗") else ""), text
    for cell in cell_rows(run, at):
        if cell.is_changed:
            yield "change", f"Δ {cell.name}{cell.address and f' at {cell.address}'}: {cell.before} → {cell.after}"

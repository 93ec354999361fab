"""Calls to a pool's owner in the terminal: the calls above, the pool as a bar, its metadata or its blocks below."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Static

from artifacts.explore.pool_bar import bar_lines, moment_words
from proofmark.explore.terminal.base import plain
from proofmark.explore.terminal.panels import POOL_PANELS
from proofmark.explore.terminal.trace_screen import TraceScreen


class PoolScreen(TraceScreen):
    panels = POOL_PANELS
    shares = (9, 4, 5, 6)

    def body(self) -> tuple[Widget, ...]:
        calls, *below = super().body()
        return (calls, Static("", id="bar", markup=False), *below)

    def refresh_place(self) -> None:
        """The bar takes the lines that it takes at most, so that nothing moves from step to step."""
        run, at = self.trace.pool, self.at()
        if run is not None:
            drawn = [list(bar_lines(run, step, max(20, self.size.width - 2))) for step in range(len(run.moments))]
            bar = self.query_one("#bar", Static)
            bar.styles.height = 1 + max(map(len, drawn))
            bar.update(plain([moment_words(run, run.moments[at.step]), *drawn[at.step]], wraps=False))
        super().refresh_place()

"""Calls to a pool's owner in the terminal: the calls above, the pool as a bar, its metadata or its blocks below."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Static

from artifacts.explore.model import TraceView
from artifacts.explore.pool_bar import bars, moment_words
from proofmark.explore.terminal.base import plain
from proofmark.explore.terminal.panels import POOL_PANELS
from proofmark.explore.terminal.trace_screen import TraceScreen


class PoolScreen(TraceScreen):
    panels = POOL_PANELS
    shares = (9, 4, 5, 6)

    def __init__(self, view: TraceView, place: dict[str, str], position: str) -> None:
        super().__init__(view, place, position)
        self._bars: tuple[tuple[str, ...], ...] = ()
        """As wide as the screen, for each moment."""

    def body(self) -> tuple[Widget, ...]:
        calls, *below = super().body()
        return (calls, Static("", id="bar", markup=False), *below)

    def on_resize(self) -> None:
        """The bar has the lines that it takes at most, so that nothing moves from step to step."""
        if self.trace.pool is not None:
            self._bars = bars(self.trace.pool, max(20, self.size.width - 2))
            self.query_one("#bar", Static).styles.height = 1 + max(map(len, self._bars))
        super().on_resize()

    def refresh_place(self) -> None:
        run, step = self.trace.pool, self.at().step
        if run is not None and self._bars:
            lines = [moment_words(run, run.moments[step]), *self._bars[step]]
            self.query_one("#bar", Static).update(plain(lines, wraps=False))
        super().refresh_place()

"""How often Python's collector looks for cycles."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For this process. Terms, states and trees are frozen values without cycles, and the collector at its default
    (every 700 new objects) walks through all of them for nothing: a third of the time of exploring a runtime.
    """
    gc.set_threshold(100_000, 20, 100)

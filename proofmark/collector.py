"""How often Python's collector looks for cycles."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For this process. Terms, states and trees are frozen values without cycles, and the collector at its default
    (every 700 new objects) walks through all of them for nothing: a third of the time of exploring a runtime.
    """
    gc.set_threshold(100_000, 20, 100)


class BetweenKeys:
    """For a program that answers keys, in a process of its own: a look at all that is there takes longer than an
    answer may, and so do long looks at what is new. What is there already stays, what is new is looked at often and
    little by little, and the rest while nobody asks for anything.
    """

    def __init__(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(5_000, 5, 1_000_000)

    def rest(self) -> None:
        gc.collect()

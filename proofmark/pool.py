"""An executor as the scheduler sees it, whatever is behind it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pool:
    """An executor, how many jobs to give it at once, and `ailing`: why no job can ever end, or None."""

    executor: Executor
    width: int
    ailing: Callable[[], str | None]


OpenPool = Callable[[int], AbstractContextManager[Pool]]
"""Opens a pool for at most so many jobs at once."""

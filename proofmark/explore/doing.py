"""What is being done for an answer, for who waits for it: a thread does it, another tells of it."""

from __future__ import annotations

import time


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Doing:
    """Of one question."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._what = "waiting for the answer before"
        self._states = 0
        self._is_stopped = False

    def begin(self, what: str) -> None:
        """Raises Stopped."""
        self._what, self._states = what, 0
        self._look()

    def look(self) -> None:
        """At one more state of a model. Raises Stopped."""
        self._states += 1
        self._look()

    def stop(self) -> None:
        self._is_stopped = True

    def words(self) -> str:
        states = f", {self._states:,} looked at" if self._states else ""
        return f"{self._what}{states}; {time.monotonic() - self._begun:.0f} s"

    def _look(self) -> None:
        if self._is_stopped:
            raise Stopped

"""What a run is at: one line that is written over on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(slots=True)
class Progress:
    """Counts jobs as they end. `stream` None is silence; a stream that nobody reads any more falls silent."""

    stream: TextIO | None
    total: int
    ended: int = 0
    _shown: int = field(default=0, init=False)

    def start(self, labels: Sequence[str]) -> None:
        """Shows what is about to run; on a terminal only, since elsewhere each line stays."""
        if self._overwrites() and labels:
            more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
            self._line(f"[{self.ended}/{self.total}] proving {labels[0]}{more}")

    def end(self, label: str, what: str) -> None:
        """One more job has ended."""
        self.ended += 1
        if self.total > 1:  # of a single one, its results tell as much
            self._line(f"[{self.ended}/{self.total}] {label}: {what}")

    def clear(self) -> None:
        """Leaves the terminal's line empty for what is printed next."""
        if self._shown:
            self._write("\r" + " " * self._shown + "\r")
            self._shown = 0

    def _overwrites(self) -> bool:
        return self.stream is not None and self.stream.isatty()

    def _line(self, text: str) -> None:
        if not self._overwrites():
            self._write(text + "\n")
            return
        text = text[: max(10, shutil.get_terminal_size().columns - 1)]
        padding = " " * max(0, self._shown - len(text))
        self._write(f"\r{text}{padding}")
        self._shown = len(text)

    def _write(self, text: str) -> None:
        if self.stream is None:
            return
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError:
            self.stream = None

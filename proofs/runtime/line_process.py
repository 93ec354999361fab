"""A process that answers tasks, each a line of JSON, one line for each: held open for many questions."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


class NoAnswer(Exception):
    """The solver was asked and did not answer; `str` says why."""


class Ended(NoAnswer):
    """Its process is no more."""


class LineProcess:
    """A resource: `module` run by this Python, until `close`. It may crash, hang, or eat memory."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
        )
        self._buffer = b""
        self._owed = 0  # answers

    def ask(self, task: dict[str, Any], seconds: float) -> Any:
        """What it answers. An answer to an earlier task that came too late is none to this one. Raises NoAnswer."""
        self.send(task)
        until = time.monotonic() + seconds
        self._owed += 1
        while self._owed > 1:
            self._line(until)
            self._owed -= 1
        line = self._line(until)
        self._owed = 0
        try:
            return json.loads(line)
        except ValueError as error:
            raise NoAnswer("the solver's answer is not JSON") from error

    def send(self, value: dict[str, Any]) -> None:
        """What has no answer. Raises Ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Ended("the solver's process ended") from error

    def _line(self, until: float) -> bytes:
        assert self._process.stdout is not None
        stream = self._process.stdout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise NoAnswer("the solver took longer than it was given")
            part = stream.read1(1 << 16)  # type: ignore[attr-defined]
            if not part:
                raise Ended("the solver's process ended")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def close(self) -> None:
        """Ends it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # a task that it did not take is still to be written
                    stream.close()

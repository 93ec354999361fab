"""The solver in a process of its own, which answers one query after the other, each with a new solver.

A solver may crash or eat memory, and that is no answer. Where that happens to a process that has answered others, it
may be for what those left behind: a new one is asked. Answers have the number of what they answer, so that whatever
else is printed is taken for none.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

import proofs.recheck.solver as solver

SECONDS, MEGABYTES = 300, 4096
"""For what is asked at once, unless another time is given; of the process."""
TOGETHER = 96
"""Answers that a session keeps, for certificates that are checked one after the other."""


def check_seconds(budget: int) -> int:
    """Of what was proved within so many seconds for each query: all that a search found is checked at once."""
    return 5 * budget


@dataclass(frozen=True, slots=True)
class Ended:
    """The process has, or has to be, without an answer. `again`: it may have been for what came before."""

    why: str
    again: bool


class Session:
    """A resource that checks of several certificates share: the process, begun when it is first asked, and what was
    shown by it; and the last subject's hash.
    """

    def __init__(self) -> None:
        self._process: SolverProcess | None = None
        self._shown: dict[tuple[object, ...], str] = {}
        self._hashed = (b"", "")
        self._lock = Lock()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def answer(self, queries: tuple[str, ...], seconds: int) -> str:
        """`unsat` if the solver says that of each; else what it says of the first of which it does not."""
        with self._lock:
            said = self._begun().ask(queries, seconds)
            while isinstance(said, Ended):
                self._end()
                if not said.again:
                    return f"the solver ended: {said.why}"
                said = self._begun().ask(queries, seconds)
            return said

    def once(self, what: tuple[object, ...], show: Callable[[], str]) -> str:
        """What `show` gives, unless it was shown before. It raises where nothing was shown: then nothing is kept."""
        if what not in self._shown:
            found = show()
            while len(self._shown) >= TOGETHER:
                del self._shown[next(iter(self._shown))]
            self._shown[what] = found
        return self._shown[what]

    def sha256(self, data: bytes) -> str:
        """Of a subject: the last one is remembered, whole, as certificates come that are about the same."""
        if not self._hashed[1] or self._hashed[0] != data:
            self._hashed = (data, hashlib.sha256(data).hexdigest())
        return self._hashed[1]

    def _begun(self) -> SolverProcess:
        if self._process is None:
            self._process = SolverProcess()
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


class SolverProcess:
    def __init__(self) -> None:
        self._answered = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        self._process = subprocess.Popen(
            [sys.executable, "-P", solver.__file__, str(MEGABYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        atexit.register(self.close)

    def ask(self, queries: tuple[str, ...], seconds: int) -> str | Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps([self._answered, seconds, queries]) + "\n")
            self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], seconds + 10)
        if not ready:
            return Ended(f"no answer in {seconds} s", again=False)
        line = self._process.stdout.readline()
        if not line:
            return Ended(self._last_words(), again=self._answered > 0)
        try:
            number, said = json.loads(line)
        except (ValueError, TypeError):
            number, said = None, ""
        if number != self._answered:
            return Ended(f"it says {line[:100]!r}", again=self._answered > 0)
        self._answered += 1
        return str(said)[:200]

    def _last_words(self) -> str:
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return said[-1][:200] if said else f"status {status}"

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        atexit.unregister(self.close)
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._errors.close()

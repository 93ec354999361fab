"""Goes over the bodies of a large module on several cores: each process takes some of them, and all is united."""

from __future__ import annotations

import gc
import marshal
import os
import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress

from proofs.recheck.scan import Body, events_by_group

BYTES_EACH = 1 << 18  # of code: for less, starting a process takes longer than it saves
BYTES_MORE = 100  # that take as long as what is done for each body
ByGroup = Mapping[int, Iterable[bytes]]


def events_on_cores(data: bytes, bodies: Sequence[Body], groups: Sequence[int], most: int) -> dict[int, set[bytes]]:
    """As `events_by_group`, with up to `most` processes. What one of them has no answer to is asked here: then
    whatever is wrong is raised.
    """
    first, *rest = _pieces(bodies, most)
    with ExitStack() as stack:
        children = [stack.enter_context(_Child(data, bodies[piece], groups[piece])) for piece in rest]
        united = events_by_group(data, bodies[first], groups[first])
        for piece, child in zip(rest, children, strict=True):
            answer = child.answer()
            found = events_by_group(data, bodies[piece], groups[piece]) if answer is None else answer
            for group, events in found.items():
                united.setdefault(group, set()).update(events)
        return united


def cores() -> int:
    """How many can be used. One where processes cannot be copied, or not safely, for threads in this one."""
    if not hasattr(os, "fork") or _threads() > 1:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads() -> int:
    """Those of libraries too, where the system says how many."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def _pieces(bodies: Sequence[Body], most: int) -> list[slice]:
    """That take about as long each; at least one."""
    size = sum(end - start + BYTES_MORE for start, end in bodies)
    share = max(BYTES_EACH, -(-size // most))
    ends, so_far = [], 0
    for number, (start, end) in enumerate(bodies, 1):
        so_far += end - start + BYTES_MORE
        if so_far >= share:
            ends.append(number)
            so_far = 0
    if not ends or ends[-1] != len(bodies):
        ends.append(len(bodies))
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


class _Child:
    """A copy of this process: a resource."""

    def __init__(self, data: bytes, bodies: Sequence[Body], groups: Sequence[int]) -> None:
        self._reading, writing = os.pipe()
        try:
            self._process = os.fork()
        except OSError:  # no more processes
            self._process = 0
            os.close(writing)
            return
        if self._process == 0:
            _work(self._reading, writing, data, bodies, groups)
        os.close(writing)

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reading)
        if self._process:
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)

    def answer(self) -> ByGroup | None:
        """None if it has none: it writes all of it, and ends well, or nothing that counts."""
        said = b"".join(iter(lambda: os.read(self._reading, 1 << 20), b""))
        if not self._process:
            return None
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return marshal.loads(said) if status == 0 else None  # written by this program, a moment ago


def _work(reading: int, writing: int, data: bytes, bodies: Sequence[Body], groups: Sequence[int]) -> None:
    """Ends the process without what else a process does at its end: that is for the one it was copied from."""
    status = 1
    gc.disable()  # nothing of what was copied is to be finalised here
    try:
        os.close(reading)
        with open(writing, "wb") as pipe:
            found = events_by_group(data, bodies, groups)
            pipe.write(marshal.dumps({group: list(events) for group, events in found.items()}))  # sets it would sort
        status = 0
    finally:
        os._exit(status)

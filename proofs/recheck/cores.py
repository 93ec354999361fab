"""Goes over the bodies of a large module on several cores: each process takes some of them, and all is united."""

from __future__ import annotations

import gc
import marshal
import os
import signal
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from proofs.recheck.compiled_scan import compiled_scan
from proofs.recheck.scan import Body, events_by_group

BYTES_EACH = 1 << 19  # of code: for less, starting a process takes longer than it saves
PIECES = 64  # which processes take one after the other, so that all end at much the same time; below 256
ByGroup = Mapping[int, Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Work:
    """The bodies of a module, and the group of each."""

    data: bytes
    bodies: Sequence[Body]
    groups: Sequence[int]

    def pieces(self) -> list[slice]:
        """Of about as many bytes each, the same in all processes; bodies stand in the order of their positions."""
        first, last = (self.bodies[0][0], self.bodies[-1][1]) if self.bodies else (0, 0)
        share = (last - first) // PIECES + 1
        ends = [bisect_left(self.bodies, (first + number * share, 0)) for number in range(PIECES)]
        return [slice(start, end) for start, end in pairwise((*ends, len(self.bodies)))]

    def of(self, pieces: Iterable[slice]) -> dict[int, set[bytes]]:
        """Goes over each piece before it takes the next: others take it else."""
        found: dict[int, set[bytes]] = {}
        for piece in pieces:
            for group, events in events_by_group(self.data, self.bodies[piece], self.groups[piece]).items():
                found.setdefault(group, set()).update(events)
        return found


def events_on_cores(work: Work) -> dict[int, set[bytes]]:
    """By group, with as many processes as are worth it."""
    count = helpers_for(work.bodies[-1][1] - work.bodies[0][0] if work.bodies else 0)
    if count == 0:
        return work.of([slice(None)])
    with Helpers(lambda: work, count) as helpers:
        return helpers.share(work)


def helpers_for(size: int) -> int:
    """How many processes, beside this one, are worth it for code of this size."""
    worth = size // BYTES_EACH
    return min(worth, cores()) - 1 if worth > 1 else 0


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


class Helpers:
    """Copies of this process, which begin with the work at once, and this one joins them: a resource. `find`: what the
    work is, which they find out themselves.
    """

    def __init__(self, find: Callable[[], Work], count: int) -> None:
        self._waiting, filling = os.pipe()
        os.write(filling, bytes(range(PIECES)))  # numbers of pieces; each is read by one process
        os.close(filling)
        compiled_scan()  # made once, before it is copied
        self._children = [_Child(self._waiting, find) for _ in range(count)]

    def __enter__(self) -> Helpers:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.close()
        os.close(self._waiting)

    def share(self, work: Work) -> dict[int, set[bytes]]:
        """The events of all of it, by group. What a helper has no answer to is asked here: then whatever is wrong is
        raised.
        """
        pieces = work.pieces()
        done: set[int] = set()
        united = work.of(_taken(self._waiting, pieces, done))
        answers = [answer for child in self._children if (answer := child.answer()) is not None]
        done.update(*[numbers for numbers, _ in answers])
        rest = work.of([piece for number, piece in enumerate(pieces) if number not in done])
        for found in (rest, *[found for _, found in answers]):
            for group, events in found.items():
                united.setdefault(group, set()).update(events)
        return united


def _taken(waiting: int, pieces: Sequence[slice], done: set[int]) -> Iterator[slice]:
    while number := os.read(waiting, 1):
        if number[0] < len(pieces):
            done.add(number[0])
            yield pieces[number[0]]


class _Child:
    """A copy of this process."""

    def __init__(self, waiting: int, find: Callable[[], Work]) -> None:
        self._reading, writing = os.pipe()
        try:
            self._process = os.fork()
        except OSError:  # no more processes
            self._process = 0
            os.close(writing)
            return
        if self._process == 0:
            _work(self._reading, writing, waiting, find)
        os.close(writing)

    def close(self) -> None:
        os.close(self._reading)
        if self._process:
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0

    def answer(self) -> tuple[set[int], ByGroup] | None:
        """The numbers of pieces, and their events. None if it has none: it writes all of it, and ends well, or nothing
        that counts.
        """
        said = b"".join(iter(lambda: os.read(self._reading, 1 << 20), b""))
        if not self._process:
            return None
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return marshal.loads(said) if status == 0 else None  # written by this program, a moment ago


def _work(reading: int, writing: int, waiting: int, find: Callable[[], Work]) -> None:
    """Ends the process without what else a process does at its end: that is for the one it was copied from."""
    status = 1
    gc.disable()  # nothing of what was copied is to be finalised here
    try:
        os.close(reading)
        work = find()
        done: set[int] = set()
        found = work.of(_taken(waiting, work.pieces(), done))
        with open(writing, "wb") as pipe:  # as lists: sets it would sort
            pipe.write(marshal.dumps((list(done), {group: list(events) for group, events in found.items()})))
        status = 0
    finally:
        os._exit(status)

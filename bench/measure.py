"""Whole processes, timed from outside: wall time and peak of memory, the best of several runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """`seconds`: wall time; `megabytes`: peak resident size, or that of the largest descendant; `status`: exit
    status; `processor`: seconds of all processors, with those of descendants.
    """

    seconds: float
    megabytes: float
    status: int
    processor: float


def measure(command: Sequence[str], repeat: int = 3) -> Measure:
    """The quickest of `repeat` runs, with the smallest peak and the least processor time."""
    runs = [_once(command) for _ in range(repeat)]
    return Measure(
        min(run.seconds for run in runs),
        min(run.megabytes for run in runs),
        runs[0].status,
        min(run.processor for run in runs),
    )


def _once(command: Sequence[str]) -> Measure:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    processor = usage.ru_utime + usage.ru_stime
    return Measure(time.perf_counter() - started, usage.ru_maxrss / unit, process.returncode, processor)

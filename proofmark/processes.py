"""Worker processes of this machine."""

from __future__ import annotations

import concurrent.futures as futures
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from proofmark.collector import collect_seldom
from proofmark.pool import Pool


def _begin() -> None:
    collect_seldom()
    # interrupts are left to the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def open_processes(workers: int) -> Iterator[Pool]:
    """A pool of fresh processes. Leaving early (an interrupt, say) ends them and waits for no job."""
    before = set(multiprocessing.active_children())
    executor = futures.ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
    try:
        yield Pool(executor, workers, lambda: None)
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.kill()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)

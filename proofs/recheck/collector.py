"""Python's collector of cycles, while a subject is gone over."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """What a module is decoded to are frozen values without cycles, hundreds of thousands of them: by default the
    collector walks through all of them for nothing, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

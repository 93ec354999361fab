"""A found sequence of calls to a short one that still does it, and that in words."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from proofs.replay.search import Call, Found, Search

_TOLD = 12


def shrink(search: Search, found: Found, deadline: float) -> Found:
    """The shortest of the sequences tried; what was found itself if no other does it."""
    best = found
    for calls in _shorter(found.calls):
        if time.monotonic() > deadline:
            return best
        if again := search.replayed(calls):
            best = again
            break
    step = len(best.calls) // 2
    while step and time.monotonic() < deadline:
        again = search.replayed(best.calls[step:])
        if again and len(again.calls) < len(best.calls):
            best = again
            step = min(step, len(best.calls) // 2)
        else:
            step //= 2
    return best


def _shorter(calls: tuple[Call, ...]) -> Iterator[tuple[Call, ...]]:
    if len(calls) > 1:
        last = calls[-1]
        yield (last,)
        yield tuple([call for call in calls if call.function == last.function])
        yield tuple([call for call in calls if call.root])


def told(found: Found) -> str:
    """The calls in order, those that repeat counted."""
    if not found.calls:
        return "instantiation, by the start function"
    groups = [(text, len(list(same))) for text, same in itertools.groupby(map(_written, found.calls))]
    parts = [text if times == 1 else f"{text} x{times}" for text, times in groups[-_TOLD:]]
    if len(groups) > _TOLD:
        parts.insert(0, f"... ({sum(times for _, times in groups[:-_TOLD])} calls before)")
    return "the last of: " + ", ".join(parts) if len(found.calls) > 1 else parts[0]


def _written(call: Call) -> str:
    return f"{call.name}({', '.join(map(str, call.arguments))})"

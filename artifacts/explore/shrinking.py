"""A call graph with less on it, for where the whole does not fit: the functions on the shortest ways stay."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from artifacts.explore.call_questions import Calls
from artifacts.explore.model import CallView, ShownRoot


def nearest(view: CallView, most: int) -> CallView:
    """The functions with the shortest ways from a root to the goal through them: all that are as near as the last of
    `most`, unless that is all, so that a way is whole or not there.
    """
    through = _through(view)
    limit = sorted(through)[max(0, min(most, len(through)) - 1)]
    kept = [function for function, length in enumerate(through) if length <= limit]
    if len(kept) == len(through):
        kept = [function for function, length in enumerate(through) if length < limit] or kept
    number = {function: at for at, function in enumerate(kept)}
    return replace(
        view,
        names=tuple(view.names[function] for function in kept),
        sizes=tuple(view.sizes[function] for function in kept),
        edges=tuple(tuple(number[t] for t in view.edges[function] if t in number) for function in kept),
        goals=tuple(number[goal] for goal in view.goals if goal in number),
        roots=tuple(ShownRoot(root.name, number[root.function]) for root in view.roots if root.function in number),
        sites={
            (number[caller], None if target is None else number[target]): site
            for (caller, target), site in view.sites.items()
            if caller in number and (target is None or target in number)
        },
        left_out=view.left_out + len(view.names) - len(kept),
    )


def _through(view: CallView) -> list[int]:
    """For each function the length of a shortest way from a root through it to the goal."""
    calls = Calls(view)
    from_root = [-1] * len(view.names)
    waiting = deque(dict.fromkeys(root.function for root in view.roots))
    for function in waiting:
        from_root[function] = 0
    while waiting:
        function = waiting.popleft()
        for target in calls.targets(function):
            if from_root[target] < 0:
                from_root[target] = from_root[function] + 1
                waiting.append(target)
    far = len(view.names)
    return [far if one < 0 else one + distance for one, distance in zip(from_root, calls.distance, strict=True)]

"""The shortest ways from a root to the goal, as boxes and arrows."""

from __future__ import annotations

from itertools import pairwise

from artifacts.callpaths import Arrow, Box, Picture, Role
from artifacts.explore.call_questions import Calls
from artifacts.explore.model import CallView

LAYER = 12
"""Most functions of one distance that are drawn."""


def ways(view: CallView, calls: Calls, root: int) -> Picture:
    """All shortest paths of a root; a single box if there is none."""
    start = view.roots[root]
    title = f"{view.heading.obligation} on {view.heading.subject}: {start.name}"
    layers = calls.shortest(start.function).layers
    if not layers:
        return Picture(title, (Box("none", f"does not reach {view.goal}", "", "note"),), (), 0)
    kept = [layer[:LAYER] for layer in layers]
    boxes = [_box(view, one, start.function) for layer in kept for one in layer]
    arrows = [
        _arrow(view, caller, target)
        for upper, lower in pairwise(kept)
        for caller in upper
        for target in calls.targets(caller)
        if target in lower
    ]
    boxes.append(Box("goal", view.goal, "goal", "goal"))
    arrows += [_arrow(view, one, None) for one in kept[-1]]
    return Picture(title, tuple(boxes), tuple(arrows), sum(len(layer) for layer in layers) - sum(map(len, kept)))


def _box(view: CallView, function: int, start: int) -> Box:
    role: Role = "root" if function == start else "inner"
    return Box(str(function), view.names[function], f"{view.sizes[function]} bytes", role)


def _arrow(view: CallView, caller: int, target: int | None) -> Arrow:
    site = view.sites.get((caller, target))
    label = "holds" if target is None else "calls"
    at = f"{label} @ 0x{site.offset:x}" if site else label
    detail = "\n".join((at, *site.lines)) if site else at
    return Arrow(str(caller), "goal" if target is None else str(target), at, detail)

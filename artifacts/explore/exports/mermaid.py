"""Views as Mermaid diagrams: a trace as a sequence diagram, the ways to a goal as a flow chart."""

from __future__ import annotations

from collections.abc import Iterator

from artifacts.callpaths import Picture
from artifacts.explore.lanes import lane_of_actor
from artifacts.explore.leases import VIOLATION
from artifacts.explore.model import Entry, Lane, ShownStep, TraceView
from artifacts.names import shortened

_WIDTH = 120
_PLAIN = frozenset(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-,:()+=/→")
_NAMES = {lane: f"L{number}" for number, lane in enumerate(Lane)}


def sequence(view: TraceView) -> str:
    """Participants are the lanes; a note says what each step changes in each lane."""
    return "\n".join(("sequenceDiagram", *(f"    {line}" for line in _lines(view)))) + "\n"


def flow(drawn: Picture) -> str:
    """Boxes and arrows from the top down."""
    numbers = {box.key: f"N{number}" for number, box in enumerate(drawn.boxes)}
    lines = [f'    {numbers[box.key]}["{_safe(box.name)}"]' for box in drawn.boxes]
    lines += [f'    {numbers[one.tail]} -->|"{_safe(one.label)}"| {numbers[one.head]}' for one in drawn.arrows]
    return "\n".join(("flowchart TD", *lines)) + "\n"


def _lines(view: TraceView) -> Iterator[str]:
    for lane in Lane:
        yield f"participant {_NAMES[lane]} as {_safe(lane.value)}"
    for step in view.steps:
        acts, meets = _NAMES[lane_of_actor(step.actor)], _NAMES[Lane.OPERATION]
        yield f"{acts}->>{meets}: {_safe(f'{step.number}. {step.action}')}"
        for entry in step.entries:
            yield from _event(entry)
        yield from _notes(view, step)


def _event(entry: Entry) -> Iterator[str]:
    """Calls within the guest are left out: they are many, and all in one lane."""
    here, there = _NAMES[Lane.OPERATION], _NAMES[entry.lane]
    if entry.kind == VIOLATION:
        where = f" at {entry.where.source}" if entry.where else ""
        yield f"Note over {there}: ✗ {_safe(entry.text + where)}"
    elif entry.kind == "host":
        yield f"{here}->>{there}: {_safe(entry.text)}"
        if entry.code:
            yield f"{there}-->>{here}: {_safe(entry.code)}"
    elif entry.kind != "call":
        yield f"{here}->>{there}: {_safe(f'{entry.kind}: {entry.text}')}"


def _notes(view: TraceView, step: ShownStep) -> Iterator[str]:
    for lane in Lane:
        changed = [
            f"{view.words[one.word].name}: {one.before} → {one.after}"
            for one in step.changes
            if view.words[one.word].lane is lane
        ]
        if changed:
            yield f"Note right of {_NAMES[lane]}: {'<br/>'.join(map(_safe, changed))}"


def _safe(text: str) -> str:
    """Anything but plain characters as a code of Mermaid's own: none of it is syntax."""
    return "".join(one if one in _PLAIN else f"#{ord(one)};" for one in shortened(text, _WIDTH))

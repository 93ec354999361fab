"""One linear pass over the function bodies of a module: which distinct events occur in which group of functions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from proofs.recheck.compiled_scan import compiled_scan
from proofs.recheck.instructions import LONE_BYTES, read_locals, scan, step
from proofs.recheck.reader import Reader

_NONE = b""  # found at the end of a body
MANY_EVENTS = 1 << 20  # in more code, the list of all its events would take too much memory
AT_ONCE = 1 << 15  # bytes of bodies that are gone over in one pass: to begin one takes as long as 2,000 bytes do
_CALLS = frozenset((0x10, 0x12))
Body = tuple[int, int]


def events_of(data: bytes, body: Body) -> set[bytes]:
    """The distinct events of one body; every byte of it is accounted for, and its last is its `end`."""
    return set(_events_of(data, body)) - {_NONE}


def _events_of(data: bytes, body: Body) -> Collection[bytes]:
    """Also `_NONE`, and perhaps events more than once."""
    position, end = _code(data, body)
    events: Collection[bytes]
    if end - position <= MANY_EVENTS:
        events = scan().findall(data, position, end)
    else:
        events = {found.group(1) for found in scan().finditer(data, position, end)}
    return events if LONE_BYTES.isdisjoint(events) else _events_by_step(data, position, end)


def _code(data: bytes, body: Body) -> tuple[int, int]:
    """Where its instructions stand, without the last, its `end`."""
    start, end = body
    reader = Reader(data, start, end)
    read_locals(reader)
    if reader.at_end or data[end - 1] != 0x0B:
        raise Reader(data, start, end).fault("function body has no end")
    return reader.position, end - 1


def _events_by_step(data: bytes, position: int, end: int) -> set[bytes]:
    """Also `_NONE`. Where the pattern stops, `step` reads one instruction."""
    events: set[bytes] = set()
    while position < end:
        for match in scan().finditer(data, position, end):
            event: bytes = match[1]
            if len(event) == 1:
                reader = Reader(data, match.end() - 1, end)
                events.add(step(reader))
                position = reader.position
                break
            events.add(event)
        else:
            return events
    return events


@dataclass(frozen=True, slots=True)
class Events:
    """Decoded events of a set of bodies: indices as the module numbers them."""

    calls: frozenset[int]
    indirect: frozenset[tuple[int, int]]  # (type, table)
    by_reference: frozenset[int]  # types
    grows: bool
    references: frozenset[int]
    table_reads: frozenset[int]
    table_writes: frozenset[int]
    table_inits: frozenset[tuple[int, int]]  # (segment, table)
    table_copies: frozenset[tuple[int, int]]  # (into, from)
    converts_extern: bool


def decode(events: set[bytes]) -> Events:
    """Decodes each distinct event once (E1 to E4, R1, R2, R5, R6)."""
    direct = [event for event in events if event[0] in _CALLS]  # nearly all of them are
    calls = [event[1] if len(event) == 2 else _first(event, 1) for event in direct]
    by_reference: set[int] = set()
    references: set[int] = set()
    reads: set[int] = set()
    writes: set[int] = set()
    indirect: set[tuple[int, int]] = set()
    inits: set[tuple[int, int]] = set()
    copies: set[tuple[int, int]] = set()
    grows = converts = False
    for event in [event for event in events if event[0] not in _CALLS]:
        match event[0], event[1]:
            case 0x11 | 0x13, _:
                indirect.add(_pair(event, 1))
            case 0x14 | 0x15, _:
                by_reference.add(_first(event, 1))
            case 0x40, _:
                grows = True
            case 0xD2, _:
                references.add(_first(event, 1))
            case 0x25, _:
                reads.add(_first(event, 1))
            case 0x26, _:
                writes.add(_first(event, 1))
            case 0xFC, 0x0C:
                inits.add(_pair(event, 2))
            case 0xFC, 0x0E:
                copies.add(_pair(event, 2))
            case 0xFC, 0x0F | 0x11:
                writes.add(_first(event, 2))
            case 0xFB, 0x1A | 0x1B:
                converts = True
            case 0xFE, 0x58:
                reads.add(_first(event, 3))
            case 0xFE, 0x59:
                writes.add(_first(event, 3))
            case 0xFE, 0x5A | 0x5B:
                reads.add(_first(event, 3))
                writes.add(_first(event, 3))
            case _:
                raise AssertionError(f"event {event.hex()}")
    return Events(
        frozenset(calls), frozenset(indirect), frozenset(by_reference), grows, frozenset(references),
        frozenset(reads), frozenset(writes), frozenset(inits), frozenset(copies), converts,
    )  # fmt: skip


def united(parts: Sequence[Events]) -> Events:
    return Events(
        frozenset().union(*[part.calls for part in parts]),
        frozenset().union(*[part.indirect for part in parts]),
        frozenset().union(*[part.by_reference for part in parts]),
        any(part.grows for part in parts),
        frozenset().union(*[part.references for part in parts]),
        frozenset().union(*[part.table_reads for part in parts]),
        frozenset().union(*[part.table_writes for part in parts]),
        frozenset().union(*[part.table_inits for part in parts]),
        frozenset().union(*[part.table_copies for part in parts]),
        any(part.converts_extern for part in parts),
    )


def _first(event: bytes, position: int) -> int:
    match len(event) - position:  # with nothing behind it: of so many bytes
        case 1:
            return event[position]
        case 2:
            return event[position] & 0x7F | event[position + 1] << 7
        case 3:
            return event[position] & 0x7F | (event[position + 1] & 0x7F) << 7 | event[position + 2] << 14
    return Reader(event, position, len(event)).u32()


def _pair(event: bytes, position: int) -> tuple[int, int]:
    reader = Reader(event, position, len(event))
    return reader.u32(), reader.u32()


def events_by_group(data: bytes, bodies: Sequence[Body], groups: Sequence[int]) -> dict[int, set[bytes]]:
    """The raw events of bodies, in the order of their positions, united for each group; `groups`: that of each."""
    if len(set(groups)) == 1 and len(groups) == len(bodies):
        return {groups[0]: _events_of_all(data, bodies)}
    by: dict[int, list[Body]] = {}
    for body, group in zip(bodies, groups, strict=True):
        by.setdefault(group, []).append(body)
    return {group: _events_of_all(data, held) for group, held in by.items()}


def _events_of_all(data: bytes, bodies: Sequence[Body]) -> set[bytes]:
    events: set[bytes] = set()
    for some in _at_once(bodies):
        events.update(_events_of_some(data, some))
    events.discard(_NONE)
    return events


def _at_once(bodies: Sequence[Body]) -> Iterator[Sequence[Body]]:
    begin = 0
    while begin < len(bodies):
        end = bisect_left(bodies, (bodies[begin][0] + AT_ONCE, 0), begin + 1)
        yield bodies[begin:end]
        begin = end


def _events_of_some(data: bytes, bodies: Sequence[Body]) -> Collection[bytes]:
    compiled = compiled_scan()
    if (
        compiled is not None
        and bodies[-1][1] - bodies[0][0] <= MANY_EVENTS
        and {data[end - 1] for _, end in bodies} == {0x0B}
    ):
        events = compiled.events([data[start : end - 1] for start, end in bodies])
        if events is not None:
            return events
    return set().union(*[_events_of(data, body) for body in bodies])

"""One linear pass over the function bodies of a module: which distinct events occur in which group of functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from proofs.recheck.coretypes import read_val_type
from proofs.recheck.instructions import LOCALS, LONE_BYTES, SCAN, step
from proofs.recheck.reader import Reader

_NONE = b""  # found at the end of a body
MANY_EVENTS = 1 << 20  # in a longer body, the list of all its events would take too much memory
_CALLS = frozenset((0x10, 0x12))
Body = tuple[int, int]


def events_of(data: bytes, body: Body) -> set[bytes]:
    """The distinct events of one body; every byte of it is accounted for, and its last is its `end`."""
    return set(_events_of(data, body)) - {_NONE}


def _events_of(data: bytes, body: Body) -> Collection[bytes]:
    """Also `_NONE`, and perhaps events more than once."""
    start, end = body
    declared = LOCALS.match(data, start, end)
    position = declared.end() if declared else _after_locals(data, start, end)
    if position >= end or data[end - 1] != 0x0B:
        raise Reader(data, start, end).fault("function body has no end")
    events: Collection[bytes]
    if end - position <= MANY_EVENTS:
        events = SCAN.findall(data, position, end - 1)
    else:
        events = {found.group(1) for found in SCAN.finditer(data, position, end - 1)}
    return events if LONE_BYTES.isdisjoint(events) else _events_by_step(data, position, end - 1)


def _after_locals(data: bytes, start: int, end: int) -> int:
    reader = Reader(data, start, end)
    for _ in range(reader.count()):
        reader.u32()
        read_val_type(reader)
    return reader.position


def _events_by_step(data: bytes, position: int, end: int) -> set[bytes]:
    events: set[bytes] = set()
    while position < end:
        for found in SCAN.finditer(data, position, end):
            event: bytes = found[1]
            if len(event) == 1:
                reader = Reader(data, found.end() - 1, end)
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
    calls = [_first(event, 1) for event in events if event[0] in _CALLS]  # nearly all of them are
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


def events_by_group(data: bytes, bodies: Iterable[tuple[Body, int]]) -> dict[int, set[bytes]]:
    """The raw events of bodies, each with the group of its function, united for each group."""
    united: dict[int, set[bytes]] = {}
    for body, group in bodies:
        united.setdefault(group, set()).update(_events_of(data, body))
    for events in united.values():
        events.discard(_NONE)
    return united

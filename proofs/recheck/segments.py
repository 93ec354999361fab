"""Reads what the sections of elements, data and code hold; bodies are only delimited."""

from __future__ import annotations

import re

from proofs.recheck.constants import Constant, read_constant
from proofs.recheck.coretypes import read_ref_type
from proofs.recheck.module import Contents, ExportList, Kind
from proofs.recheck.reader import Reader

_PLAIN_DATA = re.compile(rb"\x00\x41[\x80-\xff]{0,3}+[\x00-\x7f]\x0b")  # in memory 0, at a constant


def read_segment(r: Reader) -> tuple[tuple[Constant, ...], int | None]:
    flags = r.u32()
    if flags > 7:
        raise r.fault("unknown kind of element segment")
    table = None
    if not flags & 1:
        table = r.u32() if flags & 2 else 0
        read_constant(r)
    if flags & 3:
        if flags & 4:
            read_ref_type(r)
        else:
            r.expect(0, "elements that are functions")
    if flags & 4:
        return r.vector(lambda: read_constant(r)), table
    return (Constant(r.u32s(), True, False),), table


def read_data(r: Reader) -> None:
    plain = _PLAIN_DATA.match(r.data, r.position, r.end)
    if plain is not None:
        r.position = plain.end()
        r.skip(r.u32())
        return
    match r.u32():
        case 0:
            read_constant(r)
        case 1:
            pass
        case 2:
            r.u32()
            read_constant(r)
        case flags:
            raise r.fault(f"unknown kind of data segment {flags}")
    r.skip(r.u32())


def read_exports(r: Reader) -> ExportList:
    """There may be tens of thousands: what is short is read without calls."""
    count, data, position = r.count(), r.data, r.position
    safe = r.end - 0x80 - 4  # up to here, a name of less than 128 bytes, a kind and three bytes of an index are inside
    names, kinds, indices = [], bytearray(), []
    for _ in range(count):
        if position < safe and (size := data[position]) < 0x80:
            behind = position + 1 + size
            names.append(data[position + 1 : behind])
        else:
            r.position = position
            names.append(r.take(r.u32()))
            r.peek()
            behind = r.position
        kinds.append(data[behind])
        if behind < safe and (low := data[behind + 1]) < 0x80:
            indices.append(low)
            position = behind + 2
        elif behind < safe and (middle := data[behind + 2]) < 0x80:
            indices.append(low & 0x7F | middle << 7)
            position = behind + 3
        elif behind < safe and (high := data[behind + 3]) < 0x80:
            indices.append(low & 0x7F | (middle & 0x7F) << 7 | high << 14)
            position = behind + 4
        else:
            r.position = behind + 1
            indices.append(r.u32())
            position = r.position
    r.position = position
    if max(kinds, default=0) >= len(Kind):
        raise r.fault("unknown kind of export")
    try:
        b"\0".join(names).decode()  # no character reaches across what is between them
    except UnicodeDecodeError:
        raise r.fault("name is not UTF-8") from None
    if len(set(names)) != count:
        raise r.fault("two exports of one name")
    return ExportList(names, bytes(kinds), indices)


def read_bodies(r: Reader) -> tuple[tuple[int, int], ...]:
    """There may be tens of thousands: what has a size of up to three bytes is passed over without calls."""
    count, data, position, end = r.count(), r.data, r.position, r.end
    found = []
    for _ in range(count):
        if position + 3 > end:
            r.position = position
            size = r.u32()
            start = r.position
        elif (size := data[position]) < 0x80:
            start = position + 1
        elif (middle := data[position + 1]) < 0x80:
            size, start = size & 0x7F | middle << 7, position + 2
        elif (high := data[position + 2]) < 0x80:
            size, start = size & 0x7F | (middle & 0x7F) << 7 | high << 14, position + 3
        else:
            r.position = position
            size = r.u32()
            start = r.position
        position = start + size
        if position > end:
            r.position = start
            raise r.fault("unexpected end")
        found.append((start, position))
    r.position = position
    return tuple(found)


def contents_of(items: tuple[Constant, ...]) -> Contents:
    functions = frozenset([f for item in items for f in item.functions])
    return Contents(functions, not all(item.plain for item in items))

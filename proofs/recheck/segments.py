"""Reads what the sections of elements, data and code hold; bodies are only delimited."""

from __future__ import annotations

import re

from proofs.recheck.constants import Constant, read_constant
from proofs.recheck.coretypes import read_ref_type
from proofs.recheck.module import Contents
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


def read_bodies(r: Reader) -> tuple[tuple[int, int], ...]:
    found = []
    for _ in range(r.count()):
        size = r.u32()
        start = r.position
        r.skip(size)
        found.append((start, r.position))
    return tuple(found)


def contents_of(items: tuple[Constant, ...]) -> Contents:
    functions = frozenset([f for item in items for f in item.functions])
    return Contents(functions, not all(item.plain for item in items))

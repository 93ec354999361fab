"""Locals that hold nothing from one block to the next: a value that is made and used within a block.

They have no storage marks, and would tell apart two states that go on alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir.tree import Body


def temporaries(body: Body) -> frozenset[int]:
    """Those that are assigned as a whole before each use, in the block of the use, and are marked nowhere."""
    found: set[int] = set()
    excluded: set[int] = {0}
    for block in body.blocks:
        assigned: set[int] = set()
        for statement in block.statements:
            match statement.kind:
                case st.StorageLive(local) | st.StorageDead(local):
                    excluded.add(local)
                case st.Assign(o.Place(local, ()), value):
                    excluded.update(locals_of(value) - assigned)
                    assigned.add(local)
                case other:
                    excluded.update(locals_of(other) - assigned)
        excluded.update(locals_of(block.terminator.kind) - assigned)
        found |= assigned
    return frozenset(found - excluded)


def locals_of(part: Any) -> set[int]:
    """All that are named anywhere in it."""
    return set(_locals(part))


def _locals(part: Any) -> Iterator[int]:
    if isinstance(part, o.Place):
        yield part.local
    if isinstance(part, o.Index):
        yield part.local
    if isinstance(part, tuple):
        for one in part:
            yield from _locals(one)
    elif is_dataclass(part):
        for one in fields(part):
            yield from _locals(getattr(part, one.name))

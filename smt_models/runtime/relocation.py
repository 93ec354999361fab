"""Values whose pointers follow objects to their new places."""

from __future__ import annotations

from dataclasses import replace

from smt_models.runtime.roots import GONE
from smt_models.runtime.values import Aggregate, Choice, Pointer, Value, Variant


def relocated(value: Value, renamed: dict[int, int], roots: dict[int, str]) -> Value:
    """Pointers to objects that are not `roots` point nowhere."""
    match value:
        case Pointer(base):
            base = renamed.get(base, base)
            return replace(value, base=base) if base in roots else Pointer(GONE)
        case Aggregate(_, fields) | Variant(_, _, fields):
            return replace(value, fields=tuple(relocated(one, renamed, roots) for one in fields))
        case Choice(_, options):
            return replace(value, options=tuple(relocated(one, renamed, roots) for one in options))
        case _:
            return value

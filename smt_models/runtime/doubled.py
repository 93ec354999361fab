"""Items that MIR calls by one name: in several blocks of one function, or made by one macro that is used twice, where
impls and closures are called by the place in the macro; and what is in `impl W<u8>` and in `impl W<u16>`, where it is
used. Nothing then says which is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from extract.mir.tree import ConstantItem, ConstantKind, Function

Item = TypeVar("Item", Function, ConstantItem)
Doubled = Mapping[str, frozenset[str]]
"""Of each name that several items have those by which all of them are kept."""


def by_name(items: Iterable[tuple[str, Item]]) -> tuple[dict[str, Item], Doubled]:
    """Each under a name of its own: the first of several has theirs. Equal ones are one, but for statics."""
    found: dict[str, Item] = {}
    doubled: dict[str, frozenset[str]] = {}
    for name, item in items:
        family: frozenset[str] = doubled.get(name, frozenset({name}))
        if name not in found:
            found[name] = item
        elif _is_static(item) or all(found[one] != item for one in family):
            other = f"{name} ({len(family) + 1})"
            found[other] = item
            doubled |= dict.fromkeys((*family, other), family | {other})
    return found, doubled


def _is_static(item: Function | ConstantItem) -> bool:
    return isinstance(item, ConstantItem) and item.kind in (ConstantKind.STATIC, ConstantKind.STATIC_MUT)

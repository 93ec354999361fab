"""Where within a value those of a type are."""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.static_pools.values import Array, NotModelled, Struct, Sum, Value
from smt_models.system.terms import Literal


def values_of(value: Value, owner: str) -> Iterator[Value]:
    """NotModelled where it is not known whether there is one."""
    match value:
        case Struct(of, _) if of == owner:
            yield value
        case Struct(_, parts) | Array(parts):
            for one in parts:
                yield from values_of(one, owner)
        case Sum(_, Literal(tag), payloads):
            for one in dict(payloads).get(int(tag), ()):
                yield from values_of(one, owner)
        case Sum(_, _, payloads):
            if any(True for _, parts in payloads for one in parts for _ in values_of(one, owner)):
                raise NotModelled(f"a value of {owner} of which it is not known whether it is there")
        case _:
            pass

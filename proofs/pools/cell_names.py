"""Names of metadata cells: the array that the user named, else the symbol that the module exports there, else the
address.
"""

from __future__ import annotations

from collections.abc import Mapping

import wasmtime

from proofs.pool_run import NamedCell
from proofs.pools.instance import PoolInstance
from smt_models.pools.pool import Pool

_NEAR = 64
"""A symbol says not how long it is: what lies further behind it is not named after it."""


def named(address: int, size: int, pool: Pool, symbols: Mapping[int, str]) -> NamedCell:
    """`symbols`: by the address at which each begins."""
    return NamedCell(_name(address, pool, symbols), address, size)


def cells_of(instance: PoolInstance) -> tuple[NamedCell, ...]:
    """Named after the globals that the module exports and that never change, but for those of the linker's own."""
    symbols = {
        one.value(instance.store) % (1 << 32): str(name)
        for name, one in instance.exports.items()
        if isinstance(one, wasmtime.Global) and not str(name).startswith("__")
        if not one.type(instance.store).mutable and str(one.type(instance.store).content) == "i32"
    }
    return tuple(named(first, last + 1 - first, instance.pool, symbols) for first, last in instance.metadata)


def _name(address: int, pool: Pool, symbols: Mapping[int, str]) -> str:
    for table in pool.tables:
        if table.base <= address < table.end:
            place, within = divmod(address - table.base, table.element)
            return f"{table.name}[{place}]{f'+{within}' if within else ''}"
    if address in symbols:
        return symbols[address]
    for part in pool.parts:
        if part.base <= address < part.end:
            return f"{part.name}+{address - part.base}"
    start = max((one for one in symbols if one < address), default=None)
    known = (*(part.base for part in pool.parts), *(table.base for table in pool.tables))
    if start is None or address - start > _NEAR or any(start <= one < address for one in known):
        return f"{address:#x}"
    return f"{symbols[start]}+{address - start}"

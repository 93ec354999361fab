"""Who hands out a pool's blocks."""

from __future__ import annotations

from dataclasses import replace

from extract.errors import InputError, WholeFile
from extract.wasm.module import ExternKind, Module
from smt_models.graph_obligation import REALLOC_NAMES, is_realloc_name
from smt_models.pools.pool import Pool, Role


def with_roles(path: str, pool: Pool, module: Module) -> Pool:
    """Without any role given, what a toolchain names as a realloc hands out blocks. Raises InputError."""
    exported = {item.name for item in module.exports if item.kind is ExternKind.FUNCTION}
    for name in pool.roles:
        if name not in exported:
            raise InputError(path, WholeFile(), f"no exported function {name!r}", "the roles of the pool to be exports")
    if pool.roles:
        return pool
    found = tuple(Role(name) for name in sorted(exported) if is_realloc_name(name))
    if not found:
        raise InputError(path, WholeFile(), "no export that hands out blocks", f"`allocate`, or one of {REALLOC_NAMES}")
    return replace(pool, allocate=found)

"""A pool's model made again: from the module, and from what a certificate says of the pool and of who may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from extract.subject import SubjectFile
from extract.wasm.initial import initial_state
from extract.wasm.module import ExternKind
from extract.wasm.read import read_world
from proofs.pool_verdicts import PoolInvariant
from proofs.pools.judge import evidence_of
from smt_models.pools.calls import NoModel, calls_of
from smt_models.pools.model import model_of
from smt_models.pools.pool import ROLES, Area, Array, Host, Pool, Role
from smt_models.wasm.program import program_of


def evidence_again(file: SubjectFile, said: Mapping[str, Any]) -> PoolInvariant:
    """All that follows from the module alone: what a solver found is empty. `said`: the evidence, as the checker takes
    it. Raises InputError, NoModel, and LookupError with what is not known of a call.
    """
    world = read_world(file)
    if world.is_component:
        raise NoModel("a component")
    module = world.instances[0].module
    exported = {item.name for item in module.exports if item.kind is ExternKind.FUNCTION}
    pool = pool_of(said, exported - set(said["left_out"]))
    initial = initial_state(file.data, module, file.path)
    model = model_of(pool, calls_of(program_of(file.data, module, file.path), initial, pool), Host(said["host"]))
    return evidence_of(model, "", ())


def pool_of(said: Mapping[str, Any], called: set[str]) -> Pool:
    roles: dict[str, Any] = {name: tuple(_role(one) for one in said["roles"] if one["role"] == name) for name in ROLES}
    tables = tuple(Array(*one) for one in said["pool"]["tables"])
    also = tuple(Area(*one) for one in said["pool"]["also"])
    return replace(Pool(**said["pool"]), tables=tables, also=also, exports=tuple(sorted(called)), **roles)


def _role(said: Mapping[str, Any]) -> Role:
    parameters = said["parameters"]
    return Role(said["export"], None if parameters is None else tuple(parameters), said["indices"], said["unit"])

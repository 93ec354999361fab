"""Assumptions of proofs about pools: the module's model made again under less, and judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extract.subject import SubjectFile
from extract.wasm.initial import initial_state
from extract.wasm.module import ExternKind
from extract.wasm.read import read_world
from proofs.ablation.answers import Answer, Listed, NotAsked, NotKnown, answer_of
from proofs.ablation.left import Clock
from proofs.kinds import PoolKind
from proofs.pools.again import pool_of
from proofs.pools.judge import Asked, judge
from proofs.runtime.engine import Budget
from smt_models.pools.calls import NoModel, calls_of
from smt_models.pools.pool import Host
from smt_models.wasm.program import program_of

_OUTSIDE = {
    "clients": "no step of the model writes a block that is not live, so that there is none to let in",
    "metadata": "no step of the model is anybody else's, so that there is none to let in",
    "pool-model": "without it there is no model that anything could be taken out of",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """The assumption that is dropped, of those that the certificate lists."""

    identity: str
    about: str
    listed: Listed


def without(file: SubjectFile, said: Mapping[str, Any], kind: PoolKind, taken: Taken, clock: Clock) -> Answer:
    """`said`: the evidence, as the checker takes it. Raises InputError."""
    identity, about = taken.identity, taken.about
    if identity in _OUTSIDE:
        return NotAsked(_OUTSIDE[identity])
    if identity not in ("arguments", "left-out"):
        return NotKnown(f"nothing is known of what {identity} assumes")
    if clock.spent is not None:
        return clock.spent
    module = read_world(file).instances[0].module
    exported = {item.name for item in module.exports if item.kind is ExternKind.FUNCTION}
    left_out = set(said["left_out"]) - {about}
    pool = pool_of(said, exported - left_out)
    host = Host.ANY if identity == "arguments" else Host(said["host"])
    budget = Budget(max(1, clock.left), clock.megabytes)
    try:
        calls = calls_of(program_of(file.data, module, file.path), initial_state(file.data, module, file.path), pool)
    except (NoModel, LookupError) as error:
        return NotKnown(f"without it there is no model: {error.args[0]}")
    (found,) = judge(Asked(file.path, file.sha256, pool, host, (kind,), budget, 10.0), calls)
    return answer_of(found.verdict, taken.listed)

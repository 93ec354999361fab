"""What is asked of pools, on the command line or in a manifest, to jobs: one for each pool and host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from artifacts.run import Expected
from proofmark.errors import UsageError
from proofmark.pool_job import PoolJob
from proofs.kinds import PoolKind
from smt_models.pools.pool import Array, Host, Pool, Role

_GIVEN = re.compile(r"(?P<name>[^=\x00-\x1f\x7f]+)=(?P<base>0x[0-9a-fA-F]+|[0-9]+):(?P<size>0x[0-9a-fA-F]+|[0-9]+)")
ROLES = ("allocate", "release", "reset", "mark", "access")
MOST = 1 << 32


def given_pool(text: str) -> Pool:
    """`NAME=BASE:SIZE`, numbers decimal or hexadecimal. Raises UsageError."""
    found = _GIVEN.fullmatch(text)
    if found is None:
        raise UsageError(f"--pool {text}: expected NAME=BASE:SIZE, as in pool=0x410:4096")
    pool = Pool(found["name"], int(found["base"], 0), int(found["size"], 0))
    if pool.size == 0 or pool.end > MOST:
        raise UsageError(f"--pool {text}: expected a size above 0, and an end up to 2^32")
    return pool


def manifest_pool(entry: Mapping[str, Any]) -> Pool:
    """A pool of a manifest, whose shape the schema has checked."""
    roles: dict[str, Any] = {name: tuple(map(_role, entry.get(name, ()))) for name in ROLES}
    plain: dict[str, Any] = {key: entry.get(key) for key in ("element", "alignment", "budget")}
    exports = None if "exports" not in entry else tuple(entry["exports"])
    tables = tuple(Array(one["name"], one["base"], one["size"], one["element"]) for one in entry.get("tables", ()))
    return Pool(entry["name"], entry["base"], entry["size"], **plain, **roles, tables=tables, exports=exports)


def _role(given: str | Mapping[str, Any]) -> Role:
    if isinstance(given, str):
        return Role(given)
    parameters = None if "parameters" not in given else tuple(given["parameters"])
    return Role(given["export"], parameters, given.get("indices"), given.get("unit", 1))


def pool_jobs(
    path: str, pools: Iterable[Pool], kinds: tuple[PoolKind, ...], replay_seconds: float, seconds: int | None = None
) -> tuple[PoolJob, ...]:
    """Under a host that conforms, and under any."""
    more = {} if seconds is None else {"seconds": seconds}
    return tuple(
        PoolJob(path, pool, host, kinds, replay_seconds=replay_seconds, **more) for pool in pools for host in Host
    )


def expected_of_pools(jobs: Iterable[PoolJob]) -> tuple[Expected, ...]:
    return tuple(Expected(job.path, kind.value, job.instance) for job in jobs for kind in job.expected)

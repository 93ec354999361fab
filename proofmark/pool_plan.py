"""What is asked of pools, on the command line or in a manifest, to jobs: one for each pool and host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from artifacts.run import Expected
from extract.errors import InputError
from proofmark.errors import UsageError
from proofmark.pool_job import PoolJob
from proofs.kinds import PoolKind
from smt_models.pools.pool import Area, Array, Host, Pool, Role

_GIVEN = re.compile(r"(?P<name>[^=\x00-\x1f\x7f]+)=(?P<base>0x[0-9a-fA-F]+|[0-9]+):(?P<size>0x[0-9a-fA-F]+|[0-9]+)")
ROLES = ("allocate", "release", "reset", "mark", "access")
MOST = 1 << 32


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """`refused`: files in which a pool was not found, or of which what is said does not agree."""

    jobs: tuple[PoolJob, ...] = ()
    expected: tuple[Expected, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: tuple[InputError, ...] = ()


def plan_pools(
    paths: Iterable[str],
    given: Iterable[str],
    kinds: tuple[PoolKind, ...],
    limits: tuple[float, int | None],
    say: Callable[[str], None],
) -> PoolPlan:
    """For each file the pools that are given, or named and found; without any, all that are seen to be handed out.
    `limits`: seconds for a replay, and for each pool. Raises UsageError.
    """
    pools = tuple(dict.fromkeys(map(given_pool, given)))
    jobs: list[PoolJob] = []
    refused: list[InputError] = []
    warnings: list[str] = []
    for path in paths:
        try:
            there, unread = (pools, ()) if pools and all(pool.size for pool in pools) else _found(path, pools, say)
            there = _together(path, there, say)
        except InputError as error:
            refused.append(error)
            continue
        warnings += unread
        jobs += pool_jobs(path, there, kinds, *limits)
    return PoolPlan(tuple(jobs), expected_of_pools(jobs), tuple(warnings), tuple(refused))


def _found(path: str, pools: tuple[Pool, ...], say: Callable[[str], None]) -> tuple[tuple[Pool, ...], tuple[str, ...]]:
    """With those of which only the name was given where they are; and which sources could not be read."""
    from proofmark.found_pools import look  # only where there is something to find

    seen = look(path)
    there = tuple(pool if pool.size else seen.named(pool) for pool in pools) or seen.all_handed_out()
    for pool in there:
        if pool not in pools:
            say(seen.told(pool))
    return there, tuple(f"not read: {error}" for error in seen.found.unread)


def _together(path: str, pools: tuple[Pool, ...], say: Callable[[str], None]) -> tuple[Pool, ...]:
    """Those that one allocator hands out blocks of as one: a block of one is none that lies outside of another."""
    if len(pools) < 2:
        return pools
    from proofmark.found_pools import served_together  # only of several

    found = served_together(path, pools)
    for one in found:
        if one.also:
            names = ", ".join(part.name for part in one.parts)
            say(f"{path}: asked as one, since one allocator hands out of each: {names}")
    return found


def given_pool(text: str) -> Pool:
    """`NAME=BASE:SIZE`, numbers decimal or hexadecimal; or NAME, and no size: it is to be found. Raises UsageError."""
    found = _GIVEN.fullmatch(text)
    if found is None and "=" not in text and text:
        return Pool(text, 0, 0)
    if found is None or not text.isprintable():
        raise UsageError(f"--pool {text}: expected NAME=BASE:SIZE, as in pool=0x410:4096, or NAME, which is then found")
    pool = Pool(found["name"], int(found["base"], 0), int(found["size"], 0))
    if pool.size == 0 or pool.end > MOST:
        raise UsageError(f"--pool {text}: expected a size above 0, and an end up to 2^32")
    return pool


def manifest_pool(entry: Mapping[str, Any]) -> Pool:
    """A pool of a manifest, whose shape the schema has checked; without a size, it is to be found."""
    roles: dict[str, Any] = {name: tuple(map(_role, entry.get(name, ()))) for name in ROLES}
    plain: dict[str, Any] = {key: entry.get(key) for key in ("element", "alignment", "budget")}
    exports = None if "exports" not in entry else tuple(entry["exports"])
    tables = tuple(Array(one["name"], one["base"], one["size"], one["element"]) for one in entry.get("tables", ()))
    base, size = entry.get("base", 0), entry.get("size", 0)
    also = tuple(
        Area(one["name"], one.get("base", 0), one.get("size", 0), one.get("element")) for one in entry.get("also", ())
    )
    return Pool(entry["name"], base, size, **plain, **roles, tables=tables, exports=exports, also=also)


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

"""Statics of a crate joined with the pools of the modules that it is in, once both have verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofmark.pool_job import PoolJob
from proofs import statics_wording
from proofs.pool_join import End, Join, joined
from proofs.verdicts import Result

if TYPE_CHECKING:
    from smt_models.static_pools.arrays import StaticArray


@dataclass(frozen=True, slots=True)
class AskedJoin:
    """`path`: of the crate, as its results name it; `crate`: its name. `statics`: all that were asked for, each to be
    found in each of `modules`; `arrays`: of them.
    """

    path: str
    crate: str
    statics: tuple[str, ...]
    arrays: tuple[StaticArray, ...]
    modules: tuple[str, ...]


def join_all(asked: Iterable[AskedJoin], jobs: Iterable[object], results: Sequence[Result]) -> tuple[Join, ...]:
    """One for each array of each static in each module."""
    pools = [job for job in jobs if isinstance(job, PoolJob)]
    return tuple(join for one in asked for module in one.modules for join in _of_module(one, module, pools, results))


def _of_module(asked: AskedJoin, module: str, jobs: list[PoolJob], results: Sequence[Result]) -> Iterator[Join]:
    of_module = [job for job in jobs if job.path == module]
    for static in asked.statics:
        arrays = [one for one in asked.arrays if one.static == static]
        if not arrays:
            yield _unjoined(asked, static, module, "what the static begins with is not known")
        for array in arrays:
            names = _names(asked, array)
            there = dict.fromkeys(job.pool for job in of_module if job.pool.name in names)
            for pool in there:
                if pool.also:
                    why = f"pool {pool.name} is asked together with others: what holds is said of all of them"
                    yield _unjoined(asked, array.name, module, why)
                    continue
                of_pool = [job for job in of_module if job.pool == pool]
                yield joined(_crate_end(asked, array, results), _module_end(of_pool, results))
            if not there:
                why = f"no pool of the module is named {' or '.join(names)}"
                yield _unjoined(asked, array.name, module, why)


def _unjoined(asked: AskedJoin, name: str, module: str, why: str) -> Join:
    return Join(asked.path, name, module, None, None, (), (), (why,))


def _names(asked: AskedJoin, array: StaticArray) -> tuple[str, ...]:
    """With the crate's name before it and without; and its last part, if that is of no other."""
    last = _last(array.name)
    alone = [one for one in asked.arrays if _last(one.name) == last] == [array]
    found = (f"{asked.crate.replace('-', '_')}::{array.name}", array.name, *((last,) if alone else ()))
    return tuple(dict.fromkeys(found))


def _last(name: str) -> str:
    return name.rpartition("::")[2]


def _crate_end(asked: AskedJoin, array: StaticArray, results: Sequence[Result]) -> End:
    from smt_models.static_pools.values import WIDTH

    instance = statics_wording.instance(array.static, WIDTH)
    verdicts = {
        (one.kind.value, ""): one.verdict
        for one in results
        if one.subject.path == asked.path and one.instance == instance
    }
    # of an array of numbers the module's pool may have blocks of several
    element, count = (array.element, array.count) if array.compound else (None, None)
    return End(asked.path, array.name, array.size, element, count, verdicts)


def _module_end(jobs: list[PoolJob], results: Sequence[Result]) -> End:
    pool = jobs[0].pool
    verdicts = {
        (one.kind.value, f"host={job.host.value}"): one.verdict
        for job in jobs
        for one in results
        if one.subject.path == job.path and one.instance == job.instance
    }
    count = None if pool.element is None else pool.size // pool.element
    return End(jobs[0].path, pool.name, pool.size, pool.element, count, verdicts)

"""One static pool through the house: the module's code, what calls do to the pool, a verdict for each obligation."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from extract.errors import InputError, WholeFile
from proofs import pool_wording as wording
from proofs.kinds import POOL_KINDS, PoolKind
from proofs.verdicts import Result, Subject
from smt_models.pools.pool import Host, Pool

if TYPE_CHECKING:
    from extract.subject import SubjectFile
    from extract.wasm.initial import Initial
    from extract.wasm.module import Module
    from proofmark.job import Outcome
    from proofs.pools.judge import Judged

SECONDS, MEGABYTES = 60, 2048
ALWAYS = (PoolKind.RANGE_IN_BOUNDS, PoolKind.DISJOINT, PoolKind.EXHAUSTION_TRAPS)


@dataclass(frozen=True, slots=True)
class PoolJob:
    """All obligations of one pool under one host. `kinds`: none: those that apply. `seconds`: for all of them."""

    path: str
    pool: Pool
    host: Host
    kinds: tuple[PoolKind, ...] = ()
    seconds: int = SECONDS
    megabytes: int = MEGABYTES
    replay_seconds: float = 10.0

    @property
    def label(self) -> str:
        """For the progress display."""
        return f"{self.path}: pool {' and '.join(part.name for part in self.pool.parts)}, host={self.host.value}"

    @property
    def instance(self) -> str:
        return wording.instance(((part.name, part.base, part.size) for part in self.pool.parts), self.host.value)

    @property
    def expected(self) -> tuple[PoolKind, ...]:
        """What must have a result: all that are asked for, else what every pool has."""
        if self.kinds:
            return self.kinds
        only_accessed = self.pool.access and not self.pool.allocate
        return (PoolKind.INDEX_IN_BOUNDS,) if only_accessed else ALWAYS


def prove_pool(job: PoolJob, as_said: bool = False) -> tuple[Outcome, ...]:
    """A result for each obligation. `as_said`: whatever the module says of its pool. Raises InputError for bad input,
    RecheckFault for a fault of ours.
    """
    from extract.subject import read_subject
    from extract.wasm.initial import initial_state
    from extract.wasm.read import read_world
    from proofmark.found_pools import check_given
    from proofmark.job import Outcome
    from proofmark.own_check import own_check
    from proofmark.pool_roles import with_roles
    from proofs.recheck import Session

    file = read_subject(job.path)
    world = read_world(file)
    if world.is_component:
        raise InputError(job.path, WholeFile(), "a component", "a core module: pools are looked for in one module")
    module = world.instances[0].module
    initial = initial_state(file.data, module, file.path)
    if not as_said:
        check_given(file, module, initial, job.pool)
    job = replace(job, pool=with_roles(job.path, job.pool, module))
    judged = _judged(job, file, module, initial)
    subject = Subject(file.path, file.name, file.size, file.sha256)
    outcomes = []
    with Session() as session:
        for one in judged:
            found = Result(subject, one.kind, job.instance, one.verdict, one.seconds)
            result, certificate = own_check(found, Path(job.path), job.label, job.seconds, session)
            outcomes.append(Outcome(result, certificate))
    return tuple(outcomes)


def _judged(job: PoolJob, file: SubjectFile, module: Module, initial: Initial) -> tuple[Judged, ...]:
    from proofs.pools.judge import Asked, all_unknown, judge
    from proofs.runtime.engine import Budget
    from smt_models.pools.calls import NoModel, calls_of
    from smt_models.pools.model import applying
    from smt_models.wasm.program import program_of

    started = time.perf_counter()
    kinds = job.kinds or job.expected
    try:
        calls = calls_of(program_of(file.data, module, file.path), initial, job.pool)
        if not job.kinds:
            whys = applying(job.pool, calls)
            kinds = tuple(kind for kind in POOL_KINDS if whys[kind.value] is None or kind in kinds)
    except NoModel as error:
        return all_unknown(kinds, str(error), started)
    except LookupError as error:
        return all_unknown(kinds, str(error.args[0]), started)
    budget = Budget(job.seconds, job.megabytes)
    return judge(Asked(job.path, file.sha256, job.pool, job.host, kinds, budget, job.replay_seconds), calls)

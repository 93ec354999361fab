"""What the calls of a counterexample do to the statics, as their model has it: no address is known, only places from
the start of the array.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proofs.pool_run import LiveBlock, NamedCell, PoolMoment, PoolRun, block_name
from proofs.pool_verdicts import PoolFact
from proofs.pools.bounded import Route, input_at, solved, value_at
from smt_models.static_pools.blocks import Given
from smt_models.static_pools.model import StaticPools
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import NotModelled, size_of
from smt_models.system.evaluate import enabled, evaluate, take
from smt_models.system.operators import Value
from smt_models.system.terms import Variable


def run_of(subject: Subject, model: StaticPools, pool: str, route: Route) -> PoolRun | None:
    """None where the solver's numbers are not enough to go through the model, or count elements, or where blocks are of
    several arrays.
    """
    if any(one.given is not None and one.given.in_elements for one in model.calls) or len(model.handed[pool]) > 1:
        return None
    moments = _moments(model, pool, route)
    if moments is None:
        return None
    size = _size(subject, model, pool)
    cells = tuple(NamedCell(one.name, None, 0) for one in _cells(model))
    return PoolRun(PoolFact(pool, 0, size, None, subject.alignments.get(pool), None), cells, moments, True)


def _size(subject: Subject, model: StaticPools, pool: str) -> int:
    """What blocks are taken of, else what the static's type says; 0 if neither is known."""
    given = (one.given for one in model.calls if one.given is not None and one.given.pool == pool)
    lengths = {evaluate(one.length, {}) for one in given}
    if len(lengths) == 1:
        return int(lengths.pop())
    try:
        return size_of(subject.statics[pool].item.type)
    except NotModelled:
        return 0


def _cells(model: StaticPools) -> tuple[Variable, ...]:
    others = {one for pool in model.pools for one in model.ghost(pool).variables} | model.locals | model.under_way
    return tuple(one for one, _ in model.cells if one not in others)


def _moments(model: StaticPools, pool: str, route: Route) -> tuple[PoolMoment, ...] | None:
    state: dict[str, Value] = {one.name: solved(route, one, value_at(one.name, 0)) for one in model.system.variables}
    blocks: tuple[LiveBlock, ...] = ()
    moments = [PoolMoment((), tuple(_numbers(model, state)))]
    for time, made in enumerate(route.calls):
        call = model.calls[made.step]
        step = call.step.step
        inputs = {one.name: solved(route, one, input_at(time, made.step, one.name)) for one in step.inputs}
        if not enabled(step, state, inputs):
            return None
        place = None
        if call.given is not None and call.given.pool == pool:
            place = _place(call.given, {**state, **inputs})
            blocks = (*blocks, LiveBlock(block_name(time + 1), *place, time + 1)) if place[1] else blocks
        state = take(model.system, step, state, inputs)
        broken = place if time + 1 == len(route.calls) else None
        moments.append(PoolMoment(blocks, tuple(_numbers(model, state)), None, broken))
    return tuple(moments)


def _place(given: Given, values: Mapping[str, Value]) -> tuple[int, int]:
    return int(evaluate(given.at, values)), int(evaluate(given.size, values))


def _numbers(model: StaticPools, state: Mapping[str, Value]) -> Iterator[int]:
    return (int(state[one.name]) for one in _cells(model))

"""Which static objects a module's allocators hand out: those at whose addresses begins what they give.

This chooses what is asked about, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extract.wasm.initial import Initial
from smt_models.pools.calls import Calls, NoModel, calls_of
from smt_models.pools.pool import Pool
from smt_models.system.terms import Apply, Literal, Term
from smt_models.wasm.outcomes import Returned
from smt_models.wasm.program import Program

MOST_TRIED = 16


def handed_out(program: Program, initial: Initial, pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """Of pools with roles. What is executed depends on which of them is taken for the pool, so that each is tried,
    largest first, until one is seen to be one.
    """
    for pool in sorted(pools, key=lambda one: -one.size)[:MOST_TRIED]:
        try:
            calls = calls_of(program, initial, replace(pool, exports=()))
        except (NoModel, LookupError):
            continue
        given = _given(calls, pool)
        if any(pool.base <= place < pool.end for place in given):
            return tuple(one for one in pools if any(one.base <= place < one.end for place in given))
    return ()


def _given(calls: Calls, pool: Pool) -> set[int]:
    """The numbers to which allocators add, in what they give back."""
    names = {role.export for role in pool.allocate}
    return {
        place
        for call in calls.calls
        if call.name in names
        for path in call.execution.paths
        if isinstance(path.outcome, Returned)
        for value in path.outcome.values[:1]
        if value is not None
        for place in _starts(value)
    }


def _starts(address: Term) -> Iterator[int]:
    """Constants of the sum. What is then rounded up to an alignment begins one byte lower than it does."""
    seen: set[tuple[Term, int]] = set()
    waiting = [(address, 0)]
    while waiting:
        here = part, rounded = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        match part:
            case Literal(value):
                yield int(value) + rounded
            case Apply("bvadd" | "bvor", parts) | Apply("ite", (_, *parts)):
                waiting.extend((one, rounded) for one in parts)
            case Apply("bvand", parts):
                waiting.extend((one, 1) for one in parts)
            case _:
                pass

"""The steps of a trace of calls to a pool's owner: what each shows besides the pool itself."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.pool_run import LiveBlock, PoolMoment, PoolRun
from proofs.runtime.trace import TraceEvent, TraceStep, Word
from smt_models.system.model import Actor

CELL = "cell "


def step_of(number: int, actor: Actor, action: str, run: PoolRun | None, violation: TraceEvent | None) -> TraceStep:
    """The call of that number, from 1 on. Without a run nothing is known but the call."""
    broken = () if violation is None else (violation,)
    if run is None:
        return TraceStep(number, actor, action, (), broken, (), ())
    before, after = run.moments[number - 1 : number + 1]
    events = (*happened(before, after), *broken)
    return TraceStep(number, actor, action, (), events, words_of(run, before), words_of(run, after))


def words_of(run: PoolRun, moment: PoolMoment) -> tuple[Word, ...]:
    """The cells. Blocks are no words: a run of five hundred calls may have as many."""
    return tuple((f"{CELL}{one.name}", value) for one, value in zip(run.cells, moment.values, strict=True))


def happened(before: PoolMoment, after: PoolMoment) -> Iterator[TraceEvent]:
    """What the call gave back, and what became of blocks."""
    if after.returned is not None:
        number = after.returned
        yield TraceEvent("returns", f"{number} ({number:#x})" if number > 9 else f"{number}", None)
    for block in after.blocks:
        if block not in before.blocks:
            yield TraceEvent("block", f"{block.name} is handed out: {_range(block)}", None)
    for block in before.blocks:
        if block not in after.blocks:
            yield TraceEvent("block", f"{block.name} is given up", None)


def _range(block: LiveBlock) -> str:
    return f"{block.at:#x} to {block.at + block.size:#x}, {block.size} byte{'' if block.size == 1 else 's'}"

"""What clients do between calls to cells that lie in the pool: anything, as long as the block around them is live.

A client writes its block whenever it likes. Of the live blocks it is the ghost, or another one, of which the invariant
says what it says of the ghost; writes to more blocks than one are steps one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from smt_models.pools import conditions as c
from smt_models.pools.calls import Calls
from smt_models.pools.steps import PoolStep
from smt_models.system.model import Actor, Step
from smt_models.system.terms import TRUE, Term, Variable, both, choose
from smt_models.wasm.build import number
from smt_models.wasm.regions import Cell

CITATION = "docs/pools.md, how it is decided"


def client_writes(calls: Calls, state: tuple[Variable, ...], kinds: tuple[str, ...]) -> Iterator[PoolStep]:
    """`state`: the variables; `kinds`: what is looked for. None where no cell lies in the pool."""
    cells = [cell for cell, _ in calls.cells if calls.layout.shares(cell)]
    if cells:
        others = tuple(c.OTHERS[one.name] for one in (c.AT, c.SIZE, c.AHEAD) if one in state)
        yield _writing("a client writes the block", c.LIVE, (c.AT, c.SIZE), (), cells, kinds)
        yield _writing("a client writes another block", TRUE, (c.OTHER_AT, c.OTHER_SIZE), others, cells, kinds)


def _writing(
    name: str,
    there: Term,
    block: tuple[Term, Term],
    others: tuple[Variable, ...],
    cells: list[Cell],
    kinds: tuple[str, ...],
) -> PoolStep:
    written = {cell: Variable(f"written to {cell.address:#x}", cell.variable.sort) for cell in cells}
    updates = tuple(
        (cell.variable.name, choose(_within(cell, *block), value, cell.variable)) for cell, value in written.items()
    )
    guard = both(there, c.none_broken((*kinds, c.UNMODELLED)))
    step = Step(name, "", CITATION, Actor.CLIENT, (*others, *written.values()), guard, updates)
    return PoolStep(step, "", (), None, other=bool(others))


def _within(cell: Cell, at: Term, size: Term) -> Term:
    """Whether some of the cell is of the block."""
    return c.overlap(number(cell.address, 32), number(cell.size, 32), at, size)

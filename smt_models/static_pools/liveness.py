"""Which locals of a body matter where a block begins: those that may be read before they are written as a whole, and
the parameters, through which what is left after a `Drop` is seen (`execute.py`).

Whoever forgets the others is safe even where this is wrong: a local that is not there is not initialised.
"""

from __future__ import annotations

from functools import lru_cache

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir.tree import Block, Body
from smt_models.runtime.loops import successors
from smt_models.runtime.temporaries import locals_of


@lru_cache(maxsize=64)
def live_locals(body: Body) -> tuple[frozenset[int], ...]:
    """Of each block, where it begins."""
    live: list[frozenset[int]] = [frozenset()] * len(body.blocks)
    changed = True
    while changed:
        changed = False
        for number in reversed(range(len(body.blocks))):
            after = frozenset().union(*(live[one] for one in successors(body, number)))
            before = _before(body, body.blocks[number], after)
            changed = changed or before != live[number]
            live[number] = before
    return tuple(live)


def _before(body: Body, block: Block, after: frozenset[int]) -> frozenset[int]:
    live = set(after)
    match block.terminator.kind:
        case st.Call(function, arguments, o.Place(local, ())):
            live -= {local}
            live |= locals_of((function, arguments))
        case st.Return():
            live |= set(range(body.argument_count + 1))
        case ending:
            live |= locals_of(ending)
    for statement in reversed(block.statements):
        match statement.kind:
            case st.StorageLive(local) | st.StorageDead(local):
                live -= {local}
            case st.Assign(o.Place(local, ()), given):
                live -= {local}
                live |= locals_of(given)
            case other:
                live |= locals_of(other)
    return frozenset(live)

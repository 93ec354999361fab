"""`compare_exchange_weak` "is allowed to spuriously fail even when the comparison succeeds" [core::sync::atomic]. Code
that tries again is then where it was, and goes on as it could before: that path is not followed once more.
"""

from __future__ import annotations

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir.tree import Block
from smt_models.runtime.names import plain_path
from smt_models.static_pools.shapes import shape_of
from smt_models.static_pools.state import Ends, Panicked, State
from smt_models.static_pools.values import NotModelled

WEAK = "compare_exchange_weak"


def begins(state: State, block: Block) -> None:
    """A block that ends with such a call: it ends the path where one that is the same has failed without reason."""
    match block.terminator.kind:
        case st.Call(o.FunctionValue(path)) if plain_path(path).endswith(f"::{WEAK}"):
            state.attempt = _known(state)
        case _:
            return
    if state.attempt is not None and state.attempt in state.failed:
        raise Ends(Panicked("the same again"))


def _known(state: State) -> tuple[str, tuple[object, ...]] | None:
    """All that can matter from here on; None where that is not said: it is followed as often as it is tried."""
    try:
        shape = shape_of(state.fork(), tuple(one for one in state.objects if isinstance(one, str)))
    except NotModelled:
        return None
    return shape.key, shape.terms


def fails(state: State) -> None:
    """Without reason."""
    if state.attempt is not None:
        state.failed |= {state.attempt}

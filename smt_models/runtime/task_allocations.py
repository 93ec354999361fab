"""scalar-zero-alloc of a task: from the end of its making on, what is asked of it allocates nothing.

The operations' proofs take a task's functions to allocate nothing: `register` is on the path of the first item. That a
task itself is made with blocks of its own is none of theirs.
"""

from __future__ import annotations

from smt_models.runtime.library_memory import EMPTY_VEC
from smt_models.runtime.machine import BYTES, Call, Machine
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import VEC, Aggregate, Pointer, Scalar, Value
from smt_models.runtime.watch import SCALAR_ZERO_ALLOC
from smt_models.runtime.watcher import NoWatcher
from smt_models.system.terms import TRUE, Literal

_MADE = "the task is being made"
"""A word of an action, that no state keeps."""


def is_made(state: State) -> None:
    """In this action the task is, with what it allocates for itself."""
    state.host[_MADE] = TRUE


class Allocations(NoWatcher):
    def allocates(self, state: State) -> None:
        """Noted, and the path goes on."""
        if _MADE not in state.host:
            state.noted = state.noted | {SCALAR_ZERO_ALLOC}
            state.note(SCALAR_ZERO_ALLOC, "what is asked of a task allocates a block")


def vec_with_capacity(machine: Machine, state: State, call: Call) -> Value:
    """ "If `capacity` is 0, the vector will not allocate". Of a number that the source says: others may panic."""
    match state.settle(call.arguments[0]):
        case Scalar(Literal(int() as capacity)) as number:
            zero = Scalar(Literal(0, number.term.sort))
        case _:
            raise NotModelled("Vec::with_capacity of a number that is not known")
    if capacity == 0:
        return EMPTY_VEC
    machine.watcher.allocates(state)
    return Aggregate(VEC, (Pointer(state.allocate(BYTES, f"block of {state.where.source}")), zero, number))


def black_box(_machine: Machine, _state: State, call: Call) -> Value:
    """ "An identity function"."""
    return call.arguments[0]

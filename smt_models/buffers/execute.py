"""Bodies over blocks of the allocator, from one head of a loop to the next: no loop is gone round within a path.

What goes on from a head is executed from there, in any state that the model allows (`cuts.py`): a loop is a place of
the transition system, and its invariant is found and checked as any other.
"""

from __future__ import annotations

from collections.abc import Callable

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.tree import Function
from smt_models.buffers.heap import BLOCK, MODELS
from smt_models.runtime.loops import loop_heads
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.program import Program
from smt_models.static_pools.execute import Executor, where_of
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.machine import Call, Machine
from smt_models.static_pools.places import place_of, type_of
from smt_models.static_pools.rvalues import Evaluator
from smt_models.static_pools.state import Cut, Ends, Frame, Panicked, State
from smt_models.static_pools.values import UNDEFINED, NotModelled, Pointer, Scalar, Value

_STOPS = ("alloc::alloc::handle_alloc_error", "core::arch::wasm32::unreachable", "core::intrinsics::abort")
Ended = Callable[[State, Value], None]
ENTERED = 0
"""How often a head was visited where execution begins at it."""


class BlockEvaluator(Evaluator):
    """Casts besides: an address that is a number, and of a block only bytes are seen."""

    def _cast(
        self, state: State, frame: Frame, kind: str, details: tuple[str, ...], one: o.Operand, target: t.Type
    ) -> Value:
        if kind == "PointerWithExposedProvenance":
            value = self.operand(state, frame, one)
            if isinstance(value, Scalar):
                return value
        return of_bytes(super()._cast(state, frame, kind, details, one, target))


def of_bytes(value: Value) -> Value:
    """NotModelled if a block is seen as something larger: whether that is aligned is not asked."""
    if isinstance(value, Pointer) and value.seen is not None and str(value.base).startswith(BLOCK):
        raise NotModelled("bytes of a block that are seen as something larger")
    return value


class BlockMachine(Machine):
    """Library functions that give another view of a block give one of bytes, and those that drop a value drop it."""

    def call(self, state: State, call: Call) -> Value | None:
        value = super().call(state, call)
        return value if value is None else of_bytes(value)


class BlockExecutor(Executor):
    """Runs bodies of one program up to the next head of a loop. `owner`: the type whose values are dropped. `ended`:
    looks at what the call gives.
    """

    def __init__(self, program: Program, inputs: Inputs, owner: str | None, ended: Ended | None) -> None:
        super().__init__(program, inputs, MODELS)
        self._evaluator = BlockEvaluator(program, inputs, self._constant)
        self.machine = BlockMachine(program, inputs, MODELS, self._evaluator.at)
        self._owner = owner
        self._ended = ended
        self._heads: dict[str, frozenset[int]] = {}

    def heads(self, function: Function, name: str) -> frozenset[int]:
        if name not in self._heads:
            self._heads[name] = loop_heads(function.body)
        return self._heads[name]

    def _block(self, state: State) -> Value | None:
        frame = state.frames[-1]
        if frame.block in self.heads(frame.function, frame.name) and frame.visits.get(frame.block) != ENTERED:
            block = frame.function.body.blocks[frame.block]
            state.where = where_of(frame, block, block.terminator.source)
            raise Ends(Cut())
        return super()._block(state)

    def _return(self, state: State, frame: Frame) -> Value | None:
        value = super()._return(state, frame)
        if value is not None and self._ended is not None:
            self._ended(state, value)
        return value

    def _call(self, state: State, frame: Frame, call: st.Call) -> None:
        if call.target is None and (name := _called(call)) in _STOPS:
            raise Ends(Panicked(name))
        super()._call(state, frame, call)

    def _drop(self, state: State, frame: Frame, place: o.Place, target: int) -> None:
        """Of a value of the type: its own `Drop` runs. Its fields have nothing to do (`subject.py`)."""
        of = type_of(frame, place)
        body = None if self._owner is None else self._program.drop_of(self._owner)
        if not isinstance(of, t.PathType) or plain_type(of) != self._owner or body is None:
            return super()._drop(state, frame, place, target)
        at = place_of(state, frame, place, self._program)
        frame.place, frame.target = Pointer(state.allocate(UNDEFINED)), target
        self.machine.enter(state, body, (at,))
        return None


def _called(call: st.Call) -> str:
    return plain_path(call.function.path) if isinstance(call.function, o.FunctionValue) else ""

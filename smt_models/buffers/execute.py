"""Bodies over blocks of the allocator, from one head of a loop to the next: no loop is gone round within a path.

What goes on from a head is executed from there, in any state that the model allows (`cuts.py`): a loop is a place of
the transition system, and its invariant is found and checked as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.tree import Body
from extract.mir.tree import Function as Item
from smt_models.buffers import element_uses, heap, vectors
from smt_models.buffers.handed import HANDED
from smt_models.buffers.heap import BLOCK
from smt_models.buffers.values import values_of
from smt_models.buffers.vectors import DRAIN, VECTOR
from smt_models.runtime.loops import loop_heads
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.program import Program
from smt_models.static_pools.execute import Executor, where_of
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.places import place_of, type_of
from smt_models.static_pools.rvalues import Evaluator
from smt_models.static_pools.shapes import ENTERED
from smt_models.static_pools.state import Cut, Ends, Finish, Frame, Panicked, State
from smt_models.static_pools.values import (
    OPTION,
    UNDEFINED,
    Function,
    NotModelled,
    Null,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
)
from smt_models.system.terms import Literal

_STOPS = ("alloc::alloc::handle_alloc_error", "core::arch::wasm32::unreachable", "core::intrinsics::abort")
MODELS = {**heap.MODELS, **vectors.MODELS, **element_uses.MODELS}
Ended = Callable[[State, Value], None]


class BlockEvaluator(Evaluator):
    """Casts besides: an address that is a number, and of a block only bytes are seen."""

    def _cast(
        self, state: State, frame: Frame, kind: str, details: tuple[str, ...], one: o.Operand, target: t.Type
    ) -> Value:
        if kind in ("PointerWithExposedProvenance", "PtrToPtr", "PointerCoercion"):
            value = self.operand(state, frame, one)
            if isinstance(value, Null if kind != "PointerWithExposedProvenance" else Scalar):
                return value
            if isinstance(one, o.Move):  # read once more below
                state.write(place_of(state, frame, one.place, self._program), value)
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
        if value is None and HANDED in state.objects and call.name not in self.models:
            element_uses.of_its_own_elements(call)
        return value if value is None else of_bytes(value)

    def invoke(self, state: State, function: Value, arguments: tuple[Value, ...], finish: Finish) -> Value | None:
        if HANDED in state.objects and isinstance(function, Function):
            raise NotModelled(f"{function.name} that is passed on where elements are counted")
        return super().invoke(state, function, arguments, finish)


class BlockExecutor(Executor):
    """Runs bodies of one program up to the next head of a loop. `owners`: types whose values are dropped by their own
    `Drop` alone. `ended`: looks at what the call gives.
    """

    def __init__(
        self,
        program: Program,
        inputs: Inputs,
        models: Mapping[str, Model],
        owners: frozenset[str],
        ended: Ended | None,
    ) -> None:
        super().__init__(program, inputs, models)
        self._evaluator = BlockEvaluator(program, inputs, self._constant)
        self.machine = BlockMachine(program, inputs, models, self._evaluator.at)
        self._owners = owners
        self._drops = frozenset(program.drop_of(one) for one in owners)
        self._ended = ended
        self._heads: dict[str, frozenset[int]] = {}

    def heads(self, function: Item, name: str) -> frozenset[int]:
        if name not in self._heads:
            self._heads[name] = loop_heads(function.body)
        return self._heads[name]

    def _constant(self, state: State, path: t.Path) -> Value:
        """A promoted reference to a number, too: it is made where it is asked for."""
        try:
            return super()._constant(state, path)
        except NotModelled:
            item = self._program.constants.get(f"{state.where.function}::{plain_path(t.Path(path.segments[-1:]))}")
            if item is None or not isinstance(item.value, Body):
                raise
            match [one.kind for one in item.value.blocks[0].statements if isinstance(one.kind, st.Assign)]:
                case [st.Assign(one, r.Use(o.Integer() as given)), st.Assign(_, r.Borrow(_, other))] if one == other:
                    return Pointer(state.allocate(self._evaluator.value_of(state, given)))
                case _:
                    raise

    def _block(self, state: State) -> Value | None:
        frame = state.frames[-1]
        if frame.block in self.heads(frame.function, frame.name) and frame.visits.get(frame.block) != ENTERED:
            block = frame.function.body.blocks[frame.block]
            state.where = where_of(frame, block, block.terminator.source)
            raise Ends(Cut())
        return super()._block(state)

    def _return(self, state: State, frame: Frame) -> Value | None:
        if frame.name in self._drops:
            self._left(state, frame)
        value = super()._return(state, frame)
        if value is not None and self._ended is not None:
            self._ended(state, value)
        return value

    def _call(self, state: State, frame: Frame, call: st.Call) -> None:
        if call.target is None and (name := _called(call)) in _STOPS:
            raise Ends(Panicked(name))
        super()._call(state, frame, call)

    def _drop(self, state: State, frame: Frame, place: o.Place, target: int) -> None:
        """Of a value of a type that owns a block, or of an option of one: its own `Drop` runs, and its fields have
        nothing to do (`subject.py`). Of a vector the elements have nothing to do, but where they are counted.
        """
        at = place_of(state, frame, place, self._program)
        if HANDED in state.objects and element_uses.is_element(state.read(at)):
            raise NotModelled("an element that is dropped by itself")
        of = type_of(frame, place)
        name = plain_type(of) if isinstance(of, t.PathType) else ""
        if name == OPTION:
            match state.read(at):
                case Sum(_, Literal(0), _):
                    frame.block = target
                    return
                case Sum(_, Literal(1), ((1, (Struct(inner, _),)),)):
                    name, at = inner, Pointer(at.base, (*at.path, (1, 0)))
                case _:
                    raise NotModelled("a drop of an option of which it is not known whether it holds something")
        body = self._program.drop_of(name) if name in self._owners else None
        if body is not None:
            if HANDED in state.objects:
                element_uses.drop_of_its_own_elements(of)
            frame.place, frame.target = Pointer(state.allocate(UNDEFINED)), target
            self.machine.enter(state, body, (at,))
        elif name in (DRAIN, VECTOR):
            value = state.read(at)
            if HANDED in state.objects:
                element_uses.dropped(state, value)
            if name == DRAIN:
                vectors.over(state, value)
            frame.block = target
        else:
            super()._drop(state, frame, place, target)

    def _left(self, state: State, frame: Frame) -> None:
        """After a type's own `Drop` its fields are dropped: of those that own a block none may be left."""
        at = state.load(Pointer(frame.locals[1]))
        value = state.read(at) if isinstance(at, Pointer) else None
        if not isinstance(value, Struct):
            raise NotModelled(f"what is left after {frame.name}")
        for of in self._owners:
            if any(True for one in value.fields for _ in values_of(one, of)):
                raise NotModelled(f"the drop of {of} after {frame.name}")
        if HANDED in state.objects:
            element_uses.fields_dropped(state, value)


def _called(call: st.Call) -> str:
    return plain_path(call.function.path) if isinstance(call.function, o.FunctionValue) else ""

"""The value of an `async` block, as MIR after the pass `StateTransform` reads and writes it.

What it captured comes first, then its state, then what it keeps across its one suspension: MIR names that by the
state (`variant#3`), and writes it before the state is that. With two suspensions one place would have two names: not
modelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from extract.mir import operands as o
from extract.mir.tree import Body
from smt_models.runtime.glue import needs_drop
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.values import COROUTINE_STATE, MOVED, Aggregate, Moved, Pointer, Value, Variant

UNRESUMED, SUSPENDED = 0, 3
"""[rustc_middle::ty::CoroutineArgs: UNRESUMED, RESERVED_VARIANTS]"""
_STATE, _KEPT = -2, -1


def coroutine(program: Program, name: str, captured: tuple[Value, ...]) -> Aggregate:
    """Of the `async` block of this name, not polled yet."""
    kept = _kept(program.functions[program.coroutines[name]].body)
    return Aggregate(name, (*captured, Variant(COROUTINE_STATE, UNRESUMED, ()), Aggregate("()", (MOVED,) * kept)))


@cache
def _kept(body: Body) -> int:
    """How many places the body names by its states."""
    named = [pair for block in body.blocks for pair in _by_state((block.statements, block.terminator))]
    if any(state != SUSPENDED for state, _ in named):
        raise NotModelled("a coroutine that is suspended in several places")
    return max((number + 1 for _, number in named), default=0)


def _by_state(part: object) -> Iterator[tuple[int, int]]:
    if isinstance(part, tuple):
        for at, one in enumerate(part):
            following = part[at + 1] if at + 1 < len(part) else None
            if isinstance(one, o.Downcast) and isinstance(one.variant, int) and isinstance(following, o.Field):
                yield one.variant, following.index
            yield from _by_state(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _by_state(getattr(part, field.name))


def is_coroutine(program: Program, value: Value) -> bool:
    return isinstance(value, Aggregate) and value.type in program.coroutines


def state_at(state: State, at: Pointer) -> Pointer:
    """Where a coroutine has its state."""
    return _part(state, at, _STATE)


def kept_at(state: State, at: Pointer) -> Pointer:
    """Where a coroutine has what it keeps."""
    return _part(state, at, _KEPT)


def _part(state: State, at: Pointer, part: int) -> Pointer:
    value = state.load(at)
    assert isinstance(value, Aggregate)
    return Pointer(at.base, (*at.path, len(value.fields) + part), at.moved)


def dropped_with(state: State, at: Pointer) -> tuple[Pointer, ...]:
    """What dropping it drops: what it captured until it is polled, what is alive at the suspension then, and nothing
    once it has returned or panicked [rustc_mir_transform::coroutine::drop: create_coroutine_drop_shim].
    """
    value, kept = state.load(at), state.load(kept_at(state, at))
    reached = state.load(state_at(state, at))
    assert isinstance(value, Aggregate)
    assert isinstance(kept, Aggregate)
    assert isinstance(reached, Variant)
    if reached.index not in (UNRESUMED, SUSPENDED):
        return ()
    places = [Pointer(at.base, (*at.path, number)) for number in range(len(value.fields) + _STATE)]
    inner = kept_at(state, at)
    places += [Pointer(inner.base, (*inner.path, number)) for number in range(len(kept.fields))]
    held = {one: state.settle(state.read(one)) for one in places}
    found = tuple(one for one, value in held.items() if needs_drop(value))
    if len(found) > 1:
        raise NotModelled("the order in which a coroutine drops what it has")
    if any(_lacks_a_part(held[one]) for one in found):
        raise NotModelled("a coroutine that has what is left of a value")
    return found


def _lacks_a_part(value: Value) -> bool:
    """Its own drop glue is not what is run then: drop flags say which of its parts are dropped."""
    match value:
        case Aggregate(_, parts) | Variant(_, _, parts):
            return any(_lacks_a_part(one) for one in parts)
        case _:
            return isinstance(value, Moved)

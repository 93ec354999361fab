"""What a call leaves behind: a block for the host, or a value of the type that owns one."""

from __future__ import annotations

from extract.mir import types as t
from smt_models.buffers.cuts import BUFFER, CALL
from smt_models.buffers.element_places import lent_where_left
from smt_models.buffers.handed import HANDED, is_word, settled
from smt_models.buffers.heap import BLOCK, demanded
from smt_models.buffers.values import values_of
from smt_models.buffers.vectors import FORM, VECTOR, forms, within
from smt_models.pools.conditions import ALIGNED, EXHAUSTION, EXTENT, RANGE, ZERO_SIZE
from smt_models.static_pools.places import widened
from smt_models.static_pools.plain import only_reads
from smt_models.static_pools.state import Broken, Ends, State
from smt_models.static_pools.values import (
    WIDTH,
    Contents,
    Element,
    NotModelled,
    Null,
    Pointer,
    Scalar,
    Struct,
    Value,
    mapped,
)
from smt_models.system.terms import equal, negation
from smt_models.wasm.build import make, number

DROPPING = Struct("dropping", ())
_ZERO = number(0, WIDTH)


def handed_to_host(state: State, value: Value) -> None:
    """A block as the host asked for it: it will give the same size and alignment back. Of nothing, the alignment."""
    match state.objects[CALL]:
        case Struct(_, (_, Scalar(alignment), Scalar(new))):
            pass
        case _:
            raise NotModelled("a realloc that was not called as one")
    match value:
        case Null():
            raise Ends(Broken(EXHAUSTION, "a null pointer is handed out", BLOCK))
        case Scalar(address):
            demanded(state, equal(new, _ZERO), RANGE, "what is handed out is no block")
            demanded(state, equal(address, alignment), ZERO_SIZE, "of nothing another address than the alignment")
        case Pointer(str() as base, (0, Element(start))) if base.startswith(BLOCK):
            demanded(state, negation(equal(new, _ZERO)), ZERO_SIZE, "of nothing a block is handed out")
            match state.objects.get(base):
                case Struct(_, (Contents(length), Scalar(taken))):
                    demanded(state, equal(start, _ZERO), RANGE, "what is handed out is not the start of a block")
                    demanded(state, equal(length, new), RANGE, "a block of another size is handed out")
                    demanded(state, equal(taken, alignment), ALIGNED, "a block of another alignment is handed out")
                case _:
                    raise Ends(Broken(RANGE, "a block is handed out that was given back", BLOCK))
        case _:
            raise NotModelled(f"a realloc that gives {type(value).__name__}")


def returned(state: State, value: Value, owner: str) -> None:
    """What the functions of a type must have done, and what they give."""
    lends = BUFFER in state.objects and any(
        state.where.function.endswith(f"::{name}") for one in forms() for name in one.lends
    )
    if lends:
        lent(state, value)
    settled(state, value, owner, None if state.objects.get(CALL) == DROPPING else state.objects.get(BUFFER), lends)


def lent(state: State, value: Value) -> None:
    """Elements that a buffer of them lets others use, by an address and a count: those that its vector has."""
    function = state.where.function
    buffer = state.objects[BUFFER]
    match value, [*values_of(buffer, FORM)], [*values_of(buffer, VECTOR)]:
        case (
            Struct("()", (start, Scalar(count))),
            [Struct(_, (Struct(_, (Scalar(size), _)), *_))],
            [Struct(_, (_, Scalar(length), _))],
        ) if is_word(count):
            is_counted = HANDED in state.objects
            kind = EXTENT if is_counted else RANGE
            within(state, start, make("bvmul", widened(count), widened(size)), "a range", function, length, kind)
            if is_counted:
                lent_where_left(state, value, start, count)
        case _:
            raise NotModelled(f"what {function} gives")


def refuse_let_out(result: t.Type, value: Value) -> None:
    """A place in the value itself, by a reference or pointer through which others may write: what they write there is
    not followed.
    """

    def look(one: Value) -> Value | None:
        if isinstance(one, Pointer) and one.base == BUFFER:
            raise NotModelled("a place in the value that is given away, where others may write")
        return None

    if not only_reads(result):
        mapped(value, look)


def between_calls(state: State, value: Value, owner: str) -> State:
    """What is left of a call: the value that it was about, or one that it made."""
    made = list(values_of(value, owner))
    after = state.fork()
    after.frames = []
    dropped = after.objects.pop(CALL, None) == DROPPING
    if dropped:
        after.objects.pop(BUFFER, None)
        after.objects.pop(HANDED, None)
    there = BUFFER in after.objects
    if len(made) + there > 1:
        raise NotModelled(f"several values of {owner}")
    if made:
        after.objects[BUFFER] = made[0]
    return after

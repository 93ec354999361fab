"""What library functions and the elements' own trait do where elements are counted (`handed.py`): who uses which.

A vector that is made of the parts of another has elements of its own from then on, and the other's are gone: so no two
vectors own the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from extract.mir import types as t
from smt_models.buffers import heap, vectors
from smt_models.buffers.element_places import ONE, index_in, place_of
from smt_models.buffers.handed import (
    DRAINED,
    DRAINING,
    GIVEN,
    HANDED,
    ITEM,
    LIFTED,
    MAKING,
    PASSED,
    READING,
    TOLD,
    USING,
    ZERO,
    Counted,
    counted,
    counting,
    form_of,
    is_payload,
    may_be_unset,
)
from smt_models.buffers.heap import BLOCK, demanded
from smt_models.buffers.values import values_of
from smt_models.buffers.vectors import DRAIN, ELEMENTS, VECTOR, forms
from smt_models.pools.conditions import PARTIAL_WRITE
from smt_models.runtime.names import last_generics, plain_type
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.state import Broken, Ends, State, term_of
from smt_models.static_pools.values import OPTION, RESULT, Element, NotModelled, Null, Pointer, Scalar, Struct, Value
from smt_models.system.terms import Term, either, equal
from smt_models.wasm.build import make

# What uses elements


def _where_counted(model: Model) -> Model:
    """Where nobody counts, nothing more is asked."""

    def used(machine: Machine, state: State, call: Call) -> Value | None:
        value = vectors.MODELS[call.name](machine, state, call)
        return model(machine, state, call) if HANDED in state.objects and value is not None else value

    return used


def _next(state: State, call: Call, now: Counted, next_: Term, end: Term, what: str) -> None:
    """The element that the last argument points at must be the next one, of those up to an end."""
    demanded(state, make("bvult", next_, end), PARTIAL_WRITE, f"{what} that is not to be")
    place = place_of(state, now, form_of(state, call.arguments[0]), call.arguments[-1], next_)
    if not state.is_true(place.there):
        if state.is_true(place.before):
            raise Ends(Broken(PARTIAL_WRITE, f"{what} a second time", BLOCK))
        raise NotModelled(f"{what} before others")


def _read(_machine: Machine, state: State, call: Call) -> Value:
    """An element leaves its vector, to be lowered."""
    now = counting(state, MAKING)
    whole, next_ = now.counts
    index = index_in(now, call.arguments[0])
    if state.is_true(form_of(state, call.arguments[0]).native):
        raise NotModelled("an element that is read and lent as it is")
    if not state.is_true(equal(index, next_)):
        if state.is_true(make("bvult", index, next_)):
            raise Ends(Broken(PARTIAL_WRITE, "an element is read a second time", BLOCK))
        raise NotModelled("an element that is read before others")
    now.now(state, READING, whole, next_)
    return Struct(ITEM, (Scalar(next_),))


def _lowered(_machine: Machine, state: State, call: Call) -> Value:
    now = counting(state, READING)
    whole, next_ = now.counts
    if call.arguments[-2] != Struct(ITEM, (Scalar(next_),)):
        raise NotModelled("an element that is lowered and was not read for that")
    _next(state, call, now, next_, whole, "an element is lowered")
    now.now(state, MAKING, whole, make("bvadd", next_, ONE))
    return vectors.NOTHING


def _freed(_machine: Machine, state: State, call: Call) -> Value:
    now = counting(state, TOLD)
    whole, handed, next_, end = now.counts
    _next(state, call, now, next_, end, "an element is freed")
    now.now(state, TOLD, whole, handed, make("bvadd", next_, ONE), end)
    return vectors.NOTHING


def _lifted(_machine: Machine, state: State, call: Call) -> Value:
    now = counting(state, USING)
    whole, handed, next_ = now.counts
    if state.is_true(form_of(state, call.arguments[0]).native):
        raise NotModelled("an element that is lifted and was not lowered")
    _next(state, call, now, next_, whole, "an element is lifted")
    now.now(state, LIFTED, whole, handed, next_)
    return Struct(ITEM, (Scalar(next_),))


def _written(_machine: Machine, state: State, call: Call) -> Value:
    now = counting(state, LIFTED)
    whole, handed, next_ = now.counts
    index = index_in(now, call.arguments[0])
    if call.arguments[1] != Struct(ITEM, (Scalar(next_),)):
        raise NotModelled("an element that is written and was not lifted for that")
    if not state.is_true(equal(index, next_)):
        raise NotModelled("an element that is written to another place than it had")
    now.now(state, USING, whole, handed, make("bvadd", next_, ONE))
    return call.arguments[0]


# What has elements


def _taken(machine: Machine, state: State, call: Call) -> Value | None:
    """The first block that is taken while a buffer is made is where its elements go, or they go nowhere."""
    value = heap.MODELS[call.name](machine, state, call)
    now = counted(state)
    if now is not None and now.doing in (PASSED, MAKING) and now.lowered == Null() and isinstance(value, Pointer):
        Counted(now.doing, now.counts, now.elements, Pointer(value.base)).now(state, now.doing, *now.counts)
    return value


def _made_of_parts(machine: Machine, state: State, call: Call) -> Value | None:
    """Elements that may be unset are the buffer's; others are whoever's has them."""
    value = vectors.MODELS[call.name](machine, state, call)
    now = counted(state)
    if now is None or value is None:
        return value
    match value:
        case Struct(of, (Pointer(str() as base), Scalar(length), capacity)) if of == VECTOR:
            start = _renamed(state, base)
        case _:
            raise NotModelled("a vector made of what is none")
    if now.elements == Pointer(base):
        if may_be_unset(call.owner):
            _kept(state, now, start, length)
        elif is_payload(call.owner):
            _given_back(state, call, now, start, length)
        else:
            raise NotModelled("a vector of something else that elements become")
    elif now.doing == GIVEN and is_payload(call.owner):
        demanded(state, equal(length, ZERO), PARTIAL_WRITE, "elements are given back a second time")
    else:
        raise NotModelled("a vector of other elements than those of its buffer")
    return Struct(VECTOR, (start, Scalar(length), capacity))


def _renamed(state: State, base: str) -> Pointer:
    """Under another name, and gone under the old one."""
    state.counter += 1
    name = f"{ELEMENTS} {state.counter}"
    state.objects[name] = state.objects.pop(base)
    return Pointer(name, (vectors.COUNT, Element(ZERO)))


def _kept(state: State, now: Counted, start: Pointer, length: Term) -> None:
    if now.doing != PASSED:
        raise NotModelled("a vector that becomes a buffer's a second time")
    (whole,) = now.counts
    if not state.is_true(equal(length, whole)):
        raise NotModelled("a buffer of other elements than are passed")
    Counted(MAKING, (), Pointer(start.base), now.lowered).now(state, MAKING, whole, ZERO)


def _given_back(state: State, call: Call, now: Counted, start: Pointer, length: Term) -> None:
    match now.doing, now.counts:
        case (str() as doing, (whole, handed, next_)) if doing == USING:
            drained = ZERO
        case (str() as doing, (whole, handed, next_, drained)) if doing == DRAINED:
            pass
        case _:
            raise NotModelled("elements that are given back by a call that makes a buffer, or hands over, or again")
    lifted = either(form_of(state, call.arguments[0]).native, equal(next_, whole))
    demanded(state, lifted, PARTIAL_WRITE, "elements are given back that were not lifted")
    why = "other elements are given back than were not handed over"
    demanded(state, equal(drained, handed), PARTIAL_WRITE, why)
    demanded(state, equal(length, make("bvsub", whole, handed)), PARTIAL_WRITE, why)
    Counted(GIVEN, (), Pointer(start.base), Null()).now(state, GIVEN)


def _drained(machine: Machine, state: State, call: Call) -> Value | None:
    """What may be unset is not dropped when it is drained; the vector is whole again when that is over."""
    value = vectors.MODELS[call.name](machine, state, call)
    now = counted(state)
    if now is None:
        return value
    match value:
        case Struct(of, (_, Struct(_, (Pointer(base), _, _)), count)) if of == DRAIN and may_be_unset(call.owner):
            if now.doing == USING and now.elements == Pointer(base):
                now.now(state, DRAINING, *now.counts, term_of(count))
            elif now.doing != GIVEN or now.elements == Pointer(base):
                raise NotModelled("elements that are drained while others are made or handed over")
        case _:
            raise NotModelled("elements that are drained, and dropped")
    return value


def dropped(state: State, value: Value) -> None:
    """A vector: its elements are gone. Or what drains one."""
    match value:
        case Struct(of, (Pointer(str() as base), _, _)) if of == VECTOR:
            if base not in state.objects:
                raise NotModelled("a vector that is dropped and gone")
            del state.objects[base]
        case Struct(of, (_, Struct(_, (Pointer(base), _, _)), _)) if of == DRAIN:
            now = counted(state)
            if now is not None and now.elements == Pointer(base):
                now = counting(state, DRAINING)
                now.now(state, DRAINED, *now.counts)
        case _:
            raise NotModelled("a drop of a vector that is not known")


def fields_dropped(state: State, value: Value) -> None:
    """The vectors in it."""
    for one in values_of(value, VECTOR):
        dropped(state, one)


def is_element(value: Value) -> bool:
    return isinstance(value, Struct) and value.type == ITEM


def of_its_own_elements(call: Call) -> None:
    """A body says of elements by the name of its type parameter whose they are. NotModelled where it is called for
    another type than that parameter: there the name says something else.
    """
    for segment in () if call.path is None else call.path.segments:
        if isinstance(segment, t.Qualified) or (isinstance(segment, t.Name) and _of_another(segment.generics)):
            raise NotModelled(f"{call.name} that is called for other types where elements are counted")


def drop_of_its_own_elements(of: t.Type | None) -> None:
    """Of a type with a `Drop`, or of an option of one."""
    inner = next(iter(last_generics(of.path)), None) if isinstance(of, t.PathType) else None
    held = inner if isinstance(of, t.PathType) and plain_type(of) == OPTION else of
    if not isinstance(held, t.PathType) or _of_another(last_generics(held.path)):
        raise NotModelled("a drop of what is of other types where elements are counted")


def _of_another(given: tuple[t.GenericArgument, ...]) -> bool:
    """What is given for type parameters, if it is not the parameter of that name."""
    own = t.PathType(t.Path((t.Name("O"),)))
    return any(one != own for one in given if not isinstance(one, t.Lifetime))


def _refused(model: Model) -> Model:
    def refusing(machine: Machine, state: State, call: Call) -> Value | None:
        if HANDED in state.objects:
            raise NotModelled(f"{call.name} where elements are counted")
        return model(machine, state, call)

    return refusing


def _of_forms() -> Iterator[tuple[str, Model]]:
    for one in forms():
        for name, model in ((one.lowers, _lowered), (one.frees, _freed), (one.lifts, _lifted)):
            yield f"<O as {one.trait}>::{name}", _where_counted(model)


_REFUSED = (
    "core::ptr::copy_nonoverlapping",
    "alloc::alloc::realloc",
    *(
        f"{OPTION}::{name}"
        for name in ("or", "or_else", "filter", "is_some_and", "is_none_or", "map_or_else", "ok_or_else")
    ),
    *(f"{RESULT}::{name}" for name in ("map_err", "map_or_else", "is_ok_and")),
    *(f"core::bool::<impl bool>::{name}" for name in ("then", "then_some")),
)
"""What moves bytes of which it is not followed whose they are, or may drop what it is given."""
MODELS: Mapping[str, Model] = {
    **dict(_of_forms()),
    "core::mem::MaybeUninit::assume_init_read": _where_counted(_read),
    "core::mem::MaybeUninit::write": _where_counted(_written),
    f"{VECTOR}::from_raw_parts": _made_of_parts,
    f"{VECTOR}::drain": _drained,
    "alloc::alloc::alloc": _taken,
    "alloc::alloc::alloc_zeroed": _taken,
    **{name: _refused(heap.MODELS[name]) for name in _REFUSED},
}

"""Which elements of a buffer were handed over, and which a call uses: each is lowered once, and then freed or lifted
once.

The buffer does not say so: it is counted beside it, from what calls are told and what they do. Who uses elements in
another order than they have, or writes them back to other places, has no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from extract.mir import types as t
from smt_models.buffers import vectors
from smt_models.buffers.heap import BLOCK, demanded
from smt_models.buffers.values import values_of
from smt_models.buffers.vectors import ELEMENTS, FORM, VECTOR, forms, room
from smt_models.pools.conditions import EXTENT, PARTIAL_WRITE
from smt_models.runtime.names import plain_type
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.places import widened
from smt_models.static_pools.state import Broken, Ends, State, term_of
from smt_models.static_pools.values import WIDTH, Element, NotModelled, Null, Pointer, Scalar, Struct, Value
from smt_models.system.terms import FALSE, Term, both, either, equal, negation
from smt_models.wasm.build import make, number

HANDED = "handed over"
"""The object that counts them. Its type says what is under way, and its fields how many elements there are, and:
`MAKING`: the next one to be lowered; `KEPT`, between calls: how many were handed over; `TOLD`, in a call that hands
over: besides, the next one to be freed, and how far; `USING`, in any other: besides, the next one to be lifted.
`LIFTED`: as `USING`, and the next one was lifted, and is not written back yet. `GIVEN`: all that were left were given
back, and nothing is counted.
"""
MAKING, KEPT, TOLD, USING, LIFTED, GIVEN = (
    f"{HANDED}: {one}" for one in ("making", "kept", "told", "using", "lifted", "given")
)
ITEM = "element of a vector"
_ZERO, _ONE = number(0, WIDTH), number(1, WIDTH)


def making(state: State, values: tuple[Value, ...]) -> None:
    """A call that is given a vector, and makes a buffer of it."""
    match [length for one in values for length in _lengths(one)]:
        case [length]:
            state.objects[HANDED] = Struct(MAKING, (Scalar(length), Scalar(_ZERO)))
        case _:
            raise NotModelled("a buffer that is not made of one vector")


def _lengths(value: Value) -> Iterator[Term]:
    match value:
        case Struct(of, (_, Scalar(length), _)) if of == VECTOR:
            yield length
        case _:
            pass


def using(state: State, function: str, values: tuple[Value, ...]) -> None:
    """A call about a buffer that there is. Of more than there still are nobody says that they were handed over."""
    whole, handed = _terms(state, KEPT)
    if not any(function.endswith(f"::{name}") for one in forms() for name in one.hands_over):
        state.objects[HANDED] = _counts(USING, whole, handed, handed)
        return
    match [one.term for one in values if isinstance(one, Scalar)]:
        case [count]:
            state.condition = (*state.condition, make("bvule", count, make("bvsub", whole, handed)))
            state.objects[HANDED] = _counts(TOLD, whole, handed, handed, make("bvadd", handed, count))
        case _:
            raise NotModelled(f"how many elements {function} is told of")


def settled(state: State, value: Value, stays: bool) -> None:
    """What a call must have done when it returns. `stays`: the buffer that it was about."""
    counted = state.objects.get(HANDED)
    match counted:
        case Struct(of, (Scalar(whole), Scalar(next_))) if of == MAKING:
            lowered = either(_form(state, value).native, equal(next_, whole))
            demanded(state, lowered, PARTIAL_WRITE, "a buffer is made, and not all elements are lowered")
            state.objects[HANDED] = _counts(KEPT, whole, _ZERO)
        case Struct(of, (Scalar(whole), _, Scalar(next_), Scalar(end))) if of == TOLD:
            freed = either(negation(_form(state, value).lists), equal(next_, end))
            demanded(state, freed, PARTIAL_WRITE, "elements were handed over, and what they have in lists is not freed")
            state.objects[HANDED] = _counts(KEPT, whole, end)
        case Struct(of, (Scalar(whole), Scalar(handed), Scalar(next_))) if of == USING:
            if stays or any(True for _ in values_of(value, FORM)):
                demanded(state, equal(next_, handed), PARTIAL_WRITE, "an element is lifted that stays in its buffer")
                state.objects[HANDED] = _counts(KEPT, whole, handed)
            else:
                demanded(state, equal(handed, whole), PARTIAL_WRITE, "a buffer goes with elements that nobody has")
                del state.objects[HANDED]
        case Struct(of) if of == GIVEN:
            if stays:
                raise NotModelled("a buffer that stays where its elements were given back")
            del state.objects[HANDED]
        case None:
            pass
        case _:
            raise NotModelled("a call that ends with an element that was lifted, and is nowhere")


def lent_where_left(state: State, value: Value, start: Value, count: Term) -> None:
    """What is lent is what was not handed over: it begins there, and is as long."""
    whole, handed, _ = _terms(state, USING)
    form = _form(state, value)
    place = _Place.of(state, start, handed, form.size)
    _aligned(state, start, place, form, make("bvmul", widened(count), widened(form.size)))
    demanded(state, place.there, PARTIAL_WRITE, "what is lent does not begin where the rest of the elements does")
    left = equal(count, make("bvsub", whole, handed))
    demanded(state, left, PARTIAL_WRITE, "what is lent is not as many elements as are left")


def _aligned(state: State, start: Value, place: _Place, form: _Form, size: Term) -> None:
    """The address, unless nothing is lent. What begins at an element is aligned as elements are, whose size is a
    multiple of it: said first, as it takes no arithmetic.
    """
    match start:
        case Pointer(str() as base, (0, *_, Element(at))):
            below = make("bvsub", form.alignment, _ONE)
            nothing = equal(size, number(0, 2 * WIDTH))
            fits = either(nothing, place.there, equal(make("bvand", at, below), _ZERO))
            demanded(state, fits, EXTENT, "elements are lent at an address that is not aligned as they are")
            match state.objects.get(base):
                case Struct(of, (_, Scalar(alignment))) if of == BLOCK:
                    high = either(nothing, make("bvule", form.alignment, alignment))
                    demanded(state, high, EXTENT, "elements are lent in a block that is not aligned as they are")
                case _:
                    pass  # a vector is aligned as its elements, which are lent as they are
        case _:
            pass


def is_element(value: Value) -> bool:
    """Whether it is an element that was read or lifted, and that nobody else has."""
    return isinstance(value, Struct) and value.type == ITEM


# What is counted


def _counts(of: str, *terms: Term) -> Struct:
    return Struct(of, tuple(map(Scalar, terms)))


def _terms(state: State, of: str) -> tuple[Term, ...]:
    match state.objects.get(HANDED):
        case Struct(found, fields) if found == of:
            return tuple(one.term for one in fields if isinstance(one, Scalar))
        case _:
            raise NotModelled("elements of which nobody counted how many were handed over")


@dataclass(frozen=True, slots=True)
class _Form:
    """How elements look in the canonical ABI. `native`: as they do in memory; `lists`: there is something to free."""

    size: Term
    alignment: Term
    native: Term
    lists: Term


def _form(state: State, value: Value) -> _Form:
    """Of the only buffer that there is, which may be what a call gives."""
    match [*dict.fromkeys(form for one in (*state.objects.values(), value) for form in values_of(one, FORM))]:
        case [Struct(_, (Struct(_, (Scalar(size), Scalar(alignment))), Scalar(native), Scalar(lists)))]:
            return _Form(size, alignment, native, lists)
        case _:
            raise NotModelled("a form of elements that is not known")


@dataclass(frozen=True, slots=True)
class _Place:
    """Of an address: whether the element of a number is `there`, or one `before` it."""

    there: Term
    before: Term

    @staticmethod
    def of(state: State, at: Value, count: Term, size: Term) -> _Place:
        """`size`: of an element, where it is not in a vector. Of what lies in its block no product wraps."""
        match at:
            case Null():
                return _Place(either(equal(size, _ZERO), equal(count, _ZERO)), FALSE)
            case Pointer(str() as base, (0, Element(start))) if base.startswith(BLOCK):
                place = make("bvmul", count, size)
                return _Place(equal(start, place), make("bvult", start, place))
            case Pointer(str() as base, (0, Element(index), Element(start))) if base.startswith(ELEMENTS):
                further = make("bvmul", make("bvsub", count, index), room(state, base)[1])
                first = both(equal(index, count), equal(start, _ZERO))
                before = both(make("bvule", index, count), make("bvult", start, further))
                return _Place(either(first, equal(start, further)), before)
            case _:
                raise NotModelled("elements at an address that is not known")


# What uses elements


def _counted(model: Model) -> Model:
    """Where nobody counts, nothing more is asked."""

    def counting(machine: Machine, state: State, call: Call) -> Value | None:
        value = vectors.MODELS[call.name](machine, state, call)
        return model(machine, state, call) if HANDED in state.objects and value is not None else value

    return counting


def _next(state: State, call: Call, next_: Term, end: Term, what: str) -> None:
    """The element that the last argument points at must be the next one, of those up to an end."""
    demanded(state, make("bvult", next_, end), PARTIAL_WRITE, f"{what} that is not to be")
    place = _Place.of(state, call.arguments[-1], next_, _form(state, call.arguments[0]).size)
    if not state.is_true(place.there):
        if state.is_true(place.before):
            raise Ends(Broken(PARTIAL_WRITE, f"{what} a second time", BLOCK))
        raise NotModelled(f"{what} before others")


def _lowered(_machine: Machine, state: State, call: Call) -> Value:
    match state.objects[HANDED], call.arguments[-2]:
        case Struct(of, (Scalar(whole), Scalar(next_))), Struct(item, (Scalar(number_),)) if (
            of == MAKING and item == ITEM
        ):
            _next(state, call, next_, whole, "an element is lowered")
            if not state.is_true(equal(number_, next_)):
                if state.is_true(make("bvult", number_, next_)):
                    raise Ends(Broken(PARTIAL_WRITE, "an element is lowered to two places", BLOCK))
                raise NotModelled("an element is lowered before others")
            state.objects[HANDED] = _counts(MAKING, whole, make("bvadd", next_, _ONE))
            return call.arguments[-2]
        case _:
            raise NotModelled("an element that is lowered and not of the vector that a buffer is made of")


def _freed(_machine: Machine, state: State, call: Call) -> Value:
    match state.objects[HANDED]:
        case Struct(of, (Scalar(whole), Scalar(handed), Scalar(next_), Scalar(end))) if of == TOLD:
            _next(state, call, next_, end, "an element is freed")
            state.objects[HANDED] = _counts(TOLD, whole, handed, make("bvadd", next_, _ONE), end)
            return call.arguments[-1]
        case _:
            raise NotModelled("an element that is freed and was not handed over")


def _lifted(_machine: Machine, state: State, call: Call) -> Value:
    match state.objects[HANDED]:
        case Struct(of, (Scalar(whole), Scalar(handed), Scalar(next_))) if of == USING:
            if state.is_true(_form(state, call.arguments[0]).native):
                raise NotModelled("an element that is lifted and was not lowered")
            _next(state, call, next_, whole, "an element is lifted")
            state.objects[HANDED] = _counts(LIFTED, whole, handed, next_)
            return Struct(ITEM, (Scalar(next_),))
        case _:
            raise NotModelled("an element that is lifted while others are made or handed over")


def _read(_machine: Machine, state: State, call: Call) -> Value:
    match state.objects[HANDED], call.arguments[0]:
        case Struct(of), Pointer(str() as base, (0, Element(index))) if of == MAKING and base.startswith(ELEMENTS):
            return Struct(ITEM, (Scalar(index),))
        case _:
            raise NotModelled("an element that is read and not of the vector that a buffer is made of")


def _written(_machine: Machine, state: State, call: Call) -> Value:
    match state.objects[HANDED], *call.arguments:
        case (
            Struct(of, (Scalar(whole), Scalar(handed), Scalar(next_))),
            Pointer(str() as base, (0, Element(index))),
            Struct(item, (Scalar(number_),)),
        ) if of == LIFTED and item == ITEM and base.startswith(ELEMENTS) and number_ == next_:
            if not state.is_true(equal(index, number_)):
                raise NotModelled("an element that is written to another place than it had")
            state.objects[HANDED] = _counts(USING, whole, handed, make("bvadd", next_, _ONE))
            return call.arguments[0]
        case _:
            raise NotModelled("an element that is written and was not lifted")


def _given_back(machine: Machine, state: State, call: Call) -> Value | None:
    """Where a vector is made of its parts: elements that may be unset are still the buffer's, others are not."""
    value = vectors.MODELS[call.name](machine, state, call)
    if HANDED not in state.objects or not isinstance(value, Struct) or _may_be_unset(call):
        return value
    length = term_of(call.arguments[1])
    match state.objects[HANDED]:
        case Struct(of, (Scalar(whole), Scalar(handed), Scalar(next_))) if of == USING:
            lifted = either(_form(state, value).native, equal(next_, whole))
            demanded(state, lifted, PARTIAL_WRITE, "elements are given back that were not lifted")
            left = equal(length, make("bvsub", whole, handed))
            demanded(state, left, PARTIAL_WRITE, "other elements are given back than were not handed over")
            state.objects[HANDED] = Struct(GIVEN, ())
        case Struct(of) if of == GIVEN:
            demanded(state, equal(length, _ZERO), PARTIAL_WRITE, "elements are given back a second time")
        case _:
            raise NotModelled("elements that are given back by a call that makes a buffer, or hands over")
    return value


def _may_be_unset(call: Call) -> bool:
    return isinstance(call.owner, t.PathType) and plain_type(call.owner) == "core::mem::MaybeUninit"


def _of_forms() -> Iterator[tuple[str, Model]]:
    for one in forms():
        for name, model in ((one.lowers, _lowered), (one.frees, _freed), (one.lifts, _lifted)):
            yield f"<O as {one.trait}>::{name}", _counted(model)


MODELS: Mapping[str, Model] = {
    **dict(_of_forms()),
    "core::mem::MaybeUninit::assume_init_read": _counted(_read),
    "core::mem::MaybeUninit::write": _counted(_written),
    f"{VECTOR}::from_raw_parts": _given_back,
}

"""Where elements are that are counted (`handed.py`), and whether what is lent begins where the rest of them does."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.buffers.handed import USING, ZERO, Counted, Form, counting, form_of
from smt_models.buffers.heap import BLOCK, demanded
from smt_models.buffers.vectors import room
from smt_models.pools.conditions import EXTENT, PARTIAL_WRITE
from smt_models.static_pools.places import widened
from smt_models.static_pools.state import State
from smt_models.static_pools.values import WIDTH, Element, NotModelled, Null, Pointer, Scalar, Struct, Value
from smt_models.system.terms import FALSE, Term, both, either, equal
from smt_models.wasm.build import make, number

ONE = number(1, WIDTH)


# What is lent


def lent_where_left(state: State, value: Value, start: Value, count: Term) -> None:
    """What is lent is what was not handed over: it begins there, and is as long. Where nothing is left nothing is lent,
    and where it would be does not matter.
    """
    now = counting(state, USING)
    whole, handed, _ = now.counts
    if isinstance(start, Null) and state.is_true(both(equal(count, ZERO), equal(handed, whole))):
        return
    form = form_of(state, value)
    place = place_of(state, now, form, start, handed)
    _aligned(state, start, place, form, make("bvmul", widened(count), widened(form.size)))
    demanded(state, place.there, PARTIAL_WRITE, "what is lent does not begin where the rest of the elements does")
    left = equal(count, make("bvsub", whole, handed))
    demanded(state, left, PARTIAL_WRITE, "what is lent is not as many elements as are left")


def _aligned(state: State, start: Value, place: Place, form: Form, size: Term) -> None:
    """The address, unless nothing is lent. What begins at an element is aligned as elements are, whose size is a
    multiple of it: said first, as it takes no arithmetic.
    """
    match start:
        case Pointer(str() as base, (0, *_, Element(at))):
            below = make("bvsub", form.alignment, ONE)
            nothing = equal(size, number(0, 2 * WIDTH))
            fits = either(nothing, place.there, equal(make("bvand", at, below), ZERO))
            demanded(state, fits, EXTENT, "elements are lent at an address that is not aligned as they are")
            match state.objects.get(base):
                case Struct(of, (_, Scalar(alignment))) if of == BLOCK:
                    high = either(nothing, make("bvule", form.alignment, alignment))
                    demanded(state, high, EXTENT, "elements are lent in a block that is not aligned as they are")
                case _:
                    pass  # a vector is aligned as its elements, which are lent as they are
        case _:
            pass


# Where elements are


@dataclass(frozen=True, slots=True)
class Place:
    """Of an address: whether the element of a number is `there`, or one `before` it."""

    there: Term
    before: Term


def place_of(state: State, now: Counted, form: Form, at: Value, count: Term) -> Place:
    """In the block that they are lowered to, or in their vector where they are lent as they are. Of what lies in its
    block no product wraps.
    """
    match at:
        case Null() if now.lowered == Null() and not state.is_true(form.native):
            return Place(either(equal(form.size, ZERO), equal(count, ZERO)), FALSE)
        case Pointer(base, (0, Element(start))) if now.lowered == Pointer(base) and not state.is_true(form.native):
            place = make("bvmul", count, form.size)
            return Place(equal(start, place), make("bvult", start, place))
        case Pointer(base, (0, Element(index), Element(start))) if now.elements == Pointer(base) and state.is_true(
            form.native
        ):
            further = make("bvmul", make("bvsub", count, index), room(state, str(base))[1])
            first = both(equal(index, count), equal(start, ZERO))
            before = both(make("bvule", index, count), make("bvult", start, further))
            return Place(either(first, equal(start, further)), before)
        case _:
            raise NotModelled("elements where the buffer does not have them")


def index_in(now: Counted, at: Value) -> Term:
    """Of an element of the vector."""
    match at:
        case Pointer(base, (0, Element(index)), seen=None) if now.elements == Pointer(base):
            return index
        case _:
            raise NotModelled("an element of another vector than the buffer is made of")

"""Vectors of elements of which nothing is known but that they are as long as their type says: by count, not by bytes
[alloc::vec::Vec, core::slice::Iter].

What a trait says of the elements' other form, in bytes, is data: `elements.toml` names its methods. Its layout and its
answers are the same every time: that is what the trait is for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from extract.mir import types as t
from smt_models.buffers import heap
from smt_models.buffers.heap import BLOCK, HIGHEST, any_layout, demanded, layout
from smt_models.pools.conditions import RANGE
from smt_models.static_pools.library import MODELS as PLAIN
from smt_models.static_pools.machine import Call, Machine, Model, same
from smt_models.static_pools.places import WIDE, moved, widened
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    NONE,
    RESULT,
    WIDTH,
    Contents,
    Element,
    NotModelled,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    some,
    word,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, both, either, equal, negation
from smt_models.wasm.build import make, number

VECTOR, DRAIN, ITERATOR, FORM = "alloc::vec::Vec", "alloc::vec::Drain", "core::slice::Iter", "form of elements"
_POINTERS = (("mut_ptr", "*mut _"), ("const_ptr", "*const _"))
DRAINED_OF = "a vector that something drains"
ELEMENTS = "elements"
"""Begins the names of objects that are the elements of a vector: how many there is room for, and how long one is."""
ELEMENT_SIZE = "size of an element of "
"""Begins the names of inputs: of what is passed under the name that follows."""
COUNT = 0
NOTHING, _ZERO = Opaque("an element"), word(0).term
_HIGHEST = number((1 << WIDTH) - 1, WIDTH)


@dataclass(frozen=True, slots=True)
class Form:
    """The methods of a trait: of the layout of an element, two that answer yes or no, and those that use the bytes of
    one element from where their last argument points: one `lowers` it, one `frees` what it has in lists, one `lifts`
    it. `payload`: the type of an element, by the name that the trait has for it. `lends`: methods of buffers that give
    an address and a count; `hands_over`: those that are told how many of these are gone.
    """

    trait: str
    payload: str
    layout: str
    answers: tuple[str, ...]
    uses: tuple[str, ...]
    lowers: str
    frees: str
    lifts: str
    lends: tuple[str, ...]
    hands_over: tuple[str, ...]


@cache
def forms() -> tuple[Form, ...]:
    text = resources.files("smt_models.buffers").joinpath("elements.toml").read_text(encoding="utf-8")
    given = tomllib.loads(text)["form"]
    return tuple(
        Form(
            one["trait"], one["payload"], one["layout"], tuple(one["answers"]), tuple(one["uses"]), one["lowers"],
            one["frees"], one["lifts"], tuple(one["lends"]), tuple(one["hands_over"]),
        )
        for one in given
    )  # fmt: skip


def any_vector(state: State, name: str) -> Struct:
    """Of elements that take some bytes, or of such as take none: of these there is always room for more."""
    length, capacity = (state.fresh(f"{part} of {name}", BitVec(WIDTH)) for part in ("length", "capacity"))
    size = state.fresh(f"{ELEMENT_SIZE}{name}", BitVec(WIDTH))
    fits = make("bvult", make("bvmul", widened(capacity), widened(size)), number(HIGHEST, WIDE))
    endless = either(negation(equal(size, _ZERO)), equal(capacity, _HIGHEST))
    state.condition = (*state.condition, make("bvule", length, capacity), fits, endless)
    start = _elements(state, capacity, size)
    return Struct(VECTOR, (start, Scalar(length), Scalar(capacity)))


def _elements(state: State, capacity: Term, size: Term) -> Pointer:
    """As many as there is room for, each so many bytes long in memory."""
    state.counter += 1
    base = f"{ELEMENTS} {state.counter}"
    state.objects[base] = Struct(ELEMENTS, (Contents(capacity), Scalar(size)))
    return Pointer(base, (COUNT, Element(_ZERO)))


def room(state: State, base: str) -> tuple[Term, Term]:
    """Of so many elements, each so long."""
    match state.objects.get(base):
        case Struct(_, (Contents(capacity), Scalar(size))):
            return capacity, size
        case _:
            raise NotModelled("elements that are gone")


def any_form(state: State, name: str) -> Struct:
    """Of a layout whose size is a multiple of its alignment, as that of an element in an array is."""
    element = any_layout(state, f"{name}.layout")
    size, alignment = (term_of(one) for one in element.fields)
    below = make("bvsub", alignment, number(1, WIDTH))
    state.condition = (*state.condition, equal(make("bvand", size, below), _ZERO))
    native, lists = (state.fresh(f"{name}.{n}", BOOLEAN) for n in range(2))
    return Struct(FORM, (element, Scalar(native), Scalar(lists)))


def as_in_memory(state: State, form: Value, vector: Value) -> Term:
    """Where the form of elements is the one in memory, its size is theirs, of a vector of such elements."""
    match form, vector:
        case Struct(a, (Struct(_, (Scalar(size), _)), Scalar(native), _)), Struct(b, (Pointer(base), _, _)) if (
            a == FORM and b == VECTOR
        ):
            return either(negation(native), equal(size, room(state, str(base))[1]))
        case _:
            raise NotModelled("a form of elements, or a vector, that is not known")


def _as_it_is(_machine: Machine, _state: State, call: Call) -> Value:
    """A number as one of its own type."""
    match call.path:
        case t.Path((t.Qualified(_, t.Path((*_, t.Name("TryInto", (t.Primitive("usize"),))))), *_)):
            return Sum(RESULT, number(0, WIDTH), ((0, (call.arguments[0],)),))
        case _:
            raise NotModelled(call.name)


# Vectors


def _vector(state: State, given: Value) -> tuple[Pointer, Term, Term]:
    value = state.load(given) if isinstance(given, Pointer) else given
    match value:
        case Struct(of, (Pointer() as start, Scalar(length), Scalar(capacity))) if of == VECTOR:
            return start, length, capacity
        case _:
            raise NotModelled(f"{type(value).__name__} where a vector belongs")


def _start(_machine: Machine, state: State, call: Call) -> Value:
    return _vector(state, call.arguments[0])[0]


def _length(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(_vector(state, call.arguments[0])[1])


def _capacity(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(_vector(state, call.arguments[0])[2])


def _from_parts(_machine: Machine, state: State, call: Call) -> Value:
    """Of a vector that was taken apart: start and capacity are what they were."""
    start, length, capacity = call.arguments
    match start:
        case Pointer(str() as base, (0, Element(at))) if base.startswith(ELEMENTS):
            whole = room(state, base)[0]
            same_parts = both(equal(at, _ZERO), equal(term_of(capacity), whole), make("bvule", term_of(length), whole))
            demanded(state, same_parts, RANGE, "a vector made of other parts than one was taken apart to")
            return Struct(VECTOR, (start, length, capacity))
        case _:
            raise NotModelled("a vector made of what is none")


def _slice(_machine: Machine, state: State, call: Call) -> Value:
    start, length, _ = _vector(state, call.arguments[0])
    return Pointer(start.base, start.path, length)


def _rest(_machine: Machine, state: State, call: Call) -> Value:
    """From an index on; beyond the end it panics."""
    start, length, _ = _vector(state, call.arguments[0])
    match call.arguments[1]:
        case Struct("core::ops::RangeFrom", (Scalar(index),)):
            if not state.is_true(make("bvule", index, length)):
                raise Ends(Panicked("a range beyond the end of a vector"))
            return Pointer(start.base, (COUNT, Element(index)), make("bvsub", length, index))
        case _:
            raise NotModelled("this range of a vector")


def _drained(_machine: Machine, state: State, call: Call) -> Value:
    """The first so many are gone when what is given is dropped; until then nothing is known of the vector, which is
    shorter [alloc::vec::Drain].
    """
    start, length, capacity = _vector(state, call.arguments[0])
    match call.arguments:
        case (Pointer() as at, Struct("core::ops::RangeTo", (Scalar(count),))):
            if not state.is_true(make("bvule", count, length)):
                raise Ends(Panicked("a range beyond the end of a vector"))
            state.write(at, Struct(DRAINED_OF, ()))
            rest = Struct(VECTOR, (start, Scalar(make("bvsub", length, count)), Scalar(capacity)))
            return Struct(DRAIN, (at, rest, Scalar(count)))
        case _:
            raise NotModelled("this range of a vector")


def over(state: State, drain: Value) -> None:
    """What drains a vector is dropped."""
    match drain:
        case Struct(of, (Pointer() as at, Struct() as rest, _)) if of == DRAIN:
            state.write(at, rest)
        case _:
            raise NotModelled("a drop of what drains no vector that is known")


def _taken(machine: Machine, state: State, call: Call) -> Value | None:
    """An empty vector stays, which has no block; of others the default is theirs."""
    at = call.arguments[0]
    if not isinstance(at, Pointer) or not isinstance(state.read(at), Struct):
        return PLAIN["core::mem::take"](machine, state, call)
    old = _vector(state, at)
    start = _elements(state, _ZERO, room(state, str(old[0].base))[1])
    state.write(at, Struct(VECTOR, (start, Scalar(_ZERO), Scalar(_ZERO))))
    return Struct(VECTOR, (old[0], Scalar(old[1]), Scalar(old[2])))


def _iterated(_machine: Machine, _state: State, call: Call) -> Value:
    match call.arguments[0]:
        case Pointer(base, (0, Element()) as path, length) if length is not None:
            return Struct(ITERATOR, (Pointer(base, path), Scalar(_ZERO), Scalar(length)))
        case _:
            raise NotModelled("an iterator over what is no slice")


def _next(_machine: Machine, state: State, call: Call) -> Value:
    at = call.arguments[0]
    match state.load(at) if isinstance(at, Pointer) else None:
        case Struct(of, (Pointer() as start, Scalar(index), Scalar(count))) if of == ITERATOR and isinstance(
            at, Pointer
        ):
            if not state.is_true(make("bvult", index, count)):
                return NONE
            state.write(at, Struct(of, (start, Scalar(make("bvadd", index, number(1, WIDTH))), Scalar(count))))
            return some(moved(start, index))
        case _:
            raise NotModelled("the next of what is no iterator over a slice")


def _cast(machine: Machine, state: State, call: Call) -> Value | None:
    """Elements seen as bytes: so many bytes from one of them."""
    match call.arguments[0]:
        case Pointer(str() as base, (0, Element() as at)) if base.startswith(ELEMENTS) and call.generics == (
            t.Primitive("u8"),
        ):
            return Pointer(base, (COUNT, at, Element(_ZERO)))
        case _:
            return heap.MODELS[call.name](machine, state, call)


def _moved_on(machine: Machine, state: State, call: Call) -> Value | None:
    match call.arguments:
        case (Pointer(str() as base, (0, Element(), Element())) as at, Scalar(distance)) if base.startswith(ELEMENTS):
            if at.seen is not None or at.parts != 1:
                raise NotModelled("bytes of elements that are seen as something larger")
            demanded(state, _reaches(state, at, widened(distance)), RANGE, "a pointer beyond the end")
            return moved(at, distance)
        case _:
            return heap.MODELS[call.name](machine, state, call)


def _reaches(state: State, at: Pointer, count: Term, most: Term | None = None) -> Term:
    """Whether so many bytes from here on are of elements, the first `most` of those that there is room for. `count`: so
    wide that no product wraps.
    """
    match at.path:
        case (_, Element(index), Element(start)):
            capacity, size = room(state, str(at.base))
            most = capacity if most is None else most
            left = make("bvmul", widened(make("bvsub", most, index)), widened(size))
            return both(make("bvule", index, most), make("bvule", make("bvadd", widened(start), count), left))
        case _:
            raise NotModelled("bytes of what are no elements")


def _element(_machine: Machine, _state: State, _call: Call) -> Value:
    return NOTHING


# The other form of the elements


def _form(state: State, call: Call) -> tuple[Struct, tuple[Value, ...]]:
    at = call.arguments[0]
    match state.load(at) if isinstance(at, Pointer) else None:
        case Struct(of, (Struct() as element, *answers)) if of == FORM:
            return element, tuple(answers)
        case _:
            raise NotModelled(f"{call.name} of what is not known")


def _layout(_machine: Machine, state: State, call: Call) -> Value:
    size, alignment = (term_of(one) for one in _form(state, call)[0].fields)
    return layout(size, alignment)


def _answer(place: int) -> Model:
    return lambda _machine, state, call: _form(state, call)[1][place]


def _used(_machine: Machine, state: State, call: Call) -> Value:
    """As many bytes as an element has are read or written."""
    size = widened(term_of(_form(state, call)[0].fields[0]))
    within(state, call.arguments[-1], size, "an element", call.name)
    return NOTHING


def within(
    state: State, at: Value, size: Term, what: str, who: str, most: Term | None = None, kind: str = RANGE
) -> None:
    """Demands that so many bytes from there on are of one block, or of the elements of one vector, and of its first
    `most`. `size`: so wide that no product wraps.
    """
    match at:
        case Null():
            demanded(state, equal(size, number(0, WIDE)), kind, f"{what} at a null pointer")
        case Pointer(str() as base, (0, Element(start))) if base.startswith(BLOCK):
            end = make("bvadd", widened(start), size)
            length = widened(state.length_of(Pointer(base, (0,))))
            demanded(state, make("bvule", end, length), kind, f"{what} that leaves its block")
        case Pointer(str() as base, (0, Element(), Element())) if base.startswith(ELEMENTS):
            demanded(state, _reaches(state, at, size, most), kind, f"{what} that leaves its vector")
        case _:
            raise NotModelled(f"{who} of what is no block")


def _of_form(one: Form) -> dict[str, Model]:
    base = f"<O as {one.trait}>"
    return {
        f"{base}::{one.layout}": _layout,
        **{f"{base}::{name}": _answer(place) for place, name in enumerate(one.answers)},
        **{f"{base}::{name}": _used for name in one.uses},
    }


MODELS: Mapping[str, Model] = {
    "<usize as core::convert::TryInto>::try_into": _as_it_is,
    f"{VECTOR}::as_ptr": _start,
    f"{VECTOR}::as_mut_ptr": _start,
    f"{VECTOR}::len": _length,
    f"{VECTOR}::capacity": _capacity,
    f"{VECTOR}::from_raw_parts": _from_parts,
    f"<{VECTOR} as core::ops::Deref>::deref": _slice,
    f"<{VECTOR} as core::ops::IndexMut>::index_mut": _rest,
    f"{VECTOR}::drain": _drained,
    "core::mem::take": _taken,
    "core::slice::<impl [_]>::iter": _iterated,
    "core::slice::<impl [_]>::iter_mut": _iterated,
    **{f"<{of} as core::iter::IntoIterator>::into_iter": same for of in (ITERATOR, f"{ITERATOR}Mut")},
    **{f"<{of} as core::iter::Iterator>::next": _next for of in (ITERATOR, f"{ITERATOR}Mut")},
    "core::mem::MaybeUninit::assume_init_read": _element,
    "core::mem::MaybeUninit::write": _element,
    **{f"core::ptr::{kind}::<impl {of}>::cast": _cast for kind, of in _POINTERS},
    **{f"core::ptr::{kind}::<impl {of}>::add": _moved_on for kind, of in _POINTERS},
    **{name: model for one in forms() for name, model in _of_form(one).items()},
}

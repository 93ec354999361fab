"""Iterators over arrays, slices and ranges of numbers as values, and what each gives next.

What follows is said by a function, as a closure that an iterator keeps may run bodies of the crate in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smt_models.static_pools.library_numbers import TYPES
from smt_models.static_pools.library_options import held_at
from smt_models.static_pools.machine import Machine, place
from smt_models.static_pools.places import element
from smt_models.static_pools.state import State, below, is_at, term_of
from smt_models.static_pools.values import (
    OPTION,
    Array,
    Element,
    Function,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    choose,
    word,
)
from smt_models.system.terms import Literal, Term
from smt_models.wasm.build import if_, make, number, width_of

SLICE, RANGE = "core::slice::Iter", "core::ops::Range"
COUNTED, LIMITED, REVERSED, ZIPPED = (f"core::iter::{name}" for name in ("Enumerate", "Take", "Rev", "Zip"))
MAPPED, FILTERED, CHOSEN = (f"core::iter::{name}" for name in ("Map", "Filter", "FilterMap"))
WINDOWS, CHUNKS, WHOLE_CHUNKS = (f"core::slice::{name}" for name in ("Windows", "Chunks", "ChunksExact"))
BY_VALUE, FLAT = "core::array::IntoIter", "core::iter::Flatten"
KINDS = frozenset((SLICE, RANGE, BY_VALUE, WINDOWS, CHUNKS, WHOLE_CHUNKS)) | {
    *(COUNTED, LIMITED, REVERSED, ZIPPED),
    *(FLAT, MAPPED, FILTERED, CHOSEN),
}
MOST_ROUNDS = 70
"""How many elements one call goes over."""
_CLONES = frozenset(f"<{name} as core::clone::Clone>::clone" for name in (*TYPES, "bool", "char"))
"""What `copied` does with each element."""
Then = Callable[[State, Value, Value | None], Value | None]
"""What comes of an iterator afterwards and of its next element, or of its end; None: a frame was pushed."""


def over(state: State, at: Pointer) -> Struct:
    """Over all elements of an array or slice: of those from the second number to the third."""
    return Struct(SLICE, (at, word(0), Scalar(state.length_of(at))))


def parts_of(of: str, state: State, at: Pointer, size: Term) -> Struct:
    """Over slices of this size of all elements: of those from the second number to the third."""
    return Struct(of, (at, word(0), Scalar(state.length_of(at)), Scalar(size)))


def known(value: Value) -> Struct:
    """Raises NotModelled for what is no iterator that is known here."""
    if isinstance(value, Struct) and value.type in KINDS:
        return value
    raise NotModelled(f"{getattr(value, 'type', type(value).__name__)} as an iterator")


def runs_a_closure(iterator: Value) -> bool:
    """Whether a body of the crate may run where it is asked for its next element."""
    if not isinstance(iterator, Struct) or iterator.type not in KINDS:
        return False
    if iterator.type in (MAPPED, FILTERED, CHOSEN):
        function = iterator.fields[1]
        is_copy = isinstance(function, Function) and function.name in _CLONES
        return not is_copy or runs_a_closure(iterator.fields[0])
    return any(map(runs_a_closure, iterator.fields))


def advance(machine: Machine, state: State, iterator: Value, then: Then) -> Value | None:
    """Forks, so that a loop knows whether it goes round."""

    def given(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is not None and after.owned_in((item,)):
            raise NotModelled("an owner, or what has a `Drop`, that an iterator gives")
        return then(after, rest, item)

    match iterator:
        case Struct("core::slice::Iter" | "core::ops::Range" | "core::array::IntoIter"):
            return given(state, *_first(state, iterator))
        case Struct("core::slice::Windows" | "core::slice::Chunks" | "core::slice::ChunksExact"):
            return given(state, *_first_part(state, iterator))
        case Struct("core::iter::Rev", (Struct() as inner,)):
            rest, item = _last(state, inner)
            return given(state, Struct(REVERSED, (rest,)), item)
        case Struct("core::iter::Enumerate", (inner, Scalar(count))):
            return advance(machine, state, inner, _numbered(count, given))
        case Struct("core::iter::Take", (inner, Scalar(most), Scalar(count))):
            if not state.is_true(below(count, most)):
                return given(state, iterator, None)
            kept = (Scalar(most), Scalar(_next(count)))
            return advance(machine, state, inner, lambda s, rest, one: given(s, Struct(LIMITED, (rest, *kept)), one))
        case Struct("core::iter::Zip", (inner, other)):
            return advance(machine, state, inner, _paired(machine, other, given))
        case Struct("core::iter::Map", (inner, function)):
            return advance(machine, state, inner, _mapped(machine, function, given))
        case Struct("core::iter::Filter" | "core::iter::FilterMap"):
            return _filtered(machine, state, iterator, given, 0)
        case Struct("core::iter::Flatten", (inner,)):
            return _flattened(machine, state, inner, given, 0)
        case _:
            raise NotModelled("the next of what is no iterator over a slice")


def _next(term: Term) -> Term:
    return make("bvadd", term, number(1, width_of(term)))


def _first(state: State, iterator: Struct) -> tuple[Value, Value | None]:
    match iterator:
        case Struct("core::slice::Iter", (Pointer() as at, Scalar(start), Scalar(end))):
            if _is_beyond(state, at, start) or not state.is_true(below(start, end)):
                return iterator, None
            return Struct(SLICE, (at, Scalar(_next(start)), Scalar(end))), element(at, start)
        case Struct("core::ops::Range", (Scalar(start), Scalar(end))):
            if not state.is_true(below(start, end)):
                return iterator, None
            return Struct(RANGE, (Scalar(_next(start)), Scalar(end))), Scalar(start)
        case Struct("core::array::IntoIter", (Array(elements) as held, Scalar(start), Scalar(end))):
            if not state.is_true(below(start, end)):
                return iterator, None
            return Struct(BY_VALUE, (held, Scalar(_next(start)), Scalar(end))), _at(elements, start)
        case _:
            raise NotModelled("the next of what is no iterator over a slice")


def _first_part(state: State, iterator: Struct) -> tuple[Value, Value | None]:
    """`windows`: "If the slice is shorter than size, the iterator returns no values"; of `chunks` the last may be
    shorter, of `chunks_exact` "the last up to chunk_size-1 elements will be omitted".
    """
    match iterator:
        case Struct(of, (Pointer() as at, Scalar(start), Scalar(end), Scalar(size))):
            left = make("bvsub", end, start)  # none is given that begins beyond the end
            if of == CHUNKS:
                there, count = below(start, end), if_(make("bvule", size, left), size, left)
            else:
                there, count = make("bvule", size, left), size
            if not state.is_true(there):
                return iterator, None
            rest = _next(start) if of == WINDOWS else make("bvadd", start, count)
            return Struct(of, (at, Scalar(rest), Scalar(end), Scalar(size))), replace(element(at, start), length=count)
        case _:
            raise NotModelled("the next of what is no iterator over a slice")


def _is_beyond(state: State, at: Pointer, start: Term) -> bool:
    """A slice is no longer than the array that it lies in: whoever makes one sees to it."""
    match at.path:
        case (*before, Element()) if at.length is not None and isinstance(start, Literal):
            length = state.length_of(Pointer(at.base, tuple(before)))
            return isinstance(length, Literal) and at.parts == 1 and int(start.value) >= int(length.value)
        case _:
            return False


def _last(state: State, iterator: Struct) -> tuple[Value, Value | None]:
    """From the other end."""
    match iterator:
        case Struct(
            "core::slice::Iter" | "core::ops::Range" | "core::array::IntoIter", (*before, Scalar(start), Scalar(end))
        ):
            if not state.is_true(below(start, end)):
                return iterator, None
            last = make("bvsub", end, number(1, width_of(end)))
            rest = Struct(iterator.type, (*before, Scalar(start), Scalar(last)))
            match before:
                case (Pointer() as at,):
                    return rest, element(at, last)
                case (Array(elements),):
                    return rest, _at(elements, last)
                case _:
                    return rest, Scalar(last)
        case _:
            raise NotModelled(f"{iterator.type} from its end")


def _at(elements: tuple[Value, ...], index: Term) -> Value:
    """One of them; there is one."""
    if isinstance(index, Literal):
        return elements[int(index.value)]
    found = elements[-1]
    for at, one in enumerate(elements[:-1]):
        found = choose(is_at(index, at), one, found)
    return found


def _numbered(count: Term, then: Then) -> Then:
    def numbered(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return then(after, Struct(COUNTED, (rest, Scalar(count))), None)
        return then(after, Struct(COUNTED, (rest, Scalar(_next(count)))), Struct("()", (Scalar(count), item)))

    return numbered


def _paired(machine: Machine, other: Value, then: Then) -> Then:
    def first(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return then(after, Struct(ZIPPED, (rest, other)), None)

        def second(last: State, more: Value, its: Value | None) -> Value | None:
            return then(last, Struct(ZIPPED, (rest, more)), None if its is None else Struct("()", (item, its)))

        return advance(machine, after, other, second)

    return first


def _mapped(machine: Machine, function: Value, then: Then) -> Then:
    def mapped(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return then(after, Struct(MAPPED, (rest, function)), None)
        if isinstance(function, Function) and function.name in _CLONES and function.name in machine.models:
            return then(after, Struct(MAPPED, (rest, function)), machine.told(after, function.name, (item,)))
        return machine.call_again(
            after, function, (item,), lambda s, kept, made: then(s, Struct(MAPPED, (rest, kept)), made)
        )

    return mapped


def _filtered(machine: Machine, state: State, iterator: Value, then: Then, rounds: int) -> Value | None:
    """The next for which the closure says yes; of `filter_map` what it makes of that."""
    if not isinstance(iterator, Struct) or rounds > MOST_ROUNDS:
        raise NotModelled(f"an iterator that leaves out more than {MOST_ROUNDS}")
    of, (inner, function) = iterator.type, iterator.fields

    def asked(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return then(after, Struct(of, (rest, function)), None)

        shown = None if of == CHOSEN else after.allocate(item)

        def said(last: State, kept: Value, made: Value) -> Value | None:
            now = Struct(of, (rest, kept))
            forget(last, shown)
            wanted = chosen(last, made) if of == CHOSEN else item if last.is_true(term_of(made)) else None
            return _filtered(machine, last, now, then, rounds + 1) if wanted is None else then(last, now, wanted)

        return machine.call_again(after, function, (item if shown is None else Pointer(shown),), said)

    return advance(machine, state, inner, asked)


def _flattened(machine: Machine, state: State, inner: Value, then: Then, rounds: int) -> Value | None:
    """The next option that holds something: `&Option` gives a reference to that."""
    if rounds > MOST_ROUNDS:
        raise NotModelled(f"an iterator that leaves out more than {MOST_ROUNDS}")

    def asked(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return then(after, Struct(FLAT, (rest,)), None)
        held = held_at(after, place(item))
        if held is None:
            return _flattened(machine, after, rest, then, rounds + 1)
        return then(after, Struct(FLAT, (rest,)), held)

    return advance(machine, state, inner, asked)


def forget(state: State, shown: int | None) -> None:
    """Of an element that a closure was shown where it is no longer: nobody else was given the place."""
    if shown is not None:
        del state.objects[shown]


def chosen(state: State, made: Value) -> Value | None:
    """What `Some` holds; None if it is `None`."""
    if not isinstance(made, Sum) or made.type != OPTION:
        raise NotModelled(f"{type(made).__name__} where an option belongs")
    if not state.is_true(make("=", made.tag, word(1).term)):
        return None
    return made.payload(1)[0]


def skipped(iterator: Value, count: Term) -> Struct:
    """Without so many of the first."""
    match iterator:
        case Struct(
            "core::slice::Iter" | "core::ops::Range" | "core::array::IntoIter", (*before, Scalar(start), Scalar(end))
        ) if width_of(start) == width_of(count):
            left = if_(below(start, end), make("bvsub", end, start), number(0, width_of(start)))
            there = if_(make("bvule", count, left), make("bvadd", start, count), end)
            return Struct(iterator.type, (*before, Scalar(there), Scalar(end)))
        case Struct("core::iter::Enumerate", (inner, Scalar(number_))):
            return Struct(COUNTED, (skipped(inner, count), Scalar(make("bvadd", number_, count))))
        case _:
            raise NotModelled(f"{known(iterator).type} without its first")

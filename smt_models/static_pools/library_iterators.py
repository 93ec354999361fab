"""What is done with iterators, by name [core::iter::Iterator, of Rust 1.95]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.static_pools.inputs import HIDDEN
from smt_models.static_pools.iterators import (
    BY_VALUE,
    CHOSEN,
    CHUNKS,
    COUNTED,
    FILTERED,
    FLAT,
    LIMITED,
    MAPPED,
    MOST_ROUNDS,
    REVERSED,
    SLICE,
    WHOLE_CHUNKS,
    WINDOWS,
    ZIPPED,
    advance,
    chosen,
    forget,
    known,
    over,
    parts_of,
    runs_a_closure,
    skipped,
)
from smt_models.static_pools.library_numbers import TYPES, is_signed
from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    NONE,
    OPTION,
    UNIT,
    Array,
    Function,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    bits,
    choose,
    some,
    truth,
    word,
)
from smt_models.system.terms import Term
from smt_models.wasm.build import make, number, width_of

_Kept = TypeVar("_Kept")
_Again = Callable[[State, _Kept], "Value | None"]
_Each = Callable[[State, Value, _Kept, Value, int, _Again[_Kept]], "Value | None"]
"""State, the iterator afterwards, what is kept, the element, its number, and how to go on with what is kept then."""
_End = Callable[[State, Value, _Kept], "Value | None"]


def _each(
    machine: Machine, state: State, iterator: Value, kept: _Kept, step: _Each[_Kept], end: _End[_Kept], at: int = 0
) -> Value | None:
    """One element after another."""
    if at > MOST_ROUNDS:
        raise NotModelled(f"an iterator over more than {MOST_ROUNDS}")

    def seen(after: State, rest: Value, item: Value | None) -> Value | None:
        if item is None:
            return end(after, rest, kept)
        return step(
            after, rest, kept, item, at, lambda last, now: _each(machine, last, rest, now, step, end, at + 1)
        )  # fmt: skip

    return advance(machine, state, iterator, seen)


# Made of others


def _over(_machine: Machine, state: State, call: Call) -> Value:
    return over(state, place(call.arguments[0]))


def _by_value(_machine: Machine, _state: State, call: Call) -> Value:
    """ "Creates a consuming iterator, that is, one that moves each value out of the array"."""
    match call.arguments[0]:
        case Array(elements) as held:
            return Struct(BY_VALUE, (held, word(0), word(len(elements))))
        case _:
            raise NotModelled("an iterator over an array whose elements are not kept")


def _flat(_machine: Machine, _state: State, call: Call) -> Value:
    """Of references to options."""
    match call.types[:1]:
        case (t.PathType(t.Path((*_, t.Name("Iter" | "IterMut", (*_, t.PathType() as of))))),) if (
            plain_type(of) == OPTION and isinstance(given := call.arguments[0], Struct) and given.type == SLICE
        ):
            return Struct(FLAT, (given,))
        case _:
            raise NotModelled(f"{call.name} of what are no references to options")


def _in_parts(of: str) -> Model:
    """`windows`, `chunks`, `chunks_exact`: "Panics if size is zero"."""

    def model(_machine: Machine, state: State, call: Call) -> Value:
        size = term_of(call.arguments[1])
        if state.is_true(make("=", size, word(0).term)):
            raise Ends(Panicked(call.name))
        return parts_of(of, state, place(call.arguments[0]), size)

    return model


def _counted(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(COUNTED, (known(call.arguments[0]), word(0)))


def _limited(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(LIMITED, (known(call.arguments[0]), call.arguments[1], word(0)))


def _reversed(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(REVERSED, (known(call.arguments[0]),))


def _skipped(_machine: Machine, _state: State, call: Call) -> Value:
    return skipped(known(call.arguments[0]), term_of(call.arguments[1]))


def _zipped(_machine: Machine, state: State, call: Call) -> Value:
    other = call.arguments[1]
    match call.types[1:2]:
        case (t.Reference(_, _, t.Slice() | t.Array()),):
            other = over(state, place(other))
        case _ if known(other).type == "core::ops::Range":
            raise NotModelled("a range in a zip")  # the text says not whether it is of signed numbers
    first = known(call.arguments[0])
    if runs_a_closure(first):
        raise NotModelled("a closure before a zip")  # whether it runs once more at the end is the library's choice
    return Struct(ZIPPED, (first, other))


def _with_closure(of: str) -> Model:
    return lambda _machine, _state, call: Struct(of, (known(call.arguments[0]), call.arguments[1]))


def _copied(_machine: Machine, _state: State, call: Call) -> Value:
    """Of numbers and truth values: what their `clone` gives."""
    match call.generics:
        case (t.Primitive(name),) if name in (*TYPES, "bool", "char"):
            return Struct(MAPPED, (known(call.arguments[0]), Function(f"<{name} as core::clone::Clone>::clone")))
        case _:
            raise NotModelled("copies of elements that are no numbers")


# With an element


def _next(machine: Machine, state: State, call: Call) -> Value | None:
    at = place(call.arguments[0])

    def taken(after: State, rest: Value, item: Value | None) -> Value:
        after.write(at, rest)
        return NONE if item is None else some(item)

    return advance(machine, state, state.load(at), taken)


def _searching(
    found: Callable[[State, int, Value, Value], Value | None], otherwise: Value, by_reference: bool = False
) -> Model:
    """`found`: the result by the element's number, the element, and what the closure says of it; None: not it."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        at = place(call.arguments[0])

        def step(
            after: State, rest: Value, asked: Value, item: Value, number_: int, again: _Again[Value]
        ) -> Value | None:
            shown = after.allocate(item) if by_reference else None

            def said(last: State, kept: Value, made: Value) -> Value | None:
                forget(last, shown)
                result = found(last, number_, item, made)
                if result is None:
                    return again(last, kept)
                last.write(at, rest)
                return result

            return machine.call_again(after, asked, (item if shown is None else Pointer(shown),), said)

        def end(after: State, rest: Value, _: Value) -> Value:
            after.write(at, rest)
            return otherwise

        return _each(machine, state, state.load(at), call.arguments[1], step, end)

    return model


def _says(made: Value, state: State) -> bool:
    return state.is_true(term_of(made))


def _found_map(state: State, _number: int, _item: Value, made: Value) -> Value | None:
    held = chosen(state, made)
    return None if held is None else some(held)


# With all


def _gathering(
    start: Callable[[Call], Value], join: Callable[[Machine, State, Call, Value, Value], Value],
    finish: Callable[[State, Value], Value] = lambda _, value: value,
) -> Model:  # fmt: skip
    """`join`: of what was gathered and an element."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        def step(
            after: State, _rest: Value, kept: Value, item: Value, _number: int, again: _Again[Value]
        ) -> Value | None:
            return again(after, join(machine, after, call, kept, item))

        def end(after: State, _rest: Value, kept: Value) -> Value:
            return finish(after, kept)

        return _each(machine, state, known(call.arguments[0]), start(call), step, end)

    return model


def _folding(start: Callable[[Call], Value], is_fold: bool) -> Model:
    """`fold` and `for_each`: by the closure, which comes last."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        def step(
            after: State, _rest: Value, kept: tuple[Value, Value], item: Value, _number: int,
            again: _Again[tuple[Value, Value]],
        ) -> Value | None:  # fmt: skip
            value, function = kept
            arguments = (value, item) if is_fold else (item,)
            return machine.call_again(after, function, arguments, lambda s, now, made: again(s, (made, now)))

        def end(_after: State, _rest: Value, kept: tuple[Value, Value]) -> Value:
            return kept[0] if is_fold else UNIT

        return _each(machine, state, known(call.arguments[0]), (start(call), call.arguments[-1]), step, end)

    return model


def _plus_one(_machine: Machine, _state: State, _call: Call, kept: Value, _item: Value) -> Value:
    return Scalar(make("bvadd", term_of(kept), word(1).term))


def _zero(call: Call) -> Value:
    match call.generics:
        case (t.Primitive(name),) if name in TYPES:
            return Scalar(number(0, bits(name)))
        case _:
            raise NotModelled("a sum of what are no numbers")


def _plus(machine: Machine, state: State, call: Call, kept: Value, item: Value) -> Value:
    term = _number(machine, state, item, call.generics[0])
    if width_of(term) != width_of(term_of(kept)):
        raise NotModelled("a sum of what are no numbers")
    return Scalar(make("bvadd", term_of(kept), term))


def _summed(state: State, value: Value) -> Value:
    """It wraps, where a build with overflow checks panics: the model then says more than the code does."""
    state.fresh(f"{HIDDEN} of a sum", term_of(value).sort)
    return value


def _number(machine: Machine, state: State, item: Value, of: t.Type) -> Term:
    return term_of(machine.read(state, item, of) if isinstance(item, Pointer) else item)


def _extreme(is_most: bool) -> Model:
    """Of equal ones `max` gives the last, and `min` the first."""

    def join(machine: Machine, state: State, call: Call, kept: Value, item: Value) -> Value:
        of = _of_result(call)
        if not isinstance(kept, Sum) or not kept.payloads:
            return some(item)
        best = kept.payload(1)[0]
        one, other = (_number(machine, state, each, of) for each in (best, item))
        less = make("bvslt" if of.name.startswith("i") else "bvult", other, one)
        return some(choose(less, best, item) if is_most else choose(less, item, best))

    return _gathering(lambda _: NONE, join)


def _of_result(call: Call) -> t.Primitive:
    """The number in `Option<u8>` or `Option<&u8>`."""
    match call.result:
        case t.PathType(t.Path((*_, t.Name("Option", (t.Primitive() as of,))))):
            pass
        case t.PathType(t.Path((*_, t.Name("Option", (t.Reference(_, _, t.Primitive() as of),))))):
            pass
        case _:
            raise NotModelled("the order of what are no numbers")
    if of.name not in TYPES:
        raise NotModelled(f"the order of {of.name}")
    return of


_BY: Mapping[str, Model] = {
    "next": _next,
    "enumerate": _counted,
    "take": _limited,
    "rev": _reversed,
    "skip": _skipped,
    "zip": _zipped,
    "map": _with_closure(MAPPED),
    "flatten": _flat,
    "filter": _with_closure(FILTERED),
    "filter_map": _with_closure(CHOSEN),
    "copied": _copied,
    "cloned": _copied,
    "position": _searching(lambda s, at, _, made: some(word(at)) if _says(made, s) else None, NONE),
    "find": _searching(lambda s, _, item, made: some(item) if _says(made, s) else None, NONE, by_reference=True),
    "any": _searching(lambda s, _, __, made: truth(True) if _says(made, s) else None, truth(False)),
    "all": _searching(lambda s, _, __, made: None if _says(made, s) else truth(False), truth(True)),
    "find_map": _searching(_found_map, NONE),
    "count": _gathering(lambda _: word(0), _plus_one),
    "last": _gathering(lambda _: NONE, lambda _, __, ___, ____, item: some(item)),
    "sum": _gathering(_zero, _plus, _summed),
    "max": _extreme(True),
    "min": _extreme(False),
    "fold": _folding(lambda call: call.arguments[1], is_fold=True),
    "for_each": _folding(lambda _: UNIT, is_fold=False),
}


def _without_owners(model: Model) -> Model:
    """What an iterator or its closure holds is dropped with it."""

    def checked(machine: Machine, state: State, call: Call) -> Value | None:
        if state.owned_in(call.arguments):
            raise NotModelled(f"an owner, or what has a `Drop`, that is given to {call.name}")
        return model(machine, state, call)

    return checked


def _unsigned(model: Model) -> Model:
    """Of a range: the numbers are compared as they are without a sign."""

    def checked(machine: Machine, state: State, call: Call) -> Value | None:
        if is_signed(call):
            raise NotModelled(f"{call.name} of signed numbers")
        return model(machine, state, call)

    return checked


def _of(iterator: str) -> dict[str, Model]:
    found = {f"<{iterator} as core::iter::Iterator>::{name}": _without_owners(one) for name, one in _BY.items()}
    return {**found, f"<{iterator} as core::iter::IntoIterator>::into_iter": same}


_CHUNKS = (CHUNKS, f"{CHUNKS}Mut", WHOLE_CHUNKS, f"{WHOLE_CHUNKS}Mut")
_RANGE = "core::ops::Range"
ITERATORS: Mapping[str, Model] = {
    **_of("core::slice::Iter"),
    **_of("core::slice::IterMut"),
    **{name: model for of in ("Copied", "Cloned", "Skip") for name, model in _of(f"core::iter::{of}").items()},
    **{
        name: model
        for of in (BY_VALUE, FLAT, COUNTED, LIMITED, REVERSED, ZIPPED, MAPPED, FILTERED, CHOSEN)
        for name, model in _of(of).items()
    },
    **{name: _unsigned(model) for name, model in _of(_RANGE).items() if not name.endswith(("::next", "::into_iter"))},
    **{name: one for kind in (WINDOWS, *_CHUNKS) for name, one in _of(kind).items()},
    "core::slice::<impl [_]>::windows": _in_parts(WINDOWS),
    "core::slice::<impl [_]>::chunks": _in_parts(CHUNKS),
    "core::slice::<impl [_]>::chunks_mut": _in_parts(CHUNKS),
    "core::slice::<impl [_]>::chunks_exact": _in_parts(WHOLE_CHUNKS),
    "core::slice::<impl [_]>::chunks_exact_mut": _in_parts(WHOLE_CHUNKS),
    "core::slice::<impl [_]>::iter": _over,
    "core::slice::<impl [_]>::iter_mut": _over,
    "<[_] as core::iter::IntoIterator>::into_iter": _by_value,
    "<&[_] as core::iter::IntoIterator>::into_iter": _over,
    "<&mut [_] as core::iter::IntoIterator>::into_iter": _over,
}

"""Which elements of a buffer were handed over, and who owns each of the others: beside the buffer, which does not say.

It is counted from what calls are told and what they do. Each element is lowered once, and then freed, lifted or given
back once: a call uses them in the order that they have, one at a time, in the one vector that the buffer is made of and
the one block that they are lowered to. Who does anything else with them has no model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extract.mir import types as t
from smt_models.buffers.heap import BLOCK, demanded
from smt_models.buffers.values import values_of
from smt_models.buffers.vectors import ELEMENTS, FORM, VECTOR, forms
from smt_models.pools.conditions import PARTIAL_WRITE
from smt_models.runtime.names import last_generics, plain_type
from smt_models.static_pools.state import State
from smt_models.static_pools.values import WIDTH, Array, NotModelled, Null, Pointer, Scalar, Struct, Sum, Value
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, either, equal, negation
from smt_models.wasm.build import make, number

HANDED = "handed over"
"""The object that counts them. Its type says what is under way; its fields are the vector and the block, and then
counts. How many elements there are comes first, but for `GIVEN`.

`PASSED`: a vector is passed that owns its elements. `MAKING`: they are the buffer's now; the next one to be lowered.
`READING`: as that, while the next one was read and is not lowered yet. `KEPT`, between calls: how many were handed
over. `TOLD`, in a call that hands over: besides, the next one to be freed, and how far. `USING`, in any other: besides,
the next one to be lifted. `LIFTED`: as that, while the next one was lifted and is not written yet. `DRAINING`,
`DRAINED`: besides, how many are taken from the vector's start, or were. `GIVEN`: all that were left were given back, in
this vector.
"""
PASSED, MAKING, READING, KEPT, TOLD, USING, LIFTED, DRAINING, DRAINED, GIVEN = (
    f"{HANDED}: {one}"
    for one in (
        "passed", "making", "reading", "kept", "told", "using", "lifted", "draining", "drained", "given",
    )
)  # fmt: skip
ITEM = "element of a vector"
ZERO = number(0, WIDTH)


@dataclass(frozen=True, slots=True)
class Counted:
    """`doing`: what is under way. `elements`: the vector that the buffer is made of. `lowered`: the block that elements
    are lowered to, null if there is none.
    """

    doing: str
    counts: tuple[Term, ...]
    elements: Pointer
    lowered: Pointer | Null

    def now(self, state: State, doing: str, *counts: Term) -> None:
        """Bytes of a block may be written once nothing is lifted any more."""
        state.sealed = (ELEMENTS,) if doing in (DRAINED, GIVEN) else (BLOCK, ELEMENTS)
        state.objects[HANDED] = Struct(doing, (self.elements, self.lowered, *map(Scalar, counts)))


def counted(state: State) -> Counted | None:
    """None where nobody counts."""
    match state.objects.get(HANDED):
        case Struct(of, (Pointer() as elements, (Pointer() | Null()) as lowered, *counts)):
            return Counted(of, tuple(one.term for one in counts if isinstance(one, Scalar)), elements, lowered)
        case None:
            return None
        case _:
            raise NotModelled("elements that are counted in no way that is known")


def counting(state: State, *doing: str) -> Counted:
    """NotModelled where something else is under way."""
    found = counted(state)
    if found is None or found.doing not in doing:
        raise NotModelled("elements that are used where others are passed, made, handed over or given back")
    return found


def element_type(of: t.Type) -> t.Type | None:
    """Of a vector."""
    match of:
        case t.PathType(path) if plain_type(of) == VECTOR:
            return next(iter(_types(path)), None)
        case _:
            return None


def is_payload(of: t.Type | None) -> bool:
    """Of the type of the elements, by the name that their trait has for it."""
    return of is not None and plain_type(of) in {f"<O as {one.trait}>::{one.payload}" for one in forms()}


def may_be_unset(of: t.Type | None) -> bool:
    """An element that nobody drops with its vector."""
    match of:
        case t.PathType(path) if plain_type(of) == "core::mem::MaybeUninit":
            return any(is_payload(one) for one in _types(path))
        case _:
            return False


def _types(path: t.Path) -> Iterator[t.Type]:
    others = t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn
    yield from (one for one in last_generics(path) if not isinstance(one, others))


# How calls begin


def making(state: State, parameters: tuple[t.Type, ...], values: tuple[Value, ...]) -> None:
    """A call that is given a vector, and makes a buffer of it."""
    match [(of, one) for of, one in zip(parameters, values, strict=True) for _ in values_of(one, VECTOR)]:
        case [(of, Struct(vector, (Pointer(str() as base), Scalar(length), _)))] if vector == VECTOR and is_payload(
            element_type(of)
        ):
            Counted(PASSED, (), Pointer(base), Null()).now(state, PASSED, length)
        case _:
            raise NotModelled("a buffer that is not made of one vector of its elements")


def using(state: State, function: str, values: tuple[Value, ...]) -> None:
    """A call about a buffer that there is. Of more than there still are nobody says that they were handed over."""
    kept = counting(state, KEPT)
    whole, handed = kept.counts
    if any(True for one in values for of in (VECTOR, FORM) for _ in values_of(one, of)):
        raise NotModelled("other elements that are passed to a buffer")
    if not any(function.endswith(f"::{name}") for one in forms() for name in one.hands_over):
        kept.now(state, USING, whole, handed, handed)
        return
    match [one.term for one in values if isinstance(one, Scalar)]:
        case [count] if is_word(count):
            state.condition = (*state.condition, make("bvule", count, make("bvsub", whole, handed)))
            kept.now(state, TOLD, whole, handed, handed, make("bvadd", handed, count))
        case _:
            raise NotModelled(f"how many elements {function} is told of")


def is_word(term: Term) -> bool:
    return term.sort == BitVec(WIDTH)


# How they end


def settled(state: State, value: Value, owner: str, buffer: Value | None, lends: bool) -> None:
    """What a call of a type, the `owner`, must have done when it returns. `buffer`: that it was about, if it stays.
    `lends`: the value is what is lent.
    """
    found = counted(state)
    if found is None:
        return
    left = [*values_of(value, owner), *(() if buffer is None else (buffer,))]
    if any(True for one in (*state.objects.values(), value) for _ in values_of(one, ITEM)):
        raise NotModelled("an element that leaves its buffer by itself")
    if not lends:
        _keeps_to_itself(value, owner)
    if found.doing == GIVEN:
        _gone(state, found, value, bool(left))
        return
    match found.doing, found.counts, bool(left):
        case (str() as doing, (whole, next_), True) if doing == MAKING:
            lowered = either(form_of(state, value).native, equal(next_, whole))
            demanded(state, lowered, PARTIAL_WRITE, "a buffer is made, and not all elements are lowered")
            found.now(state, KEPT, whole, ZERO)
        case (str() as doing, (whole, _, next_, end), True) if doing == TOLD:
            freed = either(negation(form_of(state, value).lists), equal(next_, end))
            demanded(state, freed, PARTIAL_WRITE, "elements were handed over, and what they have in lists is not freed")
            found.now(state, KEPT, whole, end)
        case (str() as doing, (whole, handed, next_), True) if doing == USING:
            demanded(state, equal(next_, handed), PARTIAL_WRITE, "an element is lifted that stays in its buffer")
            found.now(state, KEPT, whole, handed)
        case (str() as doing, (whole, handed, _), False) if doing == USING:
            demanded(state, equal(handed, whole), PARTIAL_WRITE, "a buffer goes with elements that nobody has")
            del state.objects[HANDED]
            return
        case _:
            raise NotModelled("a call that ends while elements are under way")
    if sum(True for one in (value, *(() if buffer is None else (buffer,))) for _ in values_of(one, VECTOR)) != 1:
        raise NotModelled("several vectors where there is one buffer")
    _has_its_own(state, found, left)


def _gone(state: State, found: Counted, value: Value, stays: bool) -> None:
    """Elements that were given back: whoever called has them, or they were dropped."""
    if stays:
        raise NotModelled("a buffer that stays where its elements were given back")
    if len(_vectors(value, found.elements)) != (found.elements.base in state.objects):
        raise NotModelled("elements that are given back to nobody, or twice")
    del state.objects[HANDED]


def _has_its_own(state: State, found: Counted, left: list[Value]) -> None:
    """A buffer that is there has the vector, and the block is there."""
    owners = [one for value in left for one in _vectors(value, found.elements)]
    if len(owners) != 1 or found.elements.base not in state.objects:
        raise NotModelled("a buffer without the vector that it is made of")
    if isinstance(found.lowered, Pointer) and found.lowered.base not in state.objects:
        raise NotModelled("a buffer whose elements were lowered to a block that is gone")


def _vectors(value: Value, elements: Pointer) -> list[Value]:
    return [
        one
        for one in values_of(value, VECTOR)
        if isinstance(one, Struct) and isinstance(one.fields[0], Pointer) and one.fields[0].base == elements.base
    ]


def _keeps_to_itself(value: Value, owner: str) -> None:
    """NotModelled where an address of elements is given away by what does not lend: what others do there is not known.
    Vectors and buffers that are given have theirs.
    """
    match value:
        case Pointer(str() as base) if base.startswith((BLOCK, ELEMENTS)):
            raise NotModelled("elements that are let out by what does not lend them")
        case Struct(of) if of in (VECTOR, owner):
            pass
        case Struct(_, parts) | Array(parts):
            for part in parts:
                _keeps_to_itself(part, owner)
        case Sum(_, _, payloads):
            for _, held in payloads:
                for part in held:
                    _keeps_to_itself(part, owner)
        case _:
            pass


# What elements look like


@dataclass(frozen=True, slots=True)
class Form:
    """How elements look in the canonical ABI. `native`: as they do in memory; `lists`: there is something to free."""

    size: Term
    alignment: Term
    native: Term
    lists: Term


def form_of(state: State, value: Value) -> Form:
    """Of the only buffer that there is, which may be what a call gives."""
    match [*_forms(state, value)]:
        case [Struct(_, (Struct(_, (Scalar(size), Scalar(alignment))), Scalar(native), Scalar(lists)))]:
            return Form(size, alignment, native, lists)
        case _:
            raise NotModelled("a form of elements that is not known")


def _forms(state: State, value: Value) -> Iterator[Value]:
    yield from dict.fromkeys(form for one in (*state.objects.values(), value) for form in values_of(one, FORM))

"""Blocks that a function hands out of a static: what its result points at.

A slice has its own length. A raw pointer to bytes is to as many as the parameter `size` says (or `len`, `length`,
`bytes`); one to something else, and a reference, to one such thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from extract.mir import types as t
from extract.mir.tree import Function
from smt_models.static_pools.places import stripped, widened
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import (
    OPTION,
    RESULT,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    mapped,
    size_of,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, Variable, both, negation
from smt_models.wasm.build import constant, make, number

SIZES = ("size", "len", "length", "bytes")
ALIGNMENTS = ("align", "alignment")


@dataclass(frozen=True, slots=True)
class Given:
    """A block handed out, in bytes from the start of the static's array. `inside`: that it lies in that. `alignment`:
    what was asked for, if that is said. `named`: whether its size is what a parameter says.
    """

    pool: str
    at: Term
    size: Term
    length: Term
    inside: Term
    alignment: Term | None
    named: bool


@dataclass(frozen=True, slots=True)
class Ghost:
    """Any one block that was handed out of a static."""

    live: Variable
    at: Variable
    size: Variable
    chosen: Variable

    @property
    def variables(self) -> tuple[Variable, ...]:
        return (self.live, self.at, self.size)


def ghost_of(pool: str) -> Ghost:
    word = BitVec(WIDTH)
    return Ghost(
        Variable(f"block of {pool}: live", BOOLEAN),
        Variable(f"block of {pool}: at", word),
        Variable(f"block of {pool}: size", word),
        Variable("the new block is chosen", BOOLEAN),
    )


def given_by(state: State, function: Function, arguments: tuple[Value, ...], value: Value) -> Given | None:
    """What a result hands out. NotModelled where it is not known how much that is."""
    found = list(_pointers(value, function.result))
    if not found:
        return None
    if len(found) > 1:
        raise NotModelled("two blocks at once")
    (at, of), names = found[0], _named(function, arguments)
    match at.path:
        case (*before, Element(start)):
            pass
        case _:
            raise NotModelled("a block that is no part of an array")
    parent = state.read(Pointer(at.base, tuple(before)))
    if any(isinstance(one, Element) for one in before) or not isinstance(parent, Array | Contents):
        raise NotModelled("a block within an element")
    unit, size, named = _size(at, of, names)
    scaled = start if unit == 1 else make("bvmul", start, number(unit, WIDTH))
    length = state.length_of(Pointer(at.base, tuple(before)))
    whole = constant(length)
    if whole is None:
        raise NotModelled("a pool of a length that is not known")
    alignment = next((term_of(names[name]) for name in ALIGNMENTS if name in names), None)
    pool = number(whole * unit, WIDTH)
    end = make("bvadd", widened(scaled), widened(size))
    inside = both(make("bvule", start, length), make("bvule", end, widened(pool)))
    return Given(str(at.base), scaled, size, pool, inside, alignment, named)


def _pointers(value: Value, of: t.Type) -> Iterator[tuple[Pointer, t.Type]]:
    """Those by which others can write; of an option, what it may hold. NotModelled for one in something else, of which
    it is not known what says how long its block is.
    """
    match value, of:
        case Pointer(str()), (t.RawPointer(_, target) | t.Reference(_, True, target)):
            yield value, target
        case Pointer(str()), t.PathType(t.Path((*_, t.Name("NonNull", (target,))))) if _is_type(target):
            yield value, target
        case Sum(name, _, payloads), t.PathType(t.Path((*_, t.Name(_, (inner, *_))))) if name in (OPTION, RESULT):
            good = 1 if name == OPTION else 0
            for one in dict(payloads).get(good, ()):
                if _is_type(inner):
                    yield from _pointers(one, inner)
        case ((Struct() | Sum() | Array()), _):
            mapped(value, _refuse_pointer)
        case _:
            pass


def _refuse_pointer(part: Value) -> None:
    if isinstance(part, Pointer) and isinstance(part.base, str):
        raise NotModelled("a block in a value of several parts")


def _is_type(one: t.GenericArgument) -> TypeGuard[t.Type]:
    return not isinstance(one, t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn)


def _named(function: Function, arguments: tuple[Value, ...]) -> dict[str, Value]:
    """Numbers among the arguments, by the names that the user gave them."""
    found: dict[str, Value] = {}
    for number_, value in enumerate(arguments, 1):
        name = function.body.name_of(number_)
        if name is not None and isinstance(value, Scalar) and value.term.sort == BitVec(WIDTH):
            found[name] = value
    return found


def _size(at: Pointer, of: t.Type, names: dict[str, Value]) -> tuple[int, Term, bool]:
    """The size of an element, and of the block; and whether a parameter says it."""
    of = stripped(of)
    if isinstance(of, t.Slice):
        unit = size_of(of.element)
        assert at.length is not None
        return unit, at.length if unit == 1 else make("bvmul", at.length, number(unit, WIDTH)), False
    if of == t.Primitive("u8") or of == t.UNIT:
        asked = next((names[name] for name in SIZES if name in names), None)
        if asked is None:
            raise NotModelled(f"the size of a block (no parameter {', '.join(SIZES)})")
        return 1, term_of(asked), True
    unit = size_of(of)
    return 1 if at.seen is not None else unit, number(unit, WIDTH), False


def overlaps(given: Given, ghost: Ghost) -> Term:
    """Both are not empty, and have a byte in common."""
    first = make("bvult", widened(given.at), make("bvadd", widened(ghost.at), widened(ghost.size)))
    second = make("bvult", widened(ghost.at), make("bvadd", widened(given.at), widened(given.size)))
    return both(ghost.live, first, second, _some(given.size), _some(ghost.size))


def misaligned(given: Given, alignment: int) -> Term:
    """The static lies at any multiple of its own alignment, and at no other address; of zero everything is a multiple,
    and what is no power of two is not asked for.
    """
    assert given.alignment is not None
    asked, zero = given.alignment, number(0, WIDTH)
    below = make("bvsub", asked, number(1, WIDTH))
    power = both(_some(asked), make("=", make("bvand", asked, below), zero))
    too_much = make("bvult", number(alignment, WIDTH), asked)
    wrong = negation(make("=", make("bvand", given.at, below), zero))
    return both(power, _some(given.size), negation(both(negation(too_much), negation(wrong))))


def _some(term: Term) -> Term:
    return negation(make("=", term, number(0, WIDTH)))


def chosen(ghost: Ghost) -> Term:
    """The new block becomes the one that is looked at; once one is, it stays."""
    return both(ghost.chosen, negation(ghost.live))

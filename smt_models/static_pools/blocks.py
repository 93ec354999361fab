"""Blocks that a function hands out of a static: what its result points at.

A slice has its own length. A raw pointer to bytes is to as many as the parameter `size` says (or `len`, `length`,
`bytes`); where nothing is passed but statics and owners,
one to the first byte of an element is to that element. One to
something else, and a reference, is to one such thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeGuard

from extract.mir import types as t
from extract.mir.tree import Function
from smt_models.runtime.names import plain_type
from smt_models.static_pools.owners import Made, Owners, Passed
from smt_models.static_pools.places import around, in_elements, stripped, widened
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import (
    LAYOUT,
    OPTION,
    RESULT,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Reach,
    Scalar,
    Step,
    Struct,
    Sum,
    Value,
    mapped,
    size_of,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Apply,
    Term,
    Variable,
    both,
    choose,
    either,
    equal,
    negation,
)
from smt_models.wasm.build import constant, make, number

SIZES = ("size", "len", "length", "bytes")
ALIGNMENTS = ("align", "alignment")

Counted = Callable[[], Term | None]
"""How many elements an owner says that it has; None if it says nothing."""


Way = tuple[Step, ...]
"""From a static to an array in it: fields, for the outermost one."""


@dataclass(frozen=True, slots=True)
class Given:
    """A block handed out, in bytes from the start of the static's array. `inside`: that it lies in that. `alignment`:
    what was asked for, if that is said. `named`: whether its size is what a parameter says; `counted`: whether it is
    what its owner says. `is_raw`: by a pointer without a lifetime. `way`: from the static to its array, and on.
    `owned`: its owner lends it. `in_elements`: all numbers count elements, structs of the crate, of which no part is a
    block by itself.
    """

    pool: str
    at: Term
    size: Term
    length: Term
    inside: Term
    alignment: Term | None
    named: bool
    counted: bool
    is_raw: bool
    way: tuple[Step, ...]
    owned: bool = False
    in_elements: bool = False

    @property
    def array(self) -> Way:
        """The outermost array that it lies in."""
        return array_of(self.way)


@dataclass(frozen=True, slots=True)
class Ghost:
    """Any one block that was handed out of a static. `owned`: by the value `owner`, with which it is given back; None
    where the statics have no owners. `array`: in which of the `arrays` of the static it begins, and `left`: whether it
    leaves that; None where all blocks lie in one.
    """

    live: Variable
    at: Variable
    size: Variable
    chosen: Variable
    owned: Variable | None = None
    owner: Variable | None = None
    array: Variable | None = None
    left: Variable | None = None
    arrays: tuple[Way, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        every = (self.live, self.at, self.size, self.owned, self.owner, self.array, self.left)
        return tuple(one for one in every if one is not None)

    def is_in(self, array: Way) -> Term:
        """Whether this block lies in that array."""
        if self.array is None:
            return TRUE
        return equal(self.array, self.number_of(array))

    def number_of(self, array: Way) -> Term:
        return number(self.arrays.index(array), WIDTH)

    def is_of(self, passed: Passed) -> Term:
        """Whether the owner that is passed has this block."""
        if self.owned is None or self.owner is None:
            return FALSE
        return both(self.owned, equal(self.owner, passed.value), negation(passed.other))


def array_of(way: Way) -> Way:
    return tuple(takewhile(lambda one: not isinstance(one, Element), way))


def ghost_of(pool: str, owners: Owners | None = None, arrays: tuple[Way, ...] = ()) -> Ghost:
    """`arrays`: those of which blocks are handed out."""
    word = BitVec(WIDTH)
    made = Ghost(
        Variable(f"block of {pool}: live", BOOLEAN),
        Variable(f"block of {pool}: at", word),
        Variable(f"block of {pool}: size", word),
        Variable("the new block is chosen", BOOLEAN),
    )
    if len(arrays) > 1:
        array, left = Variable(f"block of {pool}: array", word), Variable(f"block of {pool}: leaves it", BOOLEAN)
        made = replace(made, array=array, left=left, arrays=arrays)
    if owners is None:
        return made
    owner = Variable(f"block of {pool}: owner", BitVec(owners.of.width))
    return replace(made, owned=Variable(f"block of {pool}: owned", BOOLEAN), owner=owner)


def given_by(
    state: State,
    function: Function,
    arguments: tuple[Value, ...],
    value: Value,
    counted: Counted,
    asks_nothing: bool,
) -> Given | None:
    """What a result hands out; `counted`: to how many elements a raw pointer is that an owner lends; `asks_nothing`: by
    no argument. NotModelled where it is not known how much that is.
    """
    found = list(_pointers(value, function.result))
    if not found:
        return None
    if len(found) > 1:
        raise NotModelled("two blocks at once")
    (at, of, is_raw), names = found[0], _named(state, function, arguments)
    match at.path:
        case (*_, Element(start)):
            pass
        case _:
            raise NotModelled("a block that is no part of an array")
    whole = _element(state, at) if asks_nothing else None
    counts = not is_raw and _is_whole_element(state, at, of)
    if counts and any(name in names for name in ALIGNMENTS):
        raise NotModelled("an alignment of an element of which the size is not known")
    unit, size, named, by_owner = (
        (1, at.length or number(1, WIDTH), False, False)
        if counts
        else _size(at, of, names, counted if is_raw else None, whole)
    )
    length = around(state, at)
    before, outermost = _before(state, at, _known(length) * unit)
    here = _times(start, unit)
    end = make("bvadd", widened(here), widened(size))
    own = number(_known(length) * unit, WIDTH)
    inside = both(make("bvule", start, length), make("bvule", end, widened(own)), *in_elements(state, at))
    alignment = next((term_of(names[name]) for name in ALIGNMENTS if name in names), None)
    first = here if before is None else make("bvadd", before, here)
    return Given(
        str(at.base), first, size, number(outermost, WIDTH), inside, alignment, named, by_owner, is_raw, at.path,
        in_elements=counts,
    )  # fmt: skip


def _is_whole_element(state: State, at: Pointer, of: t.Type) -> bool:
    """Of structs of the crate, whose size is the compiler's choice: one, or some in a row."""
    of = of.element if isinstance(of, t.Slice) else of
    if at.seen is not None or at.parts != 1 or not isinstance(of, t.PathType):
        return False
    held = state.read(Pointer(at.base, at.path))
    return isinstance(held, Struct) and held.type == plain_type(of)


def _before(state: State, at: Pointer, bytes_: int) -> tuple[Term | None, int]:
    """Where the array begins that the last step counts, in bytes from the outermost one; None if it is that. And how
    many bytes that one has: `bytes_` are those of the array itself.
    """
    path, found, whole = at.path[:-1], None, bytes_
    if not isinstance(state.read(Pointer(at.base, path)), Array | Contents):
        raise NotModelled("a block that is no part of an array")
    while path and isinstance(path[-1], Element):
        distance = _times(path[-1].index, whole)
        found = distance if found is None else make("bvadd", distance, found)
        path = path[:-1]
        whole *= _known(state.length_of(Pointer(at.base, path)))
    if any(isinstance(one, Element) for one in path):
        raise NotModelled("a block within an element")
    return found, whole


def _known(length: Term) -> int:
    found = constant(length)
    if found is None:
        raise NotModelled("a pool of a length that is not known")
    return found


def _pointers(value: Value, of: t.Type) -> Iterator[tuple[Pointer, t.Type, bool]]:
    """Those by which others can write, and whether they say nothing of a length; of an option, what it may hold.
    NotModelled for one in something else, of which it is not known what says how long its block is.
    """
    match value, of:
        case Pointer(str()), (t.RawPointer(_, target) | t.Reference(_, True, target)):
            yield value, target, isinstance(of, t.RawPointer)
        case Pointer(str()), t.PathType(t.Path((*_, t.Name("NonNull", (target,))))) if _is_type(target):
            yield value, target, True
        case Sum(name, _, payloads), t.PathType(t.Path((*_, t.Name(_, inner)))) if name in (OPTION, RESULT):
            first = 1 if name == OPTION else 0  # the variant that holds something of the first type: `Some`, `Ok`
            for number_, parts in payloads:
                for one, of_it in zip(parts, inner[number_ - first :], strict=False):
                    if _is_type(of_it):
                        yield from _pointers(one, of_it)
        case Pointer(str()), t.Reference(_, False, _):
            pass
        case ((Struct() | Sum() | Array() | Pointer()), _):
            mapped(value, _refuse_pointer)
        case _:
            pass


def _refuse_pointer(part: Value) -> None:
    if isinstance(part, Pointer) and isinstance(part.base, str):
        raise NotModelled("a block in a value of several parts")


def _is_type(one: t.GenericArgument) -> TypeGuard[t.Type]:
    return not isinstance(one, t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn)


def _pointed_at(state: State, value: Value) -> Struct | None:
    """The layout that is passed, by itself or by a reference."""
    if isinstance(value, Pointer) and isinstance(value.base, int):
        value = state.objects.get(value.base, value)
    return value if isinstance(value, Struct) and value.type == LAYOUT else None


def _named(state: State, function: Function, arguments: tuple[Value, ...]) -> dict[str, Value]:
    """Numbers among the arguments, by the names that the user gave them, and those of a layout by theirs."""
    found: dict[str, Value] = {}
    layouts = [one for one in (_pointed_at(state, value) for value in arguments) if one is not None]
    if layouts and (len(layouts) > 1 or any(isinstance(one, t.Primitive) for one in function.parameters)):
        raise NotModelled("a block of which more than a layout says how long it is")
    for one in layouts:
        found |= zip(("size", "align"), one.fields, strict=True)
    for number_, value in enumerate(arguments, 1):
        name = function.body.name_of(number_)
        if name is not None and isinstance(value, Scalar) and value.term.sort == BitVec(WIDTH):
            found[name] = value
    return found


def _element(state: State, at: Pointer) -> Term | None:
    """How many bytes the array has whose first one this is, if it is an element of another array."""
    match at.path:
        case (*_, Element(), Element(start)) if constant(start) == 0 and at.parts == 1:
            return state.length_of(Pointer(at.base, at.path[:-1]))
        case (*_, Element(start)) if at.reach is Reach.ARRAY and _is_multiple(start, at.parts):
            return number(at.parts, WIDTH)
        case _:
            return None


def _is_multiple(start: Term, parts: int) -> bool:
    """As the term says it: of where an element begins, in its parts."""
    match start:
        case Apply("bvmul", (_, factor)):
            return parts > 1 and constant(factor) == parts
        case _:
            at = constant(start)
            return parts > 1 and at is not None and at % parts == 0


def _size(
    at: Pointer, of: t.Type, names: dict[str, Value], counted: Counted | None, whole: Term | None
) -> tuple[int, Term, bool, bool]:
    """The size of an element, and of the block; whether a parameter says it, and whether the owner does."""
    of = stripped(of)
    if isinstance(of, t.Slice):
        unit = size_of(of.element)
        assert at.length is not None
        return unit, _times(at.length, unit), False, False
    is_bytes = of == t.Primitive("u8") or of == t.UNIT
    unit = 1 if is_bytes else size_of(of)
    asked = next((names[name] for name in SIZES if name in names), None) if is_bytes else None
    if asked is not None:
        return unit, term_of(asked), True, False
    count = counted() if counted is not None else None
    if count is not None:
        return 1 if at.seen is not None else unit, _times(count, unit), False, True
    if is_bytes and whole is not None:
        return unit, whole, False, False
    if is_bytes:
        raise NotModelled(f"the size of a block (no parameter {', '.join(SIZES)})")
    return 1 if at.seen is not None else unit, number(unit, WIDTH), False, False


def _times(count: Term, unit: int) -> Term:
    return count if unit == 1 else make("bvmul", count, number(unit, WIDTH))


def overlaps(given: Given, ghost: Ghost, passed: Passed | None = None) -> Term:
    """Both are not empty, have a byte in common, and are not of the same owner. Arrays of one struct have none in
    common; a block that leaves its array may have one with any other.
    """
    first = make("bvult", widened(given.at), make("bvadd", widened(ghost.at), widened(ghost.size)))
    second = make("bvult", widened(ghost.at), make("bvadd", widened(given.at), widened(given.size)))
    same = ghost.is_of(passed) if passed is not None and (passed.gone or given.owned) else FALSE
    meet = both(first, second)
    if ghost.left is not None:
        meet = choose(ghost.is_in(given.array), meet, either(ghost.left, negation(given.inside)))
    return both(ghost.live, meet, _some(given.size), _some(ghost.size), negation(same))


def misaligned(given: Given, alignment: int) -> Term:
    """The array lies at any multiple of this, and at no other address; of zero everything is a multiple,
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


def ghost_updates(
    ghost: Ghost, given: Given | None, passed: Passed | None, made: Made | None
) -> Iterator[tuple[str, Term]]:
    """The block that is looked at ends when its owner is passed on and does not come back; the new block becomes that
    one. Once one is, it stays.
    """
    left: Term = ghost.live
    if passed is not None and passed.gone:
        back = FALSE if made is None else both(made.when, equal(made.value, passed.value))
        left = both(ghost.live, negation(both(ghost.is_of(passed), negation(back))))
    if given is None:
        if left != ghost.live:
            yield ghost.live.name, left
        return
    taken = both(ghost.chosen, negation(left))
    yield ghost.live.name, either(left, taken)
    yield ghost.at.name, choose(taken, given.at, ghost.at)
    yield ghost.size.name, choose(taken, given.size, ghost.size)
    if ghost.array is not None and ghost.left is not None:
        yield ghost.array.name, choose(taken, ghost.number_of(given.array), ghost.array)
        yield ghost.left.name, choose(taken, negation(given.inside), ghost.left)
    if ghost.owned is not None and ghost.owner is not None:
        yield ghost.owned.name, choose(taken, TRUE if given.owned else FALSE, ghost.owned)
        if passed is not None:
            yield ghost.owner.name, choose(taken, passed.value, ghost.owner)

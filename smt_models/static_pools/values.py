"""Values of MIR bit by bit: trees whose leaves are terms, and pointers as places with an index that may be a term.

Cells of the library (`Cell`, `UnsafeCell`, atomics, `MaybeUninit`) are what is in them: none has parts of its own that
code of a crate could name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.system.terms import BOOLEAN, Term, literal
from smt_models.wasm.build import if_, number

CELLS = frozenset(
    (
        *(f"core::cell::{name}" for name in ("Cell", "SyncUnsafeCell", "UnsafeCell")),
        *(f"core::mem::{name}" for name in ("ManuallyDrop", "MaybeUninit")),
    )
)
"""`repr(transparent)`: at the address of what is in them, and of its size."""
WIDTH = 32
"""Of `usize` and of addresses, as in wasm32: an assumption where the crate is compiled for another target."""


class NotModelled(Exception):
    """What has no meaning here, by name."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NeverHeld(NotModelled):
    """What a variant holds that no call has made so far: as more calls are seen, one may."""


@dataclass(frozen=True, slots=True)
class Element:
    """The way to an element: of an array, or counted from where a pointer points."""

    index: Term


Step = int | tuple[int, int] | Element
"""The field of a struct, variant and field of an enum, or an element."""


@dataclass(frozen=True, slots=True)
class Scalar:
    term: Term


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct, a tuple (type `()`), or a closure with what it captured."""

    type: str
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """An enum: the number of the variant, and what each variant that was ever made holds."""

    type: str
    tag: Term
    payloads: tuple[tuple[int, tuple[Value, ...]], ...]

    def payload(self, variant: int) -> tuple[Value, ...]:
        return dict(self.payloads).get(variant, ())


@dataclass(frozen=True, slots=True)
class Array:
    elements: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """An array of which only the length is kept: whoever reads an element gets any value of its type. `element`: what
    one of them is like where that is an array itself, or a struct with one in it.
    """

    length: Term
    element: Contents | Struct | None = None


class Reach(Enum):
    """What a raw pointer to an element may be moved over as one to its numbers: the array that it lies in, the element,
    or it is not known which.
    """

    ARRAY = auto()
    ELEMENT = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """To a place of an object; to a slice with `length`. `seen`: the size of what is read and written through it, where
    that is not one element. `parts`: of arrays in an array, so many numbers make one of its elements, and the last step
    counts those. `reach`: of one to an element. `untyped`: the type that it has says nothing of what it points at.
    """

    base: int | str
    path: tuple[Step, ...] = ()
    length: Term | None = None
    seen: int | None = None
    parts: int = 1
    reach: Reach = Reach.ELEMENT
    untyped: bool = False


@dataclass(frozen=True, slots=True)
class Null:
    """The null pointer."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function by its name, or a closure without captures."""

    name: str


@dataclass(frozen=True, slots=True)
class Undefined:
    """Not initialised, or moved away."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Nothing can be asked of it."""

    what: str


Value = Scalar | Struct | Sum | Array | Contents | Pointer | Null | Function | Undefined | Opaque

UNIT = Struct("()", ())
UNDEFINED = Undefined()
CONTENTS = Opaque("contents of a pool")
"""Any value of the type that it is read as."""
OUTSIDE = Opaque("a raw pointer from outside")
"""Nothing is known of where it points: it may be passed on, and is neither used, nor kept, nor given back."""
ON_HEAP = Opaque("a value on the heap, that is dropped with what holds it")
OPTION = "core::option::Option"
LAYOUT = "core::alloc::Layout"
NON_ZERO = "core::num::NonZero"
RESULT = "core::result::Result"
REF_CELL, READ_GUARD, WRITE_GUARD = (f"core::cell::{name}" for name in ("RefCell", "Ref", "RefMut"))
GUARDS = frozenset((READ_GUARD, WRITE_GUARD))
"""Their drop ends a borrow."""


def bits(of: t.Type | str) -> int:
    """The width of an integer type; NotModelled if it is none."""
    name = of.name if isinstance(of, t.Primitive) else of
    if name in ("usize", "isize"):
        return WIDTH
    if name == "char":
        return 32
    if isinstance(name, str) and name[:1] in ("i", "u") and name[1:].isdigit():
        return int(name[1:])
    raise NotModelled(f"the type {name}")


def size_of(of: t.Type) -> int:
    """In bytes, of what has one size on every target. NotModelled else."""
    match of:
        case t.Primitive("bool"):
            return 1
        case t.Primitive(name):
            return bits(name) // 8
        case t.RawPointer(_, t.Primitive(name)) | t.Reference(_, _, t.Primitive(name)) if name != "str":
            return WIDTH // 8
        case t.Array(element, t.ConstArgument(count)) if count.isdigit():
            return int(count) * size_of(element)
        case t.PathType(t.Path((*_, t.Name(_, (inner,))))) if plain_type(of) in CELLS and isinstance(inner, t.Type):
            return size_of(inner)
        case _:
            raise NotModelled("the size of a type")


def word(value: int) -> Scalar:
    return Scalar(number(value, WIDTH))


def many(count: int, elements: tuple[Value, ...]) -> Contents:
    """So many of these; no matter how many are given."""
    kinds = {_element(one) for one in elements}
    return Contents(word(count).term, kinds.pop() if len(kinds) == 1 else None)


def any_numbers(of: t.Type) -> Contents | None:
    """An array of numbers, or of arrays of them, of which only the length is known; None for another type."""
    match of:
        case t.Array(t.Primitive(name), t.ConstArgument(count)) if count.isdigit() and name not in ("bool", "char"):
            return Contents(number(int(count), WIDTH))
        case t.Array(t.Array() as inner, t.ConstArgument(count)) if count.isdigit():
            element = any_numbers(inner)
            return None if element is None else Contents(number(int(count), WIDTH), element)
        case _:
            return None


def _element(value: Value) -> Contents | Struct | None:
    match value:
        case Struct(of, fields):
            inner = [_element(one) for one in fields]
            whole = tuple(CONTENTS if one is None else one for one in inner)
            return Struct(of, whole) if any(one is not None for one in inner) else None
        case Contents():
            return value
        case Array(elements):
            return many(len(elements), elements)
        case _:
            return None


def truth(value: bool) -> Scalar:
    return Scalar(literal(value, BOOLEAN))


def variant(of: str, index: int, *fields: Value) -> Sum:
    return Sum(of, number(index, WIDTH), ((index, fields),) if fields else ())


NONE = variant(OPTION, 0)


def some(value: Value) -> Sum:
    return variant(OPTION, 1, value)


def option(condition: Term, value: Value) -> Sum:
    """`Some(value)` where the condition holds, else `None`."""
    return Sum(OPTION, if_(condition, number(1, WIDTH), number(0, WIDTH)), ((1, (value,)),))


def choose(condition: Term, then: Value, otherwise: Value) -> Value:
    """One of two values of one type. NotModelled where no value stands for both."""
    if then == otherwise:
        return then
    match then, otherwise:
        case Scalar(one), Scalar(other) if one.sort == other.sort:
            return Scalar(if_(condition, one, other))
        case Struct(of, fields), Struct(other_type, others) if of == other_type and len(fields) == len(others):
            return Struct(of, _both(condition, fields, others))
        case Array(elements), Array(others) if len(elements) == len(others):
            return Array(_both(condition, elements, others))
        case Contents(length, element), Contents(other_length, other_element) if element == other_element:
            return Contents(if_(condition, length, other_length), element)
        case Sum(of, tag, payloads), Sum(other_type, other_tag, other_payloads) if of == other_type:
            mine, theirs = dict(payloads), dict(other_payloads)
            numbers = sorted(mine.keys() | theirs.keys())
            merged = tuple(
                (n, _both(condition, mine.get(n) or theirs[n], theirs.get(n) or mine[n])) for n in numbers
            )  # of a variant that only one of them has, nobody asks the other
            return Sum(of, if_(condition, tag, other_tag), merged)
        case Pointer(base, path, length, seen, parts), Pointer(other_base, other_path, other_length) if (
            base == other_base and (seen, parts) == (otherwise.seen, otherwise.parts) and len(path) == len(other_path)
        ):
            if (length is None) == (other_length is None):
                return Pointer(
                    base,
                    tuple(_step(condition, a, b) for a, b in zip(path, other_path, strict=True)),
                    None if length is None or other_length is None else if_(condition, length, other_length),
                    seen,
                    parts,
                    then.reach if then.reach is otherwise.reach else Reach.UNKNOWN,
                    then.untyped or otherwise.untyped,
                )
    raise NotModelled(f"a choice between {type(then).__name__} and {type(otherwise).__name__}")


def _both(condition: Term, values: tuple[Value, ...], others: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(choose(condition, one, other) for one, other in zip(values, others, strict=True))


def _step(condition: Term, one: Step, other: Step) -> Step:
    match one, other:
        case Element(index), Element(other_index):
            return Element(if_(condition, index, other_index))
        case _ if one == other:
            return one
    raise NotModelled("a choice between different places")


def mapped(value: Value, change: Callable[[Value], Value | None]) -> Value:
    """With every part for which `change` has another in place of it; what is put there is not looked into."""
    other = change(value)
    if other is not None:
        return other
    match value:
        case Struct(_, fields):
            return replace(value, fields=tuple([mapped(one, change) for one in fields]))
        case Array(elements):
            return Array(tuple([mapped(one, change) for one in elements]))
        case Sum(_, _, payloads):
            inner = tuple([(n, tuple([mapped(one, change) for one in fields])) for n, fields in payloads])
            return replace(value, payloads=inner)
        case _:
            return value

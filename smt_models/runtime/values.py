"""Values of MIR as immutable trees, tagged with type and variant; pointers are places.

Types are their paths without generic arguments: a value knows what it is, so that no substitution is needed to find
the implementation of a trait or the glue that drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import is_

from smt_models.system.operators import Enum
from smt_models.system.terms import Term, Variable

Step = int | tuple[int, int]
"""The field of a struct, or variant and field of an enum."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, a `bool` or a `char`."""

    term: Term


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A struct, tuple (type `()`), array (type `[]`), or closure with what it captured."""

    type: str
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """An enum; fields that were moved out are MOVED, and the tag stays: it can still be read."""

    type: str
    index: int
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, by the member of `tag`: the state of a template, before anything looked at it."""

    tag: Variable
    options: tuple[Value, ...]

    @property
    def members(self) -> tuple[str, ...]:
        assert isinstance(self.tag.sort, Enum)
        return self.tag.sort.members


@dataclass(frozen=True, slots=True)
class Pointer:
    """To a place: an object and the way into it. `moved`: a distance was added, so many bytes if they are known."""

    base: int
    path: tuple[Step, ...] = ()
    moved: bool = False
    distance: Term | None = None


@dataclass(frozen=True, slots=True)
class Null:
    pass


@dataclass(frozen=True, slots=True)
class Dangling:
    """An address that belongs to no object, such as that of an empty `Vec`; nothing can be read or written there."""


@dataclass(frozen=True, slots=True)
class FunctionPointer:
    """By its name without generic arguments; closures by `{closure@SPAN}`."""

    name: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of a type parameter, or a part of the library that has no parts here. Nothing can be asked of it."""

    what: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Not initialised, or moved away."""


Value = Scalar | Aggregate | Variant | Choice | Pointer | Null | Dangling | FunctionPointer | Opaque | Moved

UNIT = Aggregate("()", ())
MOVED = Moved()
OPTION = "core::option::Option"
RESULT = "core::result::Result"
POLL = "core::task::Poll"
CONTROL_FLOW = "core::ops::ControlFlow"
COROUTINE_STATE = "the state of a coroutine"
"""Its variants are numbers in MIR [rustc_middle::ty::CoroutineArgs::variant_name]."""
TABLE, ANY_CELL = "the table of a task", 1
"""An array of which cells are known one at a time, and the part of its value that stands for any of them."""
VEC = "alloc::vec::Vec"
UNINIT_VEC = "alloc::vec::Vec of MaybeUninit"
"""Its elements are never dropped: "MaybeUninit<T> will never call T's drop code"."""
VECS = frozenset({VEC, UNINIT_VEC})
NONE = Variant(OPTION, 0, ())
LAST = Opaque("the last code")
"""In a state between actions: whatever is in the place of the last code, so that two places need not be compared."""


def some(value: Value) -> Variant:
    return Variant(OPTION, 1, (value,))


def parts(value: Value) -> tuple[Value, ...]:
    """The values directly inside."""
    match value:
        case Aggregate(_, fields) | Variant(_, _, fields):
            return fields
        case Choice(_, options):
            return options
        case Scalar() | Pointer() | Null() | Dangling() | FunctionPointer() | Opaque() | Moved():
            return ()


def pointers(value: Value) -> frozenset[int]:
    """The objects that a value points at, directly."""
    if isinstance(value, Pointer):
        return frozenset({value.base})
    found: frozenset[int] = frozenset()
    for part in parts(value):
        found |= pointers(part)
    return found


def mapped(value: Value, change: Callable[[Value], Value | None]) -> Value:
    """With every part for which `change` has another in place of it; what is put there is not looked into."""
    other = change(value)
    if other is not None:
        return other
    match value:
        case Aggregate(_, old) | Variant(_, _, old) | Choice(_, old):
            new = tuple([mapped(one, change) for one in old])
            return value if all(map(is_, new, old)) else with_parts(value, new)
        case _:
            return value


def with_parts(value: Aggregate | Variant | Choice, new: tuple[Value, ...]) -> Value:
    """With other values directly inside."""
    match value:
        case Aggregate(of, _):
            return Aggregate(of, new)
        case Variant(of, index, _):
            return Variant(of, index, new)
        case Choice(tag, _):
            return Choice(tag, new)


def replaced(value: Value, old: Value, new: Value) -> Value:
    """With one value in place of another, wherever it stands."""
    return mapped(value, lambda one: new if one == old else None)


def renamed(value: Value, names: Mapping[int, int]) -> Value:
    """With the objects that pointers point at replaced."""

    def change(one: Value) -> Value | None:
        return replace(one, base=names[one.base]) if isinstance(one, Pointer) and one.base in names else None

    return mapped(value, change)

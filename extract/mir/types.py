"""Types and paths as MIR prints them [rustc_middle::ty::print].

The text does not tell a type parameter from a type without parameters: `T` is a `PathType` of one segment,
and only the sources say which it is. Two paths are equal if and only if they were printed alike.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """`FILE:LINE:COLUMN: LINE:COLUMN`, counted from 1; the end is after the last character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Lifetime:
    """With its apostrophe: `'a`, `'_`, `'static`."""

    name: str


# Paths


@dataclass(frozen=True, slots=True)
class ConstArgument:
    """A constant in a type, as printed: `4`, `{ N + 1 }`. What is a mere path stands as a `PathType`."""

    text: str


@dataclass(frozen=True, slots=True)
class Binding:
    """`Output = T`, an associated type (or constant) that a bound fixes."""

    name: str
    generics: tuple[GenericArgument, ...]
    value: Type | ConstArgument


@dataclass(frozen=True, slots=True)
class BoundOn:
    """`Item: Trait`, a bound on an associated type."""

    name: str
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """`Vec<T>` in a type, `Vec::<T>` in a value."""

    name: str
    generics: tuple[GenericArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class CallSugar:
    """`Fn(A, B) -> C`."""

    name: str
    inputs: tuple[Type, ...]
    output: Type | None


@dataclass(frozen=True, slots=True)
class Numbered:
    """What has no name in the source: `{closure#0}`, `{impl#1}`, `{constant#0}`, `{extern#0}`."""

    kind: str
    number: int
    generics: tuple[GenericArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Promoted:
    """`promoted[0]`, a constant that the compiler lifted out of a body."""

    number: int


@dataclass(frozen=True, slots=True)
class ImplAt:
    """`<impl at FILE:..>`, an impl of the crate itself; its header stands in the sources."""

    span: Span


@dataclass(frozen=True, slots=True)
class ImplOf:
    """`<impl u32>`, or `<impl Trait for Type>`."""

    trait: Path | None
    type: Type


@dataclass(frozen=True, slots=True)
class Qualified:
    """`<T as Trait>`, or `<T>`: always the first segment."""

    type: Type
    trait: Path | None


Segment = Name | CallSugar | Numbered | Promoted | ImplAt | ImplOf | Qualified


@dataclass(frozen=True, slots=True)
class Path:
    segments: tuple[Segment, ...]


# Types


@dataclass(frozen=True, slots=True)
class Primitive:
    """`u8` to `u128`, `i8` to `i128`, `usize`, `isize`, `f16` to `f128`, `bool`, `char`, `str`."""

    name: str


@dataclass(frozen=True, slots=True)
class PathType:
    path: Path


@dataclass(frozen=True, slots=True)
class Reference:
    lifetime: Lifetime | None
    mutable: bool
    target: Type


@dataclass(frozen=True, slots=True)
class RawPointer:
    mutable: bool
    target: Type


@dataclass(frozen=True, slots=True)
class Tuple:
    """The empty one is the unit type."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    element: Type


@dataclass(frozen=True, slots=True)
class Array:
    element: Type
    length: Type | ConstArgument


@dataclass(frozen=True, slots=True)
class Never:
    pass


@dataclass(frozen=True, slots=True)
class Inferred:
    """`_`."""


@dataclass(frozen=True, slots=True)
class FunctionPointer:
    """`for<'a> unsafe extern "C" fn(A, ...) -> B`; no result is the unit type."""

    binder: tuple[Lifetime, ...]
    is_safe: bool
    abi: str | None
    parameters: tuple[Type, ...]
    is_variadic: bool
    result: Type | None


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The type of one function, without size: `fn(A) -> B {path}`."""

    signature: FunctionPointer
    path: Path


@dataclass(frozen=True, slots=True)
class TraitBound:
    binder: tuple[Lifetime, ...]
    modifier: str  # "", "?", "[const] "
    trait: Path


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`dyn A + 'a`."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """`impl A + B`: an argument of an unnamed type, or what a function hides."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Closure:
    """`{closure@SPAN}`, `{async block@SPAN}`, `{coroutine@SPAN (#0)}`: the kind is the word before the place."""

    kind: str
    span: Span
    context: int | None  # the syntax context that a coroutine's span is printed with


@dataclass(frozen=True, slots=True)
class ForeignClosure:
    """`{closure@path::{closure#0}}`: one of another crate, whose sources the compiler does not have."""

    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class BodyOf:
    """`{async fn body of path()}`: the future that an `async fn` returns."""

    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class UnsafeBinder:
    """`unsafe<'a> T`."""

    binder: tuple[Lifetime, ...]
    type: Type


Type = (
    Primitive
    | PathType
    | Reference
    | RawPointer
    | Tuple
    | Slice
    | Array
    | Never
    | Inferred
    | FunctionPointer
    | FunctionItem
    | Dynamic
    | Opaque
    | Closure
    | ForeignClosure
    | BodyOf
    | UnsafeBinder
)
Bound = TraitBound | Lifetime
GenericArgument = Type | Lifetime | ConstArgument | Binding | BoundOn

UNIT = Tuple(())
NEVER = Never()
INTEGERS = frozenset(f"{sign}{size}" for sign in "iu" for size in ("8", "16", "32", "64", "128", "size"))
FLOATS = frozenset({"f16", "f32", "f64", "f128"})
PRIMITIVES = INTEGERS | FLOATS | {"bool", "char", "str"}

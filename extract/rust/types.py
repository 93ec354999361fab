"""Types as they are written, and types whose names are resolved: one tree for both (reference, "Types")."""

from __future__ import annotations

from dataclasses import dataclass

from extract.rust.places import Span


@dataclass(frozen=True, slots=True)
class Lifetime:
    name: str


@dataclass(frozen=True, slots=True)
class ConstantArgument:
    """A constant expression as a generic argument, by its text."""

    text: str


@dataclass(frozen=True, slots=True)
class AssociatedBinding:
    """`Output = u8`, or a bound on it, in a list of generic arguments."""

    name: str
    type: Type | None
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    arguments: tuple[Type | Lifetime | ConstantArgument | AssociatedBinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path as written. Of `<T as Trait>::Name`, `qualified` is T and the first `trait_segments` are the trait's."""

    segments: tuple[Segment, ...]
    span: Span
    is_global: bool = False
    qualified: Type | None = None
    trait_segments: int = 0

    @property
    def text(self) -> str:
        return ("::" if self.is_global else "") + "::".join(segment.name for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Local:
    """An item of this crate, by its path from `crate`."""

    path: str
    arguments: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class External:
    """An item of another crate, by the path that the source names it with."""

    path: str
    arguments: tuple[Type, ...] = ()
    bindings: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class Primitive:
    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A generic type parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class SelfType:
    """`Self` of a trait."""


@dataclass(frozen=True, slots=True)
class Projection:
    """An associated type; `trait` is None where only the bounds of the type can say which it is."""

    type: Type
    trait: Type | None
    name: str
    arguments: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that could not be resolved, with its place and the reason."""

    name: str
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Reference:
    target: Type
    mutable: bool
    lifetime: str | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    target: Type
    mutable: bool


@dataclass(frozen=True, slots=True)
class Tuple:
    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Array:
    element: Type
    length: str


@dataclass(frozen=True, slots=True)
class Slice:
    element: Type


@dataclass(frozen=True, slots=True)
class FunctionPointer:
    parameters: tuple[Type, ...]
    result: Type | None
    unsafe: bool
    abi: str | None


@dataclass(frozen=True, slots=True)
class Never:
    """`!`."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """`_`."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound: a trait (`?Sized` with `relaxed`), or a lifetime."""

    type: Type | None
    lifetime: str | None = None
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """`impl Trait`."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`dyn Trait`."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Coroutine:
    """The future of an `async` block or function, or of an `async` closure, by the path of its body in MIR."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class ClosureType:
    """A closure, with the types of what it captured in the order of its fields in MIR (which only MIR knows)."""

    span: Span
    captures: tuple[Type, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A form of type that is not read here, by its text."""

    text: str
    span: Span


Type = (
    Path | Local | External | Primitive | Parameter | SelfType | Projection | Unresolved | Reference | Pointer | Tuple
    | Array | Slice | FunctionPointer | Never | Inferred | Opaque | Dynamic | Coroutine | ClosureType | Unsupported
)  # fmt: skip

"""What can be assigned [rustc_middle::mir::syntax: Rvalue]."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir.operands import Operand, Place
from extract.mir.types import Closure, ConstArgument, Path, Type

_ARITHMETIC = {"Add", "Sub", "Mul"}
BINARY_OPERATORS = frozenset(
    {
        *(f"{name}{suffix}" for name in _ARITHMETIC for suffix in ("", "Unchecked", "WithOverflow")),
        *("Div", "Rem", "BitXor", "BitAnd", "BitOr", "Shl", "ShlUnchecked", "Shr", "ShrUnchecked"),
        *("Eq", "Lt", "Le", "Ne", "Ge", "Gt", "Cmp", "Offset"),
    }
)
UNARY_OPERATORS = frozenset({"Not", "Neg", "PtrMetadata"})
CASTS = frozenset(
    {
        *("PointerExposeProvenance", "PointerWithExposedProvenance", "PointerCoercion", "PtrToPtr", "FnPtrToPtr"),
        *("IntToInt", "FloatToInt", "FloatToFloat", "IntToFloat", "Transmute", "Subtype"),
    }
)
COERCIONS = frozenset(
    {"Unsize", "ReifyFnPointer", "UnsafeFnPointer", "ClosureFnPointer", "MutToConstPointer", "ArrayToPointer"}
)


@dataclass(frozen=True, slots=True)
class Use:
    """`retag` concerns Miri only; compilers from 1.97 on print `no_retag` where it is off."""

    operand: Operand
    retag: bool = True


@dataclass(frozen=True, slots=True)
class Repeat:
    """`[x; N]`."""

    operand: Operand
    count: Type | ConstArgument


@dataclass(frozen=True, slots=True)
class Borrow:
    """`&p`, `&mut p`; `fake` and `fake shallow` ones serve the borrow checker only."""

    kind: str  # "", "mut", "fake", "fake shallow"
    place: Place


@dataclass(frozen=True, slots=True)
class AddressOf:
    """`&raw const p`, `&raw mut p`; a `fake` one only reads the length of a slice and asserts nothing."""

    mutable: bool
    place: Place
    is_fake: bool = False


@dataclass(frozen=True, slots=True)
class ThreadLocal:
    mutable: bool
    path: Path


@dataclass(frozen=True, slots=True)
class Length:
    place: Place


@dataclass(frozen=True, slots=True)
class Cast:
    """`x as T (PointerCoercion(Unsize, Implicit))`: `details` is `("Unsize", "Implicit")`."""

    operand: Operand
    type: Type
    kind: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """`AddWithOverflow` and its like give a pair of the result and whether it overflowed."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class SizeOf:
    type: Type


@dataclass(frozen=True, slots=True)
class AlignOf:
    type: Type


@dataclass(frozen=True, slots=True)
class OffsetOf:
    """Pairs of a variant's number and a field's number, outermost first."""

    type: Type
    fields: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Discriminant:
    place: Place


@dataclass(frozen=True, slots=True)
class TupleAggregate:
    elements: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class ArrayAggregate:
    elements: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class AdtAggregate:
    """A struct, union or variant. `names` is None for a tuple struct or one without fields."""

    path: Path
    names: tuple[str, ...] | None
    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class ClosureAggregate:
    """A closure or coroutine with what it captures."""

    closure: Closure
    names: tuple[str, ...]
    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class RawPointerAggregate:
    """`*const T from (data, metadata)`."""

    mutable: bool
    pointee: Type
    data: Operand
    metadata: Operand


@dataclass(frozen=True, slots=True)
class ShallowInitBox:
    operand: Operand
    type: Type


@dataclass(frozen=True, slots=True)
class CopyForDeref:
    place: Place


@dataclass(frozen=True, slots=True)
class WrapUnsafeBinder:
    operand: Operand
    type: Type


Rvalue = (
    Use
    | Repeat
    | Borrow
    | AddressOf
    | ThreadLocal
    | Length
    | Cast
    | Binary
    | Unary
    | SizeOf
    | AlignOf
    | OffsetOf
    | Discriminant
    | TupleAggregate
    | ArrayAggregate
    | AdtAggregate
    | ClosureAggregate
    | RawPointerAggregate
    | ShallowInitBox
    | CopyForDeref
    | WrapUnsafeBinder
)

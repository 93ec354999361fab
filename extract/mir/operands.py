"""Places, constants and operands [rustc_middle::mir::syntax: Place, PlaceElem, Operand, ConstOperand]."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir.types import Path, Type

# Places


@dataclass(frozen=True, slots=True)
class Deref:
    """`(*p)`."""


@dataclass(frozen=True, slots=True)
class Field:
    """`(p.1: T)`: fields have numbers, in the order of the declaration."""

    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class Index:
    """`p[_3]`: the index is a local."""

    local: int


@dataclass(frozen=True, slots=True)
class ConstantIndex:
    """`p[1 of 2]`, or `p[-1 of 2]` counted from the end."""

    offset: int
    minimum_length: int
    from_end: bool


@dataclass(frozen=True, slots=True)
class Subslice:
    """`p[1:-2]`: from the first to what is left before the end; `p[1..3]` of an array is not from the end."""

    start: int
    end: int
    from_end: bool


@dataclass(frozen=True, slots=True)
class Downcast:
    """`(p as Some)`: by name, or by number (`variant#3`) where the variant has no name: the states of a coroutine."""

    variant: str | int


@dataclass(frozen=True, slots=True)
class OpaqueCast:
    """`(p as T)`: a hidden type seen through, or (`as subtype T`) one with other lifetimes."""

    type: Type
    is_subtype: bool


@dataclass(frozen=True, slots=True)
class UnwrapUnsafeBinder:
    """`unwrap_binder!(p)`."""


Projection = Deref | Field | Index | ConstantIndex | Subslice | Downcast | OpaqueCast | UnwrapUnsafeBinder


@dataclass(frozen=True, slots=True)
class Place:
    """`_0` is what is returned; the parameters come next."""

    local: int
    projections: tuple[Projection, ...] = ()


# Constants


@dataclass(frozen=True, slots=True)
class Integer:
    value: int
    type: str


@dataclass(frozen=True, slots=True)
class Extreme:
    """`u32::MAX`, `isize::MIN`: printed by name, so that the width of `usize` stays open."""

    type: str
    is_maximum: bool


@dataclass(frozen=True, slots=True)
class Float:
    """As printed, so that nothing is rounded."""

    text: str


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool


@dataclass(frozen=True, slots=True)
class Character:
    value: str


@dataclass(frozen=True, slots=True)
class String:
    """A `&str`. The compiler prints bytes that are not UTF-8 as U+FFFD."""

    value: str


@dataclass(frozen=True, slots=True)
class ByteString:
    """A `&[u8]`; with a star, the `[u8; N]` itself."""

    value: bytes
    is_array: bool


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function, or a constructor used as one: of its own type, without size."""

    path: Path


@dataclass(frozen=True, slots=True)
class Named:
    """A constant that is not evaluated: an item, an associated constant, a promoted one, a parameter `N`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Pointer:
    """`{alloc1+0x8: &T}`."""

    alloc: str
    offset: int
    immutable: bool
    type: Type


@dataclass(frozen=True, slots=True)
class Address:
    """`{0x8 as *const T}`: an address that is an integer."""

    value: int
    type: Type


@dataclass(frozen=True, slots=True)
class Transmuted:
    """`{transmute(0x01): T}`: a scalar whose meaning the printer does not know."""

    value: int
    type: Type


@dataclass(frozen=True, slots=True)
class Uninhabited:
    """`{unreachable(): T}`."""

    type: Type


@dataclass(frozen=True, slots=True)
class TupleConstant:
    """The empty one is the unit value."""

    elements: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class ArrayConstant:
    elements: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class AdtConstant:
    """`Some(1_u32)`, `S {{ a: 1_u32 }}`; field names only for the latter. Without fields it prints as `Named`."""

    path: Path
    names: tuple[str, ...] | None
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Patterned:
    """`0_usize is 0..=9`: of a type with a niche, made by a pattern."""

    value: Constant
    pattern: str


@dataclass(frozen=True, slots=True)
class StaticAddress:
    """`<static(DefId(0:4 ~ krate[c768]::TABLE))>`: the address of a static of bytes, by number and place of its
    definition.
    """

    definition: str
    place: str

    @property
    def path(self) -> str:
        """Within its crate, as MIR spells it."""
        return self.place.partition("]::")[2]


@dataclass(frozen=True, slots=True)
class Unprinted:
    """`ZeroSized: T`, `Indirect { alloc_id: alloc1, .. }: T`: what the printer cannot take apart."""

    text: str
    type: Type


Constant = (
    Integer
    | Extreme
    | Float
    | Boolean
    | Character
    | String
    | ByteString
    | FunctionValue
    | Named
    | Pointer
    | Address
    | Transmuted
    | Uninhabited
    | TupleConstant
    | ArrayConstant
    | AdtConstant
    | Patterned
    | StaticAddress
    | Unprinted
)

# Operands


@dataclass(frozen=True, slots=True)
class Copy:
    place: Place


@dataclass(frozen=True, slots=True)
class Move:
    place: Place


@dataclass(frozen=True, slots=True)
class RuntimeChecks:
    """`UbChecks`, `ContractChecks`, `OverflowChecks`: whether the final build has them."""

    kind: str


Operand = Copy | Move | Constant | RuntimeChecks

"""The definitions of a component as they stand in the file; indices are not followed here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from proofs.recheck.module import Module


class Sort(Enum):
    """The index spaces of a component."""

    CORE_FUNC = auto()
    CORE_TABLE = auto()
    CORE_MEMORY = auto()
    CORE_GLOBAL = auto()
    CORE_TAG = auto()
    CORE_TYPE = auto()
    CORE_MODULE = auto()
    CORE_INSTANCE = auto()
    FUNC = auto()
    VALUE = auto()
    TYPE = auto()
    COMPONENT = auto()
    INSTANCE = auto()


@dataclass(frozen=True, slots=True)
class Named:
    """A name given to an index: an inline export or an argument."""

    name: str
    sort: Sort
    index: int


# --- value types: V2 asks whether one contains what needs a realloc, and for how many core values it stands ---


@dataclass(frozen=True, slots=True)
class Primitive:
    flat: int
    variable: bool  # a string


ValRef = Primitive | int


@dataclass(frozen=True, slots=True)
class Product:
    """A record or tuple."""

    fields: tuple[ValRef, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant, enum, option or result."""

    cases: tuple[ValRef | None, ...]


@dataclass(frozen=True, slots=True)
class FixedList:
    element: ValRef
    length: int


@dataclass(frozen=True, slots=True)
class VariableList:
    """A list of no fixed length, or a map."""


@dataclass(frozen=True, slots=True)
class Handle:
    """An own, borrow, stream or future; `element` of the last two."""

    element: ValRef | None


@dataclass(frozen=True, slots=True)
class FunctionExpr:
    params: tuple[ValRef, ...]
    result: ValRef | None


@dataclass(frozen=True, slots=True)
class ResourceExpr:
    destructor: int | None


@dataclass(frozen=True, slots=True)
class ExternType:
    """`index` of a type; None for a fresh resource or a value."""

    sort: Sort
    index: int | None


@dataclass(frozen=True, slots=True)
class InstanceExpr:
    declarations: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class ComponentExpr:
    """Nothing is asked of a component type: a component that has only a type is foreign code (G4)."""


TypeExpr = (
    Primitive
    | Product
    | Choice
    | FixedList
    | VariableList
    | Handle
    | FunctionExpr
    | ResourceExpr
    | InstanceExpr
    | ComponentExpr
)


# --- definitions ---


@dataclass(frozen=True, slots=True)
class CoreModule:
    module: Module


@dataclass(frozen=True, slots=True)
class CoreInstantiate:
    module: int
    arguments: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CoreBundle:
    exports: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class CoreTypeDefinition:
    """A core type in the component's own index space: counted, no more."""


@dataclass(frozen=True, slots=True)
class Nested:
    component: Component


@dataclass(frozen=True, slots=True)
class Instantiate:
    component: int
    arguments: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    exports: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class AliasExport:
    sort: Sort
    instance: int
    name: str


@dataclass(frozen=True, slots=True)
class AliasOuter:
    sort: Sort
    count: int
    index: int


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    expr: TypeExpr


@dataclass(frozen=True, slots=True)
class Options:
    realloc: int | None = None
    post_return: int | None = None
    callback: int | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    function: int
    options: Options
    type_index: int


@dataclass(frozen=True, slots=True)
class Lower:
    function: int
    options: Options


@dataclass(frozen=True, slots=True)
class ResourceDrop:
    type_index: int


class Need(Enum):
    """When a built-in with a `realloc` needs it (V2)."""

    NEVER = auto()
    BY_ELEMENT = auto()
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Any other canonical definition; `type_index` of the stream or future where `need` is BY_ELEMENT."""

    options: Options = Options()
    need: Need = Need.NEVER
    type_index: int = 0
    spawns: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    results: int


@dataclass(frozen=True, slots=True)
class Import:
    name: str
    type: ExternType


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    sort: Sort
    index: int


@dataclass(frozen=True, slots=True)
class DeclaredExport:
    """In an instance type."""

    name: str
    type: ExternType


@dataclass(frozen=True, slots=True)
class ValueDefinition:
    """Counted, no more."""


Definition = (
    CoreModule
    | CoreInstantiate
    | CoreBundle
    | CoreTypeDefinition
    | Nested
    | Instantiate
    | Bundle
    | AliasExport
    | AliasOuter
    | TypeDefinition
    | Lift
    | Lower
    | ResourceDrop
    | BuiltIn
    | Start
    | Import
    | Export
    | DeclaredExport
    | ValueDefinition
)


@dataclass(frozen=True, slots=True)
class Component:
    definitions: tuple[Definition, ...]

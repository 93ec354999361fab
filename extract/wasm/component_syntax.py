"""What a binary component says, section by section, before anything is evaluated [CM `Binary.md`].

Indices are as written; labels of fields and cases are left out, as no rule asks for them. Each `offset` is absolute.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple

from extract.wasm.module import Module


class Sort(enum.Enum):
    """The index spaces of a component."""

    CORE_FUNCTION = "core function"
    CORE_TABLE = "core table"
    CORE_MEMORY = "core memory"
    CORE_GLOBAL = "core global"
    CORE_TAG = "core tag"
    CORE_TYPE = "core type"
    CORE_MODULE = "core module"
    CORE_INSTANCE = "core instance"
    FUNCTION = "function"
    VALUE = "value"
    TYPE = "type"
    COMPONENT = "component"
    INSTANCE = "instance"


class SortIndex(NamedTuple):
    sort: Sort
    number: int


class NamedItem(NamedTuple):
    """An inline export, or an argument of an instantiation."""

    name: str
    item: SortIndex
    offset: int


class ExternType(NamedTuple):
    """The type of an import or export.

    `type_index`: its type; of a type, what it equals; None for a value and for a fresh resource.
    """

    sort: Sort
    type_index: int | None
    offset: int


# Value types: a primitive by name, or a type index.
ValueType = str | int


class ScalarType(NamedTuple):
    """A primitive type (by name), flags or an enumeration: one core value, or a string."""

    name: str


class RecordType(NamedTuple):
    """A record or tuple."""

    fields: tuple[ValueType, ...]


class VariantType(NamedTuple):
    """A variant, option or result."""

    cases: tuple[ValueType | None, ...]


class ListType(NamedTuple):
    element: ValueType
    length: int | None


class MapType(NamedTuple):
    key: ValueType
    value: ValueType


class HandleType(NamedTuple):
    resource: int


class ChannelType(NamedTuple):
    """`kind`: "stream" or "future"."""

    kind: str
    element: ValueType | None


DefinedType = ScalarType | RecordType | VariantType | ListType | MapType | HandleType | ChannelType


class Parameter(NamedTuple):
    name: str
    type: ValueType


class FunctionType(NamedTuple):
    parameters: tuple[Parameter, ...]
    result: ValueType | None


class ResourceType(NamedTuple):
    destructor: int | None


@dataclass(frozen=True, slots=True)
class ScopeType:
    """A component type or an instance type: a scope of its own. `size`: its bytes."""

    is_component: bool
    declarations: tuple[Declaration, ...]
    size: int


TypeSyntax = DefinedType | FunctionType | ResourceType | ScopeType


class TypeDefinition(NamedTuple):
    type: TypeSyntax
    offset: int


class CoreTypeDefinition(NamedTuple):
    """`types`: how many it adds to the index space; a recursion group adds each of its own."""

    types: int
    offset: int


class ExportAlias(NamedTuple):
    """An export of a component instance."""

    sort: Sort
    instance: int
    name: str
    offset: int


class CoreExportAlias(NamedTuple):
    sort: Sort
    instance: int
    name: str
    offset: int


class OuterAlias(NamedTuple):
    """`hops`: how many scopes outwards."""

    sort: Sort
    hops: int
    number: int
    offset: int


class ImportDefinition(NamedTuple):
    name: str
    type: ExternType
    offset: int


class ExportDeclaration(NamedTuple):
    name: str
    type: ExternType
    offset: int


Declaration = TypeDefinition | CoreTypeDefinition | ExportAlias | OuterAlias | ImportDefinition | ExportDeclaration


class CoreModuleDefinition(NamedTuple):
    module: Module
    offset: int


class CoreInstantiation(NamedTuple):
    """`arguments`: names with core instance indices."""

    module: int
    arguments: tuple[tuple[str, int], ...]
    offset: int


class CoreBundle(NamedTuple):
    exports: tuple[NamedItem, ...]
    offset: int


class ComponentDefinition(NamedTuple):
    component: Component
    offset: int


class Instantiation(NamedTuple):
    component: int
    arguments: tuple[NamedItem, ...]
    offset: int


class Bundle(NamedTuple):
    exports: tuple[NamedItem, ...]
    offset: int


class ExportDefinition(NamedTuple):
    name: str
    item: SortIndex
    ascribed: ExternType | None
    offset: int


class StartDefinition(NamedTuple):
    function: int
    arguments: tuple[int, ...]
    results: int
    offset: int


class ValueDefinition(NamedTuple):
    offset: int


class CanonOptions(NamedTuple):
    memory: int | None = None
    realloc: int | None = None
    post_return: int | None = None
    callback: int | None = None


NO_OPTIONS = CanonOptions()


@dataclass(frozen=True, slots=True)
class Canon:
    """An item of a canon section.

    `function`: of a lift, the core function; of a lower, the component function. `type`: of a lift, the function
    type; of others, the resource, stream or future type. `core_type`, `table`, `memory`: of built-ins that name them.
    """

    kind: str
    offset: int
    function: int | None = None
    type: int | None = None
    core_type: int | None = None
    table: int | None = None
    memory: int | None = None
    options: CanonOptions = NO_OPTIONS


Definition = (
    CoreModuleDefinition
    | CoreInstantiation
    | CoreBundle
    | CoreTypeDefinition
    | ComponentDefinition
    | Instantiation
    | Bundle
    | ExportAlias
    | CoreExportAlias
    | OuterAlias
    | TypeDefinition
    | Canon
    | StartDefinition
    | ImportDefinition
    | ExportDefinition
    | ValueDefinition
)


@dataclass(frozen=True, slots=True)
class ComponentNames:
    """The names that a component's name section gives to itself and to what its index spaces hold."""

    own: str = ""
    items: dict[SortIndex, str] = field(default_factory=dict)

    def of(self, sort: Sort, index: int) -> str:
        return self.items.get(SortIndex(sort, index), "")


@dataclass(frozen=True, slots=True)
class Component:
    """A component as written. `size`: the bytes of its definitions, without its modules and components."""

    definitions: tuple[Definition, ...]
    names: ComponentNames
    size: int
    offset: int

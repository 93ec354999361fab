"""What evaluating a component makes, and the scopes that hold it.

A scope is a component being instantiated, or a component or instance type being gone through. What it sees of the
scopes around it is what stood there when it was defined: an index that came later does not exist for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, TypeVar

from extract.errors import ByteOffset, InputError
from extract.wasm.component_parts import OUTER
from extract.wasm.component_syntax import Component, ComponentNames, ScopeType, Sort
from extract.wasm.module import Export, Module
from extract.wasm.world import Defined, Definition, FromCanon, FromHost


class ValueTypeFacts(NamedTuple):
    """`flat`: core values, counted up to one over the maximum. `variable`: what of no fixed length it contains, or "".

    `channel`: "stream" or "future", or ""; `element_variable`: what the channel's element type contains.
    """

    flat: int
    variable: str = ""
    channel: str = ""
    element_variable: str = ""


class FunctionFacts(NamedTuple):
    """Why a lift, and why a lower, of this type needs its realloc (rule V2)."""

    lift_needs: str | None
    lower_needs: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource type: of the host, by the name of its drop function, or of the file. Two are equal if they are one."""

    name: str
    host_drop: FromHost | None
    destructor: Definition | None


@dataclass(frozen=True, slots=True, eq=False)
class TypeClosure:
    """A component or instance type with the scope in which it stands."""

    type: ScopeType
    scope: Scope
    visible: Mapping[Sort, int]


Type = ValueTypeFacts | FunctionFacts | Resource | TypeClosure


class ComponentFunction(NamedTuple):
    callee: FromCanon | FromHost
    facts: FunctionFacts


class NoFacts(NamedTuple):
    """A value or a core type: no rule asks for what it is."""


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValue:
    """A module of the file, by its name, with its exports by theirs."""

    module: Module
    name: str
    exports: Mapping[str, Export]


@dataclass(frozen=True, slots=True)
class ForeignModule:
    name: str


@dataclass(frozen=True, slots=True)
class CoreInstanceValue:
    number: int
    exports: Mapping[str, Export]


class CoreExtern(NamedTuple):
    sort: Sort
    definition: Definition


@dataclass(frozen=True, slots=True)
class CoreBundleValue:
    exports: Mapping[str, CoreExtern]


@dataclass(frozen=True, slots=True)
class ForeignInstance:
    """An instance of a foreign module: it may export anything."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ComponentClosure:
    """A component of the file with the scope in which it stands."""

    component: Component
    scope: Scope | None
    visible: Mapping[Sort, int]
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ForeignComponent:
    name: str
    type: TypeClosure


@dataclass(frozen=True, slots=True, eq=False)
class InstanceValue:
    exports: Mapping[str, Extern]


Entity = (
    Defined
    | FromHost
    | FromCanon
    | ModuleValue
    | ForeignModule
    | CoreInstanceValue
    | CoreBundleValue
    | ForeignInstance
    | ComponentFunction
    | ValueTypeFacts
    | FunctionFacts
    | Resource
    | TypeClosure
    | ComponentClosure
    | ForeignComponent
    | InstanceValue
    | NoFacts
)
Kind = TypeVar("Kind", bound=Entity)


class Extern(NamedTuple):
    """Something with its sort, as exports and arguments hold it."""

    sort: Sort
    entity: Entity


@dataclass(slots=True)
class Scope:
    """Index spaces in the making; grows while definitions are evaluated. `path`: how people find it."""

    file: str
    parent: Scope | None
    visible: Mapping[Sort, int]
    names: ComponentNames = field(default_factory=ComponentNames)
    path: str = ""
    _spaces: dict[Sort, list[Entity]] = field(default_factory=lambda: {sort: [] for sort in Sort})

    def fail(self, offset: int, found: str, expected: str) -> NoReturn:
        raise InputError(self.file, ByteOffset(offset), found, expected)

    def add(self, sort: Sort, entity: Entity) -> None:
        self._spaces[sort].append(entity)

    def add_core_types(self, types: int) -> None:
        self._spaces[Sort.CORE_TYPE].extend([NoFacts()] * types)

    def size(self, sort: Sort) -> int:
        return len(self._spaces[sort])

    def seen_now(self) -> dict[Sort, int]:
        """What a component or type that is defined here and now sees of this scope."""
        return {sort: len(self._spaces[sort]) for sort in OUTER}

    def get(self, sort: Sort, index: int, offset: int) -> Entity:
        return self._within(sort, index, len(self._spaces[sort]), offset)

    def _within(self, sort: Sort, index: int, size: int, offset: int) -> Entity:
        if index >= size:
            self.fail(offset, f"{sort.value} index {index}", f"an index below {size}")
        return self._spaces[sort][index]

    def outer(self, sort: Sort, count: int, index: int, offset: int) -> Entity:
        """The item of the scope `count` scopes outwards, 0 for this one."""
        scope, size = self, len(self._spaces[sort])
        for hops in range(count):
            if scope.parent is None:
                self.fail(offset, f"an alias {count} scopes outwards", f"at most {hops}")
            size = scope.visible[sort]
            scope = scope.parent
        return scope._within(sort, index, size, offset)

    def core_definition(self, sort: Sort, index: int, offset: int) -> Definition:
        entity = self.get(sort, index, offset)
        assert isinstance(entity, (Defined, FromHost, FromCanon)), "a core index space holds definitions only"
        return entity

    def core_function(self, index: int | None, offset: int) -> Definition | None:
        return None if index is None else self.core_definition(Sort.CORE_FUNCTION, index, offset)

    def of_kind(self, sort: Sort, index: int, kind: type[Kind], expected: str, offset: int) -> Kind:
        entity = self.get(sort, index, offset)
        if not isinstance(entity, kind):
            self.fail(offset, f"{sort.value} {index}, which is another kind", expected)
        return entity

    def function(self, index: int, offset: int) -> ComponentFunction:
        return self.of_kind(Sort.FUNCTION, index, ComponentFunction, "a function", offset)

    def instance(self, index: int, offset: int) -> InstanceValue:
        return self.of_kind(Sort.INSTANCE, index, InstanceValue, "an instance", offset)

    def resource(self, index: int, offset: int) -> Resource:
        return self.of_kind(Sort.TYPE, index, Resource, "a resource type", offset)

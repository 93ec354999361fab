"""The values of component evaluation, and the index spaces that hold them (G2, G3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proofs.recheck.component import Component, Definition, Sort
from proofs.recheck.faults import Refused
from proofs.recheck.module import Module
from proofs.recheck.world import Canon, CanonicalFunction, CoreValue, Function, HostFunction


@dataclass(frozen=True, slots=True)
class ValueType:
    """`variable`: contains a string, a list of no fixed length or a map (V2). `element`: of a stream or future."""

    variable: bool
    flat: int
    element: bool


@dataclass(frozen=True, slots=True)
class FunctionType:
    params_variable: bool
    params_flat: int
    result_variable: bool


@dataclass(frozen=True)
class InstanceType:
    """Its declarations, and the scope in which they stand."""

    declarations: tuple[Definition, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class ComponentType:
    pass


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource type: of the file, with its destructor; or of the host, with the name of its drop function (C3)."""

    destructor: Function | None
    host_drop: str | None


@dataclass(frozen=True, slots=True)
class ComponentFunction:
    """Made by a canonical lift of the file, or provided by the host under the name `host`."""

    type: FunctionType
    lift: Canon | None
    host: str | None


@dataclass(frozen=True)
class Closure:
    """A component and the scope in which it is defined, for its outer aliases."""

    component: Component
    scope: Scope


@dataclass(frozen=True, slots=True)
class Foreign:
    """A core module or component that is itself imported (G4)."""

    name: str


@dataclass(frozen=True)
class ComponentInstance:
    exports: Mapping[str, tuple[Sort, Value]]


@dataclass(frozen=True)
class CoreExports:
    """What a core instance or a bundle of inline exports exports."""

    exports: Mapping[str, CoreValue]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A component-level value or a core type: counted, no more."""


TypeValue = ValueType | FunctionType | InstanceType | ComponentType | Resource
Value = (
    CoreValue | TypeValue | Module | CoreExports | ComponentFunction | Closure | Foreign | ComponentInstance | Opaque
)


class Scope:
    """The index spaces of one component instance or instance type, under way."""

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent
        self._spaces: dict[Sort, list[Value]] = {sort: [] for sort in Sort}

    def add(self, sort: Sort, value: Value) -> None:
        self._spaces[sort].append(value)

    def get(self, sort: Sort, index: int) -> Value:
        space = self._spaces[sort]
        if index >= len(space):
            raise Refused(f"subject: there is no {sort.name.lower().replace('_', ' ')} {index}")
        return space[index]

    def outer(self, count: int) -> Scope:
        scope: Scope | None = self
        for _ in range(count):
            scope = scope.parent if scope is not None else None
        if scope is None:
            raise Refused(f"subject: an alias counts {count} scopes outward")
        return scope

    def core_function(self, index: int) -> Function:
        value = self.get(Sort.CORE_FUNC, index)
        if not isinstance(value, tuple | HostFunction | CanonicalFunction):
            raise _mixed("core function")
        return value

    def core_exports(self, index: int) -> CoreExports:
        value = self.get(Sort.CORE_INSTANCE, index)
        if not isinstance(value, CoreExports):
            raise _mixed("core instance")
        return value

    def instance(self, index: int) -> ComponentInstance:
        value = self.get(Sort.INSTANCE, index)
        if not isinstance(value, ComponentInstance):
            raise _mixed("instance")
        return value

    def function(self, index: int) -> ComponentFunction:
        value = self.get(Sort.FUNC, index)
        if not isinstance(value, ComponentFunction):
            raise _mixed("function")
        return value

    def value_type(self, index: int) -> ValueType:
        value = self.get(Sort.TYPE, index)
        if not isinstance(value, ValueType):
            raise _mixed("value type")
        return value

    def function_type(self, index: int) -> FunctionType:
        value = self.get(Sort.TYPE, index)
        if not isinstance(value, FunctionType):
            raise _mixed("function type")
        return value

    def resource(self, index: int) -> Resource:
        value = self.get(Sort.TYPE, index)
        if not isinstance(value, Resource):
            raise _mixed("resource type")
        return value


def _mixed(expected: str) -> Refused:
    return Refused(f"subject: an index stands for no {expected}")

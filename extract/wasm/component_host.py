"""What the host provides for an import, made from the declared type, and named by its path (rules G4, H1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from extract.wasm.canonical_abi import defined_type_facts, function_facts
from extract.wasm.component_scope import (
    ComponentFunction,
    Entity,
    Extern,
    ForeignComponent,
    ForeignModule,
    FunctionFacts,
    InstanceValue,
    NoFacts,
    Resource,
    Scope,
    Type,
    TypeClosure,
)
from extract.wasm.component_syntax import (
    CoreTypeDefinition,
    ExportAlias,
    ExportDeclaration,
    ExternType,
    FunctionType,
    ImportDefinition,
    OuterAlias,
    ResourceType,
    ScopeType,
    Sort,
    TypeDefinition,
    TypeSyntax,
)
from extract.wasm.effort import Effort
from extract.wasm.world import FromHost


def evaluate_type(scope: Scope, type_: TypeSyntax, offset: int) -> Type:
    """Any type but a resource type, which only a component that is instantiated can make."""
    match type_:
        case ResourceType():
            scope.fail(offset, "a resource type within a type", "an export of a fresh resource")
        case FunctionType():
            return function_facts(scope, type_, offset)
        case ScopeType():
            return TypeClosure(type_, scope, scope.seen_now())
        case _:
            return defined_type_facts(scope, type_, offset)


def alias_export(scope: Scope, alias: ExportAlias) -> Entity:
    found = scope.instance(alias.instance, alias.offset).exports.get(alias.name)
    if found is None or found.sort is not alias.sort:
        what = "no such export" if found is None else f"an export of sort {found.sort.value}"
        scope.fail(alias.offset, what, f"instance {alias.instance} to export the {alias.sort.value} `{alias.name}`")
    return found.entity


def argument(scope: Scope, wanted: ImportDefinition, arguments: Mapping[str, Extern], offset: int) -> Entity:
    """The argument for an import; `offset`: of the instantiation."""
    found = arguments.get(wanted.name)
    sort = wanted.type.sort
    if found is None or found.sort is not sort:
        what = "without an argument" if found is None else f"with an argument of sort {found.sort.value}"
        scope.fail(offset, f"import `{wanted.name}` {what}", f"an argument of sort {sort.value}")
    return found.entity


class HostTypes:
    """Makes what the host provides."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort

    def provide(self, scope: Scope, type_: ExternType, path: tuple[str, ...]) -> Entity:
        """`scope`: where the type stands. `path`: the names that lead to the import."""
        name = "/".join(path)
        sort, index, offset = type_
        self._effort.charge(len(name), offset)
        match sort, index:
            case Sort.CORE_MODULE, int():
                scope.get(Sort.CORE_TYPE, index, offset)
                return ForeignModule(name)
            case Sort.FUNCTION, int():
                facts = scope.of_kind(Sort.TYPE, index, FunctionFacts, "a function type", offset)
                return ComponentFunction(FromHost(name), facts)
            case Sort.TYPE, int():
                return scope.get(Sort.TYPE, index, offset)
            case Sort.TYPE, None:
                return Resource(name, FromHost("/".join((*path[:-1], f"[resource-drop]{path[-1]}"))), None)
            case Sort.COMPONENT | Sort.INSTANCE, int():
                closure = scope.of_kind(Sort.TYPE, index, TypeClosure, f"a type of sort {sort.value}", offset)
                if closure.type.is_component is not (sort is Sort.COMPONENT):
                    scope.fail(offset, f"type {index}, which is another kind", f"a type of sort {sort.value}")
                if sort is Sort.COMPONENT:
                    return ForeignComponent(name, closure)
                return self.expand(closure, path, {}, offset)
            case _:
                return NoFacts()

    def expand(
        self, closure: TypeClosure, path: tuple[str, ...], arguments: Mapping[str, Extern], offset: int
    ) -> InstanceValue:
        """An instance of the type: of an instance type, or what a foreign component makes of the arguments."""
        scope = Scope(closure.scope.file, closure.scope, closure.visible)
        exports: dict[str, Extern] = {}
        self._effort.charge(closure.type.size, offset)
        with self._effort.deeper(offset):
            for declaration in closure.type.declarations:
                match declaration:
                    case TypeDefinition(type_, at):
                        scope.add(Sort.TYPE, evaluate_type(scope, type_, at))
                    case CoreTypeDefinition(types):
                        scope.add_core_types(types)
                    case ExportAlias():
                        scope.add(declaration.sort, alias_export(scope, declaration))
                    case OuterAlias(sort, count, index, at):
                        scope.add(sort, scope.outer(sort, count, index, at))
                    case ImportDefinition():
                        scope.add(declaration.type.sort, argument(scope, declaration, arguments, offset))
                    case ExportDeclaration(name, type_of, at):
                        if name in exports:
                            scope.fail(at, f"a second export `{name}`", "each name once")
                        entity = self.provide(scope, type_of, (*path, name))
                        exports[name] = Extern(type_of.sort, entity)
                        scope.add(type_of.sort, entity)
                    case _:
                        assert_never(declaration)
        return InstanceValue(exports)

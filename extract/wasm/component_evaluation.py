"""Evaluates a component definition by definition, each instantiation of a nested one anew (rules G2 to G4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from extract.wasm.canonical import Canonicals
from extract.wasm.component_host import HostTypes, alias_export, argument, evaluate_type
from extract.wasm.component_scope import (
    ComponentClosure,
    Entity,
    Extern,
    ForeignComponent,
    InstanceValue,
    NoFacts,
    Resource,
    Scope,
)
from extract.wasm.component_syntax import (
    Bundle,
    Canon,
    ComponentDefinition,
    CoreBundle,
    CoreExportAlias,
    CoreInstantiation,
    CoreModuleDefinition,
    CoreTypeDefinition,
    Definition,
    ExportAlias,
    ExportDefinition,
    ImportDefinition,
    Instantiation,
    NamedItem,
    OuterAlias,
    ResourceType,
    Sort,
    StartDefinition,
    TypeDefinition,
    ValueDefinition,
)
from extract.wasm.core_linking import CoreLinker
from extract.wasm.effort import Effort
from extract.wasm.world import Definition as CoreDefinition


class Frame:
    """One instantiation under way: its scope, its arguments (None: the host provides), its exports so far."""

    __slots__ = ("arguments", "exports", "offset", "scope")

    def __init__(self, scope: Scope, arguments: Mapping[str, Extern] | None, offset: int) -> None:
        self.scope = scope
        self.arguments = arguments
        self.offset = offset
        self.exports: dict[str, Extern] = {}


class Evaluation:
    """What was made so far, over all instantiations; `instances`: of components, each before the one around it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._effort = Effort(file)
        self._host = HostTypes(self._effort)
        self.core = CoreLinker(self._effort)
        self.canonicals = Canonicals()
        self.destructors: dict[CoreDefinition, None] = {}
        self.instances: list[InstanceValue] = []

    def instantiate(
        self, closure: ComponentClosure, arguments: Mapping[str, Extern] | None, path: str, offset: int
    ) -> InstanceValue:
        component = closure.component
        self._effort.instance(offset)
        self._effort.charge(component.size + len(path), offset)
        frame = Frame(Scope(self._file, closure.scope, closure.visible, component.names, path), arguments, offset)
        with self._effort.deeper(offset):
            for definition in component.definitions:
                self._define(frame, definition)
        self.instances.append(InstanceValue(frame.exports))
        return self.instances[-1]

    def _define(self, frame: Frame, definition: Definition) -> None:
        scope = frame.scope
        match definition:
            case CoreModuleDefinition(module, at):
                name = scope.names.of(Sort.CORE_MODULE, scope.size(Sort.CORE_MODULE))
                scope.add(Sort.CORE_MODULE, self.core.module(scope, module, name, at))
            case CoreInstantiation():
                scope.add(Sort.CORE_INSTANCE, self.core.instantiate(scope, definition))
            case CoreBundle():
                scope.add(Sort.CORE_INSTANCE, self.core.bundle(scope, definition))
            case CoreTypeDefinition(types):
                scope.add_core_types(types)
            case CoreExportAlias():
                scope.add(definition.sort, self.core.alias(scope, definition))
            case ComponentDefinition(component):
                name = scope.names.of(Sort.COMPONENT, scope.size(Sort.COMPONENT)) or component.names.own
                scope.add(Sort.COMPONENT, ComponentClosure(component, scope, scope.seen_now(), name))
            case Instantiation():
                scope.add(Sort.INSTANCE, self._nested(scope, definition))
            case Bundle():
                scope.add(Sort.INSTANCE, InstanceValue(_named(scope, definition.exports)))
            case ExportAlias():
                scope.add(definition.sort, alias_export(scope, definition))
            case OuterAlias(sort, count, index, at):
                scope.add(sort, scope.outer(sort, count, index, at))
            case TypeDefinition():
                scope.add(Sort.TYPE, self._type(scope, definition))
            case Canon():
                self.canonicals.define(scope, definition)
            case StartDefinition():
                _start(scope, definition)
            case ImportDefinition():
                scope.add(definition.type.sort, self._import(frame, definition))
            case ExportDefinition():
                self._export(frame, definition)
            case ValueDefinition():
                scope.add(Sort.VALUE, NoFacts())
            case _:
                assert_never(definition)

    def _nested(self, scope: Scope, item: Instantiation) -> InstanceValue:
        arguments = _named(scope, item.arguments)
        component = scope.get(Sort.COMPONENT, item.component, item.offset)
        if isinstance(component, ForeignComponent):
            self._effort.instance(item.offset)
            self.core.foreign[component.name] = None
            return self._host.expand(component.type, (component.name,), arguments, item.offset)
        assert isinstance(component, ComponentClosure), "the space of components holds components only"
        index = scope.size(Sort.INSTANCE)
        local = scope.names.of(Sort.INSTANCE, index) or component.name or f"instance {index}"
        return self.instantiate(component, arguments, f"{scope.path}/{local}" if scope.path else local, item.offset)

    def _type(self, scope: Scope, item: TypeDefinition) -> Entity:
        if not isinstance(item.type, ResourceType):
            return evaluate_type(scope, item.type, item.offset)
        destructor = scope.core_function(item.type.destructor, item.offset)
        if destructor is not None:
            self.destructors[destructor] = None
        name = scope.names.of(Sort.TYPE, scope.size(Sort.TYPE))
        return Resource(name, None, destructor)

    def _import(self, frame: Frame, item: ImportDefinition) -> Entity:
        if frame.arguments is None:
            return self._host.provide(frame.scope, item.type, (item.name,))
        return argument(frame.scope, item, frame.arguments, frame.offset)

    def _export(self, frame: Frame, item: ExportDefinition) -> None:
        scope = frame.scope
        sort, index = item.item
        entity = scope.get(sort, index, item.offset)
        if item.name in frame.exports:
            scope.fail(item.offset, f"a second export `{item.name}`", "each name once")
        if item.ascribed is not None and item.ascribed.sort is not sort:
            scope.fail(
                item.ascribed.offset, f"a type of sort {item.ascribed.sort.value}", f"a type of sort {sort.value}"
            )
        scope.add(sort, entity)
        frame.exports[item.name] = Extern(sort, entity)


def _named(scope: Scope, items: Sequence[NamedItem]) -> dict[str, Extern]:
    """Inline exports or arguments, by name."""
    found: dict[str, Extern] = {}
    for name, (sort, index), at in items:
        if name in found:
            scope.fail(at, f"a second `{name}`", "each name once")
        found[name] = Extern(sort, scope.get(sort, index, at))
    return found


def _start(scope: Scope, item: StartDefinition) -> None:
    """Checks what it names: what the function reaches, its lift reaches (rules T1, T2), or the host."""
    scope.function(item.function, item.offset)
    for index in item.arguments:
        scope.get(Sort.VALUE, index, item.offset)
    for _ in range(item.results):
        scope.add(Sort.VALUE, NoFacts())

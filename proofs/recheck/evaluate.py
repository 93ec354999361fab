"""Evaluates a component in the order of its definitions (G2 to G4)."""

from __future__ import annotations

from collections.abc import Mapping

from proofs.recheck.canonical import builtin, lift, lower, resource_drop
from proofs.recheck.component import (
    AliasExport,
    AliasOuter,
    BuiltIn,
    Bundle,
    Component,
    CoreBundle,
    CoreInstantiate,
    CoreModule,
    CoreTypeDefinition,
    DeclaredExport,
    Definition,
    Export,
    Import,
    Instantiate,
    Lift,
    Lower,
    Named,
    Nested,
    ResourceDrop,
    Sort,
    Start,
    TypeDefinition,
    ValueDefinition,
)
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.faults import Refused
from proofs.recheck.host import provided
from proofs.recheck.module import Import as CoreImport
from proofs.recheck.module import Kind, Module
from proofs.recheck.reader import MAX_NESTING
from proofs.recheck.scope import (
    Closure,
    ComponentFunction,
    ComponentInstance,
    CoreExports,
    Foreign,
    Opaque,
    Resource,
    Scope,
    Value,
)
from proofs.recheck.types import evaluate_type
from proofs.recheck.world import (
    Canon,
    CanonicalFunction,
    CoreInstance,
    CoreValue,
    Function,
    HostFunction,
    Other,
    TableDefinition,
    World,
    kind_of,
)

MAX_STEPS = 1_000_000
MAX_CORE_INSTANCES = 10_000
MAX_CORE_WEIGHT = 16_000_000  # functions, elements, imports and exports, of all core instances together
_CORE_VALUES = {
    Sort.CORE_FUNC: Kind.FUNC, Sort.CORE_TABLE: Kind.TABLE, Sort.CORE_MEMORY: Kind.MEMORY,
    Sort.CORE_GLOBAL: Kind.GLOBAL, Sort.CORE_TAG: Kind.TAG,
}  # fmt: skip

Arguments = Mapping[str, tuple[Sort, Value]]


def component_world(component: Component, store: TypeStore) -> World:
    """G2: the top component is instantiated once, with imports from the host."""
    evaluation = _Evaluation()
    evaluation.instantiate(Closure(component, Scope(None)), None, 0)
    return World(
        True, store, tuple(evaluation.instances), tuple(evaluation.canons), tuple(evaluation.destructors)
    )  # fmt: skip


class _Evaluation:
    """What evaluation has made so far."""

    def __init__(self) -> None:
        self.instances: list[CoreInstance] = []
        self.canons: list[Canon] = []
        self.destructors: list[Function] = []
        self._steps = self._weight = 0

    def spend(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise Refused("subject: more definitions to evaluate than this checker takes")

    def instantiate(self, closure: Closure, arguments: Arguments | None, depth: int) -> ComponentInstance:
        """`arguments` None: the imports come from the host."""
        if depth > MAX_NESTING:
            raise Refused("subject: components instantiated too deeply")
        scope = Scope(closure.scope)
        exports: dict[str, tuple[Sort, Value]] = {}
        for definition in closure.component.definitions:
            self.spend()
            self._define(definition, scope, arguments, exports, depth)
        return ComponentInstance(exports)

    def _define(
        self,
        definition: Definition,
        scope: Scope,
        arguments: Arguments | None,
        exports: dict[str, tuple[Sort, Value]],
        depth: int,
    ) -> None:
        match definition:
            case CoreModule(module):
                scope.add(Sort.CORE_MODULE, module)
            case CoreInstantiate(module_index, core_arguments):
                scope.add(Sort.CORE_INSTANCE, self._core_instantiate(scope, module_index, core_arguments))
            case CoreBundle(bundled):
                scope.add(Sort.CORE_INSTANCE, CoreExports(self._core_bundle(scope, bundled)))
            case CoreTypeDefinition():
                scope.add(Sort.CORE_TYPE, Opaque())
            case Nested(component):
                scope.add(Sort.COMPONENT, Closure(component, scope))
            case Instantiate(component_index, given):
                scope.add(Sort.INSTANCE, self._instantiate(scope, component_index, given, depth))
            case Bundle(bundled):
                scope.add(Sort.INSTANCE, ComponentInstance(self._named(scope, bundled)))
            case AliasExport(sort, instance, name):
                scope.add(sort, alias_export(scope, sort, instance, name))
            case AliasOuter(sort, count, index):
                scope.add(sort, scope.outer(count).get(sort, index))
            case TypeDefinition(expr):
                made = evaluate_type(expr, scope)
                if isinstance(made, Resource) and made.destructor is not None:
                    self.destructors.append(made.destructor)
                scope.add(Sort.TYPE, made)
            case Lift() | Lower() | ResourceDrop() | BuiltIn():
                self._canonical(definition, scope)
            case Start(results):
                self.spend(results)
                for _ in range(results):
                    scope.add(Sort.VALUE, Opaque())
            case Import(name, extern_type):
                if arguments is None:
                    scope.add(extern_type.sort, provided((name,), extern_type, scope, self.spend))
                else:
                    scope.add(extern_type.sort, _argument(arguments, name, extern_type.sort))
            case Export(name, sort, index):
                value = scope.get(sort, index)
                if name in exports:
                    raise Refused(f"subject: two exports of the name {name!r}")
                exports[name] = (sort, value)
                scope.add(sort, value)
            case ValueDefinition():
                scope.add(Sort.VALUE, Opaque())
            case DeclaredExport(name, _):
                raise Refused(f"subject: export {name!r} is declared outside a type")

    def _canonical(self, definition: Lift | Lower | ResourceDrop | BuiltIn, scope: Scope) -> None:
        """V3: every canonical definition has its number, a lift included."""
        number = len(self.canons)
        match definition:
            case Lift():
                canon = lift(number, definition, scope)
                scope.add(Sort.FUNC, ComponentFunction(scope.function_type(definition.type_index), canon, None))
            case Lower():
                canon = lower(number, definition, scope)
            case ResourceDrop():
                canon = resource_drop(number, definition, scope)
            case BuiltIn():
                canon = builtin(number, definition, scope)
        self.canons.append(canon)
        if not canon.is_lift:
            scope.add(Sort.CORE_FUNC, CanonicalFunction(number))

    def _core_instantiate(self, scope: Scope, module_index: int, arguments: tuple[tuple[str, int], ...]) -> CoreExports:
        module = scope.get(Sort.CORE_MODULE, module_index)
        if isinstance(module, Foreign):
            raise Refused(f"subject: core module {module.name!r} is imported: foreign code (G4)")
        if not isinstance(module, Module):
            raise Refused("subject: an index stands for no core module")
        given = {name: scope.core_exports(index).exports for name, index in arguments}
        if len(given) != len(arguments):
            raise Refused("subject: two arguments of one name")
        self._weight += module.weight
        if self._weight > MAX_CORE_WEIGHT:
            raise Refused("subject: more functions and elements in core instances than this checker takes")
        functions: list[Function] = []
        tables: list[TableDefinition] = []
        number = len(self.instances)
        if number >= MAX_CORE_INSTANCES:
            raise Refused("subject: more core instances than this checker takes")
        for imported in module.imports:
            match _core_argument(given, imported):
                case TableDefinition() as table:
                    tables.append(table)
                case Other():
                    pass
                case (int(), int()) | HostFunction() | CanonicalFunction() as function:
                    functions.append(function)
        tables.extend(TableDefinition(number, index) for index in range(len(tables), len(module.tables)))
        instance = CoreInstance(number, module, tuple(functions), tuple(tables))
        self.instances.append(instance)
        return CoreExports(instance.exports)

    def _core_bundle(self, scope: Scope, bundled: tuple[Named, ...]) -> dict[str, CoreValue]:
        exports: dict[str, CoreValue] = {}
        for name, (sort, value) in self._named(scope, bundled).items():
            if sort not in _CORE_VALUES or not isinstance(
                value, tuple | HostFunction | CanonicalFunction | TableDefinition | Other
            ):
                raise Refused(f"subject: {name!r} is nothing that a core instance exports")
            exports[name] = value
        return exports

    def _named(self, scope: Scope, given: tuple[Named, ...]) -> dict[str, tuple[Sort, Value]]:
        self.spend(len(given))
        named = {item.name: (item.sort, scope.get(item.sort, item.index)) for item in given}
        if len(named) != len(given):
            raise Refused("subject: two exports or arguments of one name")
        return named

    def _instantiate(
        self, scope: Scope, component_index: int, given: tuple[Named, ...], depth: int
    ) -> ComponentInstance:
        match scope.get(Sort.COMPONENT, component_index):
            case Closure() as closure:
                return self.instantiate(closure, self._named(scope, given), depth + 1)
            case Foreign(name):
                raise Refused(f"subject: component {name!r} is imported: foreign code (G4)")
            case _:
                raise Refused("subject: an index stands for no component")


def alias_export(scope: Scope, sort: Sort, instance: int, name: str) -> Value:
    if sort in _CORE_VALUES:
        exported = scope.core_exports(instance).exports.get(name)
        if exported is None or kind_of(exported) is not _CORE_VALUES[sort]:
            raise Refused(f"subject: core instance exports no {_CORE_VALUES[sort].name.lower()} {name!r}")
        return exported
    found = scope.instance(instance).exports.get(name)
    if found is None or found[0] is not sort:
        raise Refused(f"subject: instance exports no {sort.name.lower()} {name!r}")
    return found[1]


def _argument(arguments: Arguments, name: str, sort: Sort) -> Value:
    found = arguments.get(name)
    if found is None or found[0] is not sort:
        raise Refused(f"subject: no argument for the import {name!r}")
    return found[1]


def _core_argument(given: Mapping[str, Mapping[str, CoreValue]], imported: CoreImport) -> CoreValue:
    value = given.get(imported.module, {}).get(imported.name)
    if value is None or kind_of(value) is not imported.kind:
        raise Refused(f"subject: no argument for the import {imported.module!r} {imported.name!r}")
    return value

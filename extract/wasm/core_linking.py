"""Core instances of a component: what each import of a module is given (rules G2, G3)."""

from __future__ import annotations

from collections.abc import Mapping

from extract.wasm.component_scope import (
    CoreBundleValue,
    CoreExtern,
    CoreInstanceValue,
    ForeignInstance,
    ForeignModule,
    ModuleValue,
    Scope,
)
from extract.wasm.component_syntax import CoreBundle, CoreExportAlias, CoreInstantiation, Sort
from extract.wasm.effort import Effort
from extract.wasm.module import Export, ExternKind, Module
from extract.wasm.world import CoreInstance, Defined, Definition, FromHost

AnyInstance = CoreInstanceValue | CoreBundleValue | ForeignInstance
_SORTS = {
    ExternKind.FUNCTION: Sort.CORE_FUNCTION,
    ExternKind.TABLE: Sort.CORE_TABLE,
    ExternKind.MEMORY: Sort.CORE_MEMORY,
    ExternKind.GLOBAL: Sort.CORE_GLOBAL,
    ExternKind.TAG: Sort.CORE_TAG,
}
# What an import is charged: about its size in the file.
_IMPORT_BYTES = 8


class CoreLinker:
    """The core instances that were made so far, in order."""

    def __init__(self, effort: Effort) -> None:
        self.instances: list[CoreInstance] = []
        self.foreign: dict[str, None] = {}
        self._effort = effort

    def module(self, scope: Scope, module: Module, name: str, offset: int) -> ModuleValue:
        self._effort.charge(len(module.exports), offset)
        exports: dict[str, Export] = {}
        for export in module.exports:
            if export.name in exports:
                scope.fail(export.offset, f"a second export `{export.name}`", "each name once")
            exports[export.name] = export
        return ModuleValue(module, name, exports)

    def instantiate(self, scope: Scope, item: CoreInstantiation) -> AnyInstance:
        module = scope.get(Sort.CORE_MODULE, item.module, item.offset)
        arguments: dict[str, AnyInstance] = {}
        for name, index in item.arguments:
            if name in arguments:
                scope.fail(item.offset, f"a second argument `{name}`", "each name once")
            arguments[name] = self._instance(scope, index, item.offset)
        self._effort.instance(item.offset)
        if isinstance(module, ForeignModule):
            self.foreign[module.name] = None
            return ForeignInstance(module.name)
        assert isinstance(module, ModuleValue), "the space of modules holds modules only"
        imports = self._imports(scope, module.module, arguments, item.offset)
        number = len(self.instances)
        index = scope.size(Sort.CORE_INSTANCE)
        local = scope.names.of(Sort.CORE_INSTANCE, index) or module.name or f"core instance {index}"
        label = f"{scope.path}/{local}" if scope.path else local
        self._effort.charge(len(label), item.offset)
        self.instances.append(CoreInstance(number, module.module, label, imports))
        return CoreInstanceValue(number, module.exports)

    def bundle(self, scope: Scope, item: CoreBundle) -> CoreBundleValue:
        exports: dict[str, CoreExtern] = {}
        for name, (sort, index), at in item.exports:
            if name in exports:
                scope.fail(at, f"a second export `{name}`", "each name once")
            exports[name] = CoreExtern(sort, scope.core_definition(sort, index, at))
        return CoreBundleValue(exports)

    def alias(self, scope: Scope, item: CoreExportAlias) -> Definition:
        instance = self._instance(scope, item.instance, item.offset)
        found = self._export(instance, item.name, item.sort)
        if found is None or found.sort is not item.sort:
            what = "no such export" if found is None else f"an export of sort {found.sort.value}"
            expected = f"core instance {item.instance} to export the {item.sort.value} `{item.name}`"
            scope.fail(item.offset, what, expected)
        return found.definition

    def _instance(self, scope: Scope, index: int, offset: int) -> AnyInstance:
        instance = scope.get(Sort.CORE_INSTANCE, index, offset)
        assert isinstance(instance, AnyInstance), "the space of core instances holds core instances only"
        return instance

    def _imports(
        self, scope: Scope, module: Module, arguments: Mapping[str, AnyInstance], offset: int
    ) -> tuple[Definition, ...]:
        self._effort.charge(_IMPORT_BYTES * len(module.imports), offset)
        definitions = []
        for wanted in module.imports:
            sort = _SORTS[wanted.kind]
            instance = arguments.get(wanted.module)
            found = None if instance is None else self._export(instance, wanted.name, sort)
            if found is None or found.sort is not sort:
                name = f"{wanted.module}.{wanted.name}"
                what = "without an argument" if found is None else f"with an argument of sort {found.sort.value}"
                scope.fail(offset, f"import `{name}` {what}", f"an argument of sort {sort.value}")
            definitions.append(found.definition)
        return tuple(definitions)

    def _export(self, instance: AnyInstance, name: str, sort: Sort) -> CoreExtern | None:
        """An export; `sort`: what a foreign instance is taken to export under the name."""
        match instance:
            case ForeignInstance(module):
                return CoreExtern(sort, FromHost(f"{module}.{name}"))
            case CoreBundleValue(exports):
                return exports.get(name)
            case CoreInstanceValue(number, exported):
                export = exported.get(name)
                if export is None:
                    return None
                return CoreExtern(_SORTS[export.kind], self._definition(number, export))

    def _definition(self, number: int, export: Export) -> Definition:
        instance = self.instances[number]
        place = instance.module.import_place(export.kind, export.index)
        return Defined(number, export.index) if place is None else instance.imports[place]

"""What the host provides for an import of the top component: named by its path (H1), of the type that is declared."""

from __future__ import annotations

from collections.abc import Callable

from proofs.recheck.component import (
    AliasExport,
    AliasOuter,
    CoreTypeDefinition,
    DeclaredExport,
    ExternType,
    ResourceExpr,
    Sort,
    TypeDefinition,
)
from proofs.recheck.faults import Refused
from proofs.recheck.scope import (
    ComponentFunction,
    ComponentInstance,
    Foreign,
    InstanceType,
    Opaque,
    Resource,
    Scope,
    Value,
)
from proofs.recheck.types import evaluate_type

Spend = Callable[[int], None]


def provided(path: tuple[str, ...], extern_type: ExternType, scope: Scope, spend: Spend) -> Value:
    """`scope` is where the type of the import stands."""
    name = "/".join(path)
    match extern_type:
        case ExternType(Sort.CORE_MODULE | Sort.COMPONENT, _):
            return Foreign(name)
        case ExternType(Sort.FUNC, int() as index):
            return ComponentFunction(scope.function_type(index), None, name)
        case ExternType(Sort.INSTANCE, int() as index):
            declared = scope.get(Sort.TYPE, index)
            if not isinstance(declared, InstanceType):
                raise Refused(f"subject: the type of the import {name!r} is no instance type")
            return _instance(path, declared, spend)
        case ExternType(Sort.TYPE, int() as index):
            return scope.get(Sort.TYPE, index)
        case ExternType(Sort.TYPE, None):
            return Resource(None, "/".join((*path[:-1], f"[resource-drop]{path[-1]}")))
        case _:
            return Opaque()


def _instance(path: tuple[str, ...], declared: InstanceType, spend: Spend) -> ComponentInstance:
    """An instance of the host, from the declarations of its type."""
    scope = Scope(declared.scope)
    exports: dict[str, tuple[Sort, Value]] = {}
    for declaration in declared.declarations:
        spend(1)
        match declaration:
            case TypeDefinition(ResourceExpr()):
                raise Refused("subject: a resource type is defined inside an instance type")
            case TypeDefinition(expr):
                scope.add(Sort.TYPE, evaluate_type(expr, scope))
            case CoreTypeDefinition():
                scope.add(Sort.CORE_TYPE, Opaque())
            case AliasOuter(sort, count, index):
                scope.add(sort, scope.outer(count).get(sort, index))
            case AliasExport(sort, instance, name):
                found = scope.instance(instance).exports.get(name)
                if found is None or found[0] is not sort:
                    raise Refused(f"subject: instance exports no {sort.name.lower()} {name!r}")
                scope.add(sort, found[1])
            case DeclaredExport(name, extern_type):
                value = provided((*path, name), extern_type, scope, spend)
                exports[name] = (extern_type.sort, value)
                scope.add(extern_type.sort, value)
            case _:
                raise Refused("subject: no declaration of an instance type")
    return ComponentInstance(exports)

"""Evaluates component types as far as V2 asks: what needs memory on lowering, and how many core values it takes."""

from __future__ import annotations

from collections.abc import Iterable

from proofs.recheck.component import (
    Choice,
    ComponentExpr,
    FixedList,
    FunctionExpr,
    Handle,
    InstanceExpr,
    Primitive,
    Product,
    ResourceExpr,
    TypeExpr,
    ValRef,
    VariableList,
)
from proofs.recheck.scope import ComponentType, FunctionType, InstanceType, Resource, Scope, TypeValue, ValueType

_MANY = 1 << 20  # far beyond every limit on flat values


def evaluate_type(expr: TypeExpr, scope: Scope) -> TypeValue:
    match expr:
        case FunctionExpr(params, result):
            given = [_value(param, scope) for param in params]
            variable = result is not None and _value(result, scope).variable
            return FunctionType(any(p.variable for p in given), _sum(given), variable)
        case ResourceExpr(destructor):
            return Resource(None if destructor is None else scope.core_function(destructor), None)
        case InstanceExpr(declarations):
            return InstanceType(declarations, scope)
        case ComponentExpr():
            return ComponentType()
        case Primitive(flat, variable):
            return ValueType(variable, flat, False)
        case Product(fields):
            values = [_value(field, scope) for field in fields]
            return ValueType(any(v.variable for v in values), _sum(values), False)
        case Choice(cases):
            values = [_value(case, scope) for case in cases if case is not None]
            flat = 1 + max((v.flat for v in values), default=0)
            return ValueType(any(v.variable for v in values), min(flat, _MANY), False)
        case FixedList(element, length):
            value = _value(element, scope)
            return ValueType(value.variable, min(value.flat * length, _MANY), False)
        case VariableList():
            return ValueType(True, 2, False)
        case Handle(element):
            # what a stream or future carries is lowered by its reads, not where the handle is passed
            return ValueType(False, 1, element is not None and _value(element, scope).variable)


def _value(ref: ValRef, scope: Scope) -> ValueType:
    match ref:
        case Primitive(flat, variable):
            return ValueType(variable, flat, False)
        case int() as index:
            return scope.value_type(index)


def _sum(values: Iterable[ValueType]) -> int:
    return min(sum(value.flat for value in values), _MANY)

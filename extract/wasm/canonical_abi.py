"""Which values the canonical ABI passes through `realloc` (rule V2) [CABI "Flattening", "Canonical Definitions"]."""

from __future__ import annotations

from typing import assert_never

from extract.wasm.component_scope import FunctionFacts, Scope, ValueTypeFacts
from extract.wasm.component_syntax import (
    ChannelType,
    DefinedType,
    FunctionType,
    HandleType,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    Sort,
    ValueType,
    VariantType,
)

MAX_FLAT_PARAMS = 16
_TOO_MANY = MAX_FLAT_PARAMS + 1
_STRING = ValueTypeFacts(2, "a string")
_SCALAR = ValueTypeFacts(1)


def value_type_facts(scope: Scope, type_: ValueType, offset: int) -> ValueTypeFacts:
    match type_:
        case "string":
            return _STRING
        case str():
            return _SCALAR
        case int():
            return scope.of_kind(Sort.TYPE, type_, ValueTypeFacts, "a value type", offset)


def defined_type_facts(scope: Scope, type_: DefinedType, offset: int) -> ValueTypeFacts:
    """From the facts of the types that it names, which stand before it: no recursion."""
    match type_:
        case ScalarType(name):
            return value_type_facts(scope, name, offset)
        case RecordType(fields):
            parts = [value_type_facts(scope, item, offset) for item in fields]
            return _joined(sum([part.flat for part in parts]), parts)
        case VariantType(cases):
            parts = [value_type_facts(scope, case, offset) for case in cases if case is not None]
            return _joined(1 + max([part.flat for part in parts], default=0), parts)
        case ListType(element, length):
            part = value_type_facts(scope, element, offset)
            return ValueTypeFacts(2, "a list") if length is None else _joined(part.flat * length, [part])
        case MapType(key, value):
            value_type_facts(scope, key, offset)
            value_type_facts(scope, value, offset)
            return ValueTypeFacts(2, "a map")
        case HandleType(resource):
            scope.resource(resource, offset)
            return _SCALAR
        case ChannelType(kind, element):
            # The elements do not pass here but where they are read: the end of a channel is a handle.
            carried = "" if element is None else value_type_facts(scope, element, offset).variable
            return ValueTypeFacts(1, channel=kind, element_variable=carried)
        case _:
            assert_never(type_)


def _joined(flat: int, parts: list[ValueTypeFacts]) -> ValueTypeFacts:
    variable = next((part.variable for part in parts if part.variable), "")
    return ValueTypeFacts(min(flat, _TOO_MANY), variable)


def function_facts(scope: Scope, type_: FunctionType, offset: int) -> FunctionFacts:
    lift_needs = None
    flat = 0
    for name, parameter in type_.parameters:
        facts = value_type_facts(scope, parameter, offset)
        flat += facts.flat
        if facts.variable and lift_needs is None:
            lift_needs = f"parameter `{name}` contains {facts.variable}"
    if lift_needs is None and flat > MAX_FLAT_PARAMS:
        lift_needs = f"the parameters flatten to more than {MAX_FLAT_PARAMS} core values"
    if type_.result is None:
        return FunctionFacts(lift_needs, None)
    variable = value_type_facts(scope, type_.result, offset).variable
    return FunctionFacts(lift_needs, f"the results contain {variable}" if variable else None)


def built_in_needs(scope: Scope, kind: str, type_: int | None, offset: int) -> str | None:
    """Why a built-in needs its realloc, or None; `type_` is the stream or future that it names."""
    channel, _, operation = kind.partition(".")
    if kind == "error-context.debug-message":
        return "the message is a string"
    if channel not in ("stream", "future") or type_ is None:
        return None
    facts = scope.of_kind(Sort.TYPE, type_, ValueTypeFacts, f"a {channel} type", offset)
    if facts.channel != channel:
        scope.fail(offset, f"type {type_}, which is no {channel}", f"a {channel} type")
    return f"the elements contain {facts.element_variable}" if operation == "read" and facts.element_variable else None

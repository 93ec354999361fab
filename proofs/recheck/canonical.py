"""Canonical definitions: where each leads (C1 to C4), and whether it needs its `realloc` (V2)."""

from __future__ import annotations

from proofs.recheck.component import BuiltIn, Lift, Lower, Need, ResourceDrop
from proofs.recheck.scope import Scope
from proofs.recheck.world import Canon, Function, HostFunction

MAX_FLAT_PARAMS = 16


def _present(*functions: Function | None) -> tuple[Function, ...]:
    return tuple([function for function in functions if function is not None])


def _optional(index: int | None, scope: Scope) -> Function | None:
    return None if index is None else scope.core_function(index)


def lift(number: int, definition: Lift, scope: Scope) -> Canon:
    options, lifted = definition.options, scope.function_type(definition.type_index)
    entries = _present(
        scope.core_function(definition.function),
        _optional(options.post_return, scope),
        _optional(options.callback, scope),
    )
    needs = lifted.params_variable or lifted.params_flat > MAX_FLAT_PARAMS
    return Canon(number, True, _optional(options.realloc, scope), needs, entries, (), False)


def lower(number: int, definition: Lower, scope: Scope) -> Canon:
    """C1 of a function that the file lifted, C2 of one that the host provides."""
    lowered, realloc = scope.function(definition.function), _optional(definition.options.realloc, scope)
    beyond: tuple[Function, ...] = ()
    if lowered.lift is not None:
        beyond = (*lowered.lift.entries, *_present(lowered.lift.realloc))
    if lowered.host is not None:
        beyond = (HostFunction(lowered.host),)
    return Canon(number, False, realloc, lowered.type.result_variable, (), (*_present(realloc), *beyond), False)


def resource_drop(number: int, definition: ResourceDrop, scope: Scope) -> Canon:
    """C3."""
    resource = scope.resource(definition.type_index)
    host = None if resource.host_drop is None else HostFunction(resource.host_drop)
    return Canon(number, False, None, False, (), _present(resource.destructor, host), False)


def builtin(number: int, definition: BuiltIn, scope: Scope) -> Canon:
    """C4. The `callback` and `post-return` options belong to lifts alone."""
    realloc = _optional(definition.options.realloc, scope)
    match definition.need:
        case Need.NEVER:
            needs = False
        case Need.BY_ELEMENT:
            needs = scope.value_type(definition.type_index).element
        case Need.ALWAYS:
            needs = True
    return Canon(number, False, realloc, needs, (), _present(realloc), definition.spawns)

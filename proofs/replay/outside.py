"""What the host can call: every export of a core module; of a component only what the canonical ABI runs."""

from __future__ import annotations

from extract.wasm.module import ExternKind
from extract.wasm.world import Defined, World
from proofs.verdicts import FunctionId


def called_from_outside(world: World) -> dict[FunctionId, str]:
    """The functions and their names, in the order of the file.

    A realloc counts if a canonical definition needs it (rule V2): the canonical ABI calls no other.
    """
    found: dict[FunctionId, str] = {}
    if not world.is_component:
        for item in world.instances[0].module.exports:
            if item.kind is ExternKind.FUNCTION and item.index >= world.instances[0].module.imported_functions:
                found.setdefault(FunctionId(0, item.index), item.name)
        return found
    for canon in world.canons:
        realloc = canon.realloc if canon.needs_realloc else None
        for role, definition in (
            ("", canon.core),
            ("realloc of ", realloc),
            ("post-return of ", canon.post_return),
            ("callback of ", canon.callback),
            ("destructor of ", canon.destructor),
        ):
            if isinstance(definition, Defined):
                found.setdefault(FunctionId(*definition), f"{role}{canon.name}")
    for definition in world.destructors:
        if isinstance(definition, Defined):
            found.setdefault(FunctionId(*definition), "destructor")
    return found


def idle_realloc(world: World, function: FunctionId) -> bool:
    """Whether it is the realloc of canonical definitions that do not need it: then no call from outside runs it."""
    named = any(canon.realloc == (function.instance, function.index) for canon in world.canons)
    return named and function not in called_from_outside(world)


def only_started(world: World, function: FunctionId) -> bool:
    """Whether it runs as a start function and at no other time."""
    starts = [
        world.definition(core.number, ExternKind.FUNCTION, core.module.start_function)
        for core in world.instances
        if core.module.start_function is not None
    ]
    return (function.instance, function.index) in starts and function not in called_from_outside(world)

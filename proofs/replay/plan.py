"""What of each core instance must be visible from outside, and which bodies a smaller copy keeps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from extract.wasm.module import ExternKind, Module
from extract.wasm.opcodes import Effect
from extract.wasm.world import Defined, World
from proofs.replay.copies import AddedExport, Changes
from proofs.replay.request import Goal, MemoryGrow, ReachFunction, ReplayRoot

Thing = tuple[ExternKind, int]


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """`names`: what each thing that is needed is exported as, in the copy."""

    names: dict[Thing, str]
    changes: Changes


def make_plan(world: World, roots: tuple[ReplayRoot, ...], goal: Goal) -> tuple[InstancePlan, ...]:
    wanted: list[set[Thing]] = [_defined_memories(core.module) for core in world.instances]
    for root in roots:
        wanted[root.function.instance].add((ExternKind.FUNCTION, root.function.index))
    for core in world.instances:
        for declared, definition in zip(core.module.imports, core.imports, strict=True):
            if isinstance(definition, Defined):
                wanted[definition.instance].add((declared.kind, definition.index))
    plans = []
    for core, things in zip(world.instances, wanted, strict=True):
        match goal:
            case MemoryGrow():
                flagged = frozenset[int]()
            case ReachFunction(functions):
                flagged = frozenset(
                    function.index
                    for function in functions
                    if function.instance == core.number and function.index >= core.module.imported_functions
                )
        plans.append(_plan(core.module, things, flagged))
    return tuple(plans)


def _defined_memories(module: Module) -> set[Thing]:
    imported = sum(item.kind is ExternKind.MEMORY for item in module.imports)
    return {(ExternKind.MEMORY, index) for index in range(imported, len(module.memories))}


def _plan(module: Module, wanted: set[Thing], flagged: frozenset[int]) -> InstancePlan:
    taken = {item.name for item in module.exports}
    names: dict[Thing, str] = {}
    for item in module.exports:
        if item.kind is ExternKind.FUNCTION or (item.kind, item.index) in wanted:
            names.setdefault((item.kind, item.index), item.name)
    added = []
    for kind, index in sorted(wanted - names.keys()):
        name = f"proofmark:{kind.name.lower()} {index}"
        while name in taken:
            name += "'"
        names[kind, index] = name
        added.append(AddedExport(name, kind, index))
    return InstancePlan(names, Changes(tuple(added), flagged))


def nearest_bodies(module: Module, seeds: list[int], budget: int) -> frozenset[int]:
    """The functions nearest to `seeds`, by direct calls before indirect ones: at most `budget` bytes of bodies."""
    indirect: dict[int, set[int]] = {}
    for event in module.code.events():
        if event.effect is Effect.CALL_INDIRECT:
            indirect.setdefault(event.function, set()).add(module.scope.numbers[event.first])
    by_type: dict[int, dict[int, None]] = {}
    for segment in module.elements:
        for function in segment.functions:
            by_type.setdefault(module.function_types[function], {}).setdefault(function)
    kept: set[int] = set()
    near, far = deque(seeds), deque[int]()
    while near or far:
        function = near.popleft() if near else far.popleft()
        defined = function - module.imported_functions
        if function in kept or defined < 0:
            continue
        size = module.code.ends[defined] - module.code.starts[defined]
        if size > budget:
            continue
        budget -= size
        kept.add(function)
        near.extend(module.code.callees[module.code.callee_starts[defined] : module.code.callee_starts[defined + 1]])
        for number in sorted(indirect.pop(function, ())):
            far.extend(by_type.pop(number, ()))
    return frozenset(kept)

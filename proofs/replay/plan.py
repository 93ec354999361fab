"""What of each core instance must be visible from outside, and which bodies a smaller copy keeps."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from extract.wasm.module import ExternKind, Module
from extract.wasm.opcodes import Effect
from extract.wasm.world import Defined, World
from proofs.replay.copies import AddedExport, Changes
from proofs.replay.request import Goal, MemoryGrow, ReachFunction, ReplayRoot

_INDIRECT = 4096  # bytes that an indirect call counts for

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
    """The functions nearest to `seeds`, at most `budget` bytes of bodies.

    Near is what lies behind few bytes of bodies on the way: what allocates is small and called from everywhere, what is
    large compiles slowly. An indirect call is farther than a direct one.
    """
    indirect = _indirect_calls(module)
    by_type = _referenced(module)
    best: dict[int, int] = {}
    queue: list[tuple[int, int]] = []

    def reach(function: int, cost: int) -> None:
        defined = function - module.imported_functions
        if defined < 0:
            return
        cost += module.code.ends[defined] - module.code.starts[defined]
        if cost < best.get(function, cost + 1):
            best[function] = cost
            heappush(queue, (cost, function))

    for seed in seeds:
        reach(seed, 0)
    kept: set[int] = set()
    while queue:
        cost, function = heappop(queue)
        defined = function - module.imported_functions
        size = module.code.ends[defined] - module.code.starts[defined]
        if function in kept or size > budget:
            continue
        budget -= size
        kept.add(function)
        for callee in module.code.callees[module.code.callee_starts[defined] : module.code.callee_starts[defined + 1]]:
            reach(callee, cost)
        for number in sorted(indirect.get(function, ())):  # who calls this type later calls from farther: pop
            for callee in by_type.pop(number, ()):
                reach(callee, cost + _INDIRECT)
    return frozenset(kept)


def _indirect_calls(module: Module) -> dict[int, set[int]]:
    """The types that each function calls indirectly."""
    found: dict[int, set[int]] = {}
    for event in module.code.events():
        if event.effect is Effect.CALL_INDIRECT:
            found.setdefault(event.function, set()).add(module.scope.numbers[event.first])
    return found


def _referenced(module: Module) -> dict[int, dict[int, None]]:
    """The functions of all element segments by type."""
    found: dict[int, dict[int, None]] = {}
    for segment in module.elements:
        for function in segment.functions:
            found.setdefault(module.function_types[function], {}).setdefault(function)
    return found

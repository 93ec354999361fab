"""The core modules of a world, compiled, and what was done to them, in words."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass

import wasmtime

from extract.wasm.module import ExternKind, Module
from extract.wasm.world import CoreInstance, Defined, World
from proofs.replay.copies import Changes, copy_module
from proofs.replay.engine import make_engine
from proofs.replay.plan import InstancePlan, make_plan, nearest_bodies
from proofs.replay.request import ReachFunction, ReplayRoot, Request
from proofs.replay.stand_ins import stand_ins

INITIALISERS = ("_initialize", "__wasm_call_ctors")
# Cranelift compiles at least so much code in a second; it may take this part of the budget.
_CRANELIFT_BYTES = 1_000_000
_CRANELIFT_PART = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """A core instance, ready to be instantiated: its module, and the stand-ins for what the host gives it."""

    core: CoreInstance
    plan: InstancePlan
    module: wasmtime.Module
    stand_ins: wasmtime.Module | None


@dataclass(frozen=True, slots=True)
class Built:
    """`watches_functions`: rather than memories. `notes`: in what the thing that runs differs from the file."""

    engine: wasmtime.Engine
    watches_functions: bool
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


def build(world: World, request: Request, say: Callable[[str], None]) -> Built:
    """Raises wasmtime.WasmtimeError if wasmtime takes the modules with neither compiler."""
    plans = make_plan(world, request.roots, request.goal)
    if request.baseline:
        try:
            say("compiling with Winch")
            return _build(world, request, plans, make_engine(True), "Winch")
        except wasmtime.WasmtimeError:
            pass  # an instruction or type that only Cranelift takes
    say("compiling with Cranelift")
    budget = int(max(0.2, request.seconds * _CRANELIFT_PART) * _CRANELIFT_BYTES)
    plans = _smaller(world, plans, request.roots, budget)
    return _build(world, request, plans, make_engine(False), "Cranelift")


def _smaller(
    world: World, plans: tuple[InstancePlan, ...], roots: tuple[ReplayRoot, ...], budget: int
) -> tuple[InstancePlan, ...]:
    """The same plans if all code is within `budget` bytes; else such that each module keeps bodies near the roots."""
    codes = [core.module.code for core in world.instances]
    if sum(code.ends[-1] - code.starts[0] for code in codes if code.ends) <= budget:
        return plans
    seeds: list[dict[int, None]] = [{} for _ in plans]
    for root in roots:
        seeds[root.function.instance].setdefault(root.function.index)
    for core in world.instances:
        if core.module.start_function is not None:
            seeds[core.number].setdefault(core.module.start_function)
        for item in core.module.exports:
            if item.kind is ExternKind.FUNCTION and item.name in INITIALISERS:
                seeds[core.number].setdefault(item.index)
        for declared, definition in zip(core.module.imports, core.imports, strict=True):
            if declared.kind is ExternKind.FUNCTION and isinstance(definition, Defined):
                seeds[definition.instance].setdefault(definition.index)
    each = budget // len(plans)
    return tuple(
        dataclasses.replace(
            plan,
            changes=dataclasses.replace(plan.changes, kept=nearest_bodies(core.module, list(seeds[core.number]), each)),
        )
        for core, plan in zip(world.instances, plans, strict=True)
    )


def _build(
    world: World, request: Request, plans: tuple[InstancePlan, ...], engine: wasmtime.Engine, compiler: str
) -> Built:
    compiled: dict[tuple[int, Changes], wasmtime.Module] = {}
    parts = []
    for core, plan in zip(world.instances, plans, strict=True):
        key = (core.module.start, plan.changes)
        if key not in compiled:
            compiled[key] = wasmtime.Module(engine, copy_module(world.subject.data, core.module, plan.changes))
        host = stand_ins(world.subject.data, core, world.store)
        parts.append(Part(core, plan, compiled[key], None if host is None else wasmtime.Module(engine, host)))
    return Built(engine, isinstance(request.goal, ReachFunction), tuple(parts), _notes(world, plans, compiler))


def _notes(world: World, plans: tuple[InstancePlan, ...], compiler: str) -> tuple[str, ...]:
    notes = [f"wasmtime {importlib.metadata.version('wasmtime')} ({compiler})"]
    changes = [plan.changes for plan in plans]
    if all(change.nothing() for change in changes):
        notes.append("the file's own bytes")
    if world.is_component:
        notes.append("core functions of the component called directly")
    if added := sum(len(change.exports) for change in changes):
        notes.append(f"in a copy with {added} more exports, to see and call what the file does not export")
    if any(change.flagged for change in changes):
        notes.append("in a copy in which the functions to be reached record that they are entered")
    cut = sum(_cut(core.module, plan.changes) for core, plan in zip(world.instances, plans, strict=True))
    if cut:
        notes.append(
            f"in a copy in which {cut} bodies far from the roots trap; what is seen here was before any of these"
        )
    away = [item for core in world.instances for item in core.imports if not isinstance(item, Defined)]
    if away:
        notes.append(f"stand-ins for {len(away)} imports from the host or the canonical ABI: functions return 0")
    return tuple(notes)


def _cut(module: Module, changes: Changes) -> int:
    return 0 if changes.kept is None else len(module.code.ends) - len(changes.kept)

"""Checks what each realloc is needed by (V1 to V4)."""

from __future__ import annotations

from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import By, ImportOf, NeededBy
from proofs.recheck.module import FunctionType, Kind, Module
from proofs.recheck.names import is_realloc_name
from proofs.recheck.roots import realloc_exports, realloc_roots
from proofs.recheck.world import Body, World


def check_needed_by(world: World, evidence: NeededBy) -> set[tuple[str, str]]:
    """Returns the assumptions asked for."""
    candidates = {f for f in realloc_roots(world) | realloc_exports(world) if isinstance(f, tuple)}  # V1
    listed = {function for function, _ in evidence.needs}
    for instance, index in sorted(candidates ^ listed):
        side = "is missing" if (instance, index) in candidates else "is no candidate"
        raise Refused(f"certificate, evidence.needs: core instance {instance}, function {index} {side}")
    return {assumption for function, by in evidence.needs for assumption in _check(world, function, by)}


def _check(world: World, function: Body, by: By) -> set[tuple[str, str]]:
    where = f"certificate, evidence.needs, core instance {function[0]}, function {function[1]}"
    match by:
        case int() as number:
            if number >= len(world.canons):
                raise Refused(f"{where}: there is no canonical definition {number}")
            canon = world.canons[number]
            if function not in canon.entries and (canon.realloc != function or not canon.needs_realloc):
                raise Refused(f"{where}: canonical definition {number} does not need it")
            return set()
        case ImportOf(instance, module, name):
            if not world.is_component or instance >= len(world.instances):
                raise Refused(f"{where}: there is no core instance {instance} that could be given it")
            importer = world.instances[instance]
            pairs = zip(importer.module.imported(Kind.FUNC), importer.functions, strict=True)
            if not any((i.module, i.name) == (module, name) and given == function for i, given in pairs):
                raise Refused(f"{where}: core instance {instance} is not given it as {module!r} {name!r}")
            return set()
        case str() as name:
            if world.is_component:
                raise Refused(f"{where}: a boundary function stands only for a core module")
            if not any(t.takes_pointer for t in _boundary(world.instances[0].module, name)):
                raise Refused(f"{where}: no boundary function {name!r} takes an i32 or i64")
            return {("boundary", name)}


def _boundary(module: Module, name: str) -> list[FunctionType]:
    """V4: the exported or imported functions of that name, none of T1; an import with or without its module."""
    kind, exported = module.exports.get(name, (None, 0))
    indices = [exported] if kind is Kind.FUNC and not is_realloc_name(name) else []
    for index, imported in enumerate(module.imported(Kind.FUNC)):
        if name in (imported.name, f"{imported.module}.{imported.name}") and not is_realloc_name(imported.name):
            indices.append(index)
    return [found for index in indices if (found := module.types[module.functions[index]]) is not None]

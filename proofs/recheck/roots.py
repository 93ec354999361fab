"""Roots (T1 to T4), and the functions that are the goal of `no-alloc-path`."""

from __future__ import annotations

from collections.abc import Sequence

from proofs.recheck.faults import Refused
from proofs.recheck.module import Kind
from proofs.recheck.names import AllocatorNames, imported_functions, is_realloc_name, named_functions
from proofs.recheck.references import References, function_tables
from proofs.recheck.wording import Obligation
from proofs.recheck.world import Function, World


def roots_by_rule(obligation: Obligation, world: World, references: References) -> set[Function]:
    match obligation:
        case Obligation.REALLOC_NO_GROW:
            return realloc_roots(world)
        case Obligation.MODULE_NO_GROW:
            return _entries(world, references)
        case Obligation.NO_ALLOC_PATH | Obligation.REALLOC_VESTIGIAL:
            raise Refused(f"certificate: {obligation.value} has no roots by rule")


def realloc_roots(world: World) -> set[Function]:
    """T1."""
    if world.is_component:
        return {canon.realloc for canon in world.canons if canon.realloc is not None}
    return realloc_exports(world)


def realloc_exports(world: World) -> set[Function]:
    """The functions that core instances export under a name of T1."""
    return {
        instance.function(index)
        for instance in world.instances
        for name, (kind, index) in instance.module.exports.items()
        if kind is Kind.FUNC and is_realloc_name(name)
    }


def _entries(world: World, references: References) -> set[Function]:
    """T2."""
    starts = {i.function(i.module.start) for i in world.instances if i.module.start is not None}
    if world.is_component:
        lifted = {entry for canon in world.canons for entry in canon.entries}
        return starts | lifted | realloc_roots(world) | set(world.destructors)
    module = world.instances[0]
    pools = [pool for table in function_tables(module) & references.open_tables for pool in references.pools(table)]
    if references.open:
        pools.append(references.functions)
    return starts | references.exported.union(*dict.fromkeys(pools))


def roots_by_name(names: Sequence[str], data: bytes, world: World) -> set[Function]:
    """T4: all functions of these names; each name must name one."""
    wanted, met = frozenset(names), set[str]()
    roots = set[Function]()
    for name, function in named_functions(data, world):
        if name in wanted:
            met.add(name)
            roots.add(function)
    if met != wanted:
        raise Refused(f"subject: no function is named {min(wanted - met)!r}")
    return roots


def allocator_entries(names: Sequence[str], data: bytes, world: World) -> set[Function]:
    """Every function that has such a name, as an import, an export or in the name section."""
    pattern = AllocatorNames(names)
    verdicts: dict[str, bool] = {}
    entries = set[Function]()
    for functions in (named_functions(data, world), imported_functions(world)):
        for name, function in functions:
            if name not in verdicts:
                verdicts[name] = pattern.match(name)
            if verdicts[name]:
                entries.add(function)
    if not entries:
        raise Refused("subject: no allocator entry has a name of goal_names, so that the claim is vacuous")
    return entries

"""examples/pools: right allocators are proved and their twins refuted by a run, as corpus.toml says by hand."""

from __future__ import annotations

import pytest
from pool_corpus import Host as HostName
from pool_corpus import PoolModule, entries, read_module

from extract.subject import read_subject
from extract.wasm.initial import initial_state
from extract.wasm.read import read_world
from proofs.kinds import PoolKind
from proofs.pool_verdicts import Replayed
from proofs.pools.judge import Asked, judge
from proofs.runtime.engine import Budget
from proofs.verdicts import Proved, Refuted, Unknown, Violation
from smt_models.pools.calls import calls_of
from smt_models.pools.pool import Array, Host, Pool, Role
from smt_models.wasm.program import program_of

MODULES = {entry["file"]: entry for entry in entries()}
ROLES = ("allocate", "release", "reset", "mark", "access")

# What takes a few seconds; the others are in docs/pools.md, with what came of them.
RIGHT: tuple[tuple[str, HostName], ...] = (
    ("slot_bitmap.wasm", "conforming"),
    ("ring_slots.wasm", "conforming"),
    ("one_shot.wasm", "conforming"),
    ("one_shot.wasm", "any"),
    ("client_tables.wasm", "conforming"),
    ("records.wasm", "conforming"),
    ("records.wasm", "any"),
)
TWINS: tuple[tuple[str, HostName], ...] = (
    ("bump_arena_spins_when_spent.wasm", "conforming"),
    ("bump_arena_zero_size_takes.wasm", "conforming"),
    ("one_shot_prepared_while_lent.wasm", "conforming"),
    ("one_shot_larger_fits.wasm", "any"),
    ("ring_slots_null_when_spent.wasm", "conforming"),
    ("slot_bitmap_bit_not_set.wasm", "conforming"),
    ("slot_bitmap_clears_the_others.wasm", "conforming"),
    ("slot_bitmap_pool_not_aligned.wasm", "any"),
    ("slot_bitmap_slots_too_close.wasm", "conforming"),
    ("client_tables_counters_shorter_than_enum.wasm", "conforming"),
    ("client_tables_counters_shorter_than_enum.wasm", "any"),
    ("records_end_off_by_one.wasm", "conforming"),
    ("records_one_is_enough.wasm", "conforming"),
)


def pool_of(module: PoolModule) -> Pool:
    """A role that has no size of its own hands out whole elements."""
    sizes = [role.size for role in module.roles if role.kind == "allocate" and "size" not in role.parameters]
    aligns = [role.align for role in module.roles if role.kind == "allocate"]
    roles = {
        kind: tuple(Role(one.export, one.parameters, one.indices, one.unit) for one in module.roles if one.kind == kind)
        for kind in ROLES
    }
    pool = module.pool
    element = next((one for one in sizes if one), pool.element)
    tables = tuple(Array(one.name, one.base, one.size, one.element) for one in module.others if one.element)
    return Pool(pool.name, pool.base, pool.size, element, aligns[0], **roles, budget=module.budget, tables=tables)


def verdicts(file: str, host: HostName) -> dict[str, Proved | Refuted | Unknown | object]:
    module = read_module(MODULES[file])
    subject = read_subject(str(module.path))
    core = read_world(subject).instances[0].module
    pool = pool_of(module)
    calls = calls_of(
        program_of(subject.data, core, subject.path), initial_state(subject.data, core, subject.path), pool
    )
    kinds = tuple(kind for kind in PoolKind if kind.value in module.obligations)
    asked = Asked(str(module.path), subject.sha256, pool, Host(host), kinds, Budget(240, 2048), 20.0)
    return {one.kind.value: one.verdict for one in judge(asked, calls)}


@pytest.mark.parametrize(("file", "host"), RIGHT)
def test_right_ones_are_proved(file: str, host: HostName) -> None:
    assert {kind: one for kind, one in verdicts(file, host).items() if not isinstance(one, Proved)} == {}


@pytest.mark.parametrize(("file", "host"), TWINS)
def test_twins_are_refuted_by_a_run(file: str, host: HostName) -> None:
    module = read_module(MODULES[file])
    assert module.refuted[host]
    for kind, one in verdicts(file, host).items():
        if kind in module.refuted[host]:
            assert isinstance(one, Refuted), (kind, one)
            assert isinstance(one.trace, Violation)
            assert isinstance(one.trace.confirmation, Replayed)
        elif kind not in module.follows[host]:
            assert isinstance(one, Proved), (kind, one)

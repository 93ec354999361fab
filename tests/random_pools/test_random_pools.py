"""The attack in small: of some mutants it finds nothing, and it finds something where the model is made wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from example_tools import need
from pool_corpus import FOLDER, MODULES, Host, PoolModule, calls_of_module, model_of_file, pool_of, read_module

import smt_models.pools.pool as pools
from random_pools.attack import RIGHT, Case, asked, cases, followed, towards
from random_pools.follow import unfollowed
from random_pools.mutants import changed, changes, mutant
from random_pools.watch import watched
from random_pools.written import written
from smt_models.pools import conditions as c
from smt_models.pools.model import model_of
from smt_models.pools.steps import CallSteps
from smt_models.pools.templates import cases as cases_of
from smt_models.system.terms import FALSE, Term

SEED = "42"
SMALL = ("slot_bitmap.wasm", "ring_slots.wasm", "records.wasm", "slot_links.wasm")


def _case(file: str, host: Host) -> Case:
    module = read_module(MODULES[file])
    return Case(module, host, (), watched(module, host, random.Random(SEED), 30))


@pytest.mark.parametrize("number", range(4))
def test_of_some_mutants_nothing_is_said_that_is_not_so(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {number}")
    for case in cases(read_module(MODULES[SMALL[number % len(SMALL)]]), chance, tmp_path, 40):
        print(f"seed {SEED} {number}: {case}")
        verdicts, findings = asked(case, 20) if case.seen and case.host == "conforming" else ({}, [])
        found = [*findings, *followed(case, chance, 1)]
        assert not any(one.sure for one in found), [*map(str, found), verdicts]


@pytest.mark.parametrize("number", range(3))
def test_what_is_written_by_chance_is_right(number: int, tmp_path: Path) -> None:
    """So is what the model says of it."""
    need("clang")
    need("wasm-ld")
    chance = random.Random(f"{SEED} {number}")
    module = written(chance, tmp_path)
    for case in towards(module, (module.file,), chance, 40):
        print(f"seed {SEED} {number}: {case}")
        assert not case.seen or case.host == "any"
        assert not followed(case, chance, 1)


@pytest.mark.parametrize("host", ["conforming", "any"])
def test_a_model_that_says_too_little_is_found_out(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without overlaps in the model a bitmap that is never set is proved, and no step goes with what it does."""
    case = _case("slot_bitmap_bit_not_set.wasm", host)
    assert not followed(case, random.Random(SEED), 3)
    right = CallSteps._broken

    def blind(self: CallSteps, *given: object) -> dict[str, Term]:
        return {**right(self, *given), c.DISJOINT: FALSE}  # type: ignore[arg-type]

    monkeypatch.setattr(CallSteps, "_broken", blind)
    assert [one.what for one in followed(case, random.Random(SEED), 3)] == ["not followed"]
    verdicts, findings = asked(case, 20)
    assert [(one.what, one.sure) for one in findings] == [("proved, and broken", True)], verdicts


def test_a_model_of_something_else_is_found_out() -> None:
    """The model of one module does not go with what another does, that writes something else to its cell."""
    other = read_module(MODULES["slot_bitmap_clears_the_others.wasm"])
    right = read_module(MODULES["slot_bitmap.wasm"])
    model = model_of_file("slot_bitmap.wasm", "conforming")
    assert unfollowed(model, right, "conforming", random.Random(SEED), 2) is None
    why = unfollowed(model, other, "conforming", random.Random(SEED), 2)
    assert why is not None
    assert "no step comes to what it did" in why


@pytest.mark.parametrize("file", RIGHT)
def test_the_same_seed_makes_the_same_mutants(file: str) -> None:
    data = (FOLDER / file).read_bytes()
    first = [mutant(data, random.Random(f"{SEED} {number}")) for number in range(5)]
    assert first == [mutant(data, random.Random(f"{SEED} {number}")) for number in range(5)]
    assert any(first)
    assert all(one is None or one.data != data for one in first)


def narrow_records(tmp_path: Path) -> list[PoolModule]:
    """The arena with marks, whose records have one field of 8 or 16 bits instead of 32."""
    right = read_module(MODULES["mark_arena.wasm"])
    made = []
    for number, change in enumerate(changes(right.path.read_bytes(), random.Random(SEED))):
        if change.text.startswith("i32.store at") and "i32.store" in change.text.partition(": ")[2]:
            path = tmp_path / f"{number}.wasm"
            path.write_bytes(changed(right.path.read_bytes(), change))
            made.append(replace(right, path=path))
    return made


def test_records_may_have_fields_of_fewer_bits(tmp_path: Path) -> None:
    """Where addresses are looked for among fields, a field of 8 bits is none, and may be the mark that one is live."""
    modules = narrow_records(tmp_path)
    assert len(modules) > 8
    for module in modules:
        pool = pool_of(module)
        cases_of(model_of(pool, calls_of_module(module, pool), pools.Host.CONFORMING))

"""Stacks of free slots: where one may be, what of it holds at first, and what one step tells of another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pool_corpus import model_of_file

from proofs.pools.alike import Alike
from proofs.pools.induction import Induction
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from smt_models.pools import conditions as c
from smt_models.pools.model import PoolModel
from smt_models.pools.pushed import depths
from smt_models.pools.shapes import rows_of
from smt_models.pools.stacks import stacks
from smt_models.pools.steps import PoolStep
from smt_models.pools.templates import cases, tiers
from smt_models.system.evaluate import evaluate
from smt_models.system.terms import TRUE, Term, Variable, both, negation, variables_of
from smt_models.wasm.build import make, number, width_of

DEPTH, FRESH = "cell 0x400", "cell 0x40c"


@pytest.fixture(scope="module")
def model() -> PoolModel:
    return model_of_file("number_stack.wasm", "conforming")


def _number(step: PoolStep, model: PoolModel) -> int:
    return model.steps.index(step)


def _releases(model: PoolModel) -> tuple[PoolStep, PoolStep]:
    """Of the block, and of another."""
    own, other = (one for one in model.steps if one.call == "release" and one.takes is not None)
    assert other.other
    assert not own.other
    return own, other


@pytest.mark.parametrize("file", ["number_list.wasm", "free_list.wasm", "slot_links.wasm", "client_tables.wasm"])
def test_tables_that_no_number_of_the_module_writes_are_no_stacks(file: str) -> None:
    model = model_of_file(file, "conforming")
    assert all(not depths(model.calls, *row[:2]) for row in rows_of(model))
    assert not model.lent_below


def test_the_depth_says_where_a_stack_is_written(model: PoolModel) -> None:
    stack, taken = rows_of(model)
    assert {one.name for one in depths(model.calls, *stack[:2])} == {DEPTH}
    assert not depths(model.calls, *taken[:2])


def test_stacks_that_are_not_so_at_first_are_no_candidates(model: PoolModel) -> None:
    numbers = [one for one in model.system.variables if one.name in (DEPTH, FRESH)]
    found = list(stacks(model, numbers))
    assert found
    assert all(evaluate(one, model.first) for claims in found for one in claims)
    full = model_of_file("number_stack.wasm", "conforming")
    cells = tuple((cell, 8 if cell.variable.name == DEPTH else value) for cell, value in full.calls.cells)
    full = replace(full, calls=replace(full.calls, cells=cells))
    assert len(list(stacks(full, numbers))) > 0  # all slots lie on it at first
    assert not any(one in found for one in stacks(full, numbers))


def test_what_is_lent_is_not_counted_of_slots_that_are_no_elements(model: PoolModel) -> None:
    """As many elements of 30 bytes fit as slots of 32."""
    other = replace(model, pool=replace(model.pool, element=30))
    numbers = [one for one in model.system.variables if one.name in (DEPTH, FRESH)]
    assert len(other.lent_below) == len(model.lent_below)
    found = {one.name for claims in stacks(other, numbers) for claim in claims for one in variables_of(claim)}
    assert DEPTH in found
    assert found.isdisjoint(one.name for one in other.lent_below.values())


def test_what_another_block_does_is_told_by_what_the_ghost_does(model: PoolModel) -> None:
    own, other = _releases(model)
    (like,) = Alike(model.steps, model.system.variables).of(_number(other, model))
    assert like.step == _number(own, model)
    assert like.different == {c.LIVE.name, c.AT.name, c.SIZE.name}
    assert Alike(model.steps, model.system.variables).of(like.step) == ()


def test_nothing_is_told_of_a_step_that_may_be_taken_where_the_other_may_not(model: PoolModel) -> None:
    own, other = _releases(model)
    more = replace(own, step=replace(own.step, guard=both(own.step.guard, make("bvult", c.AT, number(7, 32)))))
    steps = tuple(more if one is own else one for one in model.steps)
    assert Alike(steps, model.system.variables).of(_number(other, model)) == ()


def test_nothing_is_told_of_what_the_steps_make_different_things_of(model: PoolModel) -> None:
    own, other = _releases(model)
    updates = tuple((name, TRUE if name.endswith("is lent") else term) for name, term in own.step.updates)
    changed = replace(own, step=replace(own.step, updates=tuple(one for one in updates if one[0] != DEPTH)))
    steps = tuple(changed if one is own else one for one in model.steps)
    (like,) = Alike(steps, model.system.variables).of(_number(other, model))
    assert like.different == {c.LIVE.name, c.AT.name, c.SIZE.name, DEPTH, *(one.name for one in model.lent.values())}


@pytest.mark.parametrize("file", ["number_stack.wasm", "slot_links.wasm"])
def test_the_same_is_kept_if_no_step_tells_of_another(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what is true there are claims that are not."""
    model = model_of_file(file, "conforming")
    wrong = [negation(make("bvule", one, number(3, width_of(one)))) for one in _words(model)]
    wrong += [make("bvule", one, number(3, width_of(one))) for one in _words(model)]
    candidates = (*list(tiers(model))[1], *wrong)
    told = _kept(model, candidates)
    monkeypatch.setattr(Alike, "of", lambda *_: ())
    assert _kept(model, candidates) == told


def _words(model: PoolModel) -> list[Variable]:
    return [one for one in model.system.variables if one.name.startswith("cell") and width_of(one) == 32][:4]


def _kept(model: PoolModel, candidates: tuple[Term, ...]) -> frozenset[int]:
    with Session(Budget(seconds=60, megabytes=2000), 20.0) as session:
        return Induction(session, model, candidates, cases(model)).largest()

"""Free slots that are linked in the pool itself: clients write there, too, and what is proved holds all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from pool_corpus import HOSTS, model_of_file
from pool_corpus import Host as HostName
from test_pool_proofs import verdicts

from proofs.pool_verdicts import PoolInvariant as Evidence
from proofs.recheck.faults import Refused
from proofs.recheck.invariant import check_invariant
from proofs.recheck.pool_certificate import PoolInvariant, check_cells, check_history
from proofs.recheck.shared import Reference
from proofs.verdicts import Proved, Refuted
from smt_models.pools import conditions as c
from smt_models.pools.links import links
from smt_models.pools.model import PoolModel
from smt_models.system.evaluate import evaluate
from smt_models.system.operators import Value
from smt_models.system.script import model_script
from smt_models.system.terms import BOOLEAN, FALSE, Term, both, choose, equal, variables_of
from smt_models.wasm.build import number, width_of
from smt_models.wasm.regions import Cell, Layout, Table, Wanted, regions

HEAD, FRESH, POOL, TAKEN, SLOTS, STRIDE = 1024, 1028, 1032, 1544, 8, 64


@pytest.fixture(scope="module")
def model() -> PoolModel:
    return model_of_file("slot_links.wasm", "conforming")


@pytest.fixture(scope="module")
def claims(model: PoolModel) -> list[Term]:
    """Of all that are guessed about the slots that are lent and the number `fresh`, those that a right list keeps."""
    numbers = [cell.variable for cell, _ in model.calls.cells if cell.address in (HEAD, FRESH)]
    found = [term for way in links(model, numbers) for term in way]
    run = [values for seed in range(4, 12) for values in _states(_List(), 200, seed)]
    return [one for one in found if all(evaluate(one, values) for values in run)]


@dataclass
class _List:
    """The slots of examples/pools/slot_links.c. `forgets`: a released slot is linked to the next one, taken or not."""

    forgets: bool = False
    head: int = 0
    fresh: int = 0
    taken: set[int] = field(default_factory=set)
    words: list[int] = field(default_factory=lambda: [0] * SLOTS)

    def take(self, chance: random.Random) -> None:
        if self.head:
            slot = (self.head - POOL) // STRIDE
            self.head = self.words[slot]
        elif self.fresh < SLOTS:
            slot, self.fresh = self.fresh, self.fresh + 1
        else:
            return
        self.taken.add(slot)
        self.words[slot] = chance.choice((0, 1, POOL, self.head, chance.randrange(1 << 32)))  # its client's

    def release(self, slot: int) -> None:
        self.taken.discard(slot)
        self.words[slot] = POOL + STRIDE * (slot + 1) if self.forgets and slot + 1 < SLOTS else self.head
        self.head = POOL + STRIDE * slot

    def values(self, ghost: int | None) -> dict[str, Value]:
        cells = {POOL + STRIDE * slot: word for slot, word in enumerate(self.words)}
        cells |= {HEAD: self.head, FRESH: self.fresh, TAKEN: sum(1 << slot for slot in self.taken)}
        block = {c.LIVE.name: ghost is not None, c.AT.name: POOL + STRIDE * (ghost or 0), c.SIZE.name: STRIDE}
        lent = {f"element at {POOL + STRIDE * slot:#x} is lent": slot in self.taken for slot in range(SLOTS)}
        return {**{f"cell {at:#x}": value for at, value in cells.items()}, **block, **lent}


def _states(of: _List, calls: int, seed: int) -> Iterator[dict[str, Value]]:
    chance = random.Random(seed)
    for _ in range(calls):
        if of.taken and chance.random() < 0.45:
            of.release(chance.choice(sorted(of.taken)))
        else:
            of.take(chance)
        yield of.values(chance.choice(sorted(of.taken)) if of.taken else None)


def test_a_link_in_each_slot_is_a_cell_that_clients_write(model: PoolModel) -> None:
    inside = [cell for cell, _ in model.calls.cells if model.calls.layout.shares(cell)]
    assert inside == [Cell(POOL + STRIDE * slot, 4) for slot in range(SLOTS)]
    writing = [step for step in model.steps if not step.call]
    assert [step.other for step in writing] == [False, True]
    for step in writing:
        assert [name for name, _ in step.step.updates] == [cell.variable.name for cell in inside]
    assert all(step.call for step in model_of_file("slot_list.wasm", "conforming").steps)


def test_a_client_writes_its_block_and_no_more(model: PoolModel) -> None:
    step = next(step.step for step in model.steps if not step.call)
    written = {one.name: 7 for one in step.inputs}
    broken = {one.name: False for one in model.system.variables if one.name.startswith("broken")}
    for slot in range(SLOTS):
        values = {**_List(taken={slot}).values(slot), **written, **broken}
        assert evaluate(step.guard, values)
        after = {name: evaluate(term, values) for name, term in step.updates}
        assert {name for name, value in after.items() if value} == {f"cell {POOL + STRIDE * slot:#x}"}
        assert not evaluate(step.guard, {**values, c.LIVE.name: False})


def test_claims_hold_of_a_right_list(claims: list[Term]) -> None:
    assert len(claims) >= 5  # of the ghost, each link, the head, and that no two lead to one slot
    for seed in range(1, 4):
        for values in _states(_List(), 150, seed):
            assert [one for one in claims if not evaluate(one, values)] == []


def test_claims_are_broken_by_a_wrong_list(claims: list[Term]) -> None:
    assert any(not evaluate(one, values) for values in _states(_List(forgets=True), 200, 1) for one in claims)


@pytest.mark.parametrize(
    ("file", "host"),
    [
        *(("slot_links.wasm", host) for host in HOSTS),
        ("free_list.wasm", "conforming"),
        ("number_list.wasm", "conforming"),
        *(("number_stack.wasm", host) for host in HOSTS),
        ("number_stack_of_16.wasm", "any"),
    ],
)
def test_all_of_it_is_proved_and_checked(file: str, host: HostName) -> None:
    found = verdicts(file, host)
    for kind, one in found.items():
        assert isinstance(one, Proved), (kind, one)
        assert ("clients" in {assumption.id for assumption in one.assumptions}) == (not file.startswith("number"))
    for evidence in {one.evidence for one in found.values() if isinstance(one, Proved)}:
        assert isinstance(evidence, Evidence)
        check_invariant(evidence.model, evidence.invariant, evidence.excluded, ghosts=True)


@pytest.mark.parametrize(
    ("file", "host", "kind"),
    [
        ("free_list_linked_again.wasm", "conforming", "disjoint"),
        ("number_list_head_not_moved.wasm", "conforming", "disjoint"),
        ("number_stack_taken_from_below.wasm", "conforming", "disjoint"),
        ("number_stack_of_16_released_twice.wasm", "any", "disjoint"),
    ],
)
def test_slots_that_are_lent_and_linked_are_refuted(file: str, host: HostName, kind: str) -> None:
    """Of 16 slots the other two twins take minutes each: random clients refute them (`test_pool_corpus`)."""
    assert isinstance({str(of): one for of, one in verdicts(file, host).items()}[kind], Refuted)


@pytest.mark.parametrize(
    ("file", "host"), [("free_list.wasm", "conforming"), *(("number_stack.wasm", host) for host in HOSTS)]
)
def test_what_is_lent_is_written_by_calls_and_changes_none(file: str, host: HostName) -> None:
    """It is history: no guard reads it, and nothing but itself comes of it."""
    model = model_of_file(file, host)
    below = set(model.lent_below.values())
    assert len(below) == (SLOTS if file.startswith("number") else 0)
    lent = below | set(model.lent.values())
    assert lent
    for step in model.steps:
        assert lent.isdisjoint(variables_of(step.step.guard))
        names = {one.name for one in lent}
        assert all(lent.isdisjoint(variables_of(term)) for name, term in step.step.updates if name not in names)


@pytest.mark.parametrize("file", ["free_list.wasm", "number_stack.wasm"])
def test_the_checker_refuses_a_model_in_which_a_call_depends_on_what_is_lent(file: str) -> None:
    model = model_of_file(file, "conforming")
    check_history(model_script(model.system))
    first, *others = model.system.steps
    word = next(name for name, _ in first.updates if name.startswith("cell"))
    for of in (*model.lent.values(), *model.lent_below.values()):
        none = equal(of, FALSE if of.sort == BOOLEAN else number(0, width_of(of)))
        guarded = replace(first, guard=both(first.guard, none))
        updates = tuple(
            (name, choose(none, term, number(0, width_of(term))) if name == word else term)
            for name, term in first.updates
        )
        for changed in (guarded, replace(first, updates=updates)):
            with pytest.raises(Refused, match=f"depends on '{of.name}'"):
                check_history(model_script(replace(model.system, steps=(changed, *others))))


def _evidence(fixed: bool) -> PoolInvariant:
    cells = [(POOL + STRIDE * slot, 4, 0) for slot in range(SLOTS)]
    here = tuple(sorted([(HEAD, 4, 0), (FRESH, 4, 0), (TAKEN, 4, 0), *([] if fixed else cells)]))
    none, text = tuple[str, ...](), Reference("model", 0, "")
    return PoolInvariant(
        (("pool", POOL, 512),), "any", text, text, none, (), here, tuple(cells) if fixed else (), none, none
    )


def test_the_checker_wants_the_clients_who_write_in_the_pool(model: PoolModel) -> None:
    check_cells(model_script(model.system), _evidence(fixed=False))
    nobody = replace(model.system, steps=tuple(step.step for step in model.steps if step.call))
    for system, fixed in ((nobody, False), (model.system, True)):
        with pytest.raises(Refused, match=r"lies in the pool, and no client writes it|is not among them"):
            check_cells(model_script(system), _evidence(fixed))


def test_a_store_over_the_end_of_the_pool_reaches_the_cell_behind_it() -> None:
    cell = Cell(1016, 4)
    layout = Layout(((1000, 1016),), (cell,), (), ())
    memory, danger = regions(layout, number(1, 32), Wanted()).save(number(1014, 32), 0, number(0x11223344, 32))
    assert evaluate(danger, {}) is False
    assert evaluate(memory.value(cell), {"cell 0x3f8": 0xAABBCCDD}) == 0xAABB1122


def test_an_index_that_counts_from_one_reaches_all_of_its_table_and_no_other() -> None:
    table = Table(1028, 1036, 1, 1)
    assert table.reached(1027, 1) == table.reached(1028, 1) == table.places
    assert table.reached(1026, 1) is None
    assert Table(1032, 1048, 2, 2).reached(1030, 2) == range(1032, 1047, 2)

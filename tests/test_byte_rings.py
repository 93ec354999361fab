"""What is guessed of a ring of bytes is true of every state that a plain ring comes to, and not of the twins'.

That it is inductive is a minute of the solver's work, and asked with PROOFMARK_POOL_CORPUS=1 (test_pool_ledger.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pool_corpus import model_of_file

from smt_models.pools import conditions as c
from smt_models.pools.byte_rings import byte_rings
from smt_models.pools.model import PoolModel
from smt_models.pools.templates import tiers
from smt_models.system.evaluate import evaluate
from smt_models.system.operators import Value
from smt_models.system.terms import Term, Variable

SIZE, PLACES, BASE = 512, 8, 4096
STARTS, ENDS, OLDEST, COUNT = 0x1200, 0x1220, 0x1240, 0x1244


def _loose(model: PoolModel) -> list[Variable]:
    return [cell.variable for cell, _ in model.calls.cells if cell.address in (OLDEST, COUNT)]


@dataclass
class Ring:
    """The ring of examples/pools/ring_bytes.rs. `reaches`, `wraps`: defects of two twins."""

    reaches: bool = False
    wraps: bool = False
    starts: list[int] = field(default_factory=lambda: [0] * PLACES)
    ends: list[int] = field(default_factory=lambda: [0] * PLACES)
    oldest: int = 0
    count: int = 0

    def place(self, size: int) -> int | None:
        if self.count == 0:
            return 0
        head, tail = self.starts[self.oldest], self.ends[(self.oldest + self.count - 1) % PLACES]
        if tail <= head:
            return tail if size <= (SIZE - tail if self.reaches else head - tail) else None
        if size <= SIZE - tail:
            return tail
        return 0 if self.wraps or size <= head else None

    def take(self, size: int) -> bool:
        at = None if self.count == PLACES else self.place(size)
        if at is None:
            return False
        there = (self.oldest + self.count) % PLACES
        self.starts[there], self.ends[there] = at, at + size
        self.count += 1
        return True

    def release(self) -> None:
        self.oldest = (self.oldest + 1) % PLACES
        self.count -= 1

    def values(self, ahead: int | None) -> dict[str, Value]:
        """Of the model's variables, with the ghost so many blocks behind the oldest."""
        words = {STARTS + 4 * n: one for n, one in enumerate(self.starts)}
        words |= {ENDS + 4 * n: one for n, one in enumerate(self.ends)} | {OLDEST: self.oldest, COUNT: self.count}
        there = (self.oldest + (ahead or 0)) % PLACES
        ghost = {c.AT: BASE + self.starts[there], c.SIZE: self.ends[there] - self.starts[there], c.AHEAD: ahead or 0}
        return {
            **{f"cell {at:#x}": value for at, value in words.items()},
            **{variable.name: value for variable, value in ghost.items()},
            c.COUNT.name: self.count,
            c.LIVE.name: ahead is not None,
        }


def _states(ring: Ring, calls: int, seed: int) -> Iterator[dict[str, Value]]:
    chance = random.Random(seed)
    for _ in range(calls):
        most = chance.choice((32, 128, 300))
        if not (chance.random() < 0.6 and ring.take(4 * chance.randint(1, most // 4))) and ring.count:
            ring.release()
        yield ring.values(chance.randrange(ring.count) if ring.count and chance.random() < 0.9 else None)


@pytest.fixture(scope="module")
def claims() -> list[Term]:
    model = model_of_file("ring_bytes.wasm", "conforming")
    return list(byte_rings(model, _loose(model)))


def test_the_ring_is_found(claims: list[Term]) -> None:
    assert len(claims) > PLACES * (PLACES - 1)


def test_other_queues_have_none() -> None:
    model = model_of_file("ring_slots.wasm", "conforming")
    assert not list(byte_rings(model, [cell.variable for cell, _ in model.calls.cells]))


def test_claims_are_asked_by_themselves(claims: list[Term]) -> None:
    second = list(tiers(model_of_file("ring_bytes.wasm", "conforming")))[1]
    assert set(claims) < set(second)
    assert len(second) < len(claims) + 16


@pytest.mark.parametrize("seed", range(3))
def test_claims_hold_of_a_right_ring(claims: list[Term], seed: int) -> None:
    for values in _states(Ring(), 150, seed):
        assert [one for one in claims if not evaluate(one, values)] == []


@pytest.mark.parametrize("twin", [Ring(reaches=True), Ring(wraps=True)])
def test_claims_are_broken_by_a_wrong_ring(claims: list[Term], twin: Ring) -> None:
    assert any(not evaluate(one, values) for values in _states(twin, 400, 1) for one in claims)

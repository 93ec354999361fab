"""Arenas that keep records: what is said of the record of a live block is enough, but where resets are wrong.

The candidates are those of the engine; of cursors, only what is said of the one that the arena has.
"""

from __future__ import annotations

import pytest
from pool_corpus import model_of_file

from proofs.pools.exclusion import Excluded, shown
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from smt_models.pools import conditions as c
from smt_models.pools.records import counts, records
from smt_models.pools.templates import cases
from smt_models.system.operators import BitVec
from smt_models.system.terms import Variable, implies, negation
from smt_models.wasm.build import make, number

COUNT, USED = Variable("cell 0x400", BitVec(32)), Variable("cell 0x404", BitVec(32))
ASKED = (c.DISJOINT, c.NO_REWIND)


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("mark_arena", {*ASKED, c.UNMODELLED}),
        ("mark_arena_looks_at_starts", {c.UNMODELLED}),
    ],
)
def test_the_record_of_a_live_block_is_enough(file: str, wanted: set[str]) -> None:
    model = model_of_file(f"{file}.wasm", "any")
    numbers = [COUNT, USED]
    pool = model.pool
    passed = make("bvadd", c.widened(USED, c.WIDE), number(pool.base, c.WIDE))
    candidates = (
        *(c.none_broken((kind,)) for kind in (*ASKED, c.UNMODELLED)),
        *counts(model, numbers),
        *records(model, numbers),
        make("bvule", USED, number(pool.size, 32)),
        implies(c.LIVE, c.inside(pool, c.AT, c.SIZE)),
        implies(c.LIVE, negation(make("=", c.SIZE, number(0, 32)))),
        implies(c.LIVE, make("bvule", c.end_of(c.AT, c.SIZE), passed)),
    )
    with Session(Budget(120, 2048), 20.0) as session:
        found = shown(session, model, ASKED, candidates, cases(model))
    assert isinstance(found, Excluded)
    assert set(found.names) == wanted

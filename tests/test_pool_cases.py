"""In which cases a step of a pool is asked: by how many records there are, else by the slot of its block."""

from __future__ import annotations

import pytest
from test_pool_proofs import model_of_file

from smt_models.pools import conditions as c
from smt_models.pools.templates import cases
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, Variable, equal
from smt_models.wasm.build import number

COUNT = Variable("cell 0x400", BitVec(32))


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("mark_arena", [equal(COUNT, number(one, 32)) for one in range(9)]),
        ("budget", [equal(c.AT, number(1040 + 128 * slot, 32)) for slot in range(8)]),
        ("bump_arena", []),
    ],
)
def test_cases_of_the_step_that_gives_a_block_up(file: str, wanted: list[Term]) -> None:
    model = model_of_file(f"{file}.wasm", "conforming")
    step = next(one for one in model.steps if one.takes is not None and one.takes.at == c.AT)
    assert list(cases(model)(step)) == wanted

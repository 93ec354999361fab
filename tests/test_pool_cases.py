"""In which cases a step of a pool is asked: by how many records there are, else by the slot of its block."""

from __future__ import annotations

import pytest
from pool_corpus import read_module
from test_pool_proofs import MODULES, pool_of

from extract.subject import read_subject
from extract.wasm.initial import initial_state
from extract.wasm.read import read_world
from smt_models.pools import conditions as c
from smt_models.pools.calls import calls_of
from smt_models.pools.model import model_of
from smt_models.pools.pool import Host
from smt_models.pools.templates import cases
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, Variable, equal
from smt_models.wasm.build import number
from smt_models.wasm.program import program_of

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
    module = read_module(MODULES[f"{file}.wasm"])
    subject = read_subject(str(module.path))
    core = read_world(subject).instances[0].module
    pool = pool_of(module)
    initial = initial_state(subject.data, core, subject.path)
    model = model_of(pool, calls_of(program_of(subject.data, core, subject.path), initial, pool), Host.CONFORMING)
    step = next(one for one in model.steps if one.takes is not None and one.takes.at == c.AT)
    assert list(cases(model)(step)) == wanted

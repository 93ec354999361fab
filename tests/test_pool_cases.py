"""In which cases a step of a pool is asked: by how many records there are, else by the slot of its block."""

from __future__ import annotations

import pytest
import z3  # type: ignore[import-untyped]
from pool_corpus import model_of_file

from smt_models.pools import conditions as c
from smt_models.pools.templates import cases
from smt_models.system.operators import BitVec
from smt_models.system.smtlib import sort_text, term_text
from smt_models.system.terms import Term, Variable, conjunction, equal, negation, variables_of
from smt_models.wasm.build import number

COUNT = Variable("cell 0x400", BitVec(32))


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("mark_arena", [equal(COUNT, number(one, 32)) for one in range(9)]),
        ("budget", [equal(c.AT, number(1040 + 128 * slot, 32)) for slot in range(8)]),
    ],
)
def test_cases_of_the_step_that_gives_a_block_up(file: str, wanted: list[Term]) -> None:
    model = model_of_file(f"{file}.wasm", "conforming")
    step = next(one for one in model.steps if one.takes is not None and one.takes.at == c.AT)
    assert list(cases(model)(step)) == wanted


def test_cases_of_the_step_that_copies_leave_nothing_out() -> None:
    """Which of two loops it comes to, and that each copies what is known of it, or that one of them does not."""
    model = model_of_file("bump_arena.wasm", "conforming")
    step = next(one for one in model.steps if one.takes is not None and one.takes.at == c.AT)
    found = list(cases(model)(step))
    assert len(found) == 2 * 2 + 2
    none = conjunction(negation(one) for one in found)
    declared = [f"(declare-const |{one.name}| {sort_text(one.sort)})" for one in variables_of(none)]
    solver = z3.Solver()
    solver.from_string("\n".join([*declared, f"(assert {term_text(none)})"]))
    assert solver.check() == z3.unsat

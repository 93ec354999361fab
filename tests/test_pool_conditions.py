"""What is said of arguments of pools, against plain numbers."""

from __future__ import annotations

import z3  # type: ignore[import-untyped]

from smt_models.pools import conditions as c
from smt_models.pools.pool import ALIGNMENTS
from smt_models.system.smtlib import term_text
from smt_models.system.terms import Variable


def test_an_alignment_is_one_of_four_numbers() -> None:
    solver = z3.Solver()
    given = z3.BitVec("align", 32)
    said = term_text(c.is_alignment(Variable("align", c.WORD)))
    solver.from_string(f"(declare-const align (_ BitVec 32)) (declare-const said Bool) (assert (= said {said}))")
    solver.add(z3.Bool("said") != z3.Or([given == one for one in ALIGNMENTS]))
    assert solver.check() == z3.unsat

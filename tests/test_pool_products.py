"""Products of unknown numbers: what follows from their laws is found, and what does not follow is not."""

from __future__ import annotations

import pytest
import z3  # type: ignore[import-untyped]

from proofs.pools.products import Products

NUMBERS = "".join(f"(declare-const {name} (_ BitVec 32))" for name in ("count", "room", "size", "other"))
TIMES = "(bvmul ((_ zero_extend 32) {}) ((_ zero_extend 32) {}))"
WITHIN = "(bvule (bvadd {} ((_ zero_extend 32) size)) {})"
FOLLOWS = {
    "one more fits below": (
        "(bvult count room)",
        WITHIN.format(TIMES.format("count", "size"), TIMES.format("size", "room")),
        True,
    ),
    "what is not below": (
        "(bvule count room)",
        WITHIN.format(TIMES.format("count", "size"), TIMES.format("size", "room")),
        False,
    ),
    "without size": ("(= (bvmul count size) #x00000000)", "(= count #x00000000)", False),
    "nothing times": ("(= count #x00000000)", "(= (bvmul count size) #x00000000)", True),
    "an equal factor": (
        "(and (= other size) (bvult count room))",
        WITHIN.format(TIMES.format("count", "other"), TIMES.format("size", "room")),
        True,
    ),
}


@pytest.mark.parametrize("name", FOLLOWS)
def test_what_follows_from_laws(name: str) -> None:
    given, claim, follows = FOLLOWS[name]
    read = z3.SolverFor("QF_BV")
    read.from_string(f"{NUMBERS}(assert {given})(assert (not {claim}))")
    products = Products(z3, read.assertions())
    solver = z3.SolverFor("QF_BV")
    solver.add(products.assertions)
    while (found := str(solver.check())) == "sat" and (laws := products.broken_by(solver.model())):
        solver.add(laws)
    assert (found == "unsat") is follows

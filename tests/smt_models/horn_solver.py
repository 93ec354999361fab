"""Z3 on the emitted text, for tests only: what is proved there is proved from the very bytes that provers get."""

from __future__ import annotations

import z3  # type: ignore[import-untyped]

from smt_models.system.horn import horn_text
from smt_models.system.model import Bad, System
from smt_models.system.terms import Term

TIMEOUT = 60_000
"""Milliseconds; a test that meets it fails."""


def check(text: str) -> str:
    """`sat`, `unsat` or `unknown`, by the solver for the text's logic."""
    solver = z3.SolverFor("HORN") if "(set-logic HORN)" in text else z3.SolverFor("QF_BV")
    solver.set("timeout", TIMEOUT)
    solver.from_string(text)
    return str(solver.check())


def proved(system: System) -> bool:
    """Whether Spacer finds an invariant that excludes all bad conditions; anything but a yes or no is an error."""
    answer = check(horn_text(system))
    assert answer in ("sat", "unsat"), answer
    return answer == "sat"


def reachable(system: System, condition: Term) -> bool:
    """Whether a state in which the condition holds can be reached."""
    return not proved(system.with_bad(Bad("probe", condition)))

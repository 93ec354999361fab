"""Loops whose turns are counted: what was done before they are alike is not forgotten."""

from __future__ import annotations

import pytest
from rust_bodies import BLOCK, prepared, program_of

from proofs.runtime.engine import Budget
from proofs.runtime.solve import satisfiable
from smt_models.runtime.constants import USIZE
from smt_models.runtime.outcomes import Violated
from smt_models.runtime.values import Scalar
from smt_models.runtime.watcher import NoWatcher
from smt_models.system.terms import Variable

BUDGET = Budget(60, 4096)
N = Scalar(Variable("n", USIZE))
FIRST_TURN = """
pub fn f(n: usize) {
    let b = block();
    let (mut left, mut first) = (n, true);
    while %s {
        if %s { unsafe { dealloc(b.at, b.layout) } }
        first = false;
        left -= 1
    }
}
"""
END_MOVES = """
pub fn f(n: usize) {
    let b = block();
    let mut r = 0..n;
    while r.start < r.end || (r.end == 2 && r.start == 4) {
        if r.start > r.end { unsafe { dealloc(b.at, b.layout) } }
        %s
        r.start += 1
    }
}
"""
END_CHANGES = "a loop that changes how many turns there may be"


class Counting(NoWatcher):
    counts_turns = True


def _broken(source: str) -> set[str]:
    """What can be."""
    executor, state = prepared(program_of(BLOCK + source), "f", N)
    executor.machine.watcher = Counting()
    found = [(one.outcome.why, one.state) for one in executor.run(state) if isinstance(one.outcome, Violated)]
    can_be = satisfiable(tuple(at.facts.condition for _, at in found), BUDGET)
    return {why for (why, _), can in zip(found, can_be, strict=True) if can}


@pytest.mark.parametrize("head", ["first || left > 0", "left > 0 || first"], ids=["asks nothing", "asks"])
def test_the_turn_that_shows_what_turns_do_may_be_another(head: str) -> None:
    """It is made whatever the number is: lowered from 0 it wraps, and there are more turns than it was."""
    assert _broken(FIRST_TURN % (head, "!first && n == 0")) == {"block of src/lib.rs:7 is gone"}
    assert not _broken(FIRST_TURN % ("left > 0", "!first && n == 0"))


def test_an_end_that_turns_change_is_no_end() -> None:
    """More turns were made than there are to the new end."""
    assert END_CHANGES in _broken(END_MOVES % "if r.start == 3 { r.end = 2 }")
    assert not _broken(END_MOVES % "")

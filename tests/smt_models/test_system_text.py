"""A small system with a proof and its off-by-one twin: Horn clauses, unrolling, invariant queries, simulation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from horn_solver import check, proved

from smt_models.system.evaluate import enabled_steps, take
from smt_models.system.horn import horn_text
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec, Enum, SortError, Value
from smt_models.system.terms import BOOLEAN, INTEGER, Variable, apply, both, equal, literal, negation
from smt_models.system.unroll import invariant_queries, unrolled_text

BYTE = BitVec(4)
LIGHT = Variable("light", Enum("Light", ("RED", "AMBER", "GREEN")))
COUNT = Variable("count", BYTE)
BY = Variable("by", BYTE)
TO = Variable("to", LIGHT.sort)


def _counter(limit: int) -> System:
    """Counts by at most 3 up to `limit`, and no further than 10 is allowed."""
    small = apply("bvule", BY, literal(3, BYTE))
    then = apply("bvadd", COUNT, BY)
    fits = apply("bvule", then, literal(limit, BYTE))
    counts = Step("counts", "count", "none", Actor.GUEST, (BY,), both(small, fits), (("count", then),))
    turns = Step("turns", "turn", "none", Actor.HOST, (TO,), negation(equal(TO, LIGHT)), (("light", TO),))
    over = Bad("over ten", apply("bvult", literal(10, BYTE), COUNT))
    strange = Bad("no light", negation(LIGHT.in_("RED", "AMBER", "GREEN")))
    start = both(equal(COUNT, literal(0, BYTE)), LIGHT.is_("RED"))
    return System("counter", (LIGHT, COUNT), start, (counts, turns), (over, strange))


def test_proved_and_its_twin_refuted() -> None:
    assert proved(_counter(10))
    assert not proved(_counter(11))
    assert check(horn_text(_counter(11), ["no light"])) == "sat"


def test_bounded_search_finds_the_shortest_depth() -> None:
    assert check(unrolled_text(_counter(11), "over ten", 3)) == "unsat"
    assert check(unrolled_text(_counter(11), "over ten", 4)) == "sat"
    assert check(unrolled_text(_counter(10), "over ten", 8)) == "unsat"


def test_invariants_are_checked_by_three_queries() -> None:
    within = apply("bvule", COUNT, literal(10, BYTE))
    cases = {
        (10, within): ["unsat", "unsat", "unsat"],
        (11, within): ["unsat", "sat", "unsat"],
        (10, negation(equal(COUNT, literal(0, BYTE)))): ["sat", "sat", "sat"],
        (10, apply("bvule", COUNT, literal(15, BYTE))): ["unsat", "unsat", "sat"],
    }
    for (limit, invariant), answers in cases.items():
        queries = invariant_queries(_counter(limit), invariant, "over ten")
        assert [query.name for query in queries] == ["initial", "kept", "excludes"]
        assert [check(query.text) for query in queries] == answers


def test_simulation() -> None:
    system = _counter(10)
    state: dict[str, Value] = {"light": "RED", "count": 9}
    assert [step.name for step in enabled_steps(system, "count", state, {"by": 1})] == ["counts"]
    assert not list(enabled_steps(system, "count", state, {"by": 2}))
    assert take(system, system.step("counts"), state, {"by": 1}) == {"light": "RED", "count": 10}
    assert system.calls() == ("count", "turn")


def test_controls() -> None:
    system = _counter(11)
    assert proved(system.without_step("counts"))
    with pytest.raises(KeyError):
        system.without_step("cnts")
    with pytest.raises(KeyError):
        horn_text(system, ["over nine"])


def test_integers_are_unbounded() -> None:
    total = Variable("total", INTEGER)
    more = apply("+", total, literal(1, INTEGER))
    step = Step("adds", "add", "none", Actor.GUEST, (), literal(True, BOOLEAN), (("total", more),))
    bad = Bad("below zero", apply("<", total, literal(0, INTEGER)))
    system = System("sum", (total,), equal(total, literal(0, INTEGER)), (step,), (bad,))
    assert proved(system)
    assert "(set-logic ALL)" in unrolled_text(system, "below zero", 1)


def test_systems_that_do_not_hold_together() -> None:
    system = _counter(10)
    step = system.step("counts")
    faults = [
        {"variables": (LIGHT, COUNT, COUNT)},
        {"initial": COUNT},
        {"initial": BY},
        {"bad": (Bad("one", Variable("other", BOOLEAN)),)},
        {"steps": (step, step)},
        {"steps": (replace(step, updates=(("count", LIGHT),)),)},
        {"steps": (replace(step, updates=(("cont", COUNT),)),)},
        {"steps": (replace(step, updates=(("count", COUNT), ("count", BY))),)},
        {"steps": (replace(step, inputs=(BY, COUNT)),)},
        {"steps": (replace(step, inputs=()),)},
    ]
    for fault in faults:
        with pytest.raises(SortError):
            replace(system, **fault)  # type: ignore[arg-type]

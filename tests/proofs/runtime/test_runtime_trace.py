"""Traces are shortest, concrete, and steps of the model; and where there is none, that is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from runtime_edges import COUNT, PLACE, STATE, choosing, counting, edge, lending, nearest, scattered, small

from proofs.runtime.concrete import NoReplay, concrete
from proofs.runtime.engine import Budget
from proofs.runtime.find import find_traces
from proofs.runtime.search import Limits, Search
from proofs.runtime.solve import satisfiable
from proofs.runtime.trace import HostAnswer, NotFound, RuntimeTrace, UserChoice
from smt_models.runtime.edges import Edges
from smt_models.runtime.emit import FAULT
from smt_models.system.model import Bad, System
from smt_models.system.terms import BOOLEAN, FALSE, Variable, apply, both, literal, negation

LIMITS = Limits(10, 1000, 20, 2048)
SEEDS = 28
"""The fewest among which enough are near, far and out of reach."""


def _trace(made: tuple[Edges, System], obligation: str, limits: Limits = LIMITS) -> RuntimeTrace:
    found = find_traces(*made, (obligation,), limits)[obligation]
    assert isinstance(found, RuntimeTrace), found
    return found


def _none(made: tuple[Edges, System], obligation: str, limits: Limits = LIMITS) -> NotFound:
    found = find_traces(*made, (obligation,), limits)[obligation]
    assert isinstance(found, NotFound)
    return found


def test_the_twin_without_the_guard_has_a_trace() -> None:
    trace = _trace(lending(guarded=False), "cancel-before-free")
    assert [one.action for one in trace.steps] == ["lend", "free"]
    assert [one.number for one in trace.steps] == [1, 2]
    assert trace.steps[0].before == (("state", "idle"),)
    assert trace.steps[0].after == trace.steps[1].before == (("state", "lent"),)
    assert (trace.obligation, trace.why, trace.where) == ("cancel-before-free", "because", PLACE)
    assert trace.steps[-1].events[-1].kind == "violation"


def test_with_the_guard_every_state_is_looked_at_and_there_is_none() -> None:
    found = _none(lending(guarded=True), "cancel-before-free")
    assert found.whole
    assert "every state" in found.why


def test_numbers_are_those_of_the_model_and_the_fewest_steps_are_taken() -> None:
    """Seven is three and three and one: no three steps of at most three are fewer."""
    trace = _trace(counting(7), "memory")
    assert [one.action for one in trace.steps] == ["start", "add", "add", "add", "stop"]
    codes = [answer.code for step in trace.steps for answer in step.answers if isinstance(answer, HostAnswer)]
    assert sum(code or 0 for code in codes) == 7
    counts = [dict(step.after)["count"] for step in trace.steps]
    assert counts == [0, codes[0], (codes[0] or 0) + (codes[1] or 0), 7, 7]


def test_numbers_are_as_small_as_they_can_be() -> None:
    (step,) = _trace(choosing(), "memory").steps
    assert step.answers == (UserChoice("length", 2, None),)


def test_a_probe_has_a_witness() -> None:
    edges, system = counting(7)
    far = both(STATE.is_("lent"), apply("bvult", literal(4, COUNT.sort), COUNT))
    probes = system.with_bad(Bad("far", far), Bad("at rest", STATE.is_("idle")), Bad("gone", STATE.is_("gone")))
    trace = _trace((edges, probes), "far")
    assert [one.action for one in trace.steps] == ["start", "add", "add"]
    assert int(dict(trace.steps[-1].after)["count"]) == 5
    assert trace.where is None
    assert _trace((edges, probes), "at rest").steps == ()
    assert _none((edges, probes), "gone").whole is False


def test_a_search_that_stops_short_says_so() -> None:
    found = _none(counting(7), "memory", Limits(3, 1000, 20, 2048))
    assert not found.whole
    assert found.steps == 3
    assert "3 steps" in found.why
    assert not _none(counting(200), "memory", Limits(50, 4, 20, 2048)).whole


def test_a_solver_that_ends_is_no_answer() -> None:
    found = _none(counting(7), "memory", Limits(10, 1000, 20, 1))
    assert not found.whole
    assert "ended" in found.why


def test_the_same_trace_every_time() -> None:
    assert _trace(counting(7), "memory") == _trace(counting(7), "memory")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_as_near_as_looking_at_every_state_finds_it(seed: int) -> None:
    edges, system = scattered(seed)
    budget = Budget(20, 2048)
    search = Search(edges, {"memory": FAULT.is_("memory")}, LIMITS, lambda asked: satisfiable(asked, budget))
    route = search.run().routes.get("memory")
    assert (None if route is None else len(route)) == nearest(edges)
    if route is not None:
        assert len(concrete(edges, "memory", route, system, budget).steps) == len(route)


def test_the_random_ones_are_near_far_and_out_of_reach() -> None:
    distances = [nearest(scattered(seed)[0]) for seed in range(SEEDS)]
    assert distances.count(None) >= 5
    assert sum(one is not None and one >= 3 for one in distances) >= 5


def test_a_state_in_which_a_constant_may_be_anything_stands_for_those_in_which_it_is_known() -> None:
    big = Variable("big", BOOLEAN)
    there, back = (("state", STATE.value("lent")),), (("state", STATE.value("idle")),)
    edges, _ = small(
        (STATE, big),
        ("idle", False),
        edge("lend", STATE.is_("idle"), there),
        edge("lend if big", both(STATE.is_("idle"), big), there),
        edge("back if big", both(STATE.is_("lent"), big), back),
        edge("back if not", both(STATE.is_("lent"), negation(big)), back),
        edge("break if not", both(STATE.is_("lent"), negation(big)), (), "memory"),
    )
    goals = {"memory": FAULT.is_("memory"), "never": FALSE}
    search = Search(replace(edges, constants=(big,)), goals, LIMITS, lambda asked: satisfiable(asked, Budget(20, 2048)))
    found = search.run()
    assert found.whole
    assert found.states == 2, "idle and lent, whatever the constant is"
    assert {edges.edges[at].action for at in search.taken if at is not None} == {
        "lend", "lend if big", "back if big", "back if not",
    }  # fmt: skip
    assert [edges.edges[at].action for at in found.routes["memory"]] == ["lend", "break if not"]


def test_a_trace_that_is_none_of_the_model_is_a_fault() -> None:
    edges, system = lending(guarded=False)
    with pytest.raises(NoReplay, match="step 2, free"):
        concrete(edges, "cancel-before-free", (0, 3), system.without_step("free 3"), Budget(20, 2048))
    with pytest.raises(NoReplay, match="together"):
        concrete(edges, "cancel-before-free", (0, 0, 3), system, Budget(20, 2048))

"""What is possible at a place, what can come of it, and the shortest way there: held to looking at every state."""

from __future__ import annotations

import random

import pytest
from runtime_edges import COUNT, INPUT, STATE, counting, edge, lending, scattered, small

from proofs.runtime.branching import Branching, NoSuchWay, Reached
from proofs.runtime.engine import Budget
from proofs.runtime.recorded import Recorded, followed, states_of
from proofs.runtime.route import from_state
from smt_models.runtime.edges import Edge, Edges
from smt_models.system.evaluate import evaluate, holds
from smt_models.system.model import System
from smt_models.system.operators import Value
from smt_models.system.terms import both, differ, equal, literal

BUDGET = Budget(20, 2048)
States = set[tuple[Value, ...]]


def _branching(made: tuple[Edges, System]) -> Branching:
    return Branching(*made, BUDGET)


def _start(edges: Edges) -> States:
    return {(*edges.start, number) for number in range(4)}


def _after(edges: Edges, states: States, one: Edge) -> States:
    """Every state that this edge leads to; where it violates something, those that it violates it in."""
    names = [word.name for word in edges.variables]
    found: States = set()
    for state in states:
        for number in range(4):
            values: dict[str, Value] = {**dict(zip(names, state, strict=True)), INPUT.name: number}
            if holds(one.condition, values):
                changed = {name: evaluate(term, values) for name, term in one.updates}
                found.add(tuple(changed.get(name, values[name]) for name in names))
    return found


def _nearest(edges: Edges, states: States) -> int | None:
    steps, seen = 0, set(states)
    while states:
        steps += 1
        after: States = set()
        for one in edges.edges:
            if one.fault is not None and _after(edges, states, one):
                return steps
            after |= set() if one.fault is not None else _after(edges, states, one)
        states = after - seen
        seen |= states
    return None


@pytest.mark.parametrize("seed", range(12))
def test_random_walks(seed: int) -> None:
    """At each place the actions, the distance to the violation, and that of the place itself."""
    edges, system = scattered(seed)
    branching, chance = _branching((edges, system)), random.Random(seed)
    route, states = branching.start, _start(edges)
    for _ in range(3):
        possible = branching.possible(route)
        expected = {one.action for one in edges.edges if _after(edges, states, one)}
        assert {one.action for one in possible} == expected
        far = _nearest(edges, states)
        if far is not None:  # else the search goes on as long as its terms grow
            ways = branching.goes_wrong(route, ("memory",))["memory"].ways
            assert ways is not None
            assert len(ways) == far
        harmless = [one for one in possible if one.breaks is None]
        if not harmless:
            return
        taken = chance.choice(harmless)
        (number,) = (at for at, one in enumerate(edges.edges) if one.action == taken.action)
        route = branching.after(route, [taken.name])
        states = _after(edges, states, edges.edges[number])
        trace = branching.shown(route)
        assert tuple(value for _, value in trace.steps[-1].after) in states
        back = branching.shortest(route).ways
        assert back is not None
        assert len(back) <= len(trace.steps)
        again = branching.after(branching.start, back)
        assert len(again.taken) == len(back)


def test_a_violation_is_named_and_ends_the_run() -> None:
    branching = _branching(lending(guarded=False))
    lent = branching.after(branching.start, [branching.possible(branching.start)[0].name])
    back, early = branching.possible(lent)
    assert (back.action, back.changes, back.breaks) == ("back", (("state", "lent", "idle"),), None)
    assert (early.action, early.changes, early.breaks) == ("free", (), "cancel-before-free: because")
    assert branching.goes_wrong(lent, ("cancel-before-free", "memory")) == {
        "cancel-before-free": Reached((early.name,), True, ""),
        "memory": Reached(None, True, "every state that can be was looked at: 3 states"),
    }
    wrong = branching.after(lent, [early.name])
    assert branching.possible(wrong) == ()
    assert branching.shown(wrong).obligation == "cancel-before-free"
    with pytest.raises(NoSuchWay, match="comes after a violation"):
        branching.after(wrong, [back.name])
    for ask in (lambda: branching.goes_wrong(wrong, ("memory",)), lambda: branching.shortest(wrong)):
        with pytest.raises(NoSuchWay, match="nothing comes after a violation"):
            ask()


def test_the_twin_with_the_guard_cannot_go_wrong() -> None:
    branching = _branching(lending(guarded=True))
    found = branching.goes_wrong(branching.start, ("cancel-before-free",))["cancel-before-free"]
    assert (found.ways, found.whole) == (None, True)


def test_numbers_stay_open_until_a_place_is_shown() -> None:
    """Two adds of at most three each can still make five: the first is not fixed by having been taken."""
    branching = _branching(counting(5))
    start, add, stop = branching._names
    route = branching.after(branching.start, [start, add, add])
    assert stop in {one.name for one in branching.possible(route)}
    first = branching.after(branching.start, [start, add])
    assert stop not in {one.name for one in branching.possible(first)}
    counts = [dict(step.after)["count"] for step in branching.shown(branching.after(route, [stop])).steps]
    assert counts[2] == 5


def test_what_cannot_be_taken_is_refused() -> None:
    branching = _branching(counting(5))
    start, add, _ = branching._names
    with pytest.raises(NoSuchWay, match=r"no action add\.00000000"):
        branching.after(branching.start, ["add.00000000"])
    for ways in ([add], [start, start]):
        with pytest.raises(NoSuchWay, match="cannot be taken one after the other"):
            branching.after(branching.start, ways)


def test_a_search_that_stops_short_does_not_say_never() -> None:
    edges, system = counting(200)
    found = Branching(edges, system, Budget(0, 2048)).goes_wrong(Branching(edges, system, BUDGET).start, ())
    assert found == {}
    more = edge("more", both(STATE.is_("lent"), differ(COUNT, literal(0, COUNT.sort))), (), "memory")
    branching = _branching(small((STATE, COUNT), ("idle",), more))
    assert branching.goes_wrong(branching.start, ("memory",))["memory"].whole


def test_names_are_the_same_in_every_model_made_alike() -> None:
    assert _branching(lending(guarded=True))._names == _branching(lending(guarded=False))._names[:3]


# Recorded runs

LENDING = Recorded(({"state": "idle"}, {"state": "lent"}, {"state": "lent"}), ("lend", "free"), "cancel-before-free")


def test_a_recorded_run_is_followed() -> None:
    edges, system = lending(guarded=False)
    states = states_of(LENDING, edges)
    assert followed(edges, system, LENDING, states, BUDGET) == (0, 3)
    branching = _branching((edges, system))
    at = from_state(edges, states[1])
    assert [one.action for one in branching.possible(at)] == ["back", "free"]
    assert branching.shortest(branching.after(at, [branching._names[1]])).ways == ()


def test_a_run_of_another_model_is_refused() -> None:
    edges, system = lending(guarded=True)
    with pytest.raises(NoSuchWay, match="step 2, free, cannot be taken"):
        followed(edges, system, LENDING, states_of(LENDING, edges), BUDGET)
    for texts in ({"state": "elsewhere"}, {"other": "idle"}):
        with pytest.raises(NoSuchWay, match="of another model: its state"):
            states_of(Recorded((texts,), (), ""), edges)
    late = Recorded(({"state": "lent"}, {"state": "idle"}), ("back",), "memory")
    with pytest.raises(NoSuchWay, match="begins where"):
        followed(edges, system, late, states_of(late, edges), BUDGET)


def test_recorded_numbers_are_kept() -> None:
    edges, system = counting(5)
    texts = ({"state": "idle", "count": "9"}, {"state": "lent", "count": "0"}, {"state": "lent", "count": "0x3"})
    recorded = Recorded(texts, ("start", "add"), "memory")
    states = states_of(recorded, edges)
    assert followed(edges, system, recorded, states, BUDGET) == (0, 1)
    branching = _branching((edges, system))
    route = branching.after(from_state(edges, states[2]), [branching._names[1]])
    assert dict(branching.shown(route).steps[0].before)["count"] == 3
    way = branching.shortest(from_state(edges, states[2])).ways
    assert way is not None
    assert len(way) == 2
    known = equal(COUNT, literal(3, COUNT.sort))
    assert holds(known, states[2])
    with pytest.raises(NoSuchWay, match="its count is 0x100"):
        states_of(Recorded(({"state": "idle", "count": "0x100"},), (), ""), edges)

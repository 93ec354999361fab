"""Small operations as edges, each with the system that it is: what the search of traces is tried on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from smt_models.runtime.edges import Edge, Edges, Fault
from smt_models.runtime.emit import FAULT, OBLIGATIONS
from smt_models.runtime.events import Chosen, Told
from smt_models.runtime.outcomes import Where
from smt_models.runtime.shapes import is_discrete, values_of
from smt_models.runtime.state import NOWHERE
from smt_models.system.evaluate import evaluate, holds
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec, Enum, Value
from smt_models.system.terms import (
    BOOLEAN,
    TRUE,
    Term,
    Variable,
    apply,
    both,
    conjunction,
    equal,
    literal,
    negation,
)

PLACE = Where("free", 3, "src/lib.rs:7")
STATE = Variable("state", Enum("state", ("idle", "lent", "gone")))
COUNT = Variable("count", BitVec(8))
CODE = Variable("code", BitVec(8))
N = Variable("input 0", BitVec(8))
Updates = tuple[tuple[str, Term], ...]


def small(variables: tuple[Variable, ...], start: tuple[Value, ...], *edges: Edge) -> tuple[Edges, System]:
    """Numbers may be anything at first."""
    shaped = tuple(one for one in variables if is_discrete(one))
    shapes = tuple(itertools.product(*(values_of(one) for one in shaped)))
    first = conjunction(equal(one, literal(value, one.sort)) for one, value in zip(shaped, start, strict=True))
    every = tuple(edge if edge.shapes else _everywhere(edge, shapes) for edge in edges)
    steps = tuple(_step(number, edge) for number, edge in enumerate(every))
    bad = tuple(Bad(one, FAULT.is_(one)) for one in OBLIGATIONS)
    system = System("small", (*variables, FAULT), both(first, FAULT.is_("none")), steps, bad)
    return Edges(variables, (), shaped, shapes, start, (), every), system


def _everywhere(edge: Edge, shapes: tuple[tuple[Value, ...], ...]) -> Edge:
    return Edge(
        edge.action, edge.actor, edge.citation, edge.condition, edge.updates, frozenset(shapes), edge.fault,
        edge.whole, edge.names, edge.events, edge.forgotten, edge.host,
    )  # fmt: skip


def _step(number: int, edge: Edge) -> Step:
    guard = both(FAULT.is_("none"), edge.condition)
    inputs = tuple(one for _, one in edge.names if isinstance(one, Variable))
    return Step(f"{edge.action} {number}", edge.action, "MIR", edge.actor, inputs, guard, edge.updates)


def edge(
    action: str,
    condition: Term,
    updates: Updates,
    fault: str = "",
    inputs: tuple[Variable, ...] = (),
    told: bool = False,
) -> Edge:
    """`told`: the first input is a code that the host gives."""
    broken = Fault(fault, "because", PLACE) if fault else None
    updates = ((FAULT.name, FAULT.value(fault)),) if fault else updates
    events = (Told("stream.write", "answers", "CABI", "ANSWER", inputs[0], (), PLACE),) if told else ()
    names = tuple((one.name, one) for one in inputs)
    every = frozenset[tuple[Value, ...]]()
    return Edge(action, Actor.CLIENT, "MIR", condition, updates, every, broken, condition, names, events, (), ())


def lending(guarded: bool) -> tuple[Edges, System]:
    """Lend, take back, free; freeing looks at the state, or (the broken twin) does not."""
    lend = edge("lend", STATE.is_("idle"), (("state", STATE.value("lent")),))
    back = edge("back", STATE.is_("lent"), (("state", STATE.value("idle")),))
    free = edge("free", STATE.is_("idle"), (("state", STATE.value("gone")),))
    early = edge("free", STATE.is_("lent"), (), "cancel-before-free")
    return small((STATE,), ("idle",), lend, back, free, *(() if guarded else (early,)))


def counting(goal: int) -> tuple[Edges, System]:
    """Each step adds at most three, told by the host; the goal is a fault."""
    none, three = literal(0, COUNT.sort), literal(3, COUNT.sort)
    start = edge("start", STATE.is_("idle"), (("count", none), ("state", STATE.value("lent"))))
    add = edge(
        "add",
        both(STATE.is_("lent"), apply("bvule", N, three)),
        (("count", apply("bvadd", COUNT, N)),),
        inputs=(N,),
        told=True,
    )
    reached = both(STATE.is_("lent"), equal(COUNT, literal(goal, COUNT.sort)))
    return small((STATE, COUNT), ("idle",), start, add, edge("stop", reached, (), "memory"))


def choosing() -> tuple[Edges, System]:
    """The client chooses a number of at least two, at once."""
    wants = both(STATE.is_("idle"), apply("bvule", literal(2, N.sort), N))
    one = edge("choose", wants, (), "memory", (N,))
    events = (Chosen("length", N, NOWHERE),)
    chosen = Edge(
        one.action, one.actor, one.citation, one.condition, one.updates, one.shapes, one.fault, one.whole, one.names,
        events, (), (),
    )  # fmt: skip
    return small((STATE,), ("idle",), chosen)


# Random ones, small enough to look at every state

FLAGS = (Variable("a", BOOLEAN), Variable("b", BOOLEAN))
WORD = Variable("w", BitVec(2))
INPUT = Variable("input 0", BitVec(2))


def scattered(seed: int) -> tuple[Edges, System]:
    chance = random.Random(seed)
    variables = (*FLAGS, WORD)
    made: list[Edge] = []
    for number in range(chance.randint(3, 6)):
        condition = conjunction(_condition(chance) for _ in range(chance.randint(1, 3)))
        updates = tuple((one.name, _new(chance, one)) for one in variables if chance.random() < 0.5)
        made.append(edge(f"act {number}", condition, updates, inputs=(INPUT,)))
    condition = conjunction(_condition(chance) for _ in range(3))
    return small(variables, (False, False), *made, edge("stop", condition, (), "memory", (INPUT,)))


def _condition(chance: random.Random) -> Term:
    number = _number(chance)
    term = chance.choice([*FLAGS, equal(WORD, number), apply("bvult", number, WORD), equal(INPUT, WORD)])
    return negation(term) if chance.random() < 0.4 else term


def _number(chance: random.Random) -> Term:
    constant = literal(chance.randrange(4), WORD.sort)
    numbers: list[Term] = [INPUT, constant, apply("bvadd", WORD, INPUT), apply("bvadd", WORD, constant)]
    return chance.choice(numbers)


def _new(chance: random.Random, variable: Variable) -> Term:
    return _number(chance) if variable == WORD else chance.choice([TRUE, negation(variable), _condition(chance)])


def nearest(edges: Edges) -> int | None:
    """How many steps the nearest fault needs, by looking at every state there is."""
    names = [one.name for one in edges.variables]
    layer = {(*edges.start, number) for number in range(4)}
    seen = set(layer)
    for steps in itertools.count(1):
        if not layer:
            return None
        after: set[tuple[Value, ...]] = set()
        for state in layer:
            for one, values in _enabled(edges, dict(zip(names, state, strict=True))):
                if one.fault is not None:
                    return steps
                changed = {name: evaluate(term, values) for name, term in one.updates}
                after.add(tuple(changed.get(name, values[name]) for name in names))
        layer = after - seen
        seen |= after
    raise AssertionError


def _enabled(edges: Edges, state: dict[str, Value]) -> Iterator[tuple[Edge, dict[str, Value]]]:
    for one in edges.edges:
        for number in range(4):
            values = {**state, INPUT.name: number}
            if holds(one.condition, values):
                yield one, values

"""Loops that go round more often than they are followed: cut at their heads. What goes on from a head is executed from
there in any state that a path can come to it in, as though it were a call: the statics are as any call may find them,
and of the locals that is known which is the same on every way to the head. The others are cells of the model, which
whoever comes to the head writes, and who goes on from there reads.

So a step of the model is a part of a call. At which of its heads a call is under way is a cell of the model, so that no
step from a head is taken where nobody came there. The model allows more than the code does: others may be called, and
the same function again, before that call has ended. What the code does is one way through these steps, so that a proof
holds for both, and a violation is looked for without such steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from smt_models.runtime.loops import loop_heads, successors
from smt_models.runtime.program import Program
from smt_models.static_pools.places import variants_of
from smt_models.static_pools.shapes import Shape, changed, shape_of
from smt_models.static_pools.state import Frame, State
from smt_models.static_pools.values import WIDTH, NotModelled, Sum, Value, mapped
from smt_models.system.operators import BitVec
from smt_models.system.terms import Literal, Term, Variable, equal
from smt_models.wasm.build import make, number

FOLLOWED = 2
"""How often a head is come to before the loop is cut there: so many rounds are followed from the start of the call."""
MOST_SHAPES, MOST_ARRIVALS = 40, 200
Head = tuple[str, int]
"""Function and block."""
Moves = tuple[tuple[Variable, Term], ...]
"""What cells become."""


ENDED = number(0, WIDTH)
"""Instead of a head: no call is at one."""


def name_of(place: int, call: str) -> str:
    """Of a head, numbered from 1 on."""
    return f"loop {place} of {call}"


def under_way(place: str) -> Variable:
    """The cell that says at which of its heads a call is, for one of them."""
    return Variable(f"head of {place.partition(' of ')[2]}", BitVec(WIDTH))


def number_of(place: str) -> Literal:
    return number(int(place.removeprefix("loop ").partition(" of ")[0]), WIDTH)


def is_at(place: str) -> Term:
    return equal(under_way(place), number_of(place))


def its_head(local: Variable) -> str:
    """The name of the head of which it is a cell."""
    return f"loop {local.name.rpartition(' in loop ')[2]}"


class GoesRound(Exception):
    """The loop at this head has to be cut: it goes round more often than it is followed, or on too many ways."""

    def __init__(self, head: Head) -> None:
        super().__init__(f"{head[0]} bb{head[1]}")
        self.head = head


def head_of(frames: list[Frame], heads: frozenset[Head]) -> Head | None:
    """Of the outermost loop under way that went round more often than is followed, and is not cut yet."""
    for frame in frames:
        inside = {one for one, visits in frame.visits.items() if visits > FOLLOWED}
        for head in sorted(loop_heads(frame.function.body)):
            if head in inside and (frame.name, head) not in heads and _goes_round(frame, head):
                return frame.name, head
    return None


def _goes_round(frame: Frame, head: int) -> bool:
    """Whether the block where the frame stands is in the loop: it leads back to its head."""
    seen, waiting = {frame.block}, [frame.block]
    while waiting:
        for one in successors(frame.function.body, waiting.pop()):
            if one == head:
                return True
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return frame.block == head


@dataclass
class Place:
    """A head in one shape. `classes`: of each number its value, where every way to here has the same, else which others
    are equal to it on every way.
    """

    shape: Shape
    classes: tuple[Literal | int, ...]
    name: str

    @property
    def cells(self) -> tuple[Literal | Variable, ...]:
        """Of each number: one for each class."""
        made: dict[int, Variable] = {}
        told = zip(self.classes, self.shape.terms, self.shape.names, strict=True)
        return tuple(
            one if isinstance(one, Literal) else made.setdefault(one, Variable(f"{name} in {self.name}", term.sort))
            for one, term, name in told
        )

    def joined(self, terms: tuple[Term, ...]) -> tuple[Literal | int, ...]:
        known: dict[tuple[Literal | int, Term], int] = {}
        pairs = list(zip(self.classes, terms, strict=True))
        return tuple(
            old if isinstance(old, Literal) and old == term else known.setdefault((old, term), len(known))
            for old, term in pairs
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """At a place, with these numbers."""

    place: str
    terms: tuple[Term, ...]


@dataclass
class Heads:
    """The places that one call comes to. `name`: of that call alone."""

    program: Program
    name: str
    places: dict[str, Place] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    changes: int = 0

    def moves(self, arrival: Arrival) -> Moves:
        """What the cells of the place become: known once nobody comes to it in a new way."""
        cells = self.places[arrival.place].cells
        found = {one: term for one, term in zip(cells, arrival.terms, strict=True) if isinstance(one, Variable)}
        return tuple(found.items())

    def come_to(self, state: State) -> Arrival:
        """NotModelled where it cannot be gone on from."""
        local = state.fork()
        local.objects = {base: value for base, value in state.objects.items() if isinstance(base, int)}
        shape = shape_of(local)
        arrival = Arrival(shape.key, shape.terms)
        known: dict[Term, int] = {}
        if shape.key not in self.places:
            if len(self.places) == MOST_SHAPES:
                raise NotModelled(f"a loop whose head is come to in more than {MOST_SHAPES} ways")
            classes = tuple(
                one if isinstance(one, Literal) else known.setdefault(one, len(known)) for one in shape.terms
            )
            self.places[shape.key] = Place(shape, classes, name_of(len(self.places) + 1, self.name))
        else:
            place = self.places[shape.key]
            classes = place.joined(shape.terms)
            if classes == place.classes:
                return arrival
            place.classes = classes
        self.changes += 1
        if self.changes > MOST_ARRIVALS:
            raise NotModelled(f"a loop whose head is come to in more than {MOST_ARRIVALS} ways")
        if shape.key not in self.waiting:
            self.waiting.append(shape.key)
        return arrival

    def begun(self, key: str, state: State) -> State:
        """In any state of the statics, which `state` has: what goes on from the head."""
        place = self.places[key]
        cells = iter(place.cells)
        local = changed(place.shape.state, lambda _term, _name: next(cells))
        state.objects |= local.objects
        state.frames = local.frames
        state.frames[-1].visits = {state.frames[-1].block: FOLLOWED - 1}
        state.counter = max(state.counter, local.counter)
        state.where = local.where
        for one in _sums(local.objects.values()):
            count = len(variants_of(self.program, one.type))
            if not isinstance(one.tag, Literal) and count:
                state.condition = (*state.condition, make("bvult", one.tag, number(count, WIDTH)))
        return state


def _sums(values: Iterable[Value]) -> list[Sum]:
    found: list[Sum] = []

    def look(one: Value) -> Value | None:
        if isinstance(one, Sum):
            found.append(one)
        return None

    for value in values:
        mapped(value, look)
    return found

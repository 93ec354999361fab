"""A type that owns a block, or a realloc, as a transition system: places between calls and at the heads of loops, and
every path from each place to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from smt_models.buffers.cuts import BUFFER, CALL, Cell, renewed, shape_of
from smt_models.buffers.entry import Begun, call_of, realloc_of
from smt_models.buffers.execute import MODELS, BlockExecutor
from smt_models.buffers.handed import using
from smt_models.buffers.heap import BLOCK
from smt_models.buffers.results import DROPPING, between_calls, handed_to_host, refuse_let_out, returned
from smt_models.buffers.roles import NO_ROLES, Roles, roles_of
from smt_models.buffers.subject import Buffer, Owner, buffers_of, not_modelled
from smt_models.buffers.supposed import Elements
from smt_models.buffers.vectors import ELEMENTS, FORM
from smt_models.pools import conditions as c
from smt_models.pools.steps import PoolStep
from smt_models.runtime.outcomes import Where
from smt_models.static_pools.execute import Path
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.model import numbers_of
from smt_models.static_pools.state import Broken, Cut, Panicked, Returned, State, Unmodelled
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import NotModelled, Pointer, Struct, Value
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec
from smt_models.system.terms import TRUE, Literal, Term, Variable, both, conjunction, equal, negation, variables_of
from smt_models.wasm.build import number

KINDS = (c.INDEX, c.RANGE, c.ALIGNED, c.ZERO_SIZE, c.EXHAUSTION)
COUNTED = (c.EXTENT, c.PARTIAL_WRITE)
"""What is asked where it is followed which elements were handed over; the others end a run there, too."""


def kinds_of(elements: Elements) -> tuple[str, ...]:
    return (*KINDS, *COUNTED) if elements is Elements.COUNTED else KINDS


PLACE = Variable("place", BitVec(8))
NOTHING = 0
"""The place at which there is no value, and no call under way."""
MOST_PLACES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """`name`: for people. `roles`: of its cells."""

    number: int
    name: str
    cells: tuple[Cell, ...]
    roles: Roles

    @property
    def here(self) -> Term:
        return at(self.number)


@dataclass(frozen=True, slots=True)
class PathStep:
    """`asked`: the obligations that are checked on this path. `exact`: the model says no more than the code does.
    `given`: what is passed where a call begins. `source`, `target`: the places that it leads from and to, if it does.
    """

    source: int
    target: int | None
    step: PoolStep
    given: tuple[tuple[str, Value], ...]
    asked: frozenset[str]
    exact: bool
    what: str
    where: Where

    @property
    def is_fault(self) -> bool:
        """Whether it violates something, or has no model: what else leads to no place changes nothing."""
        return self.target is None and bool(self.step.step.updates)


@dataclass(frozen=True, slots=True)
class BufferModel:
    buffer: Buffer
    elements: Elements
    places: tuple[Place, ...]
    paths: tuple[PathStep, ...]
    system: System
    functions: tuple[str, ...]
    trusted: tuple[str, ...]

    @property
    def steps(self) -> tuple[PoolStep, ...]:
        return tuple(one.step for one in self.paths)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(condition(kind, self.buffer.name) for kind in kinds_of(self.elements))

    @property
    def cells(self) -> tuple[str, ...]:
        return (PLACE.name, *(cell.variable.name for place in self.places for cell in place.cells))

    def within(self, steps: int) -> BufferModel:
        """With nothing but what can take part in a run of so many steps."""
        near = {NOTHING}
        for _ in range(steps - 1):
            near |= {one.target for one in self.paths if one.source in near and one.target is not None}
        return self.only(tuple(one for one in self.paths if one.source in near))

    def ways(self, kind: str) -> Iterator[tuple[BufferModel, int]]:
        """Shortest first, ways from place to place, no place twice, that end with a step that asks for it: what of the
        model is on the way, each loop gone round, and how many steps these are if each loop is gone round once.
        """
        waiting: list[tuple[int, ...]] = [(NOTHING,)]
        while waiting:
            way = waiting.pop(0)
            hops = set(pairwise(way)) | {(place, place) for place in way}
            moves = tuple(one for one in self.paths if (one.source, one.target) in hops)
            last = tuple(one for one in self.paths if one.source == way[-1] and kind in one.asked)
            if last:
                loops = {one.source for one in moves if one.source == one.target}
                yield self.only(tuple(dict.fromkeys((*moves, *last)))), len(way) + len(loops & set(way[1:]))
            following = {one.target for one in self.paths if one.source == way[-1] and one.target is not None}
            waiting += [(*way, place) for place in sorted(following - set(way))]

    def chains(self, steps: int) -> tuple[BufferModel, ...]:
        """Parts of the model that together have all its runs of so many steps that end with a fault: moves that follow
        each other, and the faults that may come after them.
        """
        found: set[tuple[frozenset[int], int]] = {(frozenset(), NOTHING)}
        for _ in range(steps - 1):
            found = {
                (moves | {number}, one.target)
                for moves, place in found
                for number, one in enumerate(self.paths)
                if one.source == place and one.target is not None
            }
        last: dict[frozenset[int], set[int]] = {}
        for moves, place in found:
            faults = {number for number, one in enumerate(self.paths) if one.source == place and one.is_fault}
            last.setdefault(moves, set()).update(faults)
        return tuple(
            self.only(tuple(one for number, one in enumerate(self.paths) if number in moves or number in faults))
            for moves, faults in sorted(last.items(), key=lambda one: sorted(one[0]))
            if faults
        )

    def only(self, paths: tuple[PathStep, ...]) -> BufferModel:
        """With these paths, and the places that they are between."""
        there = {NOTHING} | {place for one in paths for place in (one.source, one.target)}
        places = tuple(one for one in self.places if one.number in there)
        gone = {cell.variable for one in self.places if one.number not in there for cell in one.cells}
        variables = tuple(one for one in self.system.variables if one not in gone)
        system = replace(self.system, variables=variables, steps=tuple(one.step.step for one in paths))
        return replace(self, places=places, paths=paths, system=system)


def condition(kind: str, name: str) -> str:
    return f"{kind} of {name}"


def at(place: int) -> Term:
    return equal(PLACE, number(place, 8))


def model_of(subject: Subject, buffer: Buffer, elements: Elements = Elements.ANY) -> BufferModel:
    """Raises LookupError with what stands in the way of any model."""
    if subject.program.shadowing is not None:
        raise LookupError(subject.program.shadowing)
    try:
        return _Builder(subject, buffer, elements).model()
    except NotModelled as error:
        raise LookupError(error.what) from error


@dataclass
class _Builder:
    subject: Subject
    buffer: Buffer
    elements: Elements
    places: list[Place] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    paths: list[PathStep] = field(default_factory=list)

    def __post_init__(self) -> None:
        shared = frozenset[str]()
        self.inputs = Inputs(self.subject.facts, self.subject.allocations, shared)
        self.owner = self.buffer if isinstance(self.buffer, Owner) else None
        self.executor = BlockExecutor(
            self.subject.program,
            self.inputs,
            self.subject.known(MODELS),
            frozenset(one.type for one in buffers_of(self.subject) if isinstance(one, Owner) and not one.undropped),
            handed_to_host if self.owner is None else self._returned,
        )

    def model(self) -> BufferModel:
        if self.owner is not None:
            why = not_modelled(self.subject, self.owner.type)
            if why is not None:
                raise NotModelled(why)
            if self.elements is Elements.COUNTED and self.owner.readers:
                raise NotModelled(f"elements that {self.owner.readers[0]} may use, which is no function of the type")
        self.places.append(Place(NOTHING, "nothing", (), NO_ROLES))
        self.states.append(State(sealed=(BLOCK, ELEMENTS) if self.elements is Elements.COUNTED else ()))
        number_ = 0
        while number_ < len(self.places):
            for begun, called in self._begun(number_):
                for path in self.executor.run(begun.state):
                    self.paths.append(self._step(number_, begun, called, path))
            number_ += 1
        return BufferModel(
            self.buffer, self.elements, tuple(self.places), tuple(self.paths), self._system(), self._functions(),
            tuple(sorted(self.executor.machine.trusted)),
        )  # fmt: skip

    def _system(self) -> System:
        names = tuple(condition(kind, self.buffer.name) for kind in kinds_of(self.elements))
        flags = tuple(c.flag(name) for name in (*names, c.UNMODELLED))
        cells = tuple(cell.variable for place in self.places for cell in place.cells)
        return System(
            f"buffer {self.buffer.name}",
            (PLACE, *cells, *flags),
            conjunction((at(NOTHING), *map(negation, flags))),
            tuple(one.step.step for one in self.paths),
            tuple(Bad(name, c.flag(name)) for name in (*names, c.UNMODELLED)),
        )

    def _returned(self, state: State, value: Value) -> None:
        returned(state, value, "" if self.owner is None else self.owner.type)
        function = self.subject.program.functions.get(state.where.function)
        if function is not None:  # else it is a constant, which is nobody's yet
            refuse_let_out(function.result, value)

    def _functions(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.buffer.entered)))

    # Where execution goes on

    def _begun(self, place: int) -> Iterator[tuple[Begun, str]]:
        """Calls that begin at a place between calls; else what was under way."""
        state = self.states[place]
        if state.frames:
            yield Begun(state.fork(), ()), f"on from {self.places[place].name}"
        elif self.owner is None:
            for fresh in (True, False):
                yield realloc_of(self.executor.machine, self.buffer.name, fresh), self.buffer.name
        else:
            yield from self._calls(place, state, self.owner)

    def _calls(self, place: int, state: State, owner: Owner) -> Iterator[tuple[Begun, str]]:
        for entry in owner.functions:
            try:
                begun = call_of(state, self.executor.machine, entry, owner.type, self.inputs, self.elements)
            except NotModelled as error:
                self.paths.append(self._lost(place, entry, f"{error.what} as an argument"))
                continue
            if begun is not None:
                yield begun, entry
        if BUFFER in state.objects:
            dropped = state.fork()
            self.executor.machine.enter(dropped, owner.drop, (Pointer(BUFFER),))
            dropped.objects[CALL] = DROPPING
            if self.elements is Elements.COUNTED:
                using(dropped, owner.drop, ())
            yield Begun(dropped, ()), owner.drop

    def _lost(self, place: int, entry: str, what: str) -> PathStep:
        name = f"{entry} {len(self.paths)}"
        step = Step(name, entry, entry, Actor.CLIENT, (), at(place), ((c.flag(c.UNMODELLED).name, TRUE),))
        return PathStep(
            place, None, PoolStep(step, entry, (), None), (), frozenset(), False, what, Where(entry, 0, entry)
        )

    def _step(self, place: int, begun: Begun, called: str, path: Path) -> PathStep:
        state = path.state
        updates, what = self._outcome(path)
        name = called.replace("@", " at ")
        step = Step(
            f"{name} {len(self.paths)}", name, str(state.where), Actor.CLIENT, state.inputs,
            both(at(place), *state.condition), tuple(updates),
        )  # fmt: skip
        asked = frozenset(kind for kind, _ in state.asked)
        exact = not any(one.name.startswith("contents") for one in state.inputs)
        inputs = _small_first(begun, state.inputs)
        target = next((int(term.value) for of, term in updates if of == PLACE.name and isinstance(term, Literal)), None)
        return PathStep(place, target, PoolStep(step, name, inputs, None), begun.given, asked, exact, what, state.where)

    def _outcome(self, path: Path) -> tuple[list[tuple[str, Term]], str]:
        """What a path changes, and what there is to say of it."""
        try:
            match path.outcome:
                case Returned(value):
                    if path.state.objects.get(CALL) == DROPPING and self.owner is not None and self.owner.undropped:
                        raise NotModelled(self.owner.undropped)
                    owner = "" if self.owner is None else self.owner.type
                    return self._arrived(between_calls(path.state, value, owner)), ""
                case Cut():
                    return self._arrived(path.state), ""
                case Broken(kind, why, _):
                    return [(c.flag(condition(kind, self.buffer.name)).name, TRUE)], why
                case Unmodelled(why):
                    return [(c.flag(c.UNMODELLED).name, TRUE)], why
                case Panicked():  # the program ends, and nothing is different before that
                    return [], ""
        except NotModelled as error:
            return [(c.flag(c.UNMODELLED).name, TRUE)], error.what

    def _arrived(self, state: State) -> list[tuple[str, Term]]:
        """At a place, which is a new one if no other has this shape."""
        if not state.frames and BUFFER not in state.objects:
            return [(PLACE.name, number(NOTHING, 8))]
        shape = shape_of(state)
        place = self.known.get(shape.key)
        if place is None:
            place = self.known[shape.key] = len(self.places)
            if place > MOST_PLACES:
                raise NotModelled(f"more than {MOST_PLACES} places between which code is executed")
            name = f"the loop at {state.where.source}" if state.frames else f"a value of {self.buffer.name}"
            renewed_state, cells = renewed(shape, f"{place}")
            self.places.append(Place(place, name, cells, roles_of(renewed_state)))
            self.states.append(renewed_state)
        cells = self.places[place].cells
        moved = [(cell.variable.name, term) for cell, term in zip(cells, shape.terms, strict=True)]
        return [(PLACE.name, number(place, 8)), *moved]


def _small_first(begun: Begun, inputs: tuple[Variable, ...]) -> tuple[Variable, ...]:
    """The numbers that are passed, in the order in which a counterexample makes them small: how large an element is
    comes before how many there are.
    """
    given = sorted((value for _, value in begun.given), key=lambda one: not isinstance(one, Struct) or one.type != FORM)
    shown = dict.fromkeys(one for value in given for term in numbers_of(value) for one in variables_of(term))
    return tuple(one for one in shown if one in inputs)

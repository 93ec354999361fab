"""The state of one path: objects that live, frames, what is known, and the words of the host.

An object that is not in the store is gone: popping a frame, `StorageDead` and freeing take it out, and every access to
it from then on is a violation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from extract.mir.statements import UnwindAction
from extract.mir.tree import Function
from smt_models.runtime.events import Chosen, Event, Noted
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Fork, NotModelled, Violation, Where
from smt_models.runtime.shapes import Shape, allowed, consistent
from smt_models.runtime.values import MOVED, Aggregate, Choice, Moved, Pointer, Step, Value, Variant, with_parts
from smt_models.system.operators import Sort
from smt_models.system.terms import FALSE, TRUE, Literal, Term, Variable, equal, negation

MEMORY = "memory"
"""The obligation that guest code touches only places that live and are initialised."""


SINK = 0
"""The object that takes results that nobody wants."""
NO_SIZE = -2
"""The object that stands for elements without size: it is always there, and never lent."""
NOWHERE = Where("?", 0, "?")


@dataclass(slots=True)
class Frame:
    """A body under execution. `place` and `target`: where the call under way puts its result and goes on; `unwind`:
    what happens if it panics.
    """

    function: Function
    name: str
    serial: int
    locals: dict[int, int]
    block: int = 0
    place: Pointer | None = None
    target: int | None = None
    unwind: UnwindAction | None = None

    def copy(self) -> Frame:
        return Frame(
            self.function, self.name, self.serial, dict(self.locals), self.block, self.place, self.target, self.unwind
        )


@dataclass(frozen=True, slots=True)
class Then:
    """What goes on when the frame above returns: None if it pushed frames of its own, else the value to hand on.

    `unwound`: what it does when that frame is unwound, with the state in which it was taken off. It raises Unwinds for
    the panic to go on (`unwinding.passes` does only that), or has pushed frames that are to run first, or has caught
    the panic.
    """

    what: str
    run: Callable[[State, Value], Value | None]
    unwound: Callable[[State], None]


@dataclass(slots=True)
class State:
    """`roots`: names of the objects that outlive an action. `loops`: what a loop's head was reached with."""

    objects: dict[int, Value] = field(default_factory=lambda: {SINK: MOVED})
    names: dict[int, str] = field(default_factory=dict)
    frames: list[Frame | Then] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    host: dict[str, Term] = field(default_factory=dict)
    statics: dict[str, Value] = field(default_factory=dict)
    counter: int = 1000
    events: tuple[Event, ...] = ()
    loops: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict)
    where: Where = NOWHERE
    result: Value | None = None
    blocks: frozenset[tuple[str, int]] = frozenset()
    updates: dict[str, Term] | None = None
    shaped: tuple[Variable, ...] = ()
    shapes: tuple[Shape, ...] = ()
    """Over the variables `shaped`, the combinations that the path may have started from; not looked at if none."""
    noted: frozenset[str] = frozenset()
    """Obligations that were broken in a way that stops nothing."""
    unwinding: bool = False
    """A panic is on its way to the frame on top."""
    carried: Value | None = None
    """A result is."""
    left: int | None = None
    """The frame that was left just now, or that a clean-up takes over, by its serial number: paths may join here."""
    forked: int = 0
    """What `counter` was where the path last forked: a frame entered since then has one way through it so far."""
    turns: dict[tuple[int, int], object] = field(default_factory=dict)
    """Loops by frame and head whose turns are counted, with what they began with."""
    arrived: bool = False
    """At the loop's head that the frame on top is at: its block is to be run."""

    def fork(self) -> State:
        frames = [one.copy() if isinstance(one, Frame) else one for one in self.frames]
        return State(
            dict(self.objects),
            dict(self.names),
            frames,
            self.facts,
            dict(self.host),
            dict(self.statics),
            self.counter,
            self.events,
            dict(self.loops),
            self.where,
            self.result,
            self.blocks,
            self.updates,
            self.shaped,
            self.shapes,
            self.noted,
            self.unwinding,
            self.carried,
            self.left,
            self.forked,
            dict(self.turns),
            self.arrived,
        )

    def assume(self, term: Term) -> bool:
        """False if it cannot be."""
        self.facts = self.facts.copy()  # what was known is shared with states that this one was copied to
        if not self.facts.assume(term):
            return False
        if self.shaped:
            self.shapes = consistent(self.shapes, allowed(self.shaped, self.facts))
            return bool(self.shapes)
        return True

    def log(self, event: Event) -> None:
        self.events = (*self.events, event)

    def note(self, kind: str, text: str) -> None:
        self.log(Noted(kind, text, self.where))

    def end_path(self) -> None:
        """Of a path that has ended it is asked what was known and what happened, and no more what was where: many are
        kept.
        """
        for one in (self.objects, self.names, self.frames, self.statics, self.loops, self.turns):
            one.clear()

    # What is known

    def fresh(self, name: str, sort: Sort) -> Variable:
        self.counter += 1
        return Variable(f"{name}#{self.counter}", sort)

    def chosen(self, what: str, sort: Sort) -> Variable:
        """An input that somebody else chooses: traces show it."""
        value = self.fresh(what, sort)
        self.log(Chosen(what, value, self.where))
        return value

    def is_true(self, term: Term) -> bool:
        """Forks if it is not known."""
        term = self.facts.simplify(term)
        if term in (TRUE, FALSE):
            return term == TRUE
        raise Fork(term, negation(term))

    def settle(self, value: Value) -> Value:
        """One of the options, if it is a choice; forks if it is not known which."""
        while isinstance(value, Choice):
            tag = self.facts.simplify(value.tag)
            if isinstance(tag, Literal):
                value = value.options[value.members.index(str(tag.value))]
            else:
                raise Fork(*(equal(tag, value.tag.value(member)) for member in value.members))
        return value

    def resolved(self, value: Value) -> Value:
        """With every choice made that is known; never forks."""
        match value:
            case Choice(tag, options):
                known = self.facts.simplify(tag)
                if isinstance(known, Literal):
                    return self.resolved(options[value.members.index(str(known.value))])
                return value
            case Aggregate(_, fields) | Variant(_, _, fields):
                return with_parts(value, tuple([self.resolved(one) for one in fields]))
            case _:
                return value

    # Places

    def allocate(self, value: Value, name: str) -> int:
        self.counter += 1
        self.objects[self.counter] = value
        self.names[self.counter] = name
        return self.counter

    def end(self, base: int) -> None:
        """The object's lifetime ends."""
        self.objects.pop(base, None)

    def read(self, place: Pointer) -> Value:
        """The value at a place, as it stands: it may be a choice. Violation if the place is gone."""
        if place.base not in self.objects:
            raise Violation(MEMORY, f"{self.names.get(place.base, 'a place')} is gone")
        value = self.objects[place.base]
        for step in place.path:
            value = _field(self.settle(value), step)
        return value

    def load(self, place: Pointer) -> Value:
        """Settled and initialised."""
        value = self.settle(self.read(place))
        if isinstance(value, Moved):
            raise Violation(MEMORY, f"{self.names.get(place.base, 'a place')}{list(place.path)} was moved away")
        return value

    def write(self, place: Pointer, value: Value) -> None:
        if place.base not in self.objects:
            raise Violation(MEMORY, f"{self.names.get(place.base, 'a place')} is gone")
        self.objects[place.base] = self._replaced(self.objects[place.base], place.path, value)

    def _replaced(self, value: Value, path: tuple[Step, ...], new: Value) -> Value:
        if not path:
            return new
        value = self.settle(value)
        inner = self._replaced(_field(value, path[0]), path[1:], new)
        number = path[0] if isinstance(path[0], int) else path[0][1]
        assert isinstance(value, Aggregate | Variant)
        fields = (*value.fields[:number], inner, *value.fields[number + 1 :])
        return with_parts(value, fields)

    def take(self, place: Pointer) -> Value:
        """Moves the value out of its place."""
        value = self.load(place)
        self.write(place, MOVED)
        return value


def _field(value: Value, step: Step) -> Value:
    match value, step:
        case Aggregate(_, fields), int():
            if step < len(fields):
                return fields[step]
        case Variant(_, index, fields), (variant, number):
            if variant != index:
                raise Violation(MEMORY, f"a field of variant {variant} while the variant is {index}")
            return fields[number]
        case Moved(), _:
            raise Violation(MEMORY, "a field of what was moved away")
        case _:
            pass
    raise NotModelled(f"field {step} of {type(value).__name__} {getattr(value, 'type', getattr(value, 'what', ''))}")

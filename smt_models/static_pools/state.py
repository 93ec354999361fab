"""The state of one path: statics and locals, frames, what was decided on the way, and how a path ends."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from extract.mir import types as t
from extract.mir.tree import Function as Body
from smt_models.pools.conditions import INDEX
from smt_models.runtime.outcomes import Fork, Where
from smt_models.static_pools.values import (
    CONTENTS,
    GUARDS,
    ON_HEAP,
    OUTSIDE,
    WIDTH,
    Array,
    Contents,
    Element,
    NeverHeld,
    NotModelled,
    Opaque,
    Pointer,
    Scalar,
    Step,
    Struct,
    Sum,
    Undefined,
    Value,
    choose,
    mapped,
    word,
)
from smt_models.system.operators import Sort
from smt_models.system.terms import FALSE, TRUE, Apply, Literal, Term, Variable, conjunction, negation
from smt_models.wasm.build import make, number

NOWHERE = Where("?", 0, "?")


@dataclass(frozen=True, slots=True)
class Returned:
    value: Value


@dataclass(frozen=True, slots=True)
class Panicked:
    """The program ends: nothing comes after it."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An obligation is violated: `pool` is the static that it is about, None if that is not known, empty if it is about
    another object.
    """

    kind: str
    why: str
    pool: str | None


@dataclass(frozen=True, slots=True)
class Unmodelled:
    what: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Stopped at the head of a loop, for those who go on from there (`loops.py`, `smt_models/buffers`)."""


Outcome = Returned | Panicked | Broken | Unmodelled | Cut


class Ends(Exception):
    """The path ends here."""

    def __init__(self, outcome: Panicked | Broken | Cut) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Coarser(Exception):
    """Of this array of a static nothing but the length can be kept: its elements are used in a way that has no meaning
    for each, or others may write them.
    """

    def __init__(self, base: str, path: tuple[Step, ...], why: str) -> None:
        super().__init__(why)
        self.array, self.why = (base, path), why


Finish = Callable[["State", Value], Value | None]
"""None: another frame was pushed, whose result it is."""


@dataclass(slots=True)
class Frame:
    """A body under execution. `place` and `target`: where a call under way puts its result and goes on; `finish`: what
    the result of this very frame is turned into.
    """

    function: Body
    name: str
    locals: dict[int, int]
    block: int = 0
    place: Pointer | None = None
    target: int | None = None
    visits: dict[int, int] = field(default_factory=dict)
    finish: Finish | None = None

    def copy(self) -> Frame:
        return replace(self, locals=dict(self.locals), visits=dict(self.visits))


@dataclass(slots=True)
class State:
    """`objects`: statics by name, locals by number. `inputs`: what was chosen from outside, in order."""

    objects: dict[int | str, Value] = field(default_factory=dict)
    types: dict[int | str, t.Type] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    condition: tuple[Term, ...] = ()
    inputs: tuple[Variable, ...] = ()
    counter: int = 0
    asked: frozenset[tuple[str, str]] = frozenset()
    """Kind and static of what was checked on the way."""
    where: Where = NOWHERE
    sealed: tuple[str, ...] = ()
    """Begin the names of objects of which no element is read or written as any other value is: they have owners that
    are followed apart."""
    owners: frozenset[str] = frozenset()
    """Types of which no value may get lost (`owners.py`)."""
    dropped: frozenset[str] = frozenset()
    """Types with a `Drop` of the crate: what is done where the library drops one is not followed, and may be anything.
    """
    heads: frozenset[tuple[str, int]] | None = None
    """Function and block where loops are cut (`loops.py`); None: where one goes round too often, it is not modelled."""
    attempt: Hashable = None
    failed: frozenset[Hashable] = frozenset()
    """What is known where an atomic is tried that may fail without reason, and where it did (`retries.py`)."""

    def fork(self) -> State:
        return replace(
            self, objects=dict(self.objects), types=dict(self.types), frames=[one.copy() for one in self.frames]
        )

    # What is known

    def assume(self, term: Term) -> bool:
        """False if it is known not to be."""
        known = self.known(term)
        if known == TRUE:
            return True
        if known == FALSE:
            return False
        self.condition = (*self.condition, term)
        return True

    def known(self, term: Term) -> Term:
        """True or false where it was decided on the way here, else the term."""
        for one in self.condition:
            if one == term:
                return TRUE
            if one == negation(term):
                return FALSE
        return term

    def is_true(self, term: Term) -> bool:
        """Forks if it is not known."""
        match self.known(term):
            case Literal(value):
                return bool(value)
            case Apply("not", (inner,)):
                return not self.is_true(inner)
            case Apply("and", parts):
                return all(self.is_true(one) for one in parts)
            case Apply("or", parts):
                return any(self.is_true(one) for one in parts)
        raise Fork(term, negation(term))

    def demand(self, term: Term, kind: str, why: str, base: int | str | None) -> None:
        """Where it does not hold, the obligation is violated."""
        if isinstance(base, str):
            self.asked |= {(kind, base)}
        if not self.is_true(term):
            other = "" if kind == INDEX and isinstance(base, int) else None  # an index beyond the end panics
            raise Ends(Broken(kind, why, base if isinstance(base, str) else other))

    def fresh(self, name: str, sort: Sort) -> Variable:
        self.counter += 1
        made = Variable(f"{name}#{self.counter}", sort)
        self.inputs = (*self.inputs, made)
        return made

    def owned_in(self, values: Iterable[Value], kept: frozenset[str] | None = None) -> int:
        """How many values they hold that must not get lost: owners, guards, what has a `Drop`; or of the types `kept`.
        An enum holds what its variant does, if that is known.
        """
        kept = self.owners | self.dropped | GUARDS if kept is None else kept
        found, waiting = 0, list(values)
        while waiting:
            match waiting.pop():
                case Struct(of) | Sum(of) if of in kept:
                    found += 1
                case Opaque() as one if one == ON_HEAP:
                    found += 1
                case Struct(_, parts) | Array(parts):
                    waiting += parts
                case Sum(_, tag, payloads):
                    for variant, parts in payloads:
                        if not isinstance(tag, Literal) or tag.value == variant:
                            waiting += parts
                case _:
                    pass
        return found

    def refuse_places(self, values: Iterable[Value]) -> None:
        """In an array of which the elements are not kept: who reads it there, or has the array, would have a way to
        what is followed. Slices of what is not kept may stand there. NotModelled.
        """

        def look(one: Value) -> None:
            is_kept = isinstance(one, Pointer) and (
                isinstance(one.base, str) or not isinstance(self.objects.get(one.base), Contents)
            )
            if is_kept or one == OUTSIDE:
                raise NotModelled("a pointer in an array whose elements are not kept")

        for value in values:
            mapped(value, look)

    # Places

    def allocate(self, value: Value, of: t.Type | None = None) -> int:
        self.counter += 1
        self.objects[self.counter] = value
        if of is not None:
            self.types[self.counter] = of
        return self.counter

    def read(self, place: Pointer) -> Value:
        """As it stands; UNDEFINED is no value yet."""
        if place.base not in self.objects:
            raise NotModelled("a place that is gone")
        self._unsealed(place)
        if not self._whole_elements(place):
            return CONTENTS
        try:
            return self._part(self.objects[place.base], place.path)
        except NotModelled as error:
            _refuse(place, error)

    def load(self, place: Pointer) -> Value:
        value = self.read(place)
        if isinstance(value, Undefined):
            raise NotModelled("a read of what is not initialised")
        return value

    def write(self, place: Pointer, value: Value) -> None:
        if place.base not in self.objects:
            raise NotModelled("a place that is gone")
        self._unsealed(place)
        self._whole_elements(place)
        try:
            self.objects[place.base] = self._replaced(self.objects[place.base], place.path, value)
        except NotModelled as error:
            _refuse(place, error)

    def _unsealed(self, place: Pointer) -> None:
        sealed = isinstance(place.base, str) and place.base.startswith(self.sealed)
        if sealed and any(isinstance(one, Element) for one in place.path):
            raise NotModelled("an element that is read or written by nothing that is followed")

    def _whole_elements(self, place: Pointer) -> bool:
        whole = place.seen is None and place.parts == 1
        if not whole and not isinstance(self.read(Pointer(place.base, place.path[:-1])), Contents):
            coarser(place, "bytes of it are read or written as something else")
        return whole

    def _part(self, value: Value, path: tuple[Step, ...]) -> Value:
        if not path:
            return value
        step, rest = path[0], path[1:]
        match value, step:
            case Struct(_, fields), int() if step < len(fields):
                return self._part(fields[step], rest)
            case Sum(), (int() as variant, int() as number_):
                fields = value.payload(variant)
                if number_ < len(fields):
                    return self._part(fields[number_], rest)
                raise NeverHeld(f"a part of {_shown(value)}")
            case Contents(_, element), Element():
                return CONTENTS if element is None else self._part(element, rest)
            case Opaque(), _ if value == CONTENTS:
                return CONTENTS
            case Array(elements), Element(index):
                if isinstance(index, Literal):
                    if int(index.value) < len(elements):
                        return self._part(elements[int(index.value)], rest)
                    raise NotModelled("an element beyond the end")
                if not elements:
                    raise NotModelled("an element of an empty array")
                found = self._part(elements[-1], rest)
                for place in range(len(elements) - 2, -1, -1):
                    found = choose(is_at(index, place), self._part(elements[place], rest), found)
                return found
            case _:
                pass
        raise NotModelled(f"a part of {_shown(value)}")

    def _replaced(self, value: Value, path: tuple[Step, ...], new: Value) -> Value:
        if not path:
            return new
        step, rest = path[0], path[1:]
        match value, step:
            case Struct(of, fields), int() if step < len(fields):
                return Struct(of, _with(fields, step, self._replaced(fields[step], rest, new)))
            case Sum(of, tag, payloads), (int() as variant, int() as number_):
                fields = value.payload(variant)
                if number_ < len(fields):
                    inner = _with(fields, number_, self._replaced(fields[number_], rest, new))
                    return Sum(of, tag, tuple((n, inner if n == variant else f) for n, f in payloads))
                raise NeverHeld(f"a part of {_shown(value)}")
            case Contents(), Element():
                if self.owned_in((new,)) or (rest and self.owners):
                    raise NotModelled("an owner in an array whose elements are not kept")
                self.refuse_places((new,))
                return value
            case Array(elements), Element(index):
                if isinstance(index, Literal):
                    place = int(index.value)
                    if place < len(elements):
                        return Array(_with(elements, place, self._replaced(elements[place], rest, new)))
                    raise NotModelled("an element beyond the end")
                return Array(
                    tuple(
                        choose(is_at(index, place), self._replaced(one, rest, new), one)
                        for place, one in enumerate(elements)
                    )
                )
            case _:
                pass
        raise NotModelled(f"a part of {_shown(value)}")

    def length_of(self, place: Pointer) -> Term:
        """Of the array or slice that stands there."""
        if place.length is not None:
            return place.length
        match self.read(place):
            case Array(elements):
                return word(len(elements)).term
            case Contents(length):
                return length
            case other:
                raise NotModelled(f"the length of {type(other).__name__}")


def coarser(place: Pointer, why: str) -> NoReturn:
    """Raises Coarser for the outermost array that the place is in; NotModelled if it is in none of a static."""
    first = next((number_ for number_, step in enumerate(place.path) if isinstance(step, Element)), None)
    if first is None or not isinstance(place.base, str):
        raise NotModelled(f"a cell of which {why}")
    raise Coarser(place.base, place.path[:first], why)


def _refuse(place: Pointer, error: NotModelled) -> NoReturn:
    """Elements that cannot be told apart by a number, as those of which some are not initialised, are not kept."""
    apart = any(isinstance(one, Element) and not isinstance(one.index, Literal) for one in place.path)
    if apart and isinstance(place.base, str) and not isinstance(error, NeverHeld):
        coarser(place, error.what)
    raise error


def is_at(index: Term, place: int) -> Term:
    return make("=", index, number(place, WIDTH))


def below(index: Term, length: Term) -> Term:
    return make("bvult", index, length)


def term_of(value: Value) -> Term:
    """The term of a number or truth value. NotModelled."""
    if isinstance(value, Scalar):
        return value.term
    raise NotModelled(f"{type(value).__name__} where a number belongs")


def path_condition(state: State) -> Term:
    return conjunction(state.condition)


def _with(values: tuple[Value, ...], place: int, value: Value) -> tuple[Value, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _shown(value: Value) -> str:
    match value:
        case Opaque(what):
            return f"what is not known ({what})"
        case Struct(of) | Sum(of):
            return of
        case _:
            return type(value).__name__

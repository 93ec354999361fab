"""States that differ in numbers only, as those that execution comes to at the head of a loop: the same frames, the same
objects, pointers to the same objects. Objects that nothing points at are forgotten; so are locals that are written
before they are read again, and what was decided on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from smt_models.static_pools.liveness import live_locals
from smt_models.static_pools.machine import handed_on
from smt_models.static_pools.state import Frame, State
from smt_models.static_pools.values import (
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Step,
    Struct,
    Sum,
    Value,
)
from smt_models.system.terms import Literal, Term, Variable

OFFSET, SIZE = "offset of ", "size of "
ENTERED = 0
"""How often a head was visited where execution begins at it."""
Change = Callable[[Term, str], Term]


@dataclass(frozen=True, slots=True)
class Shape:
    """A state with its numbers apart. `key`: equal for states of one place."""

    key: str
    terms: tuple[Term, ...]
    names: tuple[str, ...]
    state: State


def shape_of(state: State, kept: tuple[str, ...] = (), kinds: tuple[str, ...] = ()) -> Shape:
    """`kept`: names of objects that stay whatever points at them; `kinds`: how the names of others begin that are told
    apart by no more than the order in which they are come to. NotModelled where a state cannot be gone on from.
    """
    return _Walk(state, kinds).shape(kept)


class _Walk:
    """Through all that is reachable, in an order that depends on nothing but the shape."""

    def __init__(self, state: State, kinds: tuple[str, ...]) -> None:
        self._state = state
        self._kinds = kinds
        self._bases: dict[int | str, int | str] = {}
        self._waiting: list[int | str] = []
        self._pointed_at = {one.base for value in state.objects.values() for one in pointers(value)}

    def shape(self, kept: tuple[str, ...]) -> Shape:
        old = self._state
        new = State(counter=len(old.objects) + len(old.frames) + 1, where=old.where, sealed=old.sealed)
        for name in kept:
            if name in old.objects:
                self._base(name)
        new.frames = [self._frame(frame, frame is old.frames[-1]) for frame in old.frames]
        while self._waiting:
            base = self._waiting.pop(0)
            if base not in old.objects:
                continue  # it is gone; whoever uses it has no meaning
            new.objects[self._bases[base]] = self._moved(old.objects[base])
        new.counter = max(new.counter, len(self._bases))
        terms: list[Term] = []
        names: list[str] = []

        def numbered(term: Term, name: str) -> Term:
            terms.append(term)
            names.append(told_apart(name, names))
            return Variable(f"#{len(terms)}", term.sort)

        plain = changed(new, numbered)
        return Shape(_key(plain), tuple(terms), tuple(names), new)

    def _frame(self, frame: Frame, on_top: bool) -> Frame:
        if frame.finish not in (None, handed_on):
            raise NotModelled("a loop within what a library function calls")
        goes_on = frame.block if on_top or frame.target is None else frame.target
        live = live_locals(frame.function.body)[goes_on]
        kept = {number: base for number, base in frame.locals.items() if number in live or base in self._pointed_at}
        moved = {number: self._base(base) for number, base in sorted(kept.items())}
        locals_ = {number: base for number, base in moved.items() if isinstance(base, int)}
        place = None if frame.place is None else self._pointer(frame.place)
        visits = {frame.block: ENTERED} if on_top else {}
        return replace(frame, locals=locals_, place=place, visits=visits)

    def _base(self, base: int | str) -> int | str:
        if base not in self._bases:
            kind = next((one for one in self._kinds if isinstance(base, str) and base.startswith(one)), None)
            if kind is not None:
                count = sum(isinstance(one, str) and one.startswith(kind) for one in self._bases)
                self._bases[base] = f"{kind} {chr(ord('a') + count)}"
            elif isinstance(base, str):
                self._bases[base] = base
            else:
                self._bases[base] = 1 + sum(isinstance(one, int) for one in self._bases)
            self._waiting.append(base)
        return self._bases[base]

    def _pointer(self, one: Pointer) -> Pointer:
        return replace(one, base=self._base(one.base))

    def _moved(self, value: Value) -> Value:
        match value:
            case Pointer():
                return self._pointer(value)
            case Struct(of, fields):
                return Struct(of, tuple([self._moved(one) for one in fields]))
            case Array(elements):
                return Array(tuple([self._moved(one) for one in elements]))
            case Sum(of, tag, payloads):
                return Sum(of, tag, tuple([(n, tuple([self._moved(one) for one in each])) for n, each in payloads]))
            case _:
                return value


def pointers(value: Value) -> Iterator[Pointer]:
    match value:
        case Pointer():
            yield value
        case Struct(_, parts) | Array(parts):
            for one in parts:
                yield from pointers(one)
        case Sum(_, _, payloads):
            for _, parts in payloads:
                for one in parts:
                    yield from pointers(one)
        case _:
            pass


def told_apart(name: str, names: list[str]) -> str:
    count = sum(one == name or one.startswith(f"{name} (") for one in names)
    return f"{name} ({count + 1})" if count else name


def _key(state: State) -> str:
    """Names of objects, what they hold, and the frames."""
    frames = [
        (f.name, f.function.parameters, f.function.result, f.block, f.target, f.place, sorted(f.locals.items()))
        for f in state.frames
    ]
    return repr((frames, sorted(state.objects.items(), key=lambda one: str(one[0]))))


def changed(state: State, change: Change) -> State:
    """With another term for every number, in the same order for states of one shape."""
    new = replace(state, objects={}, types={}, condition=(), inputs=(), asked=frozenset())
    names = _names_of(state)
    for base, value in state.objects.items():
        new.objects[base] = _value(value, names.get(base, str(base)), change)
    new.frames = []
    for frame in state.frames:
        made = frame.copy()
        if made.place is not None:
            made.place = _at(made.place, f"where the result of {frame.name} goes", change)
        new.frames.append(made)
    return new


def _names_of(state: State) -> dict[int | str, str]:
    """Locals by the names that the source has for them."""
    found: dict[int | str, str] = {}
    for frame in state.frames:
        for number, base in frame.locals.items():
            found[base] = frame.function.body.name_of(number) or f"_{number}"
    return found


def _value(value: Value, name: str, change: Change) -> Value:
    match value:
        case Scalar(term):
            return Scalar(change(term, name))
        case Contents(length, element):
            return Contents(change(length, f"{SIZE}{name}"), element)
        case Pointer():
            return _at(value, name, change)
        case Struct(of, fields):
            return Struct(of, tuple([_value(one, f"{name}.{n}", change) for n, one in enumerate(fields)]))
        case Array(elements):
            return Array(tuple([_value(one, f"{name}[{n}]", change) for n, one in enumerate(elements)]))
        case Sum(of, tag, payloads):
            new_tag = tag if isinstance(tag, Literal) else change(tag, f"variant of {name}")
            held = [
                (n, tuple([_value(one, f"{name}.{m}", change) for m, one in enumerate(each)])) for n, each in payloads
            ]
            return Sum(of, new_tag, tuple(held))
        case _:
            return value


def _at(value: Pointer, name: str, change: Change) -> Pointer:
    path: list[Step] = []
    for step in value.path:
        what = f"bytes of {name}" if any(isinstance(one, Element) for one in path) else name
        path.append(Element(change(step.index, f"{OFFSET}{what}")) if isinstance(step, Element) else step)
    length = None if value.length is None else change(value.length, f"length of {name}")
    return replace(value, path=tuple(path), length=length)

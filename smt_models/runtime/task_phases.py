"""User code within the task's frames: the frames are kept as a phase, from which they go on when it returns.

A phase is what is on the stack: frames, and the objects that they reach. Two suspensions with equal frames are one
phase. Numbers that are not known may be anything when it goes on; whatever else differs makes another phase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache, partial
from types import FunctionType
from typing import Any

from extract.mir import statements as st
from extract.mir.operands import Index, Place
from extract.mir.tree import Body
from smt_models.runtime.constants import boolean
from smt_models.runtime.loops import successors
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import Frame, State, Then
from smt_models.runtime.template import ANY
from smt_models.runtime.values import MOVED, Aggregate, Pointer, Scalar, Value, Variant, mapped, pointers
from smt_models.system.operators import BitVec
from smt_models.system.terms import Literal, Variable

NOWHERE = -1
"""What a pointer points at whose object is gone."""


@dataclass(frozen=True, slots=True)
class Phase:
    """`objects`: what is on the stack, by where the phase keeps it; `statics`: constants that live among them."""

    what: str
    frames: tuple[Frame | Then, ...]
    objects: Mapping[int, Value]
    statics: Mapping[str, Value]

    def signature(self) -> object:
        frames = tuple(_signature(one) for one in self.frames)
        return self.what, frames, tuple(sorted(self.objects.items(), key=lambda item: item[0]))

    def resume(self, state: State) -> None:
        """The frames are on the stack again: what they wait for is still to be delivered."""
        state.frames.extend(one.copy() if isinstance(one, Frame) else one for one in self.frames)


def _signature(one: Frame | Then) -> object:
    if isinstance(one, Then):
        return one.what, captured(one)
    return one.name, one.block, one.place, one.target, tuple(sorted(one.locals.items()))


def captured(then: Then) -> tuple[Pointer, ...]:
    """The places that a step to come remembers."""
    held = [*_held(then.run), *_held(then.unwound)]
    flat = [part for one in held for part in (one if isinstance(one, tuple) else (one,))]
    return tuple(one for one in flat if isinstance(one, Pointer))


def _held(run: Any) -> list[Any]:
    """What a function was made with."""
    held: list[Any] = []
    while isinstance(run, partial):
        held += [*run.args, *run.keywords.values()]
        run = run.func
    if isinstance(run, FunctionType):
        held += [cell.cell_contents for cell in run.__closure__ or ()]
    return held


def _needed(frame: Frame) -> list[int]:
    """The locals that the frame can still read or write: those named in what its block's call goes on to, or in the
    clean-up if that unwinds.
    """
    assert frame.target is not None
    named = _named(frame.function.body, frame.target)
    if isinstance(frame.unwind, st.UnwindCleanup):
        named |= _named(frame.function.body, frame.unwind.block)
    return [base for number, base in frame.locals.items() if number in named]


@cache
def _named(body: Body, first: int) -> frozenset[int]:
    """The locals that a block and those after it name, but for the ends of their storage."""
    found = {0}  # is read by `return`
    seen, waiting = {first}, [first]
    while waiting:
        block = body.blocks[waiting.pop()]
        kinds: list[object] = [one.kind for one in block.statements if not isinstance(one.kind, st.StorageDead)]
        found.update(*(_locals(one) for one in (*kinds, block.terminator.kind)))
        following = [one for one in successors(body, block.number) if one not in seen]
        seen.update(following)
        waiting += following
    return frozenset(found)


def _locals(part: object) -> Iterator[int]:
    if isinstance(part, tuple):
        for one in part:
            yield from _locals(one)
    elif is_dataclass(part):
        if isinstance(part, Place | Index | st.StorageLive):
            yield part.local
        for field in fields(part):
            yield from _locals(getattr(part, field.name))


def reached(state: State, frames: Iterable[Frame | Then], roots: Iterable[int]) -> list[int]:
    """The objects that the frames and the roots reach, each once; not those that hold nothing, unless something points
    at them.
    """
    waiting = [base for root in roots for base in sorted(pointers(state.objects.get(root, MOVED)))]
    for one in frames:
        if isinstance(one, Frame):
            waiting += [base for base in _needed(one) if state.objects.get(base, MOVED) != MOVED]
            waiting += [] if one.place is None else [one.place.base]
        else:
            waiting += [place.base for place in captured(one)]
    found: dict[int, None] = {}
    while waiting:
        base = waiting.pop(0)
        if base in state.objects and base not in found:
            found[base] = None
            waiting += sorted(pointers(state.objects[base]))
    return list(found)


def renamed(value: Value, names: Mapping[int, int], there: Mapping[int, object]) -> Value:
    """With objects by their new names; those that are nowhere any more are NOWHERE."""

    def change(one: Value) -> Value | None:
        if not isinstance(one, Pointer):
            return None
        base = names.get(one.base, one.base)
        return replace(one, base=base if base in there else NOWHERE)

    return mapped(value, change)


def renamed_frame(
    one: Frame | Then, serial: int, names: Mapping[int, int], there: Mapping[int, object]
) -> Frame | Then:
    if isinstance(one, Then):

        def change(held: Any) -> Any:
            if isinstance(held, tuple):
                return tuple(change(part) for part in held)
            found = renamed(held, names, there) if isinstance(held, Pointer) else held
            if isinstance(found, Pointer) and found.base == NOWHERE:
                raise NotModelled(f"user code below {one.what}, which remembers what is gone")
            return found

        return replace(one, run=_renamed_step(one.run, change), unwound=_renamed_step(one.unwound, change))
    place = None if one.place is None else renamed(one.place, names, there)
    assert place is None or isinstance(place, Pointer)
    locals_ = {number: names[base] for number, base in sorted(one.locals.items()) if base in names}
    return Frame(one.function, one.name, serial, locals_, one.block, place, one.target, one.unwind)


def _renamed_step(run: Any, change: Callable[[Any], Any]) -> Any:
    """With what it was made with changed: that can be done to what `partial` was given, not to a closure."""
    if isinstance(run, partial):
        keywords = {name: change(held) for name, held in run.keywords.items()}
        return partial(_renamed_step(run.func, change), *map(change, run.args), **keywords)
    if any(change(held) != held for held in _held(run) if isinstance(held, Pointer | tuple)):
        raise NotModelled("user code below a closure that remembers a place on the stack")
    return run


def settled(state: State, value: Value, name: str) -> Value:
    """As a phase keeps it: choices made, numbers forgotten."""
    value = state.settle(value)
    match value:
        case Scalar(Literal()):
            return value
        case Scalar(term) if isinstance(term.sort, BitVec):
            return Scalar(Variable(f"{ANY}{name}", term.sort))
        case Scalar(term):
            return boolean(state.is_true(term))
        case Aggregate(_, inner) | Variant(_, _, inner):
            made = tuple(settled(state, one, f"{name}.{number}") for number, one in enumerate(inner))
            return replace(value, fields=made)
        case _:
            return value

"""Loops: summarised by widening, never cut.

A loop's head keeps the states that it was reached with. A new arrival that equals one of them but for numbers that
were made arbitrary there is covered by it: its continuation is among those of the earlier one. Else numbers that
differ become arbitrary, and pointers that differ by a distance come to be at an unknown distance; whatever else differs
is kept apart, a few times, and then the loop is Unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir.statements import (
    Assert,
    Call,
    Drop,
    FalseEdge,
    FalseUnwind,
    Goto,
    SwitchInt,
    UnwindCleanup,
)
from extract.mir.tree import Body
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.relocation import relocated
from smt_models.runtime.state import Frame, State, Then
from smt_models.runtime.values import Aggregate, Choice, Pointer, Scalar, Value, Variant, pointers
from smt_models.system.terms import Term, Variable

MAX_ARRIVALS = 5
_WIDENED = "widened"


def loop_heads(body: Body) -> frozenset[int]:
    """The targets of edges back to a block that is under way in a depth-first search."""
    heads: set[int] = set()
    done: set[int] = set()
    open_: set[int] = {0}
    stack: list[tuple[int, list[int]]] = [(0, successors(body, 0))]
    while stack:
        block, rest = stack[-1]
        if not rest:
            stack.pop()
            open_.discard(block)
            done.add(block)
            continue
        following = rest.pop()
        if following in open_:
            heads.add(following)
        elif following not in done:
            open_.add(following)
            stack.append((following, successors(body, following)))
    return frozenset(heads)


def successors(body: Body, block: int) -> list[int]:
    """The blocks that may come next, cleanup among them."""
    match body.blocks[block].terminator.kind:
        case Goto(target):
            return [target]
        case SwitchInt(_, targets, otherwise):
            return [*(target for _, target in targets), otherwise]
        case FalseEdge(real, imaginary):
            return [real, imaginary]
        case FalseUnwind(real, unwind) | Drop(_, real, unwind) | Assert(_, _, _, real, unwind):
            return [real, *([unwind.block] if isinstance(unwind, UnwindCleanup) else [])]
        case Call(_, _, _, target, unwind):
            cleanup = [unwind.block] if isinstance(unwind, UnwindCleanup) else []
            return [*([target] if target is not None else []), *cleanup]
        case _:
            return []


def arrive(state: State, frame: Frame) -> bool:
    """Whether an earlier arrival covers this one; else it is noted, and widened if it is not the first."""
    key = (frame.serial, frame.block)
    seen = state.loops.get(key, ())
    if seen:
        _name_again(seen, state)
    if any(_covers(earlier, state) for earlier in seen):
        return True
    if len(seen) >= MAX_ARRIVALS:
        raise NotModelled(f"a loop at bb{frame.block} of {frame.name} that does not settle")
    first = state.counter
    if seen:
        _widen(seen[-1], state)
        if any(_covers(earlier, state) for earlier in seen):
            return True
    free = frozenset(f"{_WIDENED}#{number}" for number in range(first + 1, state.counter + 1))
    state.loops[key] = (*seen, Picture(dict(state.objects), _frames(state), dict(state.host), free, state.counter))
    return False


@dataclass(frozen=True, slots=True)
class Picture:
    """A state at a loop's head. `free`: the numbers made arbitrary at this arrival; each stands in one place, and
    nothing was known of it. `counter`: objects with a higher number were made later."""

    objects: dict[int, Value]
    frames: tuple[object, ...]
    host: dict[str, Term]
    free: frozenset[str]
    counter: int


def _name_again(seen: tuple[object, ...], state: State) -> None:
    """A block made in this turn gets the number of one made in the turn before, at the same place, that is gone and
    that nothing points at: what a block is called makes no difference. Only of blocks made since the loop was entered:
    no frame below, nor what waits there, can know them.
    """
    first, last = seen[0], seen[-1]
    assert isinstance(first, Picture)
    assert isinstance(last, Picture)
    names, taken = state.names, set(state.objects)
    for value in state.objects.values():
        taken |= pointers(value)
    for base in sorted(state.objects):
        if base <= first.counter or base in last.objects or not names[base].startswith("block"):
            continue
        same = [one for one in sorted(last.objects) if one > first.counter and names.get(one) == names[base]]
        free = [one for one in same if one not in taken]
        if free:
            state.objects[free[0]] = state.objects.pop(base)
            state.objects = {at: relocated(value, {base: free[0]}, names) for at, value in state.objects.items()}
            taken.add(free[0])


def _frames(state: State) -> tuple[object, ...]:
    return tuple(
        one if isinstance(one, Then) else (one.serial, one.block, tuple(sorted(_live(one, state).items())), one.place)
        for one in state.frames
    )


def _live(frame: Frame, state: State) -> dict[int, int]:
    return {local: base for local, base in frame.locals.items() if base in state.objects}


def _covers(earlier: object, state: State) -> bool:
    """Facts only grow along a path, and a free number had none: so what is equal but for those is covered."""
    assert isinstance(earlier, Picture)
    objects = earlier.objects
    if earlier.frames != _frames(state) or earlier.host != state.host or objects.keys() != state.objects.keys():
        return False
    return all(_within(value, state.objects[base], earlier.free) for base, value in objects.items())


def _within(general: Value, value: Value, free: frozenset[str]) -> bool:
    if general == value:
        return True
    match general, value:
        case Scalar(Variable(name)), Scalar():
            return name in free and general.term.sort == value.term.sort
        case Aggregate(of, fields), Aggregate(other, others):
            same = of == other and len(fields) == len(others)
        case Variant(of, index, fields), Variant(other, number, others):
            same = (of, index) == (other, number) and len(fields) == len(others)
        case Choice(tag, fields), Choice(other_tag, others):
            same = tag == other_tag and len(fields) == len(others)
        case Pointer(base, path, True), Pointer(other_base, other_path, _):
            return (base, path) == (other_base, other_path)
        case _:
            return False
    return same and all(_within(one, other, free) for one, other in zip(fields, others, strict=True))


def _widen(earlier: object, state: State) -> None:
    assert isinstance(earlier, Picture)
    objects = earlier.objects
    for base, value in list(state.objects.items()):
        if base in objects:
            state.objects[base] = _joined(objects[base], value, state)


def _joined(earlier: Value, value: Value, state: State) -> Value:
    if earlier == value:
        return value
    match earlier, value:
        case Scalar(old), Scalar(new) if old.sort == new.sort:
            return Scalar(state.fresh(_WIDENED, new.sort))
        case Aggregate(of, fields), Aggregate(other, others) if of == other and len(fields) == len(others):
            return Aggregate(of, _each(fields, others, state))
        case Variant(of, index, fields), Variant(other, number, others) if (of, index) == (other, number):
            return Variant(of, index, _each(fields, others, state))
        case Pointer(base, path), Pointer(other_base, other_path) if (base, path) == (other_base, other_path):
            return Pointer(base, path, True)
        case _:
            return value


def _each(fields: tuple[Value, ...], others: tuple[Value, ...], state: State) -> tuple[Value, ...]:
    return tuple(_joined(one, other, state) for one, other in zip(fields, others, strict=True))

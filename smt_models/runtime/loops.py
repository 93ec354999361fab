"""Loops: summarised by widening, and never cut, unless only a violation is looked for.

A loop's head keeps the states that it was reached with. A new arrival that is an instance of one of them (`instances`)
is covered by it: its continuation is among those of the earlier one. Else numbers that grow become arbitrary, and
pointers that differ by a distance come to be at an unknown distance; whatever else differs is kept apart, a few times,
and then the loop is Unknown.
"""

from __future__ import annotations

from collections.abc import Callable
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
from smt_models.runtime.instances import Picture, covers, picture
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.relocation import relocated
from smt_models.runtime.state import Frame, State
from smt_models.runtime.temporaries import temporaries
from smt_models.runtime.turns import Turns
from smt_models.runtime.values import Aggregate, Pointer, Scalar, Step, Value, Variant, pointers
from smt_models.runtime.watcher import Watcher
from smt_models.system.terms import Apply, Literal, Term, Variable, apply, variables_of

MAX_ARRIVALS = 6
MAX_COUNTED = 3
WIDENED = "widened"
"""What a number is called that a loop changes in a way that is not known."""
COUNT = -1
"""In the place of a step into an object: of a code that the count is packed over [CABI], only the count."""


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


Place = tuple[str, tuple[Step, ...]]
"""The name of an object, and the way into it."""


class Loops:
    """What is known of the loops of a program. `most_turns`: they are gone through as they are, and what takes more
    turns is left out, so that nothing is proved.
    """

    def __init__(self, most_turns: int | None = None) -> None:
        self._most_turns = most_turns
        self._heads: dict[str, frozenset[int]] = {}
        self._temporaries: dict[str, frozenset[int]] = {}
        self._grown: dict[tuple[str, int], set[Place]] = {}
        """For each head the places whose numbers were seen to change: they are made arbitrary at the first arrival."""
        self._turns = Turns()

    def is_head(self, frame: Frame) -> bool:
        """Whether the block that the frame is at is a loop's head."""
        name, body = frame.name, frame.function.body
        if name not in self._heads:
            self._heads[name], self._temporaries[name] = loop_heads(body), temporaries(body)
        return frame.block in self._heads[name]

    def covers(self, state: State, frame: Frame, watcher: Watcher) -> bool:
        """Of a loop's head: whether an earlier arrival at it covers this one."""
        name = frame.name
        for number in self._temporaries[name] & frame.locals.keys():
            state.end(frame.locals.pop(number))
        if self._most_turns is not None:
            return _turned(state, frame, self._most_turns)
        if watcher.counts_turns:
            self._turns.arrives(state, frame)
        watcher.claims(state)
        if _arrive(state, frame, self._grown.setdefault((name, frame.block), set())):
            return True
        watcher.resumes(state)
        if watcher.counts_turns:
            self._turns.resumes(state, frame)
        return False


def _turned(state: State, frame: Frame, most: int) -> bool:
    """Whether it was at this head after so many turns."""
    key = (frame.serial, frame.block)
    seen = state.loops.get(key, ())
    state.loops[key] = (*seen, None)
    return len(seen) > most


def _arrive(state: State, frame: Frame, places: set[Place]) -> bool:
    """If no earlier arrival covers this one it is noted, and widened."""
    key = (frame.serial, frame.block)
    seen = state.loops.get(key, ())
    if seen:
        _name_again(seen, state)
    if any(covers(earlier, state) for earlier in seen):
        return True
    if len(seen) >= MAX_ARRIVALS:
        raise NotModelled(f"a loop at bb{frame.block} of {frame.name} that does not settle")
    if seen:
        _widen(seen[-1], state, places, len(seen))
        if any(covers(earlier, state) for earlier in seen):
            return True
    else:
        _widen_known(state, places)
    state.loops[key] = (*seen, picture(state))
    return False


def _name_again(seen: tuple[object, ...], state: State) -> None:
    """A block made in this turn gets the number of one made in the turn before, at the same place, that is gone and
    that nothing points at: what a block is called makes no difference. Only of blocks made since the loop was entered:
    no frame below, nor what waits there, can know them.
    """
    first, last = seen[0], seen[-1]
    assert isinstance(first, Picture)
    assert isinstance(last, Picture)
    names, new = state.names, [one for one in sorted(state.objects) if one > first.counter and one not in last.objects]
    blocks = [one for one in new if names[one].startswith("block")]
    if not blocks:
        return
    taken = set(state.objects)
    for value in state.objects.values():
        taken |= pointers(value)
    for base in blocks:
        same = [one for one in sorted(last.objects) if one > first.counter and names.get(one) == names[base]]
        free = [one for one in same if one not in taken]
        if free:
            state.objects[free[0]] = state.objects.pop(base)
            state.objects = {at: relocated(value, {base: free[0]}, names) for at, value in state.objects.items()}
            taken.add(free[0])


def _widen_known(state: State, places: set[Place]) -> None:
    widened = _Widened(state)
    for base in list(state.objects):
        for name, path in sorted(places, key=repr):
            if name == state.names.get(base):
                _forget(state, Pointer(base, path), widened)


def _forget(state: State, at: Pointer, widened: _Widened) -> None:
    """Nothing is forgotten where there is no number: another variant, or what was moved away."""
    is_count = at.path[-1:] == (COUNT,)
    at = Pointer(at.base, at.path[:-1]) if is_count else at
    try:
        value = state.read(at)
    except (Violation, NotModelled):
        return
    match value:
        case Scalar(Apply("concat", (count, Literal() as code))) if is_count:
            state.write(at, Scalar(apply("concat", widened.number(count, count), code)))
        case Scalar(term) if not is_count:
            state.write(at, Scalar(widened.number(term, term)))


def _widen(earlier: object, state: State, places: set[Place], arrivals: int) -> None:
    assert isinstance(earlier, Picture)
    grows = _differs if arrivals < MAX_COUNTED else _any
    if earlier.host != state.host:
        grows = _grows
    widened = _Widened(state)
    for base, value in list(state.objects.items()):
        if base in earlier.objects:
            join = _Join(widened, grows, places, state.names.get(base, ""))
            state.objects[base] = join.of(earlier.objects[base], value, ())


class _Widened:
    """Arbitrary numbers of one arrival. What was the same in two places before a turn and is the same after it, as the
    host's answer is that a local has, becomes the same number in both, unless it is known: that may be chance.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._made: dict[tuple[Term, Term], Variable] = {}

    def number(self, old: Term, new: Term) -> Term:
        if isinstance(new, Literal):
            return self._state.fresh(WIDENED, new.sort)
        if (old, new) not in self._made:
            self._made[old, new] = self._state.fresh(WIDENED, new.sort)
        return self._made[old, new]


@dataclass(frozen=True, slots=True)
class _Join:
    widened: _Widened
    grows: Callable[[Term, Term], bool]
    places: set[Place]
    name: str

    def of(self, earlier: Value, value: Value, path: tuple[Step, ...]) -> Value:
        if earlier == value:
            return value
        match earlier, value:
            case Scalar(Apply("concat", (old, Literal() as code))), Scalar(Apply("concat", (new, same))) if (
                code == same
            ):
                if not self.grows(old, new):
                    return value
                self.places.add((self.name, (*path, COUNT)))
                return Scalar(apply("concat", self.widened.number(old, new), code))
            case Scalar(old), Scalar(new) if old.sort == new.sort and self.grows(old, new):
                self.places.add((self.name, path))
                return Scalar(self.widened.number(old, new))
            case Aggregate(of, fields), Aggregate(other, others) if of == other and len(fields) == len(others):
                return Aggregate(of, self._each(fields, others, lambda number: (*path, number)))
            case Variant(of, index, fields), Variant(other, number, others) if (of, index) == (other, number):
                return Variant(of, index, self._each(fields, others, lambda number: (*path, (index, number))))
            case Pointer(base, way), Pointer(other, other_way) if (base, way) == (other, other_way):
                return Pointer(base, way, True)
            case _:
                return value

    def _each(
        self, fields: tuple[Value, ...], others: tuple[Value, ...], inside: Callable[[int], tuple[Step, ...]]
    ) -> tuple[Value, ...]:
        pairs = zip(fields, others, strict=True)
        return tuple(self.of(one, other, inside(number)) for number, (one, other) in enumerate(pairs))


def _any(_old: Term, _new: Term) -> bool:
    return True


def _differs(old: Term, new: Term) -> bool:
    """Numbers that are known count: the loop is gone through as often as they say, a few times."""
    return not (isinstance(old, Literal) and isinstance(new, Literal))


def _grows(old: Term, new: Term) -> bool:
    """Made of the number that was there. In a loop that calls the host only those become arbitrary: what the host says
    goes together with its state."""
    known = frozenset(variables_of(old))
    return any(one in known for one in variables_of(new))

"""The state of one path while it is executed, how it forks, and how two of them become one.

`key` says where a path is: equal keys are the same instruction, in the same calls and in the same iterations of the
same loops. Keys grow as a path goes on, so that taking the least first brings together all that can meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from extract.wasm.body import Body
from extract.wasm.body_blocks import Jump, Move
from smt_models.system.terms import TRUE, Apply, Term, conjunction, disjunction, either, negation
from smt_models.wasm.build import if_, same
from smt_models.wasm.closed_form import Counted
from smt_models.wasm.memory import LinearMemory, merged_memory
from smt_models.wasm.outcomes import NotModelled

Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What was seen where a loop begins: the `states` in which it was come back to, and the `choices` of the first."""

    choices: int
    states: tuple[object, ...]


@dataclass(slots=True)
class Frame:
    """A call under way. `labels`: the height of the stack below each label in scope [core 3.0, "Runtime Structure"].

    `iterations`: how often the head of each loop around was come back to. `index`: of the next operation. `counted`:
    the loops around that are in closed form, by their heads. `heads`: of the others, by where they begin.
    """

    body: Body
    locals: list[Term | None]
    block: int = 0
    index: int = 0
    stack: list[Term] = field(default_factory=list)
    labels: list[int] = field(default_factory=lambda: [0])
    iterations: list[int] = field(default_factory=list)
    counted: dict[int, Counted] = field(default_factory=dict)
    heads: dict[int, Head] = field(default_factory=dict)

    def copy(self) -> Frame:
        return Frame(
            self.body,
            [*self.locals],
            self.block,
            self.index,
            [*self.stack],
            [*self.labels],
            [*self.iterations],
            dict(self.counted),
            dict(self.heads),
        )

    def key(self) -> Key:
        loops = self.body.blocks[self.block].loops
        return (*[part for pair in zip(loops, self.iterations, strict=True) for part in pair], self.block, self.index)

    def push(self, value: Term) -> None:
        self.stack.append(value)

    def pop(self) -> Term:
        if len(self.stack) <= (self.labels[-1] if self.labels else 0):  # no label is left at the end
            raise NotModelled("an operand that is missing")
        return self.stack.pop()

    def top(self, count: int) -> list[Term]:
        """The topmost values, lowest first, taken off."""
        return [self.pop() for _ in range(count)][::-1]

    def take(self, jump: Jump) -> None:
        """[core 3.0, "Execution / Instructions / Control Instructions": br, and entering and exiting blocks]"""
        carried = self.top(jump.carried)
        loops = len(self.body.blocks[jump.block].loops)
        match jump.move:
            case Move.FALL:
                pass
            case Move.ENTER:
                self.labels.append(len(self.stack))
                if loops > len(self.iterations):
                    self.iterations.append(0)
            case Move.LEAVE | Move.REPEAT:
                del self.stack[self.labels[jump.label] :]
                del self.labels[jump.label + (jump.move is Move.REPEAT) :]
                del self.iterations[loops:]
                if jump.move is Move.REPEAT:
                    self.iterations[-1] += 1
        self.stack.extend(carried)
        self.block, self.index = jump.block, 0
        assert len(self.iterations) == loops


@dataclass(slots=True)
class State:
    """`condition`: conjuncts in the order in which they were met. `results`: when no frame is left. `stores`: since the
    innermost loop in closed form began its iteration; None where ways with different numbers have met. `held`:
    addresses of memory 0 and what was loaded there, with no store since. `choices`: the forks behind it, but
    those that constants decided.
    """

    frames: list[Frame]
    globals: list[Term | None]
    memories: list[LinearMemory | None]
    condition: list[Term]
    results: list[Term] = field(default_factory=list)
    stores: int | None = 0
    held: tuple[tuple[Term, Term], ...] = ()
    choices: int = 0

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def copy(self) -> State:
        return State(
            [frame.copy() for frame in self.frames],
            [*self.globals],
            [*self.memories],
            [*self.condition],
            [*self.results],
            self.stores,
            self.held,
            self.choices,
        )

    def key(self) -> Key:
        return tuple([part for frame in self.frames for part in frame.key()])

    def assume(self, condition: Term) -> None:
        if condition != TRUE:
            self.condition.append(condition)


def merged(one: State, other: State) -> State | None:
    """A state that is `one` where its condition holds and else `other`; None if they differ in shape.

    Their conditions exclude each other, since they came from forks on a condition and its negation.
    """
    if _shape(one) != _shape(other):
        return None
    common = 0
    while common < min(len(one.condition), len(other.condition)) and same(
        one.condition[common], other.condition[common]
    ):
        common += 1
    ours, theirs = one.condition[common:], other.condition[common:]
    result = one.copy()
    del result.condition[common:]
    if not same(negation(conjunction(ours)), conjunction(theirs)):
        result.assume(either(conjunction(ours), conjunction(theirs)))
    chosen = told_apart(ours, theirs)
    for frame, twin in zip(result.frames, other.frames, strict=True):
        frame.locals = [_choice(chosen, x, y) for x, y in zip(frame.locals, twin.locals, strict=True)]
        frame.stack = [if_(chosen, x, y) for x, y in zip(frame.stack, twin.stack, strict=True)]
    result.globals = [_choice(chosen, x, y) for x, y in zip(one.globals, other.globals, strict=True)]
    result.memories = [merged_memory(chosen, x, y) for x, y in zip(one.memories, other.memories, strict=True)]
    result.choices = max(one.choices, other.choices)
    result.stores = one.stores if one.stores == other.stores else None
    result.held = tuple(each for each in one.held if each in other.held)
    for frame, twin in zip(result.frames, other.frames, strict=True):
        frame.heads = {head: seen for head, seen in frame.heads.items() if twin.heads.get(head) == seen}
    result.results = [if_(chosen, x, y) for x, y in zip(one.results, other.results, strict=True)]
    return result


def told_apart(ours: list[Term], theirs: list[Term]) -> Term:
    """A condition that follows from `ours` and is denied by `theirs`: where one or the other holds, which of them. What
    they forked on is enough, and far less than all that was met since; values that are chosen by it stay small.
    """
    found = _denied(ours, frozenset(map(negation, theirs)))
    if found is not None:
        return found
    found = _denied(theirs, frozenset(map(negation, ours)))
    return conjunction(ours) if found is None else negation(found)


def _denied(parts: Iterable[Term], denied: frozenset[Term]) -> Term | None:
    """What follows from all parts together, made of conditions that are denied."""
    several = tuple(parts)
    for part in several:
        if part in denied:
            return part
    for part in several:
        found = None
        match part:
            case Apply("and", inner):
                found = _denied(inner, denied)
            case Apply("or", ways):
                of_each = [_denied((way,), denied) for way in ways]
                found = None if None in of_each else disjunction(one for one in of_each if one is not None)
            case _:
                pass
        if found is not None:
            return found
    return None


def _choice(chosen: Term, x: Term | None, y: Term | None) -> Term | None:
    return if_(chosen, x, y) if x is not None and y is not None else None


def _shape(state: State) -> object:
    return [
        (frame.body.function, frame.labels, [term.sort for term in frame.stack], [*frame.counted.items()])
        for frame in state.frames
    ], [term.sort for term in state.results]

"""One function executed symbolically: every path, each with its condition and how it ends.

The conditions of the paths cover every call from the start that is given, but for what an engine may do at any time
and a proof about a module must not count on: trap because the call stack is exhausted. Nothing is cut: a loop that
repeats more often than the bound, a call that is too deep or recursive, and every instruction without a model end a
path as `Unmodelled`, with its condition; to prove that such a path cannot be taken is up to the prover.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import assert_never

from extract.wasm.body_blocks import Branch, End, Exit, Goto, Jump, Leave, Move, ReferenceBranch, Switch
from extract.wasm.body_immediates import Operation
from smt_models.system.operators import BitVec, SortError
from smt_models.system.terms import FALSE, TRUE, Term, Variable, disjunction, negation
from smt_models.wasm.build import is_nonzero, make, number, width_of
from smt_models.wasm.closed_form import Counted
from smt_models.wasm.loops import counted, in_iteration, set_locals
from smt_models.wasm.memory import at
from smt_models.wasm.outcomes import NotModelled, Outcome, Returned, TrapKind, Trapped, Unmodelled
from smt_models.wasm.paths import Access, Bounds, Copy, Execution, Feasible, Path, Write
from smt_models.wasm.program import Program, Start, sort_of
from smt_models.wasm.regions import ADDRESS
from smt_models.wasm.state import Frame, Head, Key, State, merged
from smt_models.wasm.straight import step


def execute(
    program: Program, function: int, start: Start, bounds: Bounds | None = None, feasible: Feasible | None = None
) -> Execution:
    """Calls a function that the module defines."""
    run = _Run(program, bounds or Bounds(), feasible)
    run.call(function, start)
    return Execution(
        start, tuple(run.paths), tuple(run.writes), tuple(run.accesses), tuple(run.copies), run.came_everywhere
    )


SPIN = "a loop that comes back to the same state"


@dataclass(slots=True)
class _Trial:
    """One iteration that is executed apart: of the loop at `head`, in a call `depth` frames deep; its ways back."""

    depth: int
    head: int
    repeats: list[State] = field(default_factory=list)


class _Run:
    """One execution under way. Paths wait under their key; the least key goes first (see `state`)."""

    def __init__(
        self, program: Program, bounds: Bounds, feasible: Feasible | None, trial: _Trial | None = None
    ) -> None:
        self._program = program
        self._bounds = bounds
        self._feasible = feasible
        self._waiting: dict[Key, list[State]] = {}
        self._keys: list[Key] = []
        self._returned: list[State] = []
        self._operations = self._decided = 0
        self.paths: list[Path] = []
        self.writes: list[Write] = []
        self.accesses: list[Access] = []
        self.copies: list[Copy] = []
        self._blocks: set[tuple[int, int]] = set()  # of the functions entered, those that do something
        self._passed: set[tuple[int, int]] = set()  # those of which a path came to the end
        self._trial = trial

    @property
    def came_everywhere(self) -> bool:
        """Whether each instruction of the functions that were entered was executed on some path."""
        return self._blocks <= self._passed

    def call(self, function: int, start: Start) -> None:
        state = State([], [*start.globals], [*start.memories], [])
        state.frames.append(self._frame(function, [*start.arguments]))
        self.run(state)
        for state in self._returned:
            self._end(state, Returned(tuple(state.results)))

    def run(self, state: State) -> None:
        self._wait(state)
        while self._keys:
            for waiting in self._waiting.pop(heapq.heappop(self._keys)):
                self._advance(waiting)

    # Reporting: the interface that single steps see

    def trap(self, state: State, condition: Term, kind: TrapKind, operation: Operation) -> None:
        self._split(state, condition, Trapped(kind, state.frame.body.function, operation.offset))

    def stop(self, state: State, condition: Term, name: str, operation: Operation) -> None:
        self._split(state, condition, Unmodelled(name, state.frame.body.function, operation.offset, True))

    def wrote(self, state: State, memory: int, address: Term, size: Term, operation: Operation) -> None:
        function = state.frame.body.function
        self.writes.append(Write(tuple(state.condition), memory, address, size, function, operation.offset))

    def tries(
        self, state: State, memory: int, store: bool, base: Term, displacement: int, size: Term, operation: Operation
    ) -> None:
        where = state.frame.body.function, operation.offset
        number_, condition = len(self.accesses), tuple(state.condition)
        state.held = () if store else state.held
        loop = next((one for frame in state.frames for one in frame.counted.values()), None)
        self.accesses.append(Access(number_, condition, memory, store, base, displacement, size, None, *where, loop))

    def accessed(self, state: State, store: bool, value: Term) -> None:
        access = self.accesses[-1] = replace(self.accesses[-1], value=value)
        if store and state.stores is not None:
            state.stores += 1
        if not store and access.memory == 0:
            state.held = (*state.held, (at(access.base, access.displacement), value))

    def copied(self, state: State, target: Term, source: Term, size: Term) -> None:
        self.copies.append(Copy(tuple(state.condition), target, source, size, self.accesses[-1]))

    def _split(self, state: State, condition: Term, outcome: Outcome) -> None:
        """Where the condition holds the path ends so; it goes on where it does not."""
        if self._possible(state, condition):
            ended = state.copy()
            ended.assume(condition)
            self._end(ended, outcome)
        if not self._possible(state, negation(condition)):
            raise _Over
        state.assume(negation(condition))

    def _possible(self, state: State, condition: Term) -> bool:
        if condition == FALSE:
            return False
        return condition == TRUE or self._feasible is None or self._feasible((*state.condition, condition))

    def _end(self, state: State, outcome: Outcome) -> None:
        self.paths.append(Path(tuple(state.condition), outcome, tuple(state.globals), tuple(state.memories)))

    # Paths

    def _wait(self, state: State) -> None:
        key = state.key()
        there = self._waiting.get(key)
        if there is None:
            self._waiting[key] = [state]
            heapq.heappush(self._keys, key)
        else:
            self._join(there, state)

    def _join(self, there: list[State], state: State) -> None:
        if self._bounds.merge:
            for place, other in enumerate(there):
                both = merged(other, state)
                if both is not None:
                    there[place] = both
                    return
        there.append(state)

    def _advance(self, state: State) -> None:
        """To the end of the block, or to a call."""
        frame = state.frame
        block = frame.body.blocks[frame.block]
        offset = block.offset
        try:
            if frame.index > len(block.operations):  # after a tail call
                self._return(state)
                return
            for operation in block.operations[frame.index :]:
                offset = operation.offset
                self._count()
                if operation.name == "call":
                    self._enter(state, operation, frame.index + 1)
                    return
                step(self._program, state, operation, self, self._bounds.bulk)
                frame.index += 1
            self._passed.add((frame.body.function, frame.block))
            offset = _place(block.exit, offset)
            self._count()
            self._leave(state, block.exit)
        except NotModelled as reason:
            self._end(state, Unmodelled(reason.name, frame.body.function, offset))
        except SortError:
            self._end(state, Unmodelled("operands of other types", frame.body.function, offset))
        except _Over:
            pass

    def _count(self) -> None:
        self._operations += 1
        if self._operations > self._bounds.operations:
            raise NotModelled(f"more than {self._bounds.operations} operations")

    # Control

    def _leave(self, state: State, way: Exit) -> None:
        frame = state.frame
        match way:
            case Goto(jump):
                self._jump(state, jump)
            case Branch(_, taken, otherwise):
                condition = is_nonzero(_test(frame))
                self._fork(state, [(condition, taken), (negation(condition), otherwise)])
            case Switch(_, targets, default):
                self._fork(state, _choices(_test(frame), targets, default))
            case Leave(operation):
                self._leave_body(state, operation)
            case End():
                self._return(state)
            case ReferenceBranch(operation):
                raise NotModelled(operation.name)
            case _:
                assert_never(way)

    def _leave_body(self, state: State, operation: Operation) -> None:
        match operation.name:
            case "return":
                self._return(state)
            case "unreachable":
                self.trap(state, TRUE, TrapKind.UNREACHABLE, operation)
            case "return_call":
                self._enter(state, operation, state.frame.index + 1)
            case name:
                raise NotModelled(name)

    def _fork(self, state: State, ways: list[tuple[Term, Jump]]) -> None:
        """The conditions exclude each other, and one of them holds."""
        for condition, jump in ways:
            if self._possible(state, condition):
                one = state.copy()
                one.assume(condition)
                one.choices += condition != TRUE
                self._jump(one, jump)

    def _jump(self, state: State, jump: Jump) -> None:
        frame = state.frame
        frame.take(jump)
        target = frame.body.blocks[jump.block]
        if self._trial is not None and len(state.frames) == self._trial.depth:
            if jump.block == self._trial.head:
                self._trial.repeats.append(state)
                return
            if self._trial.head not in target.loops:
                return
        if jump.move is Move.REPEAT:
            if jump.block in frame.counted:
                return  # any iteration stands for the next, too
            if why := self._why_no_more(state, jump.block):
                self._end(state, Unmodelled(why, frame.body.function, target.offset))
                return
        elif target.loop:
            frame.heads.pop(jump.block, None)  # it is entered anew
        self._leave_loops(state, target.loops)
        if self._bounds.closed_forms and target.loop and jump.move is not Move.REPEAT:
            try:
                self._close(state, jump)
            except _Over:
                return
        self._wait(state)

    # Loops

    def _why_no_more(self, state: State, head: int) -> str | None:
        """Why a loop is not gone round once more."""
        frame = state.frame
        if self._bounds.closed_forms:
            now = (*frame.locals, *frame.stack, *state.globals, *state.memories)
            seen = frame.heads.get(head, Head(state.choices, ()))
            if now in seen.states:
                return SPIN
            frame.heads[head] = replace(seen, states=(*seen.states, now))
            if frame.iterations[-1] > self._bounds.iterations and seen.choices == state.choices:
                self._decided += 1
                if self._decided <= self._bounds.decided:
                    return None
        if frame.iterations[-1] > self._bounds.iterations:
            return f"more than {self._bounds.iterations} iterations of a loop"
        return None

    def _leave_loops(self, state: State, loops: tuple[int, ...]) -> None:
        """What a loop in closed form moved is known when it ends."""
        frame = state.frame
        for head in [head for head in frame.counted if head not in loops]:
            loop = frame.counted.pop(head)
            if loop.moved is not None and state.stores in (0, loop.moved.stores):
                moved = loop.moved
                size, exact = loop.length(moved, bool(state.stores))
                condition = *state.condition, *(one for one in (moved.when, exact) if one != TRUE)
                self.copies.append(Copy(condition, moved.target, moved.source, size, loop))
            state.stores = None
        frame.heads = {head: seen for head, seen in frame.heads.items() if head in loops}

    def _close(self, state: State, jump: Jump) -> None:
        """At the head of a loop that has a closed form the path stands for any iteration from here on."""
        frame = state.frame
        moment = f"{frame.body.blocks[jump.block].offset:#x} in {'.'.join(map(str, state.key()))}"
        entry = state.copy()
        names = {
            place: Variable(f"local {place} at {moment}", BitVec(width_of(value)))
            for place in set_locals(frame.body, jump.block)
            if (value := frame.locals[place]) is not None
        }
        loop = self._tried(entry, names, jump, Variable(f"iteration at {moment}", BitVec(ADDRESS)))
        if loop is None:
            return
        where = frame.body.function, frame.body.blocks[jump.block].offset
        if loop.endless != FALSE:
            self._split(state, loop.endless, Unmodelled("a loop that may not end", *where, True))
        in_iteration(state, loop, names)
        frame.counted[jump.block] = loop
        state.stores = 0
        state.held = ()  # iterations before may have stored

    def _tried(self, entry: State, names: dict[int, Variable], jump: Jump, counter: Variable) -> Counted | None:
        if jump.carried or len(names) != len(set_locals(entry.frame.body, jump.block)):
            return None
        trial = _Trial(len(entry.frames), jump.block)
        run = _Run(self._program, self._bounds, self._feasible, trial)
        state = entry.copy()
        state.stores, state.held = 0, ()
        for place, name in names.items():
            state.frame.locals[place] = name
        run.run(state)
        return counted(entry, names, trial.repeats, run.accesses, counter, self._bounds.iterations)

    # Calls

    def _enter(self, state: State, operation: Operation, resume: int) -> None:
        function = operation.immediates[0]
        assert isinstance(function, int)
        imported = self._program.import_name(function)
        if imported is not None:
            raise NotModelled(f"a call of the import {imported}")
        if any(frame.body.function == function for frame in state.frames):
            raise NotModelled(f"recursion through function {function}")
        if len(state.frames) >= self._bounds.calls:
            raise NotModelled(f"more than {self._bounds.calls} calls at once")
        arguments: list[Term | None] = [*state.frame.top(len(self._program.function_type(function).parameters))]
        callee = self._frame(function, arguments)
        state.frame.index = resume
        state.frames.append(callee)
        self._wait(state)

    def _frame(self, function: int, arguments: list[Term | None]) -> Frame:
        """Locals that are no parameters start as zero."""
        body = self._program.body(function)
        self._blocks.update((function, at) for at, block in enumerate(body.blocks) if block.operations)
        parameters = len(body.type.parameters)
        for argument, of in zip(arguments, body.type.parameters, strict=True):
            if argument is not None and argument.sort != sort_of(of):
                raise NotModelled(f"an argument of another type than {of}")
        sorts = [sort_of(of) for of in body.locals[parameters:]]
        zeros = [number(0, sort.width) if sort is not None else None for sort in sorts]
        return Frame(body, [*arguments, *zeros])

    def _return(self, state: State) -> None:
        frame = state.frame
        if self._trial is not None and len(state.frames) == self._trial.depth:
            return
        self._leave_loops(state, ())
        values = frame.top(len(frame.body.type.results))
        for value, of in zip(values, frame.body.type.results, strict=True):
            if value.sort != sort_of(of):
                raise NotModelled(f"a result of another type than {of}")
        state.frames.pop()
        if state.frames:
            state.frame.stack.extend(values)
            self._wait(state)
        else:
            state.results = values
            self._join(self._returned, state)


class _Over(Exception):
    """No way on is left for this path; how it ends is on record."""


def _test(frame: Frame) -> Term:
    value = frame.pop()
    if width_of(value) != 32:
        raise NotModelled("a condition or index that is no i32")
    return value


def _choices(index: Term, targets: tuple[Jump, ...], default: Jump) -> list[tuple[Term, Jump]]:
    """One condition for each jump: several indices may lead to the same."""
    ways: dict[Jump, list[Term]] = {}
    for place, jump in enumerate(targets):
        ways.setdefault(jump, []).append(make("=", index, number(place, 32)))
    ways.setdefault(default, []).append(make("bvule", number(len(targets), 32), index))
    return [(disjunction(conditions), jump) for jump, conditions in ways.items()]


def _place(way: Exit, before: int) -> int:
    match way:
        case Branch(operation) | Switch(operation) | Leave(operation) | ReferenceBranch(operation):
            return operation.offset
        case End(offset):
            return offset
        case Goto():
            return before

"""Symbolic execution of MIR bodies: every path to its end, none cut.

A block is one instruction: if it needs to know something that is not known, it is run again from its start under each
answer. A loop's head that is reached again with a state that an earlier arrival covers ends the path; otherwise what
differs in numbers is widened; a loop that does not settle is Unknown. The arrival is an instruction of its own: what
the block of the head asks for is answered after it, and is not known of the arrival that covers later ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.compile import Panic
from extract.mir.show import show_path
from extract.mir.statements import UnknownConstruct
from extract.mir.tree import Block, Body, ConstantItem, Function, Source
from smt_models.runtime.branching import branch
from smt_models.runtime.constants import constant_value
from smt_models.runtime.coroutines import SUSPENDED, is_coroutine, state_at
from smt_models.runtime.extents import is_memory
from smt_models.runtime.loops import Loops
from smt_models.runtime.machine import Call, Machine, deliver
from smt_models.runtime.names import plain_path
from smt_models.runtime.outcomes import (
    Covered,
    Done,
    Ended,
    Final,
    Fork,
    NotModelled,
    Outcome,
    Unknown,
    Unwinds,
    Violated,
    Violation,
    Where,
)
from smt_models.runtime.rvalues import operand, place_of, rvalue
from smt_models.runtime.state import SINK, Frame, State
from smt_models.runtime.unwinding import passes, pop, unwind
from smt_models.runtime.values import (
    COROUTINE_STATE,
    MOVED,
    UNIT,
    FunctionPointer,
    Moved,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.terms import BOOLEAN, Literal

_NO_PATH = t.Path(())
START = "start of "
"""What a `Then` is called that begins an action."""
MAX_PATHS = 20_000
MAX_BLOCKS = 400_000


@dataclass(frozen=True, slots=True)
class Path:
    """One path of an action, with the state that it leaves."""

    outcome: Outcome
    state: State


class Executor:
    """Runs a machine. `blocks` counts what was run. `most_turns`: of `Loops`."""

    def __init__(self, machine: Machine, most_turns: int | None = None) -> None:
        self.machine = machine
        self.blocks = 0
        self._loops = Loops(most_turns)
        self._wheres: dict[tuple[str, int, int], tuple[Source, Where]] = {}
        """By function, block and identity of the source, which is kept so that nothing else gets it."""

    def run(self, start: State) -> Iterator[Path]:
        """Every path from a state whose frames are set up, in a deterministic order."""
        waiting = [start]
        paths, first = 0, self.blocks
        while waiting:
            state = waiting.pop()
            found = self.advance(state)
            if isinstance(found, Path):
                paths += 1
                yield found
            elif paths > MAX_PATHS or self.blocks - first > MAX_BLOCKS:
                yield Path(Unknown(f"more than {MAX_PATHS} paths or {MAX_BLOCKS} blocks", state.where), state)
                return
            else:
                waiting.extend(reversed(found))

    def advance(self, state: State) -> Path | tuple[State, ...]:
        """To the end of the path, or to an instruction that forks, or to where a frame was left: then the states that
        go on.
        """
        state.left = None
        first = self.blocks
        while self.blocks - first <= MAX_BLOCKS:
            before = state.fork()
            try:
                outcome = self._step(state)
            except Fork as fork:
                return tuple(_alternatives(before, fork))
            if outcome is not None:
                return Path(outcome, state)
            if state.left is not None:
                return (state,)
        return Path(Unknown(f"more than {MAX_BLOCKS} blocks without a branch", state.where), state)

    def _step(self, state: State) -> Outcome | None:
        try:
            return self._advance(state)
        except Unwinds as panic:
            if panic.why and self.machine.never_panics is not None:
                return Violated(self.machine.never_panics, f"a panic: {panic.why}", state.where)
            if self.machine.panic is Panic.ABORT:
                return Ended(f"a panic aborts: {panic.why}")
            if panic.why:
                state.note("panic", panic.why)
            state.unwinding = True
            return None
        except Violation as error:
            return Violated(error.obligation, error.why, state.where)
        except NotModelled as error:
            return Unknown(error.what, state.where)
        except Final as error:
            return Ended(str(error))

    def _advance(self, state: State) -> Outcome | None:
        if state.unwinding:
            unwind(state)
            return None
        if state.carried is not None:
            value, state.carried = state.carried, None
            deliver(state, value)
            return None
        if not state.frames:
            return Done()
        top = state.frames[-1]
        if isinstance(top, Frame):
            return self._block(state, top)
        if not top.what.startswith(START):
            raise NotModelled(f"nothing to run before {top.what}")
        deliver(state, UNIT)
        return None

    def _block(self, state: State, frame: Frame) -> Outcome | None:
        body = frame.function.body
        block = body.blocks[frame.block]
        state.where = self._where(frame, block, block.terminator.source)
        if not state.arrived and self._loops.is_head(frame):
            state.arrived = True
            return Covered() if self._loops.covers(state, frame, self.machine.watcher) else None
        state.arrived = False
        self.blocks += 1
        if (frame.name, frame.block) not in state.blocks:
            state.blocks |= {(frame.name, frame.block)}
        for statement in block.statements:
            state.where = self._where(frame, block, statement.source)
            self._statement(state, frame, statement.kind)
        state.where = self._where(frame, block, block.terminator.source)
        self._terminator(state, frame, body, block)
        return None

    def _where(self, frame: Frame, block: Block, source: Source) -> Where:
        key = (frame.name, block.number, id(source))
        known = self._wheres.get(key)
        if known is None:
            span = source.span
            text = f"{span.file}:{span.line}" if span is not None else f"line {source.line} of the MIR"
            known = self._wheres[key] = source, Where(frame.name, block.number, text)
        return known[1]

    def _statement(self, state: State, frame: Frame, kind: st.StatementKind) -> None:
        match kind:
            case st.Assign(place, given):
                value = rvalue(state, frame, given, self.machine.program, self.constant)
                self._assign(state, frame, place, value)
            case st.SetDiscriminant(place, index):
                self._set_state(state, frame, place, index)
            case st.StorageLive(number_):
                frame.locals[number_] = state.allocate(MOVED, f"_{number_} of {frame.name}")
            case st.StorageDead(number_):
                if number_ in frame.locals:
                    state.end(frame.locals[number_])
            case st.Nop() | st.FakeRead() | st.PlaceMention() | st.AscribeUserType() | st.Retag() | st.Coverage():
                pass
            case st.ConstEvalCounter() | st.BackwardIncompatibleDropHint():
                pass
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case _:
                raise NotModelled(f"the statement {type(kind).__name__}")

    def _assign(self, state: State, frame: Frame, place: o.Place, value: Value) -> None:
        at = place_of(state, frame, place, self.machine.program)
        if place.projections and is_memory(state.settle(state.read(Pointer(at.base)))):
            self.machine.touch(state, at, writes=True)
            return
        if at.moved:
            state.load(Pointer(at.base, at.path))
            raise NotModelled("a write at an unknown distance into a value with parts")
        self.machine.assign(state, at, value)

    def _set_state(self, state: State, frame: Frame, place: o.Place, index: int) -> None:
        """Of a coroutine: MIR sets the variant of enums by writing it whole."""
        at = place_of(state, frame, place, self.machine.program)
        if not is_coroutine(self.machine.program, state.settle(state.read(at))) or index > SUSPENDED:
            raise NotModelled("the statement SetDiscriminant")
        self.machine.assign(state, state_at(state, at), Variant(COROUTINE_STATE, index, ()))

    def _terminator(self, state: State, frame: Frame, body: Body, block: Block) -> None:
        match block.terminator.kind:
            case st.Goto(target) | st.FalseEdge(target, _):
                frame.block = target
            case st.SwitchInt(given, targets, otherwise):
                value = state.settle(operand(state, frame, given, self.machine.program, self.constant))
                frame.block = branch(state, value, targets, otherwise)
            case st.Return():
                self._return(state, frame, body)
            case st.Unreachable():
                raise NotModelled("`unreachable` is reached")
            case st.Resume():
                pop(state, frame)
                raise Unwinds
            case st.Terminate(reason):
                raise Final(f"terminate({reason})")
            case st.Drop(place, target, unwinding):
                at = place_of(state, frame, place, self.machine.program)
                frame.place, frame.target, frame.unwind = Pointer(SINK), target, unwinding
                self._finish(state, self.machine.drop(state, (at,)))
            case st.Call() as call:
                self._call(state, frame, call)
            case st.Assert(condition, expected, message, target, unwinding):
                value = state.settle(operand(state, frame, condition, self.machine.program, self.constant))
                if not isinstance(value, Scalar):
                    raise NotModelled("an assertion of what is no truth value")
                if state.is_true(value.term) is not expected:
                    frame.unwind = unwinding
                    raise Unwinds(f"an assertion: {message.text}")
                frame.block = target
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case other:
                raise NotModelled(f"the terminator {type(other).__name__}")

    def _return(self, state: State, frame: Frame, body: Body) -> None:
        """The frame is popped: its locals end."""
        value = state.read(Pointer(frame.locals[0])) if 0 in frame.locals else MOVED
        if isinstance(value, Moved):
            if body.locals[0].type != t.UNIT:
                raise NotModelled("a result that was not set")
            value = UNIT
        pop(state, frame)
        state.carried = value

    def _call(self, state: State, frame: Frame, call: st.Call) -> None:
        program = self.machine.program
        arguments = tuple(operand(state, frame, one, program, self.constant) for one in call.arguments)
        destination = place_of(state, frame, call.destination, program)
        path: t.Path | None = None
        match call.function:
            case o.FunctionValue(path):
                name = plain_path(path)
            case _:
                function = state.settle(operand(state, frame, call.function, program, self.constant))
                if not isinstance(function, FunctionPointer):
                    raise NotModelled(f"a call of {type(function).__name__}")
                name = function.name
        frame.place, frame.target, frame.unwind = destination, call.target, call.unwind
        self.machine.after(state, "a place that a result is put into", partial(self._takes, destination), passes)
        self._finish(state, self.machine.call(state, Call(name, arguments, path)))

    def _takes(self, destination: Pointer, state: State, value: Value) -> Value:
        """Asked when the result is there: the call itself may have lent the place. `deliver` writes it again."""
        if is_memory(state.settle(state.read(Pointer(destination.base)))):
            raise NotModelled("a result that is put into memory of which nothing is known")
        self.machine.assign(state, destination, value)
        return value

    def _finish(self, state: State, value: Value | None) -> None:
        if value is not None:
            deliver(state, value)

    def constant(self, state: State, path: t.Path) -> Value:
        """A constant item, evaluated once: one path, no fork."""
        name = plain_path(path)
        if isinstance(path.segments[-1], t.Promoted):
            name = f"{state.where.function}::promoted[{path.segments[-1].number}]"  # it belongs to this very body
        if name in state.statics:
            return state.statics[name]
        item = self.machine.program.constants.get(name)
        model = self.machine.traits.get(name.rpartition(" as ")[2])
        if item is None and model is not None:  # an associated constant of a type parameter
            found = model(self.machine, state, Call(name, ()))
            assert found is not None
            state.statics[name] = found
            return found
        if item is None:
            raise NotModelled(f"the constant {show_path(path)}")
        value = self._constant_item(state, name, item)
        state.statics[name] = value
        return value

    def _constant_item(self, state: State, name: str, item: ConstantItem) -> Value:
        match item.value:
            case Body() as body:
                return self._constant_body(state, name, body)
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case constant:
                found = constant_value(self.machine.program, constant)
                return self.constant(state, found) if isinstance(found, t.Path) else found

    def _constant_body(self, state: State, name: str, body: Body) -> Value:
        """Straight-line bodies only; their locals live for ever."""
        frame = Frame(Function(_NO_PATH, (), t.UNIT, None, body, True, 0), name, -1, {})
        block: int | None = 0
        for _ in range(20):
            assert block is not None
            current = body.blocks[block]
            for statement in current.statements:
                if not isinstance(statement.kind, st.StorageDead):
                    self._statement(state, frame, statement.kind)
            match current.terminator.kind:
                case st.Return():
                    return state.load(Pointer(frame.locals[0]))
                case st.Goto(target):
                    block = target
                case st.Assert(condition, expected, _, target):
                    value = operand(state, frame, condition, self.machine.program, self.constant)
                    if not isinstance(value, Scalar) or value.term != Literal(expected, BOOLEAN):
                        raise NotModelled(f"the constant {name}, whose assertion is not decided")
                    block = target
                case st.Call() as call:
                    block = self._constant_call(state, frame, call)
                case _:
                    raise NotModelled(f"the constant {name}, which computes")
        raise NotModelled(f"the constant {name}, which is long")

    def _constant_call(self, state: State, frame: Frame, call: st.Call) -> int:
        """Of a library function that gives its value at once; the block after it."""
        program = self.machine.program
        if isinstance(call.function, o.FunctionValue) and call.target is not None:
            name = plain_path(call.function.path)
            arguments = tuple(operand(state, frame, one, program, self.constant) for one in call.arguments)
            model = self.machine.models.get(name)
            value = None if model is None else model(self.machine, state, Call(name, arguments, call.function.path))
            if value is not None:
                self.machine.trusted.add(name)
                state.write(place_of(state, frame, call.destination, program), value)
                return call.target
        raise NotModelled(f"the constant {frame.name}, which computes")


def _alternatives(before: State, fork: Fork) -> Iterator[State]:
    for alternative in fork.alternatives:
        state = before.fork()
        state.forked = state.counter
        if state.assume(alternative):
            yield state

"""Symbolic execution of MIR bodies for static pools: every path to its end, none cut.

A block is one instruction: if it needs to know something that is not known, it is run again from its start under each
answer. A loop goes round as often as its conditions say, up to a limit, beyond which it is cut (`loops.py`) or not
modelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.operands_of import operands_of_statement
from extract.mir.show import show_path, show_type
from extract.mir.statements import UnknownConstruct
from extract.mir.tree import Block, Body, Function, Source
from smt_models.pools.conditions import INDEX
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.outcomes import Fork, Where
from smt_models.runtime.program import Program
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.iterators import KINDS
from smt_models.static_pools.library_refcell import ends_borrow
from smt_models.static_pools.loops import FOLLOWED, GoesRound, head_of
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.places import place_of, type_of
from smt_models.static_pools.retries import begins
from smt_models.static_pools.rvalues import Evaluator, library_number
from smt_models.static_pools.state import (
    Broken,
    Cut,
    Ends,
    Frame,
    Outcome,
    Panicked,
    Returned,
    State,
    Unmodelled,
    term_of,
)
from smt_models.static_pools.values import (
    GUARDS,
    UNDEFINED,
    UNIT,
    Array,
    Contents,
    NotModelled,
    Opaque,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    mapped,
)
from smt_models.static_pools.values import Function as FunctionValue
from smt_models.system.operators import Boolean
from smt_models.system.terms import Term, negation
from smt_models.wasm.build import make, number, width_of

MOST_PATHS = 2000
MOST_ROUNDS = 70
"""How often a block is entered within one call of its function."""
_NO_PATH = t.Path(())


@dataclass(frozen=True, slots=True)
class Path:
    """One path of a call, with the state that it leaves."""

    outcome: Outcome
    state: State


class Executor:
    """Runs bodies of one program."""

    def __init__(self, program: Program, inputs: Inputs, models: Mapping[str, Model]) -> None:
        self._evaluator = Evaluator(program, inputs, self._constant)
        self.machine = Machine(program, inputs, models, self._evaluator.at)
        self._program = program
        self._constants: dict[str, Value] = {}
        self._promoteds: dict[str, tuple[Pointer, Value] | None] = {}

    def run(self, start: State) -> Iterator[Path]:
        """Every path from a state whose frames are set up, in a deterministic order."""
        waiting, paths = [start], 0
        while waiting:
            state = waiting.pop()
            found = self._advance(state)  # where it forked, inputs that its condition names are made again
            if isinstance(found, Path):
                paths += 1
                yield found
            elif paths > MOST_PATHS:
                _cut(state)
                yield Path(Unmodelled(f"more than {MOST_PATHS} paths"), state)
            else:
                waiting.extend(reversed(found))

    def _advance(self, state: State) -> Path | tuple[State, ...]:
        """To the end of the path, or to where it forks."""
        while True:
            before = state.fork()
            try:
                value = self._block(state)
            except Fork as fork:
                return tuple(one for term in fork.alternatives if (one := before.fork()).assume(term))
            except Ends as end:
                return Path(end.outcome, state)
            except NotModelled as error:
                return Path(Unmodelled(error.what), state)
            if value is not None:
                return Path(Returned(value), state)

    def _block(self, state: State) -> Value | None:
        """One block of the frame on top; the result, when the last frame returned."""
        frame = state.frames[-1]
        block = frame.function.body.blocks[frame.block]
        state.where = where_of(frame, block, block.terminator.source)
        visits = frame.visits.get(frame.block, 0) + 1
        frame.visits[frame.block] = visits
        begins(state, block)
        if state.heads and visits > FOLLOWED and (frame.name, frame.block) in state.heads:
            raise Ends(Cut())
        if visits > MOST_ROUNDS:
            _cut(state)
            raise NotModelled(f"a loop that goes round more than {MOST_ROUNDS} times")
        for statement in block.statements:
            state.where = where_of(frame, block, statement.source)
            self._statement(state, frame, statement.kind)
        state.where = where_of(frame, block, block.terminator.source)
        return self._terminator(state, frame, block)

    def _statement(self, state: State, frame: Frame, kind: st.StatementKind) -> None:
        match kind:
            case st.Assign(place, given):
                value = self._evaluator.rvalue(state, frame, given, type_of(frame, place))
                state.write(place_of(state, frame, place, self._program), value)
            case st.StorageLive(number_):
                frame.locals[number_] = state.allocate(UNDEFINED)
            case st.StorageDead(number_):
                state.objects.pop(frame.locals.pop(number_, -1), None)
            case st.Nop() | st.FakeRead() | st.PlaceMention() | st.AscribeUserType() | st.Retag() | st.Coverage():
                pass
            case st.ConstEvalCounter() | st.BackwardIncompatibleDropHint():
                pass
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case _:
                raise NotModelled(f"the statement {type(kind).__name__}")

    def _terminator(self, state: State, frame: Frame, block: Block) -> Value | None:
        match block.terminator.kind:
            case st.Goto(target) | st.FalseEdge(target, _):
                frame.block = target
            case st.SwitchInt(given, targets, otherwise):
                frame.block = self._branch(state, self._evaluator.operand(state, frame, given), targets, otherwise)
            case st.Return():
                return self._return(state, frame)
            case st.Unreachable():
                raise NotModelled("`unreachable` is reached")
            case st.Drop(place, target, _):
                self._drop(state, frame, place, target)
            case st.Call() as call:
                self._call(state, frame, call)
            case st.Assert() as asserted:
                self._assert(state, frame, asserted)
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case other:
                raise NotModelled(f"the terminator {type(other).__name__}")
        return None

    @staticmethod
    def _branch(state: State, value: Value, targets: tuple[tuple[int, int], ...], otherwise: int) -> int:
        term = term_of(value)
        for wanted, target in targets:
            if isinstance(term.sort, Boolean):
                condition: Term = term if wanted else negation(term)
            elif wanted >> width_of(term) and wanted >> (width_of(term) - 1) != (1 << (65 - width_of(term))) - 1:
                raise NotModelled(f"a comparison with {wanted}")  # a negative number is printed with 64 bits
            else:
                condition = make("=", term, number(wanted, width_of(term)))
            if state.is_true(condition):
                return target
        return otherwise

    def _assert(self, state: State, frame: Frame, asserted: st.Assert) -> None:
        condition = term_of(self._evaluator.operand(state, frame, asserted.condition))
        if state.is_true(condition) is not asserted.expected:
            if asserted.message.kind == "BoundsCheck":
                pool = self._indexed(state, frame, asserted)
                raise Ends(Panicked("of a buffer") if pool == "" else Broken(INDEX, "an index beyond the end", pool))
            raise Ends(Panicked(asserted.message.text))
        frame.block = asserted.target

    def _indexed(self, state: State, frame: Frame, asserted: st.Assert) -> str | None:
        """The static whose element comes after the check; empty if it is another array, None if it is not plain."""
        wanted = [one.place.local for one in asserted.message.operands if isinstance(one, o.Copy | o.Move)]
        for place in _places(frame.function.body.blocks[asserted.target]):
            for position, projection in enumerate(place.projections):
                if isinstance(projection, o.Index) and projection.local in wanted:
                    before = o.Place(place.local, place.projections[:position])
                    try:
                        base = place_of(state, frame, before, self._program).base
                    except NotModelled:
                        return None
                    return base if isinstance(base, str) else ""
        return None

    def _drop(self, state: State, frame: Frame, place: o.Place, target: int) -> None:
        """Of what has nothing to do when it is dropped; of a guard; of a struct of numbers, whose `Drop` is a body."""
        of = type_of(frame, place)
        if isinstance(of, t.Primitive | t.Reference | t.RawPointer):
            frame.block = target
            return
        at = place_of(state, frame, place, self._program)
        value = state.read(at)
        if of is not None and plain_type(of) in GUARDS:
            ends_borrow(state, value)
            frame.block = target
            return
        if self._has_no_drop(value):
            frame.block = target
            return
        named = of is not None and isinstance(value, Struct) and value.type == plain_type(of)  # or it is a parameter
        if of is None or not named or not self.machine.inputs.is_of_numbers(plain_type(of)):
            raise NotModelled(f"a drop of {'something' if of is None else show_type(of)}")
        body = self._program.drop_of(plain_type(of))
        if body is None and plain_type(of) in state.dropped:
            raise NotModelled(f"a drop of {show_type(of)}, of which the sources do not say")
        if body is None:
            frame.block = target
            return
        frame.place, frame.target = Pointer(state.allocate(UNDEFINED)), target
        self.machine.enter(state, body, (at,), types=(t.Reference(None, True, of),))

    def _has_no_drop(self, value: Value, is_part: bool = False) -> bool:
        """Whether nothing is done when it is dropped: a closure that has captured numbers and places, an iterator of
        the library over such, and with such closures.
        """
        match value:
            case Scalar() | Pointer() | FunctionValue():
                return is_part
            case Array(parts):
                return is_part and all(self._has_no_drop(one, is_part=True) for one in parts)
            case Struct(of, parts) if of in KINDS or of in self._program.closures:
                return all(self._has_no_drop(one, is_part=True) for one in parts)
            case _:
                return False

    def _call(self, state: State, frame: Frame, call: st.Call) -> None:
        arguments = tuple(self._evaluator.operand(state, frame, one) for one in call.arguments)
        types = tuple(self._evaluator.type_of(frame, one) for one in call.arguments)
        if not isinstance(call.function, o.FunctionValue):
            raise NotModelled("a call through a pointer")
        path = call.function.path
        name = plain_path(path)
        if call.target is None:
            raise Ends(Panicked(name)) if _panics(name) else NotModelled(f"{name}, which does not return")
        frame.place = place_of(state, frame, call.destination, self._program)
        frame.target = call.target
        value = self.machine.call(state, Call(name, path, arguments, types, type_of(frame, call.destination)))
        if value is not None:
            _deliver(state, frame, value)

    def _return(self, state: State, frame: Frame) -> Value | None:
        value = state.read(Pointer(frame.locals[0])) if 0 in frame.locals else UNDEFINED
        if value == UNDEFINED:
            of = frame.function.body.locals[0].type
            if of != t.UNIT and plain_type(of) != "core::mem::MaybeUninit":
                raise NotModelled("a result that was not set")
            value = UNIT if of == t.UNIT else UNDEFINED
        shown = value.base if frame.function.path == _NO_PATH and isinstance(value, Pointer) else None
        for one in frame.locals.values():
            if one != shown:  # what a constant refers to lasts
                state.objects.pop(one, None)
        state.frames.pop()
        if frame.finish is not None:
            result = frame.finish(state, value)
            if result is None:
                return None
            value = result
        if not state.frames:
            return value
        _deliver(state, state.frames[-1], value)
        return None

    # Constants

    def _constant(self, state: State, path: t.Path) -> Value:
        """A constant item or promoted constant, evaluated by itself: what it computes must be plain."""
        name = plain_path(path)
        if (known := library_number(path)) is not None:
            return self._evaluator.value_of(state, known)
        if isinstance(path.segments[-1], t.Promoted):
            name = f"{state.where.function}::promoted[{path.segments[-1].number}]"  # it belongs to this very body
            if (shown := self._promoted(state, name)) is not None:
                return shown
        if name not in self._constants:
            item = self._program.constants.get(name)
            if name in self._program.doubled:
                raise NotModelled(f"the constant {name}, which several are called")
            if item is None or (len(path.segments) == 1 and self.machine.inputs.is_parameter(name)):
                raise NotModelled(f"the constant {show_path(path)}")
            self._constants[name] = self.item(name, item.value)
        return self._constants[name]

    def _promoted(self, state: State, name: str) -> Pointer | None:
        """A reference to a value that was promoted, which nobody writes: to one of its own wherever it is named. None
        if it is no reference, or to what holds places.
        """
        item = self._program.constants.get(name)
        if item is None or not isinstance(item.value, Body):
            return None
        if name not in self._promoteds:
            self._promoteds[name] = self._shown(name, item.value)
        found = self._promoteds[name]
        return None if found is None else replace(found[0], base=state.allocate(found[1]))

    def _shown(self, name: str, body: Body) -> tuple[Pointer, Value] | None:
        match self._evaluated(name, body):
            case [Path(Returned(Pointer(int() as base) as at), after)] if base in after.objects:
                held = after.objects[base]
                return (at, held) if _is_plain(held) else None
            case _:
                return None

    def _evaluated(self, name: str, body: Body) -> list[Path]:
        start = State()
        start.frames.append(Frame(Function(_NO_PATH, (), t.UNIT, None, body, True, 0), name, {}))
        return list(self.run(start))

    def item(self, name: str, given: Body | o.Constant | UnknownConstruct) -> Value:
        """The value of a constant or static. NotModelled."""
        match given:
            case Body() as body:
                match self._evaluated(name, body):
                    case [Path(Returned(value), after)]:
                        return _without_places(name, value, after)
                    case [Path(Unmodelled(what), _), *_]:
                        raise NotModelled(f"the constant {name}: {what}")
                    case _:
                        raise NotModelled(f"the constant {name}, which has no one value")
            case UnknownConstruct(line, text):
                raise NotModelled(f"line {line} of the MIR: {text}")
            case constant:
                return self._evaluator.value_of(State(), constant)


def _cut(state: State) -> None:
    """Raises GoesRound, if a loop is under way that can be cut."""
    head = None if state.heads is None else head_of(state.frames, state.heads)
    if head is not None:
        raise GoesRound(head)


def _is_plain(value: Value) -> bool:
    """Numbers and what is made of them."""
    match value:
        case Scalar():
            return True
        case Struct(_, parts) | Array(parts):
            return all(map(_is_plain, parts))
        case Sum(_, _, payloads):
            return all(_is_plain(one) for _, parts in payloads for one in parts)
        case _:
            return False


def _without_places(name: str, value: Value, state: State) -> Value:
    """A constant that points at something made for it has no value, but for texts, of which nothing is kept."""

    def look(one: Value) -> Value | None:
        if isinstance(one, Pointer) and isinstance(one.base, int):
            if not isinstance(state.objects.get(one.base), Contents):
                raise NotModelled(f"the constant {name}, which is a place")
            return Opaque("a constant")
        return None

    return mapped(value, look)


def _deliver(state: State, frame: Frame, value: Value) -> None:
    """The result of a call to where it goes."""
    assert frame.place is not None
    assert frame.target is not None
    state.write(frame.place, value)
    frame.block, frame.place, frame.target = frame.target, None, None


def _panics(name: str) -> bool:
    return name.startswith(("core::panicking::", "std::rt::", "std::panicking::", "core::option::", "core::result::"))


def _places(block: Block) -> Iterator[o.Place]:
    """Those of its assignments, in order."""
    for statement in block.statements:
        match statement.kind:
            case st.Assign(place, given):
                yield place
                of = getattr(given, "place", None)
                if isinstance(of, o.Place):
                    yield of
                for operand in operands_of_statement(statement.kind):
                    if isinstance(operand, o.Copy | o.Move):
                        yield operand.place
            case _:
                pass


def where_of(frame: Frame, block: Block, source: Source) -> Where:
    span = source.span
    text = f"{span.file}:{span.line}" if span is not None else f"line {source.line} of the MIR"
    return Where(frame.name, block.number, text)

"""What single instructions do to the state of a path: parametric, variable, numeric and memory instructions.

[core 3.0, "Execution / Instructions"]. `step` is given the path and a way to report traps and writes.
"""

from __future__ import annotations

import re
from typing import Protocol

from extract.wasm.body_immediates import MemoryArgument, Operation
from smt_models.system.operators import Boolean
from smt_models.system.terms import Term, Variable, both, either
from smt_models.wasm import numeric
from smt_models.wasm.build import constant, extended_to, if_, is_nonzero, make, number, width_of
from smt_models.wasm.memory import ADDRESS, LinearMemory, at, beyond, copy, fill
from smt_models.wasm.outcomes import NotModelled, TrapKind
from smt_models.wasm.program import Program, global_fault, memory_fault, most_pages, sort_of
from smt_models.wasm.regions import Regions
from smt_models.wasm.state import Frame, State

_ACCESS = re.compile(r"(i32|i64)\.(load|store)(8|16|32)?(_s|_u)?")
_WIDTHS = {"i32": 32, "i64": 64}


class Reporter(Protocol):
    """Where a step says what else can happen; both go on with the path on which it did not."""

    def trap(self, state: State, condition: Term, kind: TrapKind, operation: Operation) -> None: ...

    def stop(self, state: State, condition: Term, name: str, operation: Operation) -> None: ...

    def wrote(self, state: State, memory: int, address: Term, size: Term, operation: Operation) -> None: ...

    def tries(
        self, state: State, memory: int, store: bool, base: Term, displacement: int, size: Term, operation: Operation
    ) -> None:
        """An access, before it is known whether it is in bounds."""

    def accessed(self, state: State, store: bool, value: Term) -> None:
        """The access that was just tried took place, with this value."""

    def copied(self, state: State, target: Term, source: Term, size: Term) -> None:
        """Within memory 0, by the store that was just tried."""


def step(program: Program, state: State, operation: Operation, report: Reporter, bulk: int) -> None:
    """NotModelled if the instruction, or this use of it, has no model."""
    frame = state.frame
    match operation.name:
        case "nop":
            pass
        case "drop":
            frame.pop()
        case "select":
            chosen = is_nonzero(_number(frame, 32))
            first, second = frame.top(2)
            frame.push(if_(chosen, first, second))
        case "i32.const" | "i64.const":
            written = operation.immediates[0]
            assert isinstance(written, int)
            frame.push(number(written, _WIDTHS[operation.name[:3]]))
        case "local.get" | "local.set" | "local.tee":
            _local(frame, operation)
        case "global.get" | "global.set":
            _global(program, state, operation)
        case "memory.size" | "memory.grow" | "memory.fill" | "memory.copy":
            _whole_memory(program, state, operation, report, bulk)
        case name if (count := numeric.arity(name)) is not None:
            value, traps = numeric.numeric(name, tuple(frame.top(count)))
            for condition, kind in traps:
                report.trap(state, condition, kind, operation)
            frame.push(value)
        case name if (access := _ACCESS.fullmatch(name)) is not None:
            _access(program, state, operation, access, report)
        case name:
            raise NotModelled(name)


def _number(frame: Frame, width: int) -> Term:
    value = frame.pop()
    if width_of(value) != width:
        raise NotModelled(f"an operand of {width_of(value)} bits where {width} belong")
    return value


def _index(operation: Operation, place: int, count: int, what: str) -> int:
    index = operation.immediates[place]
    assert isinstance(index, int)
    if index >= count:
        raise NotModelled(f"{what} {index}, which there is not")
    return index


def _local(frame: Frame, operation: Operation) -> None:
    index = _index(operation, 0, len(frame.locals), "local")
    value_type = frame.body.locals[index]
    if operation.name == "local.get":
        value = frame.locals[index]
        if value is None:
            raise NotModelled(f"local.get of type {value_type}")
        frame.push(value)
        return
    value = frame.pop()
    if value.sort != sort_of(value_type):
        raise NotModelled(f"{operation.name} of another type than {value_type}")
    frame.locals[index] = value
    if operation.name == "local.tee":
        frame.push(value)


def _global(program: Program, state: State, operation: Operation) -> None:
    index = _index(operation, 0, len(state.globals), "global")
    fault = global_fault(program, index)
    if fault is not None:
        raise NotModelled(f"{operation.name} of {fault}")
    current = state.globals[index]
    if current is None:
        raise NotModelled(f"{operation.name} of a global without a value")
    if operation.name == "global.get":
        state.frame.push(current)
        return
    value = state.frame.pop()
    if value.sort != current.sort or not program.module.globals[index].mutable:
        raise NotModelled("global.set of another type, or of a constant")
    state.globals[index] = value


def _memory(program: Program, state: State, index: int) -> LinearMemory:
    fault = memory_fault(program, index) if index < len(state.memories) else "a memory that there is not"
    memory = state.memories[index] if fault is None else None
    if memory is None:
        raise NotModelled(f"access to {fault or 'a memory without contents'}")
    return memory


def _access(program: Program, state: State, operation: Operation, access: re.Match[str], report: Reporter) -> None:
    argument = operation.immediates[0]
    assert isinstance(argument, MemoryArgument)
    memory = _memory(program, state, argument.memory)
    width = _WIDTHS[access[1]]
    bits = int(access[3] or width)
    frame = state.frame
    value = _number(frame, width) if access[2] == "store" else None
    base = frame.pop()
    report.tries(
        state, argument.memory, value is not None, base, argument.offset, number(bits // 8, ADDRESS), operation
    )
    out = beyond(memory, base, argument.offset, bits // 8)
    report.trap(state, out, TrapKind.OUT_OF_BOUNDS, operation)
    if value is None:
        name = f"load at {operation.offset:#x} in {_moment(state)}"
        loaded = memory.load(base, argument.offset, bits // 8, name)
        report.accessed(state, False, loaded)
        frame.push(extended_to(loaded, width, access[4] == "_s"))
        return
    address = at(base, argument.offset)
    report.wrote(state, argument.memory, address, number(bits // 8, ADDRESS), operation)
    part = make("extract", value, indices=(bits - 1, 0))
    changed, danger = memory.save(base, argument.offset, part)
    report.stop(state, danger, "a store that may touch the metadata", operation)
    report.accessed(state, True, part)
    state.memories[argument.memory] = changed


def _moment(state: State) -> str:
    return ".".join(map(str, state.key()))


def _whole_memory(program: Program, state: State, operation: Operation, report: Reporter, bulk: int) -> None:
    index = _index(operation, 0, len(state.memories), "memory")
    memory = _memory(program, state, index)
    frame = state.frame
    match operation.name:
        case "memory.size":
            frame.push(memory.pages)
        case "memory.grow":
            _grow(program, state, index, operation)
        case "memory.fill":
            start, value, size = [_wide(term) for term in frame.top(3)]
            report.tries(state, index, True, start, 0, size, operation)
            report.trap(state, beyond(memory, start, 0, size), TrapKind.OUT_OF_BOUNDS, operation)
            if isinstance(memory, Regions):
                _whole_range(state, memory, start, size, operation, report)
                return
            most = _at_most(state, size, bulk, operation, report)
            report.wrote(state, index, start, size, operation)
            state.memories[index] = fill(memory, start, value, size, most)
        case _:
            other = _index(operation, 1, len(state.memories), "memory")
            source = _memory(program, state, other)
            start, origin, size = [_wide(term) for term in frame.top(3)]
            report.tries(state, other, False, origin, 0, size, operation)
            report.tries(state, index, True, start, 0, size, operation)
            outside = either(beyond(memory, start, 0, size), beyond(source, origin, 0, size))
            report.trap(state, outside, TrapKind.OUT_OF_BOUNDS, operation)
            if isinstance(memory, Regions) or isinstance(source, Regions):
                if isinstance(memory, Regions):
                    _whole_range(state, memory, start, size, operation, report)
                if index == other == 0:
                    report.copied(state, start, origin, size)
                return
            most = _at_most(state, size, bulk, operation, report)
            report.wrote(state, index, start, size, operation)
            state.memories[index] = copy(memory, source, start, origin, size, most)


def _whole_range(
    state: State, memory: Regions, start: Term, size: Term, operation: Operation, report: Reporter
) -> None:
    """A range is written: what was there is forgotten, and no cell may be among it."""
    report.stop(state, memory.touches(start, size), f"{operation.name} that may touch the metadata", operation)
    state.stores = None


def _wide(term: Term) -> Term:
    if width_of(term) != ADDRESS:
        raise NotModelled("an operand that is no i32")
    return term


def _at_most(state: State, size: Term, bulk: int, operation: Operation, report: Reporter) -> int:
    """How many bytes are written at most; a path on which they are more than `bulk` stops here."""
    report.stop(
        state, make("bvult", number(bulk, ADDRESS), size), f"{operation.name} of more than {bulk} bytes", operation
    )
    known = constant(size)
    return bulk if known is None else known


def _grow(program: Program, state: State, index: int, operation: Operation) -> None:
    """Growing beyond the limit fails, and any other may fail: a variable for each place and time says so."""
    memory = _memory(program, state, index)
    frame = state.frame
    more = _number(frame, ADDRESS)
    most = most_pages(program.module.memories[index].maximum)
    total = make("bvadd", _extended(memory.pages), _extended(more))
    fits = make("bvule", total, number(most, ADDRESS + 1))
    grows = both(fits, Variable(f"grows at {operation.offset:#x} in {_moment(state)}", Boolean()))
    frame.push(if_(grows, memory.pages, number(-1, ADDRESS)))
    state.memories[index] = memory.resized(if_(grows, make("bvadd", memory.pages, more), memory.pages))


def _extended(term: Term) -> Term:
    return make("zero_extend", term, indices=(1,))

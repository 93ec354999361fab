"""Where in a body an edge of the call graph is: found by the plain reader, for the functions on a path that is
shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from extract.wasm.call_graph import CallGraph, Dispatch
from extract.wasm.instructions import Instruction, instructions
from extract.wasm.module import ExternKind
from extract.wasm.opcodes import Effect
from extract.wasm.reader import Reader
from extract.wasm.world import Defined

BEFORE = 4
"""Instructions that are shown before a call."""


@dataclass(frozen=True, slots=True)
class Site:
    """The instruction that makes an edge, and the text of those before it and of its own, which is the last."""

    offset: int
    lines: tuple[str, ...]


def call_site(graph: CallGraph, caller: Defined, target: int | None) -> Instruction | None:
    """The first instruction of `caller` that makes the edge to node `target`; None as the target: the first
    `memory.grow`.
    """
    for instruction in _body(graph, caller):
        if (target,) == _edge(graph, caller.instance, instruction):
            return instruction
    return None


def call_sites(graph: CallGraph, caller: Defined) -> dict[int | None, Site]:
    """The first instruction of each edge of `caller`, by the edge's target; None as the target: `memory.grow`."""
    found: dict[int | None, Site] = {}
    lines: deque[str] = deque(maxlen=BEFORE + 1)
    for instruction in _body(graph, caller):
        lines.append(_text(instruction))
        edge = _edge(graph, caller.instance, instruction)
        if edge is not None and edge[0] not in found:
            found[edge[0]] = Site(instruction.offset, tuple(lines))
    return found


def _body(graph: CallGraph, caller: Defined) -> Iterator[Instruction]:
    module = graph.world.instances[caller.instance].module
    defined = caller.index - module.imported_functions
    subject = graph.world.subject
    reader = Reader(subject.data, module.code.starts[defined], module.code.ends[defined], subject.path)
    return instructions(reader, module.scope)


def _text(instruction: Instruction) -> str:
    """With the indices among its immediates; constants and memory arguments are not kept by the reader."""
    return " ".join((f"0x{instruction.offset:x}", instruction.opcode.name, *map(str, instruction.operands)))


def _edge(graph: CallGraph, instance: int, instruction: Instruction) -> tuple[int | None] | None:
    """What the instruction leads to, if to anything: a node, or None for `memory.grow`."""
    operands = instruction.operands
    world = graph.world
    numbers = world.instances[instance].module.scope.numbers
    match instruction.opcode.effect:
        case Effect.GROW:
            return (None,)
        case Effect.CALL:
            return (graph.node(world.definition(instance, ExternKind.FUNCTION, operands[0])),)
        case Effect.CALL_INDIRECT:
            table = world.definition(instance, ExternKind.TABLE, operands[1])
            return (graph.numbers[Dispatch(table, numbers[operands[0]])],)
        case Effect.CALL_REFERENCE:
            return (graph.numbers[Dispatch(None, numbers[operands[0]])],)
        case _:
            return None

"""Where in a body an edge of the call graph is: found by the plain reader, for the functions on a path that is
shown.
"""

from __future__ import annotations

from extract.wasm.call_graph import CallGraph, Dispatch
from extract.wasm.instructions import Instruction, instructions
from extract.wasm.module import ExternKind
from extract.wasm.opcodes import Effect
from extract.wasm.reader import Reader
from extract.wasm.world import Defined


def call_site(graph: CallGraph, caller: Defined, target: int | None) -> Instruction | None:
    """The first instruction of `caller` that makes the edge to node `target`; None as the target: the first
    `memory.grow`.
    """
    module = graph.world.instances[caller.instance].module
    defined = caller.index - module.imported_functions
    subject = graph.world.subject
    reader = Reader(subject.data, module.code.starts[defined], module.code.ends[defined], subject.path)
    for instruction in instructions(reader, module.scope):
        if _makes_edge(graph, caller.instance, instruction, target):
            return instruction
    return None


def _makes_edge(graph: CallGraph, instance: int, instruction: Instruction, target: int | None) -> bool:
    operands = instruction.operands
    world = graph.world
    numbers = world.instances[instance].module.scope.numbers
    match instruction.opcode.effect:
        case Effect.GROW:
            return target is None
        case Effect.CALL if target is not None:
            return graph.node(world.definition(instance, ExternKind.FUNCTION, operands[0])) == target
        case Effect.CALL_INDIRECT if target is not None:
            table = world.definition(instance, ExternKind.TABLE, operands[1])
            return graph.numbers[Dispatch(table, numbers[operands[0]])] == target
        case Effect.CALL_REFERENCE if target is not None:
            return graph.numbers[Dispatch(None, numbers[operands[0]])] == target
        case _:
            return False

"""Function bodies to columns by the plain reader: the reference, and the one for small modules."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from extract.wasm import limits
from extract.wasm.instructions import instructions
from extract.wasm.module import Code
from extract.wasm.opcodes import Effect
from extract.wasm.reader import Reader
from extract.wasm.types import TypeScope


@dataclass(frozen=True, slots=True)
class Spaces:
    """How far the indices in function bodies may go."""

    scope: TypeScope
    functions: int
    imported_functions: int
    tables: int
    memories: int
    elements: int

    def limits_of(self, effect: Effect) -> tuple[int, int]:
        """Bounds, exclusive, of the operands of an instruction; 1 where it has none, whose operand reads as 0."""
        types = len(self.scope.numbers)
        match effect:
            case Effect.CALL | Effect.REFERENCE:
                return self.functions, 1
            case Effect.CALL_INDIRECT:
                return types, self.tables
            case Effect.CALL_REFERENCE:
                return types, 1
            case Effect.GROW:
                return self.memories, 1
            case Effect.TABLE_GET | Effect.TABLE_WRITE:
                return self.tables, 1
            case Effect.TABLE_INIT:
                return self.elements, self.tables
            case Effect.TABLE_COPY:
                return self.tables, self.tables
            case Effect.NONE | Effect.OPENS | Effect.ENDS | Effect.DELEGATES | Effect.CONVERTS_EXTERN:
                return 1, 1


# Effects that are of no further interest once the body is split into instructions.
STRUCTURE = frozenset((Effect.NONE, Effect.OPENS, Effect.ENDS, Effect.DELEGATES))


def read_plainly(reader: Reader, spaces: Spaces, count: int) -> Code:
    """Reads `count` bodies one instruction after the other."""
    code = Code(array("I"), array("I"), array("I", [0]), array("I"), array("I"))
    for defined in range(count):
        _read_body(body_reader(reader), spaces, spaces.imported_functions + defined, code)
    reader.finish("code section")
    return code


def body_reader(reader: Reader) -> Reader:
    """The next body of the code section."""
    at = reader.position
    size = reader.u32()
    if size > limits.MAX_FUNCTION_BYTES:
        reader.fail(f"a function of {size} bytes", f"at most {limits.MAX_FUNCTION_BYTES}", at)
    return reader.sub(size, "a function body")


def _read_body(reader: Reader, spaces: Spaces, function: int, code: Code) -> None:
    code.starts.append(reader.position)
    code.ends.append(reader.end)
    callees: dict[int, None] = {}
    for offset, opcode, operands in instructions(reader, spaces.scope):
        effect = opcode.effect
        if effect in STRUCTURE:
            continue
        first, second = (*operands, 0, 0)[:2]
        bounds = spaces.limits_of(effect)
        if first >= bounds[0] or second >= bounds[1]:
            reader.fail(f"{opcode.name} {' '.join(map(str, operands))}", f"indices below {bounds}", offset)
        if effect is Effect.CALL:
            callees[first] = None
        else:
            code.raw_events.extend((function, effect.value, first, second))
    code.callees.extend(callees)
    code.callee_starts.append(len(code.callees))

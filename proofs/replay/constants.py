"""Numbers that a root compares its arguments with: the constants in the bodies that it calls directly."""

from __future__ import annotations

from extract.wasm.instructions import instructions
from extract.wasm.module import Module
from extract.wasm.reader import Buffer, Reader
from proofs.replay.values import signed

_FUNCTIONS = 64
_BYTES = 1 << 15
_CONSTANTS = 48


def constants_near(data: Buffer, module: Module, function: int) -> tuple[int, ...]:
    """Constants of `function` and of what it calls, nearest first, each with its neighbours."""
    seen = [function]
    left = _BYTES
    found: dict[int, None] = {}
    for current in seen:  # grows while it is walked: breadth first
        defined = current - module.imported_functions
        if defined < 0:
            continue
        start, end = module.code.starts[defined], module.code.ends[defined]
        if end - start > left:
            continue
        left -= end - start
        for value in _constants(data, module, start, end):
            for near in (value, value + 1, value - 1):
                found.setdefault(near)
        if len(found) >= 3 * _CONSTANTS:
            break
        callees = module.code.callees[module.code.callee_starts[defined] : module.code.callee_starts[defined + 1]]
        seen.extend(callee for callee in callees if callee not in seen and len(seen) < _FUNCTIONS)
    return tuple(found)


def _constants(data: Buffer, module: Module, start: int, end: int) -> list[int]:
    found = []
    for instruction in instructions(Reader(data, start, end, ""), module.scope):
        bits = {"i32.const": 32, "i64.const": 64}.get(instruction.opcode.name)
        if bits:
            found.append(signed(Reader(data, instruction.offset + 1, end, "").signed(bits), 64))
    return found

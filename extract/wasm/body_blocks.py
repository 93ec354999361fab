"""Structured control as basic blocks with explicit targets.

[core 3.0, "Structure / Instructions / Control Instructions", "Execution / Instructions / Blocks"]. The body need not
have been validated: what is built is what the bytes say, and whoever gives it a meaning looks at operands and types.

Blocks are numbered in the order of the text. Every jump goes to a later block, but for the jumps back to a loop, which
is what `Move.REPEAT` marks. A block of code that cannot be reached is there all the same; no jump leads to it.
Exceptions are no jumps: `try` and `try_table` stand as instructions of the block before their body, so that whoever
does not model them stops there; the handlers of a legacy `try` are blocks that no jump leads to.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from extract.wasm.body_immediates import Operation


class Move(enum.Enum):
    """What a jump does to the labels in scope; the values it carries are the topmost of the stack."""

    FALL = "fall"  # nothing
    ENTER = "enter"  # one label more, below the values carried
    LEAVE = "leave"  # the stack is cut to the label and the values put back; the label and all inner ones are gone
    REPEAT = "repeat"  # as LEAVE, but the label stays: back to the head of a loop


@dataclass(frozen=True, slots=True)
class Jump:
    """`label`: how many labels stand outside the one meant (0: the function's own); `carried`: how many values."""

    block: int
    move: Move
    label: int
    carried: int


@dataclass(frozen=True, slots=True)
class Goto:
    jump: Jump


@dataclass(frozen=True, slots=True)
class Branch:
    """`br_if` and `if`: on a number that is not zero to `taken`."""

    operation: Operation
    taken: Jump
    otherwise: Jump


@dataclass(frozen=True, slots=True)
class ReferenceBranch:
    """`br_on_null`, `br_on_non_null`, `br_on_cast`, `br_on_cast_fail`: `taken` to the label that they name."""

    operation: Operation
    taken: Jump
    otherwise: int


@dataclass(frozen=True, slots=True)
class Switch:
    """`br_table`."""

    operation: Operation
    targets: tuple[Jump, ...]
    default: Jump


@dataclass(frozen=True, slots=True)
class Leave:
    """Control goes nowhere else in this body: `return`, `unreachable`, a tail call, a throw."""

    operation: Operation


@dataclass(frozen=True, slots=True)
class End:
    """The end of the function: its results are the topmost values."""

    offset: int


Exit = Goto | Branch | ReferenceBranch | Switch | Leave | End


@dataclass(frozen=True, slots=True)
class Block:
    """`loop`: whether it is the head of a loop. `loops`: the heads of the loops it is in, its own included, outermost
    first.
    """

    number: int
    offset: int
    operations: tuple[Operation, ...]
    exit: Exit
    loops: tuple[int, ...]

    @property
    def loop(self) -> bool:
        return bool(self.loops) and self.loops[-1] == self.number

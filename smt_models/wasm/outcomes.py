"""How a path ends, and what execution does not model."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smt_models.system.terms import Term


class TrapKind(enum.Enum):
    """Why an instruction traps [core 3.0, "Execution / Numerics", "Execution / Instructions"]."""

    UNREACHABLE = "unreachable"
    DIVIDE_BY_ZERO = "integer divide by zero"
    OVERFLOW = "integer overflow"
    OUT_OF_BOUNDS = "out of bounds memory access"


@dataclass(frozen=True, slots=True)
class Returned:
    values: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Trapped:
    """`function` and `offset`: of the instruction."""

    kind: TrapKind
    function: int
    offset: int


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """The path goes on, and how is not known: `name` says what stopped it, at `offset`. `goes_on`: only under a
    condition, so that what comes behind is followed too, as if that did not hold.
    """

    name: str
    function: int
    offset: int
    goes_on: bool = False


Outcome = Returned | Trapped | Unmodelled


class NotModelled(Exception):
    """The instruction that is being executed, or this use of it, has no model; the path becomes `Unmodelled`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

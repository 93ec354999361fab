"""Every number of the canonical ABI that the models use, and how results are packed.

[CABI] is the Component Model's `CanonicalABI.md` with `canonical-abi/definitions.py`, state of August 2026.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smt_models.system.operators import BitVec, Enum
from smt_models.system.terms import Literal, Term, Variable, apply, choose, literal

RULES = "host-rules/1"
"""The version of the rules; it goes into every certificate that rests on them."""


class CopyResult(enum.IntEnum):
    """[CABI] CopyResult."""

    COMPLETED = 0
    DROPPED = 1
    CANCELLED = 2


class SubtaskState(enum.IntEnum):
    """[CABI] Subtask.State. wit-bindgen's STATUS_STARTED_CANCELLED is CANCELLED_BEFORE_STARTED."""

    STARTING = 0
    STARTED = 1
    RETURNED = 2
    CANCELLED_BEFORE_STARTED = 3
    CANCELLED_BEFORE_RETURNED = 4


class EventCode(enum.IntEnum):
    """[CABI] EventCode."""

    NONE = 0
    SUBTASK = 1
    STREAM_READ = 2
    STREAM_WRITE = 3
    FUTURE_READ = 4
    FUTURE_WRITE = 5
    TASK_CANCELLED = 6


class CallbackCode(enum.IntEnum):
    """[CABI] CallbackCode: the low four bits of what a callback returns; above them the waitable set."""

    EXIT = 0
    YIELD = 1
    WAIT = 2


COPY_STATE = Enum("CopyState", ("IDLE", "COPYING", "CANCELLING_COPY", "DONE"))
QUEUED = Enum("Queued", ("NONE", *CopyResult.__members__))
PENDING = Enum("Pending", ("NONE", "OURS", "THEIRS"))
CHOICE = Enum("Choice", ("LATER", *CopyResult.__members__))
SUBTASK_STATE = Enum("SubtaskState", tuple(SubtaskState.__members__))
EVENT = Enum("EventCode", tuple(EventCode.__members__))
HEARD = Enum("Heard", ("NOTHING", "VOID", "ANSWER", "EVENT", "WAITS", "TRAP"))


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes at a width; 32 is the ABI's, fewer bits make the same rules small enough to try them all."""

    bits: int = 32

    @property
    def sort(self) -> BitVec:
        return BitVec(self.bits)

    @property
    def blocked(self) -> Literal:
        """[CABI] BLOCKED, 0xffff_ffff."""
        return literal((1 << self.bits) - 1, self.sort)

    @property
    def longest(self) -> Literal:
        """[CABI] Buffer.MAX_LENGTH, 2^28 - 1: what is left beside the four bits of the result."""
        return literal((1 << (self.bits - 4)) - 1, self.sort)

    def number(self, value: int) -> Literal:
        return literal(value, self.sort)

    def pack(self, low: Term, high: Term) -> Term:
        """`low | high << 4`: results with progress, subtask states with their handle, callback codes with their set."""
        return apply("bvor", low, apply("bvshl", high, self.number(4)))

    def result(self, name: Term) -> Term:
        """The number of a copy result, given by a variable or literal of QUEUED or CHOICE."""
        assert isinstance(name, Variable | Literal)
        dropped = apply("=", name, literal("DROPPED", name.sort))
        cancelled = apply("=", name, literal("CANCELLED", name.sort))
        if isinstance(name, Literal):
            return self.number(CopyResult[str(name.value)])
        return choose(
            dropped,
            self.number(CopyResult.DROPPED),
            choose(cancelled, self.number(CopyResult.CANCELLED), self.number(CopyResult.COMPLETED)),
        )

    def subtask_state(self, state: Term) -> Term:
        """The number of a subtask state: its place in the enumeration."""
        number: Term = self.number(SubtaskState.STARTING)
        for member in list(SubtaskState)[1:]:
            is_it = apply("=", state, literal(member.name, SUBTASK_STATE))
            number = choose(is_it, self.number(member), number)
        return number

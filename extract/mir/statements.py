"""Statements and terminators [rustc_middle::mir::syntax: StatementKind, TerminatorKind, UnwindAction]."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir.operands import Operand, Place
from extract.mir.rvalues import Rvalue


@dataclass(frozen=True, slots=True)
class UnknownConstruct:
    """A line that the parser does not know: what reaches it has no meaning here."""

    line: int
    text: str


# Statements


@dataclass(frozen=True, slots=True)
class Assign:
    place: Place
    rvalue: Rvalue


@dataclass(frozen=True, slots=True)
class StorageLive:
    local: int


@dataclass(frozen=True, slots=True)
class StorageDead:
    local: int


@dataclass(frozen=True, slots=True)
class SetDiscriminant:
    place: Place
    variant: int


@dataclass(frozen=True, slots=True)
class Deinit:
    place: Place


@dataclass(frozen=True, slots=True)
class Nop:
    pass


@dataclass(frozen=True, slots=True)
class FakeRead:
    cause: str
    place: Place


@dataclass(frozen=True, slots=True)
class PlaceMention:
    place: Place


@dataclass(frozen=True, slots=True)
class AscribeUserType:
    place: Place
    details: str


@dataclass(frozen=True, slots=True)
class Assume:
    operand: Operand


@dataclass(frozen=True, slots=True)
class CopyNonoverlapping:
    """Of `count` elements of the pointers' type."""

    destination: Operand
    source: Operand
    count: Operand


@dataclass(frozen=True, slots=True)
class Retag:
    kind: str  # "", "fn entry", "2phase", "raw"
    place: Place


@dataclass(frozen=True, slots=True)
class Coverage:
    details: str


@dataclass(frozen=True, slots=True)
class ConstEvalCounter:
    pass


@dataclass(frozen=True, slots=True)
class BackwardIncompatibleDropHint:
    place: Place


StatementKind = (
    Assign
    | StorageLive
    | StorageDead
    | SetDiscriminant
    | Deinit
    | Nop
    | FakeRead
    | PlaceMention
    | AscribeUserType
    | Assume
    | CopyNonoverlapping
    | Retag
    | Coverage
    | ConstEvalCounter
    | BackwardIncompatibleDropHint
    | UnknownConstruct
)

# What happens when what a terminator calls unwinds


@dataclass(frozen=True, slots=True)
class UnwindContinue:
    """To the caller."""


@dataclass(frozen=True, slots=True)
class UnwindUnreachable:
    """It does not unwind."""


@dataclass(frozen=True, slots=True)
class UnwindTerminate:
    """The process ends: `abi` leaves a function that must not unwind, `cleanup` unwinds while unwinding."""

    reason: str


@dataclass(frozen=True, slots=True)
class UnwindCleanup:
    block: int


UnwindAction = UnwindContinue | UnwindUnreachable | UnwindTerminate | UnwindCleanup

# Terminators


@dataclass(frozen=True, slots=True)
class Goto:
    target: int


@dataclass(frozen=True, slots=True)
class SwitchInt:
    """Values are the bits, unsigned."""

    operand: Operand
    targets: tuple[tuple[int, int], ...]
    otherwise: int


@dataclass(frozen=True, slots=True)
class Return:
    pass


@dataclass(frozen=True, slots=True)
class Resume:
    """Goes on unwinding."""


@dataclass(frozen=True, slots=True)
class Terminate:
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    pass


@dataclass(frozen=True, slots=True)
class CoroutineDrop:
    pass


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop` is the way for a coroutine dropped meanwhile, `future` the local that an asynchronous drop polls."""

    place: Place
    target: int
    unwind: UnwindAction
    drop: int | None = None
    future: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Without a target it does not return."""

    function: Operand
    arguments: tuple[Operand, ...]
    destination: Place
    target: int | None
    unwind: UnwindAction


@dataclass(frozen=True, slots=True)
class TailCall:
    function: Operand
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class AssertMessage:
    """`kind` is the variant of rustc's AssertKind, `text` what is printed, `operands` what it mentions."""

    kind: str
    text: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Assert:
    condition: Operand
    expected: bool
    message: AssertMessage
    target: int
    unwind: UnwindAction


@dataclass(frozen=True, slots=True)
class Yield:
    value: Operand
    resume_argument: Place
    resume: int
    drop: int | None


@dataclass(frozen=True, slots=True)
class FalseEdge:
    real: int
    imaginary: int


@dataclass(frozen=True, slots=True)
class FalseUnwind:
    real: int
    unwind: UnwindAction


@dataclass(frozen=True, slots=True)
class InlineAsm:
    """Kept as text: nothing is known of what it does."""

    text: str
    targets: tuple[tuple[str, int], ...]
    unwind: UnwindAction | None


TerminatorKind = (
    Goto
    | SwitchInt
    | Return
    | Resume
    | Terminate
    | Unreachable
    | CoroutineDrop
    | Drop
    | Call
    | TailCall
    | Assert
    | Yield
    | FalseEdge
    | FalseUnwind
    | InlineAsm
    | UnknownConstruct
)

"""The parts of a runtime that are proved apart: each operation with a peer, and its tasks; what each has to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.mir.compile import Panic
from proofs import runtime_wording as wording
from proofs.kinds import TASK_KINDS, RuntimeKind
from smt_models.host.variants import Kind, Peer

if TYPE_CHECKING:
    from smt_models.runtime.profile import Operation, Profile

TASK_SIDE = "task-side"
"""What users call the tasks where they name operations."""


@dataclass(frozen=True, slots=True)
class OperationPart:
    """An implementor of the operation trait. `operation`: the profile's word for it, None if it has none."""

    implementor: str
    operation: str | None
    peer: str

    @property
    def label(self) -> str:
        return f"{self.operation or self.implementor.rpartition('::')[2]}, peer {self.peer}"

    @property
    def folder(self) -> str:
        return f"{self.peer}-{self.implementor.rpartition('::')[2]}"

    def instance(self, panic: Panic) -> str:
        return wording.instance(self.implementor, panic.value, self.peer)


@dataclass(frozen=True, slots=True)
class TaskPart:
    """The tasks, in one generation of their C ABI, 0 if they have none; None if nobody described them, and `why`."""

    generation: int | None = None
    why: str = ""

    @property
    def label(self) -> str:
        return TASK_SIDE if self.generation is None else f"{TASK_SIDE}, {wording.task_abi(self.generation)}"

    @property
    def folder(self) -> str:
        return f"{TASK_SIDE}-{self.generation}"

    def instance(self, panic: Panic) -> str:
        return wording.task_instance(self.generation, panic.value)


Part = OperationPart | TaskPart


def why_not(kind: RuntimeKind, part: Part, profile: Profile, panic: Panic) -> str | None:
    """Why an obligation can say nothing of this part; None if it can."""
    match part:
        case TaskPart():
            return None if kind in TASK_KINDS else "it is of operations"
        case OperationPart(_, name, peer):
            of_all = _of_tasks(kind, profile) or _of_panics(kind, panic)
            return of_all or (None if name is None else _of_operations(kind, profile.operation(name), peer))


def _of_tasks(kind: RuntimeKind, profile: Profile) -> str | None:
    """A set goes with its task: operations can break that only where they share their task."""
    from smt_models.runtime.profile import TaskTable

    is_shared = isinstance(profile.tasks, TaskTable)
    if kind is RuntimeKind.TASK_CONTRACT or (kind is RuntimeKind.SET_EMPTY and not is_shared):
        return f"it is of the {TASK_SIDE}"
    return None


def _of_panics(kind: RuntimeKind, panic: Panic) -> str | None:
    if kind is RuntimeKind.PANIC_IN_CALLBACK and panic is Panic.ABORT:
        return "nothing unwinds with panic abort"
    return None


def _of_operations(kind: RuntimeKind, operation: Operation, peer: str) -> str | None:
    match kind:
        case RuntimeKind.COPY_WHEN_IDLE | RuntimeKind.SCALAR_ZERO_ALLOC if operation.kind is None:
            return "it is of streams and futures"
        case RuntimeKind.PARTIAL_WRITE if operation.kind is not Kind.STREAM:
            return "it is of streams"
        case RuntimeKind.SUBTASK_AREAS if operation.kind is not None:
            return "it is of subtasks"
        case RuntimeKind.BLOCKING_CANCEL if operation.kind is not None and peer == Peer.WASM.value:
            return "a cancel never blocks where the peer is wasm"
        case _:
            return None

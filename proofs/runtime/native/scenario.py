"""What is run natively: the crate, the operation, and the steps of its client and its host; and what a run gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from extract.mir.compile import LocalCrate, Panic, RegistryPackage

BLOCKED = 0xFFFF_FFFF
DELIVERY = "waitable-set delivery"
COPIES = ("stream.read", "stream.write", "future.read", "future.write")
CALL = "asynchronous call"
CANCELS = ("stream.cancel-read", "stream.cancel-write", "future.cancel-read", "future.cancel-write", "subtask.cancel")
LONGEST = 4096
"""A longer buffer is not tried: the answers of the host count elements, which the host then touches one by one."""


class Operation(Enum):
    """The operations of the runtime that a client can be generated for."""

    STREAM_WRITE = "stream-write"
    STREAM_READ = "stream-read"
    FUTURE_WRITE = "future-write"
    FUTURE_READ = "future-read"
    SUBTASK = "subtask"

    @property
    def is_stream(self) -> bool:
        return self in (Operation.STREAM_WRITE, Operation.STREAM_READ)


class UserCode(Enum):
    """Code of the client that the runtime calls and that may unwind, in the words of the model."""

    LOWER = "lower"
    LIFT = "lift"
    DEALLOC_LISTS = "dealloc_lists"
    DEFAULT = "default"
    PARAMS_LOWER = "params_lower"
    PARAMS_DEALLOC_LISTS = "params_dealloc_lists"
    PARAMS_DEALLOC_LISTS_AND_OWN = "params_dealloc_lists_and_own"
    RESULTS_LIFT = "results_lift"
    DROP_OF_ELEMENT = "the drop of an element"
    CLONE_OF_WAKER = "the clone of a waker"
    WAKE_OF_WAKER = "the wake of a waker"
    DROP_OF_WAKER = "the drop of a waker"


class Act(Enum):
    """What the client or the host does in a step."""

    OPEN = "open"
    NEW = "new"
    POLL = "poll"
    CANCEL = "cancel"
    DROP = "drop"
    MOVE = "move"
    FORGET = "forget"
    DROP_END = "drop end"
    DELIVER = "deliver"
    SWITCH_TASK = "switch task"
    TAKE_BACK = "take back"
    HOST_RUNS = "the host runs"


@dataclass(frozen=True, slots=True)
class HostSays:
    """The host's answer to a built-in, or the code of an event. `late`: the built-in blocks before it answers.
    `rule`: the words of the rule that allows it.
    """

    call: str
    code: int
    late: bool = False
    rule: str = ""

    def __post_init__(self) -> None:
        if self.call not in (*COPIES, *CANCELS, CALL, DELIVERY):
            raise ValueError(f"no host is asked `{self.call}` by an operation")
        if not 0 <= self.code <= BLOCKED:
            raise ValueError(f"the code {self.code} has no 32 bits")


@dataclass(frozen=True, slots=True)
class Unwinds:
    """In this step, the call of user code after so many others unwinds."""

    callback: UserCode
    after: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """`length`, `capacity`: of the buffer that NEW or TAKE_BACK is given, and `used`: how many of its elements an
    earlier write has sent. `remark`: about the step, for who reads the program.
    """

    act: Act
    answers: tuple[HostSays, ...] = ()
    length: int = 0
    capacity: int = 0
    used: int = 0
    unwinds: tuple[Unwinds, ...] = ()
    remark: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.length <= self.capacity <= LONGEST:
            raise ValueError(f"a buffer of {self.length} elements in {self.capacity}; {LONGEST} at most are tried")
        if not 0 <= self.used <= self.length:
            raise ValueError(f"{self.used} of {self.length} elements were sent before")


@dataclass(frozen=True, slots=True)
class Crate:
    """What is built, and how: nothing in it is changed."""

    source: RegistryPackage | LocalCrate
    features: tuple[str, ...] = ()
    panic: Panic = Panic.UNWIND
    toolchain: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """`native_abi`: an element goes as it is, else it is lowered and lifted. `lists`: an element owns memory.
    `task_version`: of the C ABI of the task that the operation finds. `conforming`: the host keeps H1 and H2, and gives
    no count above what it was offered; an answer against one of them is no scenario then.
    """

    obligation: str
    operation: Operation
    actions: tuple[Action, ...]
    native_abi: bool = True
    lists: bool = False
    task_version: int = 2
    conforming: bool = True


@dataclass(frozen=True, slots=True)
class Program:
    """`module`: of the mock host, which not every version of the crate has. `text`: `src/bin/NAME.rs`."""

    obligation: str
    module: str
    text: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The fault was seen on the crate itself, in that step. `fault`: its name; `observed`: what the program said."""

    fault: str
    about: str
    step: int
    observed: tuple[str, ...]

    @property
    def how(self) -> str:
        return f"run natively: step {self.step}: {self.about}"


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """`why`: what stood in the way, or what was seen instead. `final`: another time it would be the same."""

    why: str
    observed: tuple[str, ...] = ()
    final: bool = True


Result = Confirmed | NotConfirmed

"""A counterexample of a runtime obligation: the shortest sequence of actions to the violation, with every number.

A step is one action of the client (`new`, `poll`, `cancel`, `drop`, `move`, `forget`), one delivery to the guest's
callback, or one step that the host takes by itself. Whoever runs it again lets the mock host answer `answers` in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs.pool_run import PoolRun
from smt_models.runtime.outcomes import Where
from smt_models.system.model import Actor
from smt_models.system.operators import Value

Word = tuple[str, Value]
"""A word of the state by its readable name, or a constant, or an argument; and its value."""


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """What the host answered to a built-in, or the event that it delivered.

    `call`: in the specification's word (`stream.write`, `waitable.join`, `waitable-set delivery`); `rule`: the row that
    the host took, with its `citation`. `heard`: ANSWER and EVENT have a `code`; VOID has none; WAITS means that a
    synchronous built-in blocks, and the answer to `return of the synchronous call` follows. A built-in that traps
    (TRAP) ends the trace. `arguments`: such as `n`, the number of elements offered.
    """

    call: str
    rule: str
    citation: str
    heard: str
    code: int | None
    arguments: tuple[Word, ...]
    where: Where | None


@dataclass(frozen=True, slots=True)
class UserChoice:
    """What the allocator, user code or the client chose: `no memory`, `another element`, a `length`, .."""

    what: str
    value: Value
    where: Where | None


Answer = HostAnswer | UserChoice


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One line of a step: `kind` is `host`, `choice`, `call`, `free`, `wait` or `violation`.

    `where`: None for what the client or the host does while no body runs. `citation`: the specification's rule, empty
    where there is none. `code`: the number heard, if any.
    """

    kind: str
    text: str
    where: Where | None
    citation: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Steps are numbered from 1. `answers`: in the order in which the guest got them. `before` and `after`: all words
    of the state. The last step is broken off where the obligation is violated: there `after` has the host's words as
    they are at that place.
    """

    number: int
    actor: Actor
    action: str
    answers: tuple[Answer, ...]
    events: tuple[TraceEvent, ...]
    before: tuple[Word, ...]
    after: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """How the model was made that a run is of, which tells it from others of the same operation. `turns`: of a loop,
    of which longer ones are left out; `steps`: runs of no more were looked at; None: all. `counts_kept`: H5 is taken
    of what the host says to a runtime that is to check it.
    """

    turns: int | None = None
    steps: int | None = None
    counts_kept: bool = False

    @property
    def left_out(self) -> str:
        """What can be and the model does not have; empty if it has all."""
        turns = () if self.turns is None else (f"loops of more than {self.turns} turns",)
        steps = () if self.steps is None else (f"runs of more than {self.steps} steps",)
        return " and ".join((*turns, *steps))


WHOLE = Made()


@dataclass(frozen=True, slots=True)
class RuntimeTrace:
    """`constants`: what stays the same for ever, such as `native_abi_matches_canonical_abi`. `where`: the violation;
    None if no fault was looked for, but a state. `pool`: of calls to a pool's owner, what they do to it. `made`: None
    where nobody asks how the model was made.
    """

    obligation: str
    why: str
    where: Where | None
    constants: tuple[Word, ...]
    steps: tuple[TraceStep, ...]
    pool: PoolRun | None = None
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """No trace: everything up to `steps` steps was looked at. `whole`: and nothing is further away."""

    why: str
    steps: int
    whole: bool


Found = RuntimeTrace | NotFound

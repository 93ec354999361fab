"""What execution is given besides the program, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smt_models.system.terms import Term, conjunction
from smt_models.wasm.closed_form import Counted
from smt_models.wasm.memory import LinearMemory
from smt_models.wasm.outcomes import Outcome, Unmodelled
from smt_models.wasm.program import Start

Feasible = Callable[[tuple[Term, ...]], bool]
"""False only if it is shown that the conjuncts cannot hold together: the path is then left out."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`iterations`: how often control may go back to the head of a loop, each time the loop is entered. `calls`: the
    frames at once. `bulk`: bytes of one memory.fill or memory.copy. `operations`: over all paths. Over any of them a
    path ends as Unmodelled. `merge`: paths that meet become one. `closed_forms`: counted loops are not run but summed
    up. `decided`: with closed forms, how often more than `iterations` loops are gone round in a call of which constants
    alone decide when they end.
    """

    iterations: int = 16
    decided: int = 256
    calls: int = 32
    bulk: int = 64
    operations: int = 200_000
    merge: bool = True
    closed_forms: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """`condition`: conjuncts. Globals and memories as the path left them."""

    condition: tuple[Term, ...]
    outcome: Outcome
    globals: tuple[Term | None, ...]
    memories: tuple[LinearMemory | None, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Under this condition these bytes, which are in bounds, were written by the instruction at `offset`; each byte
    with whatever value. Of size 0: none.
    """

    condition: tuple[Term, ...]
    memory: int
    address: Term
    size: Term
    function: int
    offset: int


@dataclass(frozen=True, slots=True)
class Access:
    """Under this condition the instruction at `offset` loads or stores `size` bytes at base and displacement, if they
    are in bounds: what is recorded is what it tries. `value`: that of a store, or what the load gave. `number`: of this
    access among all. `loop`: the outermost loop in closed form around it; the access is then that of any iteration.
    """

    number: int
    condition: tuple[Term, ...]
    memory: int
    store: bool
    base: Term
    displacement: int
    size: Term
    value: Term | None
    function: int
    offset: int
    loop: Counted | None


@dataclass(frozen=True, slots=True)
class Copy:
    """Under this condition these bytes of memory 0 were copied. `by`: the access that wrote them all at once, as if all
    were read before, as `memory.copy` does [core, memory.copy]; or the loop that did in the order of their addresses.
    """

    condition: tuple[Term, ...]
    target: Term
    source: Term
    size: Term
    by: Access | Counted

    @property
    def reached(self) -> Term:
        """Where there is no such copy if this does not hold."""
        return conjunction(self.by.entered if isinstance(self.by, Counted) else self.condition)


@dataclass(frozen=True, slots=True)
class Execution:
    """`came_everywhere`: each instruction of the functions that were entered was executed on some path."""

    start: Start
    paths: tuple[Path, ...]
    writes: tuple[Write, ...]
    accesses: tuple[Access, ...]
    copies: tuple[Copy, ...]
    came_everywhere: bool

    @property
    def all_stores_seen(self) -> bool:
        """Whether no instruction is left that was not executed for want of a model, and may store anything."""
        return self.came_everywhere or all(one.goes_on for one in self.lost)

    @property
    def lost(self) -> tuple[Unmodelled, ...]:
        """Where it was not followed any further."""
        return tuple([path.outcome for path in self.paths if isinstance(path.outcome, Unmodelled)])

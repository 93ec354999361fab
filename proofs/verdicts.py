"""What a run concludes: verdicts, the evidence behind them, the traces against them.

A verdict is a sum of five; no verdict is a bool or None (design, "Words").
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs.kinds import AnyKind as AnyKind
from proofs.kinds import Kind as Kind
from proofs.pool_verdicts import BufferInvariant, PoolInvariant, Replayed, StaticsInvariant
from proofs.runtime.trace import RuntimeTrace
from proofs.runtime_verdicts import CrateBuild, Invariant


@dataclass(frozen=True, slots=True, order=True)
class Assumption:
    """Something taken on faith: `id` and `about` as docs/certificate.md lists them, and the sentence."""

    id: str
    about: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class FunctionId:
    """A function by its definition (rule G3): core instance, index in that instance's function index space."""

    instance: int
    index: int


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """Functions that hold the roots, are closed under calls, and are free of the goal.

    `members`: for each core instance, ascending disjoint inclusive ranges of function indices.
    `goal`: the functions that must not be reached, or None for `memory.grow`.
    """

    roots: tuple[FunctionId, ...]
    root_names: tuple[str, ...] | None  # None: the roots are those of the rule (T1, T2)
    goal: tuple[FunctionId, ...] | None
    goal_names: tuple[str, ...]
    members: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True, order=True)
class ImportSite:
    """The import `module`.`name` of a core instance (rule V3)."""

    instance: int
    module: str
    name: str


NeededBy = int | ImportSite | str
"""Number of a canonical definition, an import, or the name of a boundary function (rules V3, V4)."""


@dataclass(frozen=True, slots=True)
class Needs:
    """For each realloc that is still there, what needs it, and that in words."""

    needs: tuple[tuple[FunctionId, NeededBy, str], ...]


Evidence = ClosedSet | Needs | Invariant | PoolInvariant | StaticsInvariant | BufferInvariant


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: the function, how it is reached, and where.

    `offset`: absolute byte offset of the call in the caller (or of the grow), None where there is no instruction.
    `rule`: the rule of docs/call-graph.md that makes the edge.
    """

    function: str
    node: FunctionId | None
    action: str
    offset: int | None
    rule: str


@dataclass(frozen=True, slots=True)
class Path:
    """A shortest path from a root to the goal; the last step is the goal itself."""

    root: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The path was driven on the real module: the export called, its arguments, pages before and after."""

    export: str
    arguments: tuple[int, ...]
    calls: int
    pages_before: int
    pages_after: int
    how: str


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """No run within the budget reached the goal; `why` says what was tried or what stood in the way. `final`: so it is
    whatever else the machine has to do.
    """

    why: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmedNatively:
    """The crate itself, driven through the same steps under a mock host, showed the fault: `how`."""

    how: str


Confirmation = Confirmed | ConfirmedNatively | Replayed | NotConfirmed


@dataclass(frozen=True, slots=True)
class Cut:
    """A smallest set of call edges, or of exports, whose removal keeps every root from the goal."""

    edges: tuple[tuple[str, str], ...]
    exports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """The goal is reachable: paths, every entry that reaches it, the cut, and what replay said."""

    paths: tuple[Path, ...]
    entries: tuple[str, ...]
    cut: Cut | None  # None: larger than the limit that the search is given
    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class VestigialExport:
    """A realloc that nothing needs, and what goes with it when its export alone goes.

    `keeps_alive`: the other functions that only it reaches; `functions`, `code_bytes`: how many go, itself included,
    and the size of their bodies. `grow_dies`: every `memory.grow` of the file is among them.
    """

    name: str
    function: FunctionId
    keeps_alive: tuple[str, ...]
    functions: int
    code_bytes: int
    grow_dies: bool


@dataclass(frozen=True, slots=True)
class Vestiges:
    """Every realloc that is still there though nothing needs it; the sums are for the removal of all of them
    together.
    """

    exports: tuple[VestigialExport, ...]
    functions: int
    code_bytes: int
    grow_dies: bool


@dataclass(frozen=True, slots=True)
class Violation:
    """A run of the model to where the obligation is violated, and what a run of the thing itself said: of a runtime its
    crate, of a pool its module.
    """

    trace: RuntimeTrace
    confirmation: ConfirmedNatively | Replayed | NotConfirmed


Trace = Reach | Vestiges | Violation


@dataclass(frozen=True, slots=True)
class Proved:
    evidence: Evidence
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class Refuted:
    trace: Trace


@dataclass(frozen=True, slots=True)
class Bounded:
    """Holds up to a depth, no further."""

    depth: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither proved nor refuted: the constructs that stand in the way, each with its place. `final`: neither more time
    nor more memory would help.
    """

    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Vacuous:
    """There was nothing to prove; `why` says what was looked for."""

    why: str


Verdict = Proved | Refuted | Bounded | Unknown | Vacuous


@dataclass(frozen=True, slots=True)
class Subject:
    """A file under proof, by name, size in bytes, and SHA-256 (lower-case hex). `path` is as the user wrote it.

    `build`: of MIR, how it came about.
    """

    path: str
    name: str
    size: int
    sha256: str
    build: CrateBuild | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One obligation on one subject, and what came of it. `cached`: in an earlier run, and was not checked again."""

    subject: Subject
    kind: AnyKind
    instance: str
    verdict: Verdict
    seconds: float
    cached: bool = False

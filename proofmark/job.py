"""One file through the whole house: facts, graph, verdicts, and the re-check of every proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from extract.errors import InputError, WholeFile
from extract.subject import SubjectFile, read_subject
from extract.wasm.call_graph import CallGraph, call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.read import read_world
from extract.wasm.world import Defined
from proofmark.version import VERSION
from proofs import wording
from proofs.graph_proof import decide, function_id, goal_functions
from proofs.verdicts import Confirmation, Kind, NotConfirmed, Proved, Result, Subject, Vacuous, Verdict
from smt_models.graph_obligation import GraphObligation, Root, module_no_grow, no_alloc_path, realloc_no_grow

if TYPE_CHECKING:
    from proofs.replay import Replay


@dataclass(frozen=True, slots=True)
class Job:
    """What to prove about one file.

    `roots`: functions by name, in place of those of the rule; `allocators`: names of allocator entries; `boundary`:
    functions that pass values of variable length into a core module; `assume`: ids of assumptions that the user
    declares; `replay_seconds`: the budget of each replay.
    """

    path: str
    kinds: tuple[Kind, ...]
    roots: tuple[str, ...] = ()
    allocators: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    replay_seconds: float = 10.0

    @property
    def label(self) -> str:
        """For the progress display."""
        return self.path


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, and its certificate if it is a proof: one that the independent checker has accepted.

    `subject_file`: what the certificate is about, where the user never named that file. `source_directory`: of the
    crate, where traces name lines of it.
    """

    result: Result
    certificate: bytes | None
    subject_file: str | None = None
    source_directory: str | None = None


class RecheckFault(Exception):
    """Our own checker does not accept our own proof: one of the two is wrong, and nothing may be called proved."""


def prove_file(job: Job) -> tuple[Outcome, ...]:
    """All obligations of a job, in its order. Raises InputError for bad input, RecheckFault for a fault of ours."""
    started = time.perf_counter()
    file = read_subject(job.path)
    graph = call_graph(read_world(file))
    names = FunctionNames(graph.world)
    outcomes = []
    for kind in job.kinds:
        verdict = _decide(job, graph, names, kind)
        outcomes.append(_outcome(file, kind, _instance(job, kind), verdict, started))
        started = time.perf_counter()
    return tuple(outcomes)


def _instance(job: Job, kind: Kind) -> str:
    if kind is Kind.NO_ALLOC_PATH and not job.roots:
        return "no roots"
    return wording.instance(kind, job.roots or None)


def _decide(job: Job, graph: CallGraph, names: FunctionNames, kind: Kind) -> Verdict:
    assume = frozenset(job.assume)
    match kind:
        case Kind.REALLOC_NO_GROW:
            obligation = realloc_no_grow(graph, names, job.roots)
        case Kind.MODULE_NO_GROW:
            obligation = module_no_grow(graph, names, job.roots)
        case Kind.NO_ALLOC_PATH:
            if not job.roots:
                return Vacuous("no-alloc-path has no roots but those that are named; name them with `roots`")
            obligation = no_alloc_path(graph, names, job.roots, job.allocators)
        case Kind.REALLOC_VESTIGIAL:
            from proofs.vestigial import decide_vestigial

            return decide_vestigial(graph, names, job.boundary)
        case _:
            assert_never(kind)
    return decide(graph, names, obligation, assume, _confirmer(job, graph, obligation))


def _confirmer(job: Job, graph: CallGraph, obligation: GraphObligation) -> Callable[[tuple[Root, ...]], Confirmation]:
    def confirm(roots: tuple[Root, ...]) -> Confirmation:
        if job.replay_seconds <= 0:
            return NotConfirmed("the budget for replay is zero")
        return replayed(graph, obligation, roots, job.replay_seconds).said

    return confirm


def replayed(graph: CallGraph, obligation: GraphObligation, roots: tuple[Root, ...], seconds: float) -> Replay:
    """Whether calls of the roots reach the goal in the file itself."""
    from proofs.replay import MemoryGrow, ReachFunction, ReplayRoot, replay  # loads wasmtime

    targets = tuple(
        ReplayRoot(function_id(root.definition), root.name, root.is_realloc)
        for root in roots
        if isinstance(root.definition, Defined)
    )
    goal = MemoryGrow() if obligation.grow else ReachFunction(goal_functions(graph, obligation))
    subject = graph.world.subject
    return replay(subject.path, subject.sha256, targets, goal, seconds)


def _outcome(file: SubjectFile, kind: Kind, instance: str, verdict: Verdict, started: float) -> Outcome:
    subject = Subject(file.path, file.name, file.size, file.sha256)
    result = Result(subject, kind, instance, verdict, 0.0)
    document = None
    if isinstance(verdict, Proved):
        document = _accepted_certificate(file, result)
    return Outcome(Result(subject, kind, instance, verdict, time.perf_counter() - started), document)


def _accepted_certificate(file: SubjectFile, result: Result) -> bytes:
    """The certificate of a proof, once the independent checker has accepted it."""
    from artifacts.certificate import certificate  # slow to load, and needed for proofs only
    from proofs.recheck import Accepted, recheck

    document = certificate(result, VERSION)
    answer = recheck(document, Path(file.path))
    if isinstance(answer, Accepted):
        return document
    # The two readers differ. Of an invalid file that is no wonder (rule P1); of a valid one it is a fault of ours.
    from extract.validation import why_invalid

    reason = why_invalid(file)
    if reason is not None:
        raise InputError(file.path, WholeFile(), f"an invalid file: {reason}", "a valid WebAssembly file")
    raise RecheckFault(f"{file.path}: the proof of {result.kind.value} is not accepted: {answer.reason}")

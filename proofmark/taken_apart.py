"""From a certificate to what can be dropped of its proof, each with what comes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.ablation import Ablation
from artifacts.explore.json_reading import Node
from extract.errors import InputError
from proofmark.run_models import ProgramAt, job_of, part_of
from proofs.ablation.answers import NOT_AT_HAND, Answer, Dropped, Listed, NotAsked, NotKnown, RestsOn, answer_of
from proofs.ablation.clauses import Clause, clauses_of
from proofs.ablation.left import Clock, Evidence, without_clause, without_earlier
from proofs.kinds import Kind, PoolKind, RuntimeKind
from proofs.recheck.certificate import read_certificate
from proofs.recheck.invariant import read_invariant, read_model
from proofs.recheck.shared import Reference, read_shared
from proofs.recheck.solver_process import Session

if TYPE_CHECKING:
    from proofmark.crate_without import Crate
    from proofs.ablation.runtime import OfRuntime

_OF_STATICS = {
    "statics-model": "without it there is no model that anything could be taken out of",
    "one-thread": "the model has one call after the other, and no step within another's",
    "owners-kept": "no step of the model makes or copies an owner but the crate's, so that there is none to let in",
    "panic-ends": "the model has no call after a panic, so that there is none to let in",
    "statics-private": "no step of the model is anybody else's, so that there is none to let in",
    "width": "the MIR was made for one width, and has no model of another",
}
_NO_OTHER = "no certificate at hand excludes {about}, and what comes after it is not in the model"
_OF_BUFFERS = {
    "buffer-model": _OF_STATICS["statics-model"],
    "block-owned": "no step of the model is anybody else's, so that there is none to let in",
    "counts-lent": "without it a cursor may wrap where 32 bits do: the instance of all elements says what holds there",
    "elements-fit": "without it the obligation is another one, whose instance names no hypothesis",
    "host-realloc": "the model has no other call of it, so that there is none to let in",
    "outside": "no step of the model is one of such a function, so that there is none to let in",
    "panic-ends": _OF_STATICS["panic-ends"],
    "width": _OF_STATICS["width"],
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A certificate that the checker accepts about this subject. `listed`: all that it assumes."""

    path: Path
    certificate: Node
    document: dict[str, Any]
    listed: Listed
    subject: Path


class Apart:
    """`certificates`: of the run, which may exclude what others end at. Keeps what several certificates ask alike."""

    def __init__(self, program: ProgramAt, certificates: tuple[Path, ...], clock: Clock, session: Session) -> None:
        self._program = program
        self._certificates = certificates
        self._clock = clock
        self._session = session
        self._evidence: dict[Path, Evidence] = {}
        self._clauses: dict[tuple[Evidence, str | None, str], Answer] = {}
        self._crate: Crate | None = None
        self._runtimes: dict[tuple[str, str, tuple[str, ...], bool], OfRuntime | NotKnown] = {}

    def of(self, path: Path, certificate: Node, subject: Path) -> Ablation:
        """Of a certificate that the checker accepts about this subject. Raises InputError."""
        raw = path.read_bytes()
        document = json.loads(raw)
        assumptions = read_certificate(raw).assumptions
        listed = frozenset((identity, about) for identity, about, _ in assumptions)
        read = _Read(path, certificate, document, listed, subject)
        has_invariant = "invariant" in document["evidence"]["kind"]
        evidence = self._evidence_of(path, document) if has_invariant else None
        dropped = [Dropped(*one, self._without(one[:2], read)) for one in assumptions]
        dropped += [] if evidence is None else self._without_clauses(evidence)
        return Ablation(
            path.name,
            hashlib.sha256(raw).hexdigest(),
            document["obligation"],
            document["instance"],
            "" if evidence is None else evidence.model,
            tuple(dropped),
        )

    def _evidence_of(self, path: Path, document: dict[str, Any]) -> Evidence:
        if path not in self._evidence:
            said = document["evidence"]
            model, invariant = (
                read_shared(Reference(what, said[what]["bytes"], said[what]["sha256"]), path.parent)
                for what in ("model", "invariant")
            )
            term = read_invariant(read_model(model), invariant)
            self._evidence[path] = Evidence(model, term, tuple(said["excluded"]), said["kind"] == "pool-invariant")
        return self._evidence[path]

    def _without_clauses(self, evidence: Evidence) -> Iterator[Dropped]:
        for clause in clauses_of(evidence.invariant, read_model(evidence.model).state):
            yield Dropped(None, "", clause.text, self._clause(evidence, clause), clause.word)

    def _clause(self, evidence: Evidence, clause: Clause) -> Answer:
        key = (evidence, clause.word, clause.text)
        if key not in self._clauses:
            self._clauses[key] = without_clause(evidence, clause, self._clock, self._session)
        return self._clauses[key]

    def _without(self, one: tuple[str, str], read: _Read) -> Answer:
        identity, about = one
        if identity == "earlier-fault":
            others = self._others(read.path, read.document)
            evidence = self._evidence_of(read.path, read.document)
            shown = without_earlier(evidence, about, others, self._session)
            if shown is not None:
                return shown
        match read.document["evidence"]["kind"]:
            case "closed-set" | "needed-by":
                return _of_module(read, identity, about)
            case "pool-invariant":
                return self._of_pool(read, identity, about)
            case "invariant":
                return self._of_runtime(read, identity, about)
            case "buffer-invariant" if identity in _OF_BUFFERS:
                return NotAsked(_OF_BUFFERS[identity])
            case "statics-invariant" if identity in _OF_STATICS:
                return NotAsked(_OF_STATICS[identity])
            case _:
                return self._of_crate(read, identity, about)

    def _others(self, path: Path, document: dict[str, Any]) -> list[Evidence]:
        """Of certificates about the same model."""
        found = []
        for other in self._certificates:
            if other != path and other.parent == path.parent:
                read = json.loads(other.read_bytes())
                if read["evidence"].get("model") == document["evidence"]["model"]:
                    found.append(self._evidence_of(other, read))
        return found

    def _of_crate(self, read: _Read, identity: str, about: str) -> Answer:
        from proofmark.crate_without import Crate

        kind = PoolKind(read.document["obligation"])
        match identity:
            case "block-size" | "owner-counts" if kind in (PoolKind.DISJOINT, PoolKind.RANGE_IN_BOUNDS):
                return RestsOn("nothing else says how long a block is, and so where it ends")
            case "block-size" | "owner-counts":
                return NotAsked("how long a block is, is asked for disjoint and range-in-bounds alone")
            case "library":
                pass
            case _:
                return NotKnown(_NO_OTHER.format(about=about))
        if self._program.sources is None and self._program.package is None:
            return NotKnown(NOT_AT_HAND)
        if self._clock.spent is not None:
            return self._clock.spent
        self._crate = self._crate or Crate(self._program, self._clock)
        try:
            return answer_of(self._crate.without(read.certificate, about)[kind], read.listed)
        except InputError as error:
            return NotKnown(str(error))

    def _of_pool(self, read: _Read, identity: str, about: str) -> Answer:
        from extract.subject import read_subject
        from proofs.ablation.pool import Taken, without

        if identity == "earlier-fault":
            return NotKnown(_NO_OTHER.format(about=about))
        taken = Taken(identity, about, read.listed)
        kind = PoolKind(read.document["obligation"])
        return without(read_subject(str(read.subject)), read.document["evidence"], kind, taken, self._clock)

    def _of_runtime(self, read: _Read, identity: str, about: str) -> Answer:
        from smt_models.runtime.followed import PARTIAL_WRITE

        document = read.document
        said = document["evidence"]
        hypotheses, follows = tuple(said["hypotheses"]), PARTIAL_WRITE in said["excluded"]
        key = (document["subject"]["sha256"], document["instance"], hypotheses, follows)
        if key not in self._runtimes:
            self._runtimes[key] = self._runtime(read.certificate, hypotheses, follows)
        part = self._runtimes[key]
        if isinstance(part, NotKnown):
            return part
        return part.without(identity, about, RuntimeKind(document["obligation"]), read.listed)

    def _runtime(self, certificate: Node, hypotheses: tuple[str, ...], follows: bool) -> OfRuntime | NotKnown:
        from proofmark.runtime_job import spending_of
        from proofs.ablation.runtime import OfRuntime
        from proofs.runtime.engine import Budget
        from proofs.runtime.judge import Spending

        if self._program.sources is None and self._program.package is None:
            budget = Budget(1, self._clock.megabytes)
            return OfRuntime(None, hypotheses, follows, Spending(budget, budget), self._clock)
        try:
            job = job_of(certificate, self._program)
            return OfRuntime(part_of(job), hypotheses, follows, spending_of(job, self._session), self._clock)
        except InputError as error:
            return NotKnown(str(error))


def _of_module(read: _Read, identity: str, about: str) -> Answer:
    """Raises InputError."""
    from extract.subject import read_subject
    from extract.wasm.call_graph import call_graph
    from extract.wasm.names import FunctionNames
    from extract.wasm.read import read_world
    from proofs.ablation.graph import OfGraph, without_boundary
    from smt_models.graph_obligation import module_no_grow, no_alloc_path, realloc_no_grow

    graph = call_graph(read_world(read_subject(str(read.subject))))
    names = FunctionNames(graph.world)
    evidence = read.document["evidence"]
    roots = tuple(evidence.get("root_names", ()))
    match Kind(read.document["obligation"]):
        case Kind.REALLOC_VESTIGIAL:
            others = tuple(sorted(name for id_, name in read.listed if id_ == "boundary" and name != about))
            return without_boundary(graph, names, others, read.listed)
        case Kind.REALLOC_NO_GROW:
            obligation = realloc_no_grow(graph, names, roots)
        case Kind.MODULE_NO_GROW:
            obligation = module_no_grow(graph, names, roots)
        case Kind.NO_ALLOC_PATH:
            obligation = no_alloc_path(graph, names, roots, tuple(evidence["goal_names"]))
    return OfGraph(graph, names, obligation, frozenset(id_ for id_, _ in read.listed)).without(identity, about)

"""`proofmark export`: propositional proofs of what certificates about invariants ask, for checkers without a solver."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from artifacts.names import visible
from artifacts.ordeal_bundle import SUFFIX, bundle
from artifacts.regular_file import read_regular
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.version import VERSION
from proofs.lrat.make import Budget, NoProof, Satisfiable, refutation, solver_is_there
from proofs.recheck.certificate import MAX_BYTES, read_certificate
from proofs.recheck.faults import Refused
from proofs.recheck.graph_certificate import ClosedSet, NeededBy
from proofs.recheck.lrat import check_lrat
from proofs.recheck.propositional import Query, excluded_queries, inductive_queries
from proofs.recheck.question import Question, question_of

Form = Literal["lrat", "ordeal-cert"]
NOTHING_TO_DO = "a closed set needs no solver, and so no other proof"


@dataclass(frozen=True, slots=True)
class Asked:
    """`out`: None: beside each certificate. `seconds`: for each query."""

    form: Form
    out: Path | None
    seconds: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Queries whose proofs stand in one file. `claim`: what they show, of model and invariant."""

    file: str
    queries: Iterator[Query]
    claim: str


@dataclass(slots=True)
class _Said:
    """`status`: the worst so far. `written`: files of this run, which several certificates share."""

    status: int = 0
    written: set[Path] = field(default_factory=set)


def run(certificates: Sequence[str], asked: Asked, quiet: bool) -> int:
    """0: all exported; 1: a query has a model, or a certificate is none; 2: unreadable; 3: not decided in time."""
    if not solver_is_there():
        raise UsageError("found no package pysat; expected: pip install 'proofmark[lrat]'")
    said = _Said()
    for path in [one for given in certificates for one in _within(Path(given))]:
        status, line = _exported(path, asked, said)
        said.status = status if _rank(status) > _rank(said.status) else said.status
        if not quiet:
            console.results([(line,)], to_stderr=False)
    return said.status


def _rank(status: int) -> int:
    return (0, 3, 1, guard.BAD_INPUT).index(status)


def _within(given: Path) -> list[Path]:
    return sorted(given.glob("*.cert.json")) or [given]


def _exported(path: Path, asked: Asked, said: _Said) -> tuple[int, str]:
    name = visible(str(path))
    try:
        question = _question(path)
        if question is None:
            return 0, f"nothing     {name}: {NOTHING_TO_DO}"
        directory = path.parent if asked.out is None else asked.out
        directory.mkdir(parents=True, exist_ok=True)
        count = sum(_write(group, directory, asked, said) for group in _groups(question))
    except OSError as error:
        return guard.BAD_INPUT, f"error       {name}: found {error.strerror}; expected a certificate and room beside it"
    except (Refused, Satisfiable) as reason:
        return 1, f"rejected    {name}: {visible(str(reason), 600)}"
    except NoProof as reason:
        return 3, f"undecided   {name}: {visible(str(reason), 600)}"
    return 0, f"exported    {name}: {count} queries refuted now"


def _question(path: Path) -> Question | None:
    evidence = read_certificate(read_regular(path, MAX_BYTES)).evidence
    return None if isinstance(evidence, ClosedSet | NeededBy) else question_of(evidence, path.parent)


def _groups(question: Question) -> tuple[_Group, _Group]:
    model, invariant = (hashlib.sha256(text.encode()).hexdigest() for text in (question.model, question.invariant))
    both = f"the invariant {invariant} of the model {model}"
    excluded = ", ".join(question.excluded)
    return (
        _Group(question.inductive_file, inductive_queries(question), f"{both} holds at first and is kept"),
        _Group(question.excluded_file, excluded_queries(question), f"{both} excludes: {excluded}"),
    )


def _write(group: _Group, directory: Path, asked: Asked, said: _Said) -> int:
    """How many queries were refuted for it; none for what another certificate had written. Raises NoProof, OSError."""
    place = directory / group.file
    if place in said.written:
        return 0
    parts: list[str] = []
    for query in group.queries:
        proof = refutation(query, Budget(asked.seconds))
        check_lrat(query.clauses, proof.splitlines())
        parts.append(f"{query.title}\n{proof}")
        if asked.form == "ordeal-cert":
            name = f"{place.stem}.{query.name.replace(' ', '-')}{SUFFIX}"
            write_atomically(directory / name, bundle(query, proof, f"{group.claim}: {query.name}", VERSION))
    if asked.form == "lrat":
        write_atomically(place, "".join(parts).encode("ascii"))
    said.written.add(place)
    return len(parts)

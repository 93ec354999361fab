"""Re-checks a certificate against its subject: `docs/certificate.md`, "What the checker does"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import MappingProxyType

from proofs.recheck.answer import Accepted, Answer, NotChecked, Rejected
from proofs.recheck.buffer_certificate import BufferInvariant
from proofs.recheck.certificate import MAX_BYTES, Certificate, read_certificate
from proofs.recheck.compact import MAGIC, SUFFIX, carried_in
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.graph_certificate import ClosedSet, NeededBy
from proofs.recheck.pool_certificate import PoolInvariant
from proofs.recheck.question import Question, question_of
from proofs.recheck.runtime_certificate import Invariant, check_assumptions
from proofs.recheck.shared import Shared
from proofs.recheck.solver_process import SECONDS, Session
from proofs.recheck.statics_certificate import StaticsInvariant
from proofs.recheck.wording import Obligation

MAX_SUBJECT_BYTES = 1 << 31
NOTHING: Shared = MappingProxyType({})
Conditions = Callable[[Question], frozenset[str]]
"""All bad conditions of a model, once an invariant is shown to exclude those asked about."""
Hash = Callable[[bytes], str]
"""SHA-256, of which somebody may remember what it was a moment ago."""
AnyInvariant = Invariant | PoolInvariant | StaticsInvariant | BufferInvariant


def recheck(
    certificate: bytes,
    subject: Path | None,
    shared: Shared = NOTHING,
    by_lrat: bool = False,
    seconds: int = SECONDS,
    session: Session | None = None,
) -> Answer:
    """Never raises for the sake of what the certificate, the subject or the texts that it shares hold.

    `by_lrat`: invariants are held to propositional proofs among what is shared, and no solver is asked. `seconds`: for
    each of a solver's queries. `session`: of the solver, where other certificates are checked, too.
    """

    def conditions(asked: Question) -> frozenset[str]:
        return _by_lrat(asked, shared) if by_lrat else _by_solver(asked, seconds, session)

    hash_of = _sha256 if session is None else session.sha256
    return _answered(lambda: _recheck(certificate, subject, shared, conditions, hash_of))


def _answered(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except Refused as refused:
        return Rejected(str(refused))
    except NotDecided as reason:
        return NotChecked(str(reason))
    except RecursionError:
        return Rejected("nested too deeply")
    except MemoryError:
        return Rejected("too large for the memory at hand")
    except Exception as fault:
        return Rejected(f"fault of the checker: {type(fault).__name__}: {fault}")


def recheck_file(
    path: Path,
    subject: Path | None = None,
    by_lrat: bool = False,
    seconds: int = SECONDS,
    session: Session | None = None,
) -> Answer:
    """Reads the certificate from a file; looks for its subject beside it and in the working directory, for what it
    shares with others beside it.
    """
    try:
        if not path.is_file():
            return Rejected(f"certificate: {path} is no file")
        if path.stat().st_size > MAX_BYTES:
            return Rejected("certificate: larger than this checker takes")
        raw = path.read_bytes()
    except (OSError, ValueError) as fault:
        return Rejected(f"certificate: cannot be read: {fault}")
    subject = subject if subject is not None else find_subject(raw, path)
    return recheck(raw, subject, path.parent, by_lrat, seconds, session)


def recheck_carried(path: Path) -> tuple[tuple[str, Answer], ...]:
    """The compact certificates that a module carries, by obligation."""
    try:
        if path.stat().st_size > MAX_SUBJECT_BYTES:
            return (("", Rejected("subject: larger than this checker takes")),)
        data = path.read_bytes()
        carried = carried_in(data)
    except OSError as fault:
        return (("", Rejected(f"subject: cannot be read: {fault}")),)
    except Refused as refused:
        return (("", Rejected(str(refused))),)

    def ask(raw: bytes) -> Answer:
        return _compact(raw, data, path.name)

    return tuple([(obligation, _answered(partial(ask, raw))) for obligation, raw in carried])


def find_subject(raw: bytes, path: Path) -> Path | None:
    """What lies beside the certificate, or in the working directory, under the subject's name."""
    if raw.startswith(MAGIC):
        beside = path.parent / (path.name.removesuffix(SUFFIX).rpartition(".")[0] + ".wasm")
        return beside if _is_file(beside) else None
    try:
        certificate = read_certificate(raw)
    except (Refused, RecursionError, MemoryError):
        return None
    present = [p for p in (path.parent / certificate.subject, Path.cwd() / certificate.subject) if _is_file(p)]
    return next((p for p in present if _is_subject(p, certificate)), present[0] if present else None)


def _is_file(path: Path) -> bool:
    """False also of a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_subject(path: Path, certificate: Certificate) -> bool:
    try:
        if path.stat().st_size != certificate.size or certificate.size > MAX_SUBJECT_BYTES:
            return False
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == certificate.sha256
    except OSError:
        return False


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _recheck(raw: bytes, subject: Path | None, shared: Shared, conditions: Conditions, hash_of: Hash) -> Answer:
    if raw.startswith(MAGIC):
        if subject is None:
            return NotChecked("the subject is not at hand: nothing is proved")
        data = _subject_bytes(subject)
        return data if isinstance(data, NotChecked) else _compact(raw, data, subject.name)
    certificate = read_certificate(raw)
    if subject is None:
        return NotChecked(f"the subject {certificate.subject} is not at hand: nothing is proved")
    data = _subject_bytes(subject)
    if isinstance(data, NotChecked):
        return data
    if len(data) != certificate.size:
        raise Refused(f"subject: {len(data)} bytes, where the certificate says {certificate.size}")

    def demand_hash() -> None:
        if hash_of(data) != certificate.sha256:
            raise Refused("subject: its SHA-256 is not the certificate's")

    match certificate.evidence:
        case ClosedSet() | NeededBy() as evidence:
            from proofs.recheck.check_module import check_module  # invariants have no need of it

            check_module(data, certificate, evidence, demand_hash)
            return _accepted(certificate)
        case evidence:
            demand_hash()
            return _of_invariant(data, certificate, evidence, shared, conditions)


def _of_invariant(
    data: bytes, certificate: Certificate, evidence: AnyInvariant, shared: Shared, conditions: Conditions
) -> Answer:
    match evidence:
        case Invariant():
            return _runtime(data, certificate, evidence, shared, conditions)
        case StaticsInvariant():
            return _statics(data, certificate, evidence, shared, conditions)
        case BufferInvariant():
            return _buffer(data, certificate, evidence, shared, conditions)
        case PoolInvariant():
            return _pool(data, certificate, evidence, shared, conditions)


def _compact(raw: bytes, data: bytes, name: str) -> Accepted:
    from proofs.recheck.check_compact import recheck_compact  # others have no need of it

    return recheck_compact(raw, data, name)


def _subject_bytes(subject: Path) -> bytes | NotChecked:
    try:
        if not subject.is_file():
            return NotChecked(f"the subject {subject} is no file")
        if subject.stat().st_size > MAX_SUBJECT_BYTES:
            raise Refused("subject: larger than this checker takes")
        return subject.read_bytes()
    except (OSError, ValueError) as fault:
        return NotChecked(f"the subject cannot be read: {fault}")


def _accepted(certificate: Certificate) -> Accepted:
    c = certificate
    name = c.obligation.value if isinstance(c.obligation, Obligation) else c.obligation
    return Accepted(name, c.instance, c.subject, c.sha256, c.assumptions)


def _runtime(
    data: bytes, certificate: Certificate, evidence: Invariant, shared: Shared, conditions: Conditions
) -> Accepted:
    from proofs.recheck.mir_blocks import Mir, check_blocks

    assert isinstance(certificate.obligation, str)
    check_blocks(Mir(certificate.sha256, data), evidence)
    found = conditions(question_of(evidence, shared))
    check_assumptions(certificate.assumptions, certificate.obligation, certificate.instance, evidence, found)
    return _accepted(certificate)


def _pool(
    data: bytes, certificate: Certificate, evidence: PoolInvariant, shared: Shared, conditions: Conditions
) -> Accepted:
    import proofs.recheck.pool_certificate as pool_certificate
    from proofs.recheck.check_module import binary

    assert isinstance(certificate.obligation, str)
    pool_certificate.check_exports(binary(data), evidence)
    asked = question_of(evidence, shared)
    pool_certificate.check_cells(asked.model, evidence)
    pool_certificate.check_history(asked.model)
    pool_certificate.check_assumptions(certificate.assumptions, certificate.obligation, evidence, conditions(asked))
    return _accepted(certificate)


def _by_lrat(asked: Question, shared: Shared) -> frozenset[str]:
    from proofs.recheck.propositional import check_propositional

    return check_propositional(asked, shared)


def _by_solver(asked: Question, seconds: int, session: Session | None) -> frozenset[str]:
    from proofs.recheck.invariant import check_invariant

    return check_invariant(asked.model, asked.invariant, asked.excluded, asked.ghosts, seconds, session)


def _statics(
    data: bytes, certificate: Certificate, evidence: StaticsInvariant, shared: Shared, conditions: Conditions
) -> Accepted:
    import proofs.recheck.statics_certificate as statics_certificate

    asked = question_of(evidence, shared)
    statics_certificate.check_model(data, asked.model, evidence)
    statics_certificate.check_assumptions(certificate.assumptions, evidence, conditions(asked))
    return _accepted(certificate)


def _buffer(
    data: bytes, certificate: Certificate, evidence: BufferInvariant, shared: Shared, conditions: Conditions
) -> Accepted:
    import proofs.recheck.buffer_certificate as buffer_certificate

    asked = question_of(evidence, shared)
    buffer_certificate.check_model(data, asked.model, evidence)
    buffer_certificate.check_assumptions(certificate.assumptions, evidence, conditions(asked))
    return _accepted(certificate)

"""`prove --embed`: for each module with proofs, what its loader takes, in one directory (docs/loader.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.certificate import file_name
from artifacts.embedded import NotEmbeddable, embed
from artifacts.names import visible
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.version import VERSION
from proofs.pool_verdicts import BufferInvariant, StaticsInvariant
from proofs.recheck.compact import OBLIGATIONS, SUFFIX
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved

if TYPE_CHECKING:
    from proofmark.job import Outcome

DIRECTORY = "embedded"
_KINDS = "|".join(obligation.value for obligation in OBLIGATIONS.values())
_OURS = re.compile(rf".+-[0-9a-f]{{12}}(\.wasm|\.rs|\.({_KINDS}){re.escape(SUFFIX)})")
"""What stands in the directory under a name that we give."""


def write_embedded(directory: Path, outcomes: Iterable[Outcome]) -> list[str]:
    """Writes the files, and removes those of earlier runs, of our own naming only; returns what must be said besides.

    Raises UsageError.
    """
    by_subject: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        if _is_of_a_module(outcome):
            by_subject.setdefault((outcome.result.subject.path, outcome.result.subject.sha256), []).append(outcome)
    said: list[str] = []
    files: dict[str, bytes] = {}
    for (path, sha256), proofs in by_subject.items():
        try:
            files |= _files(Path(path), sha256, proofs, said)
        except (NotEmbeddable, OSError) as reason:
            said.append(f"not embedded: {visible(path)}: {reason}")
    try:
        (directory / DIRECTORY).mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_atomically(directory / DIRECTORY / name, data)
        for old in (directory / DIRECTORY).iterdir():
            if old.name not in files and _OURS.fullmatch(old.name) and old.is_file():
                old.unlink()
    except OSError as error:
        raise UsageError(f"--out {directory}: {error.strerror}; expected a directory that can be written") from error
    return said


def _is_of_a_module(outcome: Outcome) -> bool:
    """Proofs about MIR say nothing that a loader sees."""
    match outcome.result.verdict:
        case Proved(evidence=evidence):
            of_mir = isinstance(evidence, Invariant | StaticsInvariant | BufferInvariant)
            return outcome.certificate is not None and not of_mir
        case _:
            return False


def _files(path: Path, sha256: str, proofs: list[Outcome], said: list[str]) -> dict[str, bytes]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise NotEmbeddable("the file is no longer the one that was proved")
    certificates = [outcome.certificate for outcome in proofs if outcome.certificate is not None]
    embedded = embed(certificates, data, path.name, VERSION)
    why = "its roots are given by name, and loaders find roots by rule only"
    said += [f"not embedded: {visible(str(path))} ({visible(which)}): {why}" for which in embedded.left_out]
    result = proofs[0].result
    stem = file_name(result).partition(f".{result.kind.value}")[0]
    files = {f"{stem}.rs": embedded.constants}
    if embedded.certificates:
        files[f"{stem}.wasm"] = embedded.module
    return files | {f"{stem}.{obligation.value}{SUFFIX}": raw for obligation, raw in embedded.certificates}

"""The bytes of a replay kit: the same for the same run, on every machine, so that its hash says which it is."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from artifacts.canonical import Json
from artifacts.kit.check import FORMAT, MANIFEST, written
from artifacts.kit.instructions import instructions
from artifacts.names import unicode_only
from artifacts.safety.states import LRAT, Certified

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """`data`: None if the kit goes without it."""

    name: str
    size: int
    sha256: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Contents:
    """`certificates`: each with its bytes and its subject; `beside`: what they share, by file name."""

    certificates: Sequence[tuple[Certified, bytes, Subject]]
    beside: Mapping[str, bytes]
    case: bytes


def kit(contents: Contents, tool_version: str) -> bytes:
    """A zip file. Nothing in it is compressed: compressors differ from machine to machine."""
    files = {**_checker(), "safety-case.json": contents.case}
    files |= {f"certificates/{name}": data for name, data in contents.beside.items()}
    for found, raw, subject in contents.certificates:
        files[f"certificates/{found.file}"] = raw
        if subject.data is not None:
            files[f"subjects/{subject.sha256}"] = subject.data
    answers = {found.solver for found, _, _ in contents.certificates if found.solver is not None}
    solvers = sorted(answers - {LRAT})
    has_subjects = all(subject.data is not None for _, _, subject in contents.certificates)
    files["README.md"] = instructions(tool_version, solvers, has_subjects, LRAT in answers).encode()
    manifest: Json = {
        "format": FORMAT,
        "tool": {"name": "proofmark", "version": tool_version},
        "solvers": [*solvers],
        "certificates": [_certificate(*one) for one in sorted(contents.certificates, key=lambda one: one[0].file)],
        "files": [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in sorted(files.items())
        ],
    }
    files[MANIFEST] = written(manifest)
    return _zipped(files)


def _checker() -> dict[str, bytes]:
    """The independent checker as it is installed here, and what runs it."""
    recheck = resources.files("proofs").joinpath("recheck")
    sources = {f"proofs/recheck/{one.name}": one.read_bytes() for one in recheck.iterdir() if one.name.endswith(".py")}
    package = resources.files("proofs").joinpath("__init__.py").read_bytes()
    run = resources.files("artifacts.kit").joinpath("check.py").read_bytes()
    return {**sources, "proofs/__init__.py": package, "check.py": run}


def _certificate(found: Certified, raw: bytes, subject: Subject) -> Json:
    _, obligation, instance = found.about
    return {
        "file": found.file,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "obligation": obligation,
        "instance": unicode_only(instance),
        "evidence": found.evidence,
        "subject": {"name": unicode_only(subject.name), "bytes": subject.size, "sha256": subject.sha256},
    }


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, data)
    return buffer.getvalue()

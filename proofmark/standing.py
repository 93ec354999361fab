"""What stands of one result of a run now: its certificate is read and checked again, whatever the report says of it."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from artifacts.buffer_certificate import RULE_PACK as BUFFER_RULE_PACK
from artifacts.certificate import RULE_PACK
from artifacts.pool_certificate import RULE_PACK as POOL_RULE_PACK
from artifacts.regular_file import open_regular
from artifacts.runtime_certificate import RULE_PACK as RUNTIME_RULE_PACK
from artifacts.safety.states import LRAT, Certified, Standing, State
from artifacts.statics_certificate import RULE_PACK as STATICS_RULE_PACK
from extract.errors import InputError, WholeFile
from proofmark.version import VERSION
from proofs.recheck import Accepted, NotChecked, Rejected, Session, recheck
from proofs.recheck.certificate import MAX_BYTES

RULE_PACKS = (RULE_PACK, RUNTIME_RULE_PACK, POOL_RULE_PACK, STATICS_RULE_PACK, BUFFER_RULE_PACK)
_WITH_QUERIES = ("invariant", "pool-invariant", "statics-invariant", "buffer-invariant")
"""Evidence that is accepted once its queries are answered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are: the run's directory, and the subjects that were named, by hash. `by_lrat` and `session`: as of
    `recheck`.
    """

    run: Path
    subjects: Mapping[str, Path]
    by_lrat: bool = False
    session: Session | None = None


def standing(result: Mapping[str, Any], place: Place) -> Standing:
    """`result`: an entry of a report."""
    assumed = tuple((one["id"], one["about"], one["text"]) for one in result["assumptions"])
    if result["verdict"] != "proved":
        return Standing(State(result["verdict"]), result["reason"], None, assumed)
    name = result["certificate"]
    if name is None or Path(name).name != name:
        return Standing(State.MISSING, "the report names no certificate", None, assumed)
    path = place.run / "certificates" / name
    try:
        with open_regular(path) as file:
            raw = file.read(MAX_BYTES + 1)  # what has more is none
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        why = error.strerror if isinstance(error, OSError) else error
        return Standing(State.MISSING, f"the certificate {name} is not there: {why}", None, assumed)
    read = _read(result, name, raw, place.by_lrat)
    if read is None:
        return Standing(State.REJECTED, f"{name} is no certificate", None, assumed)
    expired = _expired(read, result, place)
    if expired is not None:
        return Standing(State.EXPIRED, expired, read, assumed)
    checked = _checked(raw, path.parent, result, place, read)
    return checked if checked.state is State.HOLDS else Standing(checked.state, checked.why, read, assumed)


def _read(result: Mapping[str, Any], name: str, raw: bytes, by_lrat: bool) -> Certified | None:
    try:
        match json.loads(raw):
            case {"rule_pack": str(rules), "tool": {"version": str(version)}, "evidence": {"kind": str(kind)}}:
                solver = None
                if kind in _WITH_QUERIES:
                    solver = LRAT if by_lrat else f"cvc5 {_installed('cvc5')}"
                about = result["subject"]["path"], result["obligation"], result["instance"]
                return Certified(about, name, hashlib.sha256(raw).hexdigest(), rules, version, kind, solver)
    except (ValueError, RecursionError):
        pass
    return None


@functools.cache
def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _expired(read: Certified, result: Mapping[str, Any], place: Place) -> str | None:
    """Why a proof that may have been right is one of something else: other rules, another tool, other bytes."""
    if read.rule_pack not in RULE_PACKS:
        return f"made by the rules {read.rule_pack}, which are not those of now"
    if read.tool_version != VERSION:
        return f"made by proofmark {read.tool_version}; this is {VERSION}"
    subject = result["subject"]
    if subject["sha256"] in place.subjects:
        return None
    now = _sha256(Path(subject["path"]))
    if now is not None and now != subject["sha256"]:
        return f"{subject['path']} has now the SHA-256 {now}, and was proved with {subject['sha256']}"
    return None


def _sha256(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None


def _checked(raw: bytes, beside: Path, result: Mapping[str, Any], place: Place, read: Certified) -> Standing:
    """The very bytes whose hash is kept are those that are checked."""
    subject = result["subject"]
    match recheck(raw, subject_file(subject, beside, place.subjects), beside, place.by_lrat, session=place.session):
        case Accepted(obligation, instance, name, sha256, assumptions):
            asked = (result["obligation"], result["instance"], subject["name"], subject["sha256"])
            if (obligation, instance, name, sha256) != asked:
                return Standing(State.REJECTED, "the certificate is about something else than the report says")
            return Standing(State.HOLDS, "the certificate was checked again, and accepted", read, assumptions)
        case Rejected(reason):
            return Standing(State.REJECTED, reason)
        case NotChecked(reason):
            return Standing(State.UNCHECKED, reason)
        case answer:
            assert_never(answer)


def subject_file(subject: Mapping[str, Any], beside: Path, named: Mapping[str, Path]) -> Path | None:
    """Named, or where the report says, or where a run leaves it, or here; None where none has the report's hash."""
    if subject["sha256"] in named:
        return named[subject["sha256"]]
    name = Path(subject["name"]).name
    candidates = (Path(subject["path"]), beside / name, Path.cwd() / name)
    return next((path for path in candidates if _sha256(path) == subject["sha256"]), None)


def hashes_of(subjects: Sequence[Path]) -> dict[str, Path]:
    """Subjects that were named, by hash. Raises InputError."""
    hashes = {}
    for subject in subjects:
        try:
            with open_regular(subject) as file:
                hashes[hashlib.file_digest(file, "sha256").hexdigest()] = subject
        except OSError as error:
            raise InputError(str(subject), WholeFile(), str(error.strerror), "a subject of the run") from error
    return hashes

"""Reads a certificate, strictly: canonical bytes, known keys, right types, sorted lists, the wording known by heart."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from proofs.recheck.faults import Refused
from proofs.recheck.wording import ABOUT_NOTHING, ASSUMPTIONS, Obligation, assumption_text, claim, instance_text

FORMAT, RULE_PACK = "proofmark-certificate/1", "wasm-graph/1"
MAX_BYTES = 1 << 24
MAX_ROOT_NAMES, MAX_GOAL_NAMES, MAX_NAME = 10_000, 100, 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"(0|[1-9][0-9]{0,9})(?:-([1-9][0-9]{0,9}))?")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Member:
    """The ranges (first, last) of members of one core instance."""

    instance: int
    ranges: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """`root_names` None: by rule. `goal` and `goal_names` None: `memory.grow`."""

    roots: tuple[Pair, ...]
    root_names: tuple[str, ...] | None
    goal: tuple[Pair, ...] | None
    goal_names: tuple[str, ...] | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ImportOf:
    """The import of a core instance (V3)."""

    instance: int
    module: str
    name: str


By = int | ImportOf | str


@dataclass(frozen=True, slots=True)
class NeededBy:
    needs: tuple[tuple[Pair, By], ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    obligation: Obligation
    instance: str
    subject: str
    size: int
    sha256: str
    evidence: ClosedSet | NeededBy
    assumptions: tuple[tuple[str, str, str], ...]


def read_certificate(raw: bytes) -> Certificate:
    """Raises `Refused` with the place of whatever is not as `docs/certificate.md` says."""
    document = _canonical_json(raw)
    top = _object(document, "certificate", {
        "format", "obligation", "instance", "rule_pack", "subject", "claim", "evidence", "assumptions", "tool",
    })  # fmt: skip
    _equal(top["format"], FORMAT, "format")
    _equal(top["rule_pack"], RULE_PACK, "rule_pack")
    tool = _object(top["tool"], "tool", {"name", "version"})
    _equal(tool["name"], "proofmark", "tool.name")
    _text(tool["version"], "tool.version")
    try:
        obligation = Obligation(_text(top["obligation"], "obligation"))
    except ValueError:
        _refuse("obligation", "unknown")
    evidence = _evidence(top["evidence"], obligation)
    names = evidence.root_names if isinstance(evidence, ClosedSet) else None
    _equal(top["claim"], claim(obligation, names is not None), "claim")
    _equal(top["instance"], instance_text(obligation, names), "instance")
    subject = _object(top["subject"], "subject", {"name", "bytes", "sha256"})
    name = _text(subject["name"], "subject.name")
    if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
        _refuse("subject.name", "no file name without directories")
    sha256 = _text(subject["sha256"], "subject.sha256")
    if not _SHA256.fullmatch(sha256):
        _refuse("subject.sha256", "not 64 hexadecimal digits")
    size = _integer(subject["bytes"], "subject.bytes")
    assumptions = _assumptions(top["assumptions"])
    return Certificate(obligation, instance_text(obligation, names), name, size, sha256, evidence, assumptions)


def _refuse(where: str, what: str) -> NoReturn:
    raise Refused(f"certificate, {where}: {what}")


def _canonical_json(raw: bytes) -> object:
    if len(raw) > MAX_BYTES:
        _refuse("the file", f"larger than {MAX_BYTES} bytes")
    try:
        document: object = json.loads(raw.decode("utf-8"), parse_float=_no_number, parse_constant=_no_number)
        written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        canonical = written.encode("utf-8")
    except (ValueError, RecursionError) as fault:
        raise Refused(f"certificate: no JSON of this format: {str(fault)[:200]}") from None
    if canonical != raw:
        _refuse("the file", "not in canonical form")
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"number {text[:20]}")


def _object(value: object, where: str, keys: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != keys:
        _refuse(where, f"expected an object with the keys {', '.join(sorted(keys))}")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        _refuse(where, "expected a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        _refuse(where, "expected text")
    return value


def _integer(value: object, where: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        _refuse(where, "expected an integer")
    return value


def _equal(value: object, expected: str, where: str) -> None:
    if value != expected:
        _refuse(where, f"expected {expected!r}")


def _pairs(value: object, where: str) -> tuple[Pair, ...]:
    pairs = []
    for item in _list(value, where):
        entry = _list(item, where)
        if len(entry) != 2:
            _refuse(where, "expected pairs of instance and function index")
        pairs.append((_integer(entry[0], where), _integer(entry[1], where)))
    _ascending(pairs, where)
    return tuple(pairs)


def _ascending(items: list[Pair] | list[str] | list[int], where: str) -> None:
    if any(not a < b for a, b in pairwise(items)):  # type: ignore[operator]
        _refuse(where, "not sorted, or with something twice")


def _names(value: object, where: str, limit: int) -> tuple[str, ...]:
    names = [_text(item, where) for item in _list(value, where)]
    if not 0 < len(names) <= limit or not all(0 < len(name) <= MAX_NAME for name in names):
        _refuse(where, f"expected 1 to {limit} names of 1 to {MAX_NAME} characters")
    _ascending(names, where)
    return tuple(names)


def _evidence(value: object, obligation: Obligation) -> ClosedSet | NeededBy:
    if obligation is Obligation.REALLOC_VESTIGIAL:
        entry = _object(value, "evidence", {"kind", "needs"})
        _equal(entry["kind"], "needed-by", "evidence.kind")
        return _needed_by(entry["needs"])
    return _closed_set(value, obligation)


def _closed_set(value: object, obligation: Obligation) -> ClosedSet:
    keys = {"kind", "roots", "roots_by", "goal", "members", "dead"}
    by_name = isinstance(value, dict) and value.get("roots_by") == "name"
    allocators = obligation is Obligation.NO_ALLOC_PATH
    if by_name:
        keys.add("root_names")
    if allocators:
        keys.add("goal_names")
    entry = _object(value, "evidence", keys)
    _equal(entry["kind"], "closed-set", "evidence.kind")
    if entry["roots_by"] != "name":
        _equal(entry["roots_by"], "rule", "evidence.roots_by")
    if allocators and not by_name:
        _refuse("evidence.roots_by", "the roots of no-alloc-path are always given by name")
    if entry["dead"] != []:
        _refuse("evidence.dead", "reserved, must be empty")
    roots = _pairs(entry["roots"], "evidence.roots")
    if not roots:
        _refuse("evidence.roots", "at least one root expected")
    if not allocators:
        _equal(entry["goal"], "memory.grow", "evidence.goal")
    return ClosedSet(
        roots,
        _names(entry["root_names"], "evidence.root_names", MAX_ROOT_NAMES) if by_name else None,
        _pairs(entry["goal"], "evidence.goal") if allocators else None,
        _names(entry["goal_names"], "evidence.goal_names", MAX_GOAL_NAMES) if allocators else None,
        _members(entry["members"]),
    )


def _members(value: object) -> tuple[Member, ...]:
    where = "evidence.members"
    members = []
    for item in _list(value, where):
        entry = _list(item, where)
        if len(entry) != 2:
            _refuse(where, "expected pairs of instance and ranges")
        members.append(Member(_integer(entry[0], where), _ranges(_text(entry[1], where))))
    _ascending([member.instance for member in members], where)
    return tuple(members)


def _ranges(text: str) -> tuple[Pair, ...]:
    """Ascending ranges, none empty, none that could be joined with the next; one index is written alone."""
    ranges: list[Pair] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            _refuse("evidence.members", f"no range: {part[:30]!r}")
        first = int(found.group(1))
        last = first if found.group(2) is None else int(found.group(2))
        if (found.group(2) is not None and last <= first) or (ranges and first <= ranges[-1][1] + 1):
            _refuse("evidence.members", f"ranges not ascending and apart at {part!r}")
        ranges.append((first, last))
    return tuple(ranges)


def _needed_by(value: object) -> NeededBy:
    where = "evidence.needs"
    needs: list[tuple[Pair, By]] = []
    for item in _list(value, where):
        entry = _list(item, where)
        if len(entry) != 3:
            _refuse(where, "expected instance, function index and by")
        needs.append(((_integer(entry[0], where), _integer(entry[1], where)), _by(entry[2])))
    _ascending([need for need, _ in needs], where)
    if not needs:
        _refuse(where, "at least one need expected")
    return NeededBy(tuple(needs))


def _by(value: object) -> By:
    where = "evidence.needs"
    match value:
        case str() as name:
            return name
        case [instance, module, name]:
            return ImportOf(_integer(instance, where), _text(module, where), _text(name, where))
        case _:
            return _integer(value, where)


def _assumptions(value: object) -> tuple[tuple[str, str, str], ...]:
    where = "assumptions"
    found: list[tuple[str, str, str]] = []
    for item in _list(value, where):
        entry = _object(item, where, {"id", "about", "text"})
        identity, about = _text(entry["id"], where), _text(entry["about"], where)
        if identity not in ASSUMPTIONS:
            _refuse(where, f"unknown id {identity[:40]!r}")
        if (about == "") != (identity in ABOUT_NOTHING):
            _refuse(where, f"{identity} about {about[:40]!r}")
        _equal(entry["text"], assumption_text(identity, about), f"{where}, text of {identity} {about[:40]}")
        found.append((identity, about, assumption_text(identity, about)))
    if any(a[:2] >= b[:2] for a, b in pairwise(found)):
        _refuse(where, "not sorted by id and about, or with one twice")
    return tuple(found)

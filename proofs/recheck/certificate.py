"""Reads a certificate, strictly: canonical bytes, known keys, right types, sorted lists, the wording known by heart."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

import proofs.recheck.form as form
import proofs.recheck.pool_certificate as pool_certificate
import proofs.recheck.pool_wording as pool_wording
import proofs.recheck.runtime_certificate as runtime_certificate
import proofs.recheck.statics_certificate as statics_certificate
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse
from proofs.recheck.pool_certificate import PoolInvariant
from proofs.recheck.runtime_certificate import Invariant
from proofs.recheck.runtime_wording import CLAIMS
from proofs.recheck.runtime_wording import assumption_text as runtime_assumption_text
from proofs.recheck.statics_certificate import StaticsInvariant
from proofs.recheck.wording import ABOUT_NOTHING, ASSUMPTIONS, Obligation, assumption_text, claim, instance_text

FORMAT, RULE_PACK = "proofmark-certificate/1", "wasm-graph/1"
MAX_BYTES = 1 << 24
MAX_ROOT_NAMES, MAX_GOAL_NAMES, MAX_NAME = 10_000, 100, 1000
_RANGE = re.compile(r"(0|[1-9][0-9]{0,9})(?:-([1-9][0-9]{0,9}))?")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Member:
    """The ranges (first, last) of members of one core instance."""

    instance: int
    ranges: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """`roots` None: those that the rule finds. `root_names` None: by rule. `goal`, `goal_names` None: `memory.grow`."""

    roots: tuple[Pair, ...] | None
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
    """`obligation`: one of a module's with a closed set or needs; one of a runtime's or of a pool's, by name,
    with an invariant.
    """

    obligation: Obligation | str
    instance: str
    subject: str
    size: int
    sha256: str
    evidence: ClosedSet | NeededBy | Invariant | PoolInvariant | StaticsInvariant
    assumptions: tuple[tuple[str, str, str], ...]


def read_certificate(raw: bytes) -> Certificate:
    """Raises `Refused` with the place of whatever is not as `docs/certificate.md` says."""
    document = _canonical_json(raw)
    top = form.entries(document, "certificate", {
        "format", "obligation", "instance", "rule_pack", "subject", "claim", "evidence", "assumptions", "tool",
    })  # fmt: skip
    name = form.text(top["obligation"], "obligation")
    shares = name in CLAIMS or name in pool_wording.CLAIMS
    form.equal(top["format"], runtime_certificate.FORMAT if shares else FORMAT, "format")
    tool = form.entries(top["tool"], "tool", {"name", "version"})
    form.equal(tool["name"], "proofmark", "tool.name")
    form.text(tool["version"], "tool.version")
    if name in CLAIMS:
        return _of_runtime(top, name)
    if name in statics_certificate.CLAIMS and top["rule_pack"] == statics_certificate.RULE_PACK:
        return _of_statics(top, name)
    if name in pool_wording.CLAIMS:
        return _of_pool(top, name)
    try:
        obligation = Obligation(name)
    except ValueError:
        refuse("obligation", "unknown")
    form.equal(top["rule_pack"], RULE_PACK, "rule_pack")
    evidence = _evidence(top["evidence"], obligation)
    names = evidence.root_names if isinstance(evidence, ClosedSet) else None
    form.equal(top["claim"], claim(obligation, names is not None), "claim")
    form.equal(top["instance"], instance_text(obligation, names), "instance")
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    assumptions = _assumptions(top["assumptions"])
    return Certificate(obligation, instance_text(obligation, names), *subject, evidence, assumptions)


def _of_runtime(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["rule_pack"], runtime_certificate.RULE_PACK, "rule_pack")
    form.equal(top["claim"], runtime_certificate.claim(obligation), "claim")
    subject = form.entries(top["subject"], "subject", {"name", "bytes", "sha256", "build"})
    panic = runtime_certificate.read_build(subject["build"])
    instance = form.text(top["instance"], "instance")
    runtime_certificate.check_instance(instance, panic, obligation)
    evidence = runtime_certificate.read_invariant(top["evidence"], obligation)
    assumptions = _runtime_assumptions(top["assumptions"])
    return Certificate(obligation, instance, *_subject(subject), evidence, assumptions)


def _of_pool(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["rule_pack"], pool_certificate.RULE_PACK, "rule_pack")
    form.equal(top["claim"], pool_certificate.claim(obligation), "claim")
    evidence = pool_certificate.read_pool_invariant(top["evidence"], obligation)
    instance = form.text(top["instance"], "instance")
    pool_certificate.check_instance(instance, evidence)
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    return Certificate(obligation, instance, *subject, evidence, _listed_assumptions(top["assumptions"]))


def _of_statics(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["claim"], statics_certificate.CLAIMS[obligation], "claim")
    evidence = statics_certificate.read_statics_invariant(top["evidence"], obligation)
    instance = form.text(top["instance"], "instance")
    statics_certificate.check_instance(instance, evidence)
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    return Certificate(obligation, instance, *subject, evidence, _listed_assumptions(top["assumptions"]))


def _subject(subject: dict[str, object]) -> tuple[str, int, str]:
    """Name, size and SHA-256."""
    name = form.text(subject["name"], "subject.name")
    if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
        refuse("subject.name", "no file name without directories")
    return name, form.integer(subject["bytes"], "subject.bytes"), form.sha256(subject["sha256"], "subject.sha256")


def _canonical_json(raw: bytes) -> object:
    if len(raw) > MAX_BYTES:
        refuse("the file", f"larger than {MAX_BYTES} bytes")
    try:
        document: object = json.loads(raw.decode("utf-8"), parse_float=_no_number, parse_constant=_no_number)
        written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        canonical = written.encode("utf-8")
    except (ValueError, RecursionError) as fault:
        raise Refused(f"certificate: no JSON of this format: {str(fault)[:200]}") from None
    if canonical != raw:
        refuse("the file", "not in canonical form")
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"number {text[:20]}")


def _pairs(value: object, where: str) -> tuple[Pair, ...]:
    pairs = []
    for item in form.items(value, where):
        entry = form.items(item, where)
        if len(entry) != 2:
            refuse(where, "expected pairs of instance and function index")
        pairs.append((form.integer(entry[0], where), form.integer(entry[1], where)))
    _ascending(pairs, where)
    return tuple(pairs)


def _ascending(items: list[Pair] | list[str] | list[int], where: str) -> None:
    if any(not a < b for a, b in pairwise(items)):  # type: ignore[operator]
        refuse(where, "not sorted, or with something twice")


def _names(value: object, where: str, limit: int) -> tuple[str, ...]:
    names = [form.text(item, where) for item in form.items(value, where)]
    if not 0 < len(names) <= limit or not all(0 < len(name) <= MAX_NAME for name in names):
        refuse(where, f"expected 1 to {limit} names of 1 to {MAX_NAME} characters")
    _ascending(names, where)
    return tuple(names)


def _evidence(value: object, obligation: Obligation) -> ClosedSet | NeededBy:
    if obligation is Obligation.REALLOC_VESTIGIAL:
        entry = form.entries(value, "evidence", {"kind", "needs"})
        form.equal(entry["kind"], "needed-by", "evidence.kind")
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
    entry = form.entries(value, "evidence", keys)
    form.equal(entry["kind"], "closed-set", "evidence.kind")
    if entry["roots_by"] != "name":
        form.equal(entry["roots_by"], "rule", "evidence.roots_by")
    if allocators and not by_name:
        refuse("evidence.roots_by", "the roots of no-alloc-path are always given by name")
    if entry["dead"] != []:
        refuse("evidence.dead", "reserved, must be empty")
    roots = _pairs(entry["roots"], "evidence.roots")
    if not roots:
        refuse("evidence.roots", "at least one root expected")
    if not allocators:
        form.equal(entry["goal"], "memory.grow", "evidence.goal")
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
    for item in form.items(value, where):
        entry = form.items(item, where)
        if len(entry) != 2:
            refuse(where, "expected pairs of instance and ranges")
        members.append(Member(form.integer(entry[0], where), _ranges(form.text(entry[1], where))))
    _ascending([member.instance for member in members], where)
    return tuple(members)


def _ranges(text: str) -> tuple[Pair, ...]:
    """Ascending ranges, none empty, none that could be joined with the next; one index is written alone."""
    ranges: list[Pair] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            refuse("evidence.members", f"no range: {part[:30]!r}")
        first = int(found.group(1))
        last = first if found.group(2) is None else int(found.group(2))
        if (found.group(2) is not None and last <= first) or (ranges and first <= ranges[-1][1] + 1):
            refuse("evidence.members", f"ranges not ascending and apart at {part!r}")
        ranges.append((first, last))
    return tuple(ranges)


def _needed_by(value: object) -> NeededBy:
    where = "evidence.needs"
    needs: list[tuple[Pair, By]] = []
    for item in form.items(value, where):
        entry = form.items(item, where)
        if len(entry) != 3:
            refuse(where, "expected instance, function index and by")
        needs.append(((form.integer(entry[0], where), form.integer(entry[1], where)), _by(entry[2])))
    _ascending([need for need, _ in needs], where)
    if not needs:
        refuse(where, "at least one need expected")
    return NeededBy(tuple(needs))


def _by(value: object) -> By:
    where = "evidence.needs"
    match value:
        case str() as name:
            return name
        case [instance, module, name]:
            return ImportOf(form.integer(instance, where), form.text(module, where), form.text(name, where))
        case _:
            return form.integer(value, where)


def _assumptions(value: object) -> tuple[tuple[str, str, str], ...]:
    where = "assumptions"
    found: list[tuple[str, str, str]] = []
    for identity, about, text in _listed_assumptions(value):
        if identity not in ASSUMPTIONS:
            refuse(where, f"unknown id {identity[:40]!r}")
        if (about == "") != (identity in ABOUT_NOTHING):
            refuse(where, f"{identity} about {about[:40]!r}")
        form.equal(text, assumption_text(identity, about), f"{where}, text of {identity} {about[:40]}")
        found.append((identity, about, text))
    return tuple(found)


def _runtime_assumptions(value: object) -> tuple[tuple[str, str, str], ...]:
    found = _listed_assumptions(value)
    for identity, about, text in found:
        known = runtime_assumption_text(identity, about)
        if known is None:
            refuse("assumptions", f"{identity[:40]!r} about {about[:40]!r}")
        form.equal(text, known, f"assumptions, text of {identity} {about[:40]}")
    return found


def _listed_assumptions(value: object) -> tuple[tuple[str, str, str], ...]:
    where = "assumptions"
    found: list[tuple[str, str, str]] = []
    for item in form.items(value, where):
        entry = form.entries(item, where, {"id", "about", "text"})
        identity, about, text = (form.text(entry[key], where) for key in ("id", "about", "text"))
        found.append((identity, about, text))
    if any(a[:2] >= b[:2] for a, b in pairwise(found)):
        refuse(where, "not sorted by id and about, or with one twice")
    return tuple(found)

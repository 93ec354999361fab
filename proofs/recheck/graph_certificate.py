"""Reads what is particular to certificates about modules and components: closed sets, and what needs a realloc."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import proofs.recheck.form as form
from proofs.recheck.form import refuse
from proofs.recheck.wording import Obligation

MAX_ROOT_NAMES, MAX_GOAL_NAMES, MAX_NAME = 10_000, 100, 1000
_RANGE = re.compile(r"(0|[1-9][0-9]{0,9})(?:-([1-9][0-9]{0,9}))?")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Member:
    """Ranges (first, last) of functions of one core instance."""

    instance: int
    ranges: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """`roots` None: those that the rule finds. `root_names` None: by rule. `goal`, `goal_names` None: `memory.grow`."""

    roots: tuple[Member, ...] | None
    root_names: tuple[str, ...] | None
    goal: tuple[Member, ...] | None
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


def read_graph_evidence(value: object, obligation: Obligation) -> ClosedSet | NeededBy:
    """Raises `Refused`."""
    if obligation is Obligation.REALLOC_VESTIGIAL:
        entry = form.entries(value, "evidence", {"kind", "needs"})
        form.equal(entry["kind"], "needed-by", "evidence.kind")
        return _needed_by(entry["needs"])
    return _closed_set(value, obligation)


def _ascending(items: list[Pair] | list[str] | list[int], where: str) -> None:
    if any(not a < b for a, b in pairwise(items)):  # type: ignore[operator]
        refuse(where, "not sorted, or with something twice")


def _names(value: object, where: str, limit: int) -> tuple[str, ...]:
    names = [form.text(item, where) for item in form.items(value, where)]
    if not 0 < len(names) <= limit or not all(0 < len(name) <= MAX_NAME for name in names):
        refuse(where, f"expected 1 to {limit} names of 1 to {MAX_NAME} characters")
    _ascending(names, where)
    return tuple(names)


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
    roots = _functions(entry["roots"], "evidence.roots")
    if not roots:
        refuse("evidence.roots", "at least one root expected")
    if not allocators:
        form.equal(entry["goal"], "memory.grow", "evidence.goal")
    return ClosedSet(
        roots,
        _names(entry["root_names"], "evidence.root_names", MAX_ROOT_NAMES) if by_name else None,
        _functions(entry["goal"], "evidence.goal") if allocators else None,
        _names(entry["goal_names"], "evidence.goal_names", MAX_GOAL_NAMES) if allocators else None,
        _functions(entry["members"], "evidence.members"),
    )


def _functions(value: object, where: str) -> tuple[Member, ...]:
    members = []
    for item in form.items(value, where):
        entry = form.items(item, where)
        if len(entry) != 2:
            refuse(where, "expected pairs of instance and ranges")
        members.append(Member(form.integer(entry[0], where), _ranges(form.text(entry[1], where), where)))
    _ascending([member.instance for member in members], where)
    return tuple(members)


def _ranges(text: str, where: str) -> tuple[Pair, ...]:
    """Ascending ranges, none empty, none that could be joined with the next; one index is written alone."""
    ranges: list[Pair] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            refuse(where, f"no range: {part[:30]!r}")
        first = int(found.group(1))
        last = first if found.group(2) is None else int(found.group(2))
        if (found.group(2) is not None and last <= first) or (ranges and first <= ranges[-1][1] + 1):
            refuse(where, f"ranges not ascending and apart at {part!r}")
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

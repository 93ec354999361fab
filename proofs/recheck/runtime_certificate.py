"""Reads what is particular to certificates about runtimes: the build, the invariant, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import proofs.recheck.form as form
from proofs.recheck.form import refuse
from proofs.recheck.runtime_wording import (
    ALWAYS_EXCLUDED,
    CLAIMS,
    HYPOTHESES,
    INSTANCE,
    OF_TASKS,
    ONLY_OF_TASKS,
    PANICS,
    TASK_INSTANCE,
    assumption_text,
)
from proofs.recheck.shared import Reference, read_reference

RULE_PACK = "runtime/7, host-rules/1"
MAX_BLOCK = 1 << 20
MAX_CONTROLS, MAX_TEXT = 1000, 4000


@dataclass(frozen=True, slots=True)
class Invariant:
    """`trusted`: names with whether a page says what the function does."""

    model: Reference
    invariant: Reference
    excluded: tuple[str, ...]
    hypotheses: tuple[str, ...]
    trusted: tuple[tuple[str, bool], ...]
    covered: tuple[tuple[str, tuple[int, ...]], ...]
    uncovered: tuple[tuple[str, tuple[int, ...]], ...]


def read_build(value: object) -> str:
    """The panic strategy. Raises `Refused` for what is not as the page says."""
    where = "subject.build"
    build = form.entries(value, where, {
        "crate", "version", "compiler", "target", "features", "cfg", "panic", "overflow_checks", "sources_sha256",
        "profile_sha256",
    })  # fmt: skip
    form.text(build["crate"], where)
    for key in ("version", "compiler", "target"):
        _unless_none(build[key], form.text, f"{where}.{key}")
    for key in ("features", "cfg"):
        _unless_none(build[key], _texts, f"{where}.{key}")
    if not isinstance(build["overflow_checks"], bool | None):
        refuse(f"{where}.overflow_checks", "expected true, false or null")
    for key in ("sources_sha256", "profile_sha256"):
        form.sha256(build[key], f"{where}.{key}")
    panic = form.text(build["panic"], f"{where}.panic")
    if panic not in PANICS:
        refuse(f"{where}.panic", f"expected one of {', '.join(PANICS)}")
    return panic


def _unless_none(value: object, read: Callable[[object, str], object], where: str) -> None:
    if value is not None:
        read(value, where)


def _texts(value: object, where: str) -> tuple[str, ...]:
    return tuple(form.text(one, where) for one in form.items(value, where))


def read_invariant(value: object, obligation: str) -> Invariant:
    """Raises `Refused`."""
    entry = form.entries(value, "evidence", {
        "kind", "model", "invariant", "excluded", "hypotheses", "trusted", "covered", "uncovered",
        "controls",
    })  # fmt: skip
    form.equal(entry["kind"], "invariant", "evidence.kind")
    excluded = _sorted(entry["excluded"], "evidence.excluded")
    for name in (obligation, *ALWAYS_EXCLUDED):
        if name not in excluded:
            refuse("evidence.excluded", f"{name!r} is not among them")
    hypotheses = _sorted(entry["hypotheses"], "evidence.hypotheses")
    if not set(hypotheses) <= HYPOTHESES.keys():
        refuse("evidence.hypotheses", "an unknown one")
    _read_controls(entry["controls"])
    return Invariant(
        read_reference(entry["model"], "model"),
        read_reference(entry["invariant"], "invariant"),
        excluded,
        hypotheses,
        _trusted(entry["trusted"]),
        _blocks(entry["covered"], "evidence.covered"),
        _blocks(entry["uncovered"], "evidence.uncovered"),
    )


def _read_controls(value: object) -> None:
    """Nothing is proved by them; but what stands in a certificate has its form."""
    where = "evidence.controls"
    controls = form.items(value, where)
    if len(controls) > MAX_CONTROLS:
        refuse(where, "more than this checker takes")
    for item in controls:
        entry = form.entries(item, where, {"step", "where", "fails", "undecided"})
        texts = [form.text(entry["step"], where), form.text(entry["undecided"], where)]
        match entry["where"]:
            case [function, block, source]:
                texts += [form.text(function, where), form.text(source, where)]
                form.integer(block, where)
            case _:
                refuse(where, "expected a function, a block and a line")
        if any(len(text) > MAX_TEXT for text in texts):
            refuse(where, "a text that is too long")
        if not set(_sorted(entry["fails"], where)) <= CLAIMS.keys():
            refuse(where, "an unknown obligation")


def _sorted(value: object, where: str) -> tuple[str, ...]:
    names = _texts(value, where)
    if any(a >= b for a, b in pairwise(names)):
        refuse(where, "not sorted, or with something twice")
    return names


def _trusted(value: object) -> tuple[tuple[str, bool], ...]:
    where = "evidence.trusted"
    found = []
    for item in form.items(value, where):
        entry = form.entries(item, where, {"name", "meaning", "page"})
        name, meaning, page = (form.text(entry[key], where) for key in ("name", "meaning", "page"))
        if not name or bool(meaning) != bool(page):
            refuse(where, "a function without a name, or a meaning without a page")
        found.append((name, bool(page)))
    if any(a[0] >= b[0] for a, b in pairwise(found)):
        refuse(where, "not sorted by name, or with one twice")
    return tuple(found)


def _blocks(value: object, where: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found = []
    for item in form.items(value, where):
        entry = form.items(item, where)
        if len(entry) != 2:
            refuse(where, "expected pairs of a function and its blocks")
        numbers = tuple(form.integer(one, where) for one in form.items(entry[1], where))
        if not numbers or any(a >= b for a, b in pairwise(numbers)) or numbers[-1] > MAX_BLOCK:
            refuse(where, "blocks that are not sorted, or none")
        found.append((form.text(entry[0], where), numbers))
    if any(a[0] >= b[0] for a, b in pairwise(found)):
        refuse(where, "not sorted by function, or with one twice")
    return tuple(found)


def check_instance(instance: str, panic: str, obligation: str) -> None:
    operation, task = INSTANCE.fullmatch(instance), TASK_INSTANCE.fullmatch(instance)
    if operation is None and task is None:
        refuse("instance", "expected `IMPLEMENTOR, panic STRATEGY, peer PEER` or `the task side, ABI, panic STRATEGY`")
    built = operation[1] if operation is not None else task[2] if task is not None else ""
    if built != panic:
        refuse("instance", f"panic {built}, where the subject was built for {panic}")
    if task is not None and obligation not in OF_TASKS:
        refuse("obligation", f"{obligation} is none of the task side")
    if task is None and obligation in ONLY_OF_TASKS:
        refuse("obligation", f"{obligation} is none of an operation")


def _interface(instance: str) -> set[tuple[str, str]]:
    """A task is proved for users that keep to its interface."""
    task = TASK_INSTANCE.fullmatch(instance)
    return set() if task is None else {("interface", task[1])}


def check_assumptions(
    listed: tuple[tuple[str, str, str], ...],
    obligation: str,
    instance: str,
    evidence: Invariant,
    conditions: frozenset[str],
) -> None:
    """Exactly what the evidence asks for, and besides what the build takes for granted. `conditions`: of the model."""
    asked = {("model", "")} | _interface(instance)
    asked |= {("hypothesis", name) for name in evidence.hypotheses}
    asked |= {("library" if page else "contract", name) for name, page in evidence.trusted}
    asked |= {("earlier-fault", name) for name in conditions - set(evidence.excluded) - {obligation}}
    for identity, about in sorted(asked - {one[:2] for one in listed}):
        refuse("assumptions", f"{identity} {about} is asked for and not listed")
    for identity, about, text in listed:
        if identity != "build" and (identity, about) not in asked:
            refuse("assumptions", f"{identity} {about} is listed and not asked for")
        if text != assumption_text(identity, about):
            refuse("assumptions", f"the text of {identity} {about}")


def claim(obligation: str) -> str:
    return CLAIMS[obligation]

"""Reads what is particular to certificates about pools, and holds it to the subject's exports and to the model."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

import proofs.recheck.form as form
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse
from proofs.recheck.invariant import read_model
from proofs.recheck.pool_wording import CLAIMS, HYPOTHESES, INSTANCE, ROLES, UNMODELLED, assumption_text
from proofs.recheck.shared import Reference, read_reference

RULE_PACK = "wasm-pool/7"

_HISTORY = r"(?:element at 0x[0-9a-f]+ is lent|elements lent below 0x[0-9a-f]+)"
_READS_HISTORY = re.compile(rf"\|{_HISTORY}\|")
_OF_HISTORY = re.compile(rf"initial|next [0-9]+ {_HISTORY}")

Cell = tuple[int, int, int]
"""Address, size, and the number that it begins with."""
Area = tuple[str, int, int]
"""Name, first address and size of a place that blocks lie in."""


@dataclass(frozen=True, slots=True)
class PoolInvariant:
    """`roles`: of each export that is called."""

    areas: tuple[Area, ...]
    host: str
    model: Reference
    invariant: Reference
    excluded: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    fixed: tuple[Cell, ...]
    idle: tuple[str, ...]
    left_out: tuple[str, ...]

    def in_pool(self, cells: Iterable[Cell]) -> list[Cell]:
        """Those of which some is."""
        in_order = sorted((base, base + length) for _, base, length in self.areas)  # no two overlap
        bases = [base for base, _ in in_order]
        found = []
        for cell in cells:
            address, size, _ = cell
            before = bisect_left(bases, address + size)  # of the places that begin before the cell ends, the last
            if before and address < in_order[before - 1][1]:
                found.append(cell)
        return found


def read_pool_invariant(value: object, obligation: str) -> PoolInvariant:
    """Raises `Refused`."""
    entry = form.entries(value, "evidence", {
        "kind", "pool", "host", "hypothesis", "model", "invariant", "excluded", "roles", "cells", "fixed", "idle",
        "left_out",
    })  # fmt: skip
    form.equal(entry["kind"], "pool-invariant", "evidence.kind")
    pool = form.entries(entry["pool"], "evidence.pool", {
        "name", "base", "size", "element", "alignment", "budget", "tables", "also",
    })  # fmt: skip
    _tables(pool["tables"])
    for key in ("alignment", "budget"):
        if pool[key] is not None:
            form.integer(pool[key], f"evidence.pool.{key}")
    host = form.text(entry["host"], "evidence.host")
    if host not in HYPOTHESES:
        refuse("evidence.host", "an unknown one")
    form.equal(entry["hypothesis"], HYPOTHESES[host], "evidence.hypothesis")
    excluded = form.sorted_names(entry["excluded"], "evidence.excluded")
    for name in (obligation, UNMODELLED):
        if name not in excluded:
            refuse("evidence.excluded", f"{name!r} is not among them")
    return PoolInvariant(
        areas=_areas([[pool["name"], pool["base"], pool["size"], pool["element"]], *form.items(pool["also"], "also")]),
        host=host,
        model=read_reference(entry["model"], "model"),
        invariant=read_reference(entry["invariant"], "invariant"),
        excluded=excluded,
        roles=_roles(entry["roles"]),
        cells=_cells(entry["cells"], "evidence.cells"),
        fixed=_cells(entry["fixed"], "evidence.fixed"),
        idle=form.sorted_names(entry["idle"], "evidence.idle"),
        left_out=form.sorted_names(entry["left_out"], "evidence.left_out"),
    )


def _areas(value: list[object]) -> tuple[Area, ...]:
    """Each with a name of its own, and none with a byte of another."""
    where = "evidence.pool"
    found: list[Area] = []
    for item in value:
        match form.items(item, where):
            case [name, base, size, element]:
                if element is not None and form.integer(element, where) == 0:
                    refuse(where, "an element of no bytes")
                if form.integer(size, where) == 0:
                    refuse(where, "a pool of no bytes")
                found.append((form.text(name, where), form.integer(base, where), form.integer(size, where)))
            case _:
                refuse(where, "expected name, base, size and element")
    if len({name for name, _, _ in found}) < len(found):
        refuse(where, "two pools of one name")
    in_order = sorted(found, key=lambda one: one[1])
    if any(one[1] + one[2] > other[1] for one, other in pairwise(in_order)):
        refuse(where, "two pools that overlap")
    return tuple(found)


def _tables(value: object) -> None:
    where = "evidence.pool.tables"
    for item in form.items(value, where):
        match form.items(item, where):
            case [name, base, size, element]:
                form.text(name, where)
                form.integer(base, where)
                form.integer(size, where)
                if form.integer(element, where) == 0:
                    refuse(where, "an element of no bytes")
            case _:
                refuse(where, "expected name, base, size and element")


def _roles(value: object) -> tuple[tuple[str, str], ...]:
    where = "evidence.roles"
    found = []
    for item in form.items(value, where):
        entry = form.entries(item, where, {"export", "role", "parameters", "indices", "unit"})
        role = form.text(entry["role"], where)
        if role not in ROLES:
            refuse(where, "an unknown role")
        if entry["parameters"] is not None:
            for name in form.items(entry["parameters"], where):
                form.text(name, where)
        if entry["indices"] is not None:
            form.integer(entry["indices"], where)
        if form.integer(entry["unit"], where) == 0:
            refuse(where, "a unit of no bytes")
        found.append((form.text(entry["export"], where), role))
    if any(a >= b for a, b in pairwise(found)):
        refuse(where, "not sorted by export and role, or with one twice")
    return tuple(found)


def _cells(value: object, where: str) -> tuple[Cell, ...]:
    found = []
    for item in form.items(value, where):
        match form.items(item, where):
            case [address, size, int(first)] if type(first) is int and first >= 0:
                found.append((form.integer(address, where), form.integer(size, where), first))
            case _:
                refuse(where, "expected address, size and number")
    if any(a[0] + a[1] > b[0] for a, b in pairwise(found)):
        refuse(where, "not sorted by address, or with two that overlap")
    return tuple(found)


def check_instance(instance: str, evidence: PoolInvariant) -> None:
    found = INSTANCE.fullmatch(instance)
    places = ", and ".join(f"{name} at {base:#x}, {size} bytes" for name, base, size in evidence.areas)
    wanted = f"pool {places}, host={evidence.host}"
    if found is None or instance != wanted:
        refuse("instance", f"expected {wanted!r}")


def check_exports(data: bytes, evidence: PoolInvariant) -> None:
    """Every function that the subject exports is called in the model, writes nothing, or is said to be left out."""
    from proofs.recheck.coretypes import TypeStore  # other certificates have no need of a decoder
    from proofs.recheck.decode_module import decode_module
    from proofs.recheck.module import Kind
    from proofs.recheck.reader import Reader

    module = decode_module(Reader(data, 0, len(data)), TypeStore())
    exported = {name: index for name, (kind, index) in module.exports.items() if kind is Kind.FUNC}
    called = {name for name, _ in evidence.roles}
    listed = called | set(evidence.idle) | set(evidence.left_out)
    if stray := sorted(listed - exported.keys()):
        raise Refused(f"subject: it exports no function {stray[0]!r}")
    same = {exported[name] for name in called}
    for name in sorted(exported.keys() - listed):
        if exported[name] not in same:
            raise Refused(f"evidence: what {name!r} does is not said")
    if module.start is not None:
        raise Refused("subject: a start function runs before the state that the model begins with")


def check_cells(model_text: str, evidence: PoolInvariant) -> None:
    """The cells are those of the model, in which clients write those that lie in the pool: they are not fixed."""
    model = read_model(model_text)
    for address, size, _ in evidence.cells:
        if model.script.constants.get(f"cell {address:#x}") != f"(_ BitVec {8 * size})":
            raise Refused(f"evidence.cells: the model has no cell of {size} bytes at {address:#x}")
    named = {f"cell {address:#x}" for address, _, _ in evidence.cells}
    for name in model.state:
        if name.startswith("cell ") and name not in named:
            raise Refused(f"evidence.cells: the model's {name} is not among them")
    written = {name.partition("@")[0] for name in model.script.constants if "@" in name}
    kept = [cell for cell in evidence.in_pool(evidence.cells) if f"written to {cell[0]:#x}" not in written]
    for address, _, _ in chain(evidence.in_pool(evidence.fixed), kept):
        raise Refused(f"evidence.cells: the one at {address:#x} lies in the pool, and no client writes it")


def check_history(model_text: str) -> None:
    """What was lent is history: no call depends on it, and nothing but itself comes of it. Else the invariant might not
    be so of another block, and a guard could leave out calls.
    """
    for name, defined in read_model(model_text).script.definitions.items():
        if not _OF_HISTORY.fullmatch(name) and (found := _READS_HISTORY.search(defined.body)):
            raise Refused(f"model: {name!r} depends on {found[0][1:-1]!r}")


def check_assumptions(
    listed: tuple[tuple[str, str, str], ...], obligation: str, evidence: PoolInvariant, conditions: frozenset[str]
) -> None:
    """Exactly what the evidence asks for."""
    asked = {("pool-model", ""), ("metadata", "")}
    if evidence.host == "conforming":
        asked.add(("arguments", ""))
    if evidence.in_pool(evidence.cells):
        asked.add(("clients", ""))
    asked |= {("left-out", name) for name in evidence.left_out}
    asked |= {("earlier-fault", name) for name in conditions - set(evidence.excluded) - {obligation}}
    for identity, about in sorted(asked - {one[:2] for one in listed}):
        refuse("assumptions", f"{identity} {about} is asked for and not listed")
    for identity, about, text in listed:
        if (identity, about) not in asked:
            refuse("assumptions", f"{identity} {about} is listed and not asked for")
        if text != assumption_text(identity, about):
            refuse("assumptions", f"the text of {identity} {about}")


def claim(obligation: str) -> str:
    return CLAIMS[obligation]

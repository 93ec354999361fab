"""Reads what is particular to certificates about statics of crates, and holds it to the model and to the MIR."""

from __future__ import annotations

import re
from dataclasses import dataclass

import proofs.recheck.form as form
from proofs.recheck.assumptions import exactly
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse
from proofs.recheck.invariant import read_model
from proofs.recheck.mir_blocks import functions_of
from proofs.recheck.shared import Reference, read_reference

RULE_PACK = "mir-pool/12"
WIDTHS = frozenset((32, 64))
UNMODELLED = "something not modelled"
"""Always excluded: else a step might be missing, and the model say nothing of the subject."""
CLAIMS = {
    "index-in-bounds": "every index into the static is below the length of its array",
    "range-in-bounds": "every pointer, slice and block made of the static stays in its array",
    "aligned": "the address of every block handed out is a multiple of the alignment asked for",
    "disjoint": "a block handed out overlaps none handed out before, but by the same owner or one that is gone",
}
ASSUMPTIONS = {
    "block-size": "a block that {about} hands out is as long as its parameter says",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "library": "{about} does what its documentation says",
    "one-thread": "calls come one after the other, and none interrupts another",
    "owner-counts": "a block that {about} hands out has as many elements as the capacity or length of its owner says",
    "owners-kept": "every {about} that callers have was given to them by the crate: no unsafe code makes or copies one",
    "panic-ends": "a panic ends the program: no call comes after it",
    "statics-model": "the model is what the MIR means: it was executed symbolically, and no checker derives it anew",
    "statics-private": "nothing but the crate's own functions writes its private statics",
    "width": "usize and addresses have {about} bits; what the compiler computed for another width stays",
}
_ALWAYS = ("one-thread", "panic-ends", "statics-model", "statics-private")
_OUT = ": is out"
"""Ends the name of a cell that says whether a caller has the owner of that number."""
_STATIC = re.compile(rb"^static (?:mut )?([^\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StaticsInvariant:
    pool: str
    width: int
    statics: tuple[str, ...]
    functions: tuple[str, ...]
    cells: tuple[str, ...]
    trusted: tuple[str, ...]
    sized: tuple[str, ...]
    counted: tuple[str, ...]
    owners: tuple[str, ...]
    model: Reference
    invariant: Reference
    excluded: tuple[str, ...]


def read_statics_invariant(value: object, obligation: str) -> StaticsInvariant:
    """Raises `Refused`."""
    entry = form.entries(value, "evidence", {
        "kind", "static", "width", "statics", "functions", "cells", "contents", "trusted", "sized", "counted",
        "owners", "model", "invariant", "excluded",
    })  # fmt: skip
    form.equal(entry["kind"], "statics-invariant", "evidence.kind")
    pool = form.text(entry["static"], "evidence.static")
    width = form.integer(entry["width"], "evidence.width")
    if width not in WIDTHS:
        refuse("evidence.width", f"none of {sorted(WIDTHS)}")
    names = {
        key: form.sorted_names(entry[key], f"evidence.{key}")
        for key in ("statics", "functions", "cells", "contents", "trusted", "sized", "counted", "owners", "excluded")
    }
    for wanted in (f"{obligation} of {pool}", UNMODELLED):
        if wanted not in names["excluded"]:
            refuse("evidence.excluded", f"{wanted!r} is not among them")
    if pool not in names["statics"] or not names["functions"]:
        refuse("evidence", "nothing that it is about")
    return StaticsInvariant(
        pool, width, names["statics"], names["functions"], names["cells"], names["trusted"], names["sized"],
        names["counted"], names["owners"], read_reference(entry["model"], "model"),
        read_reference(entry["invariant"], "invariant"), names["excluded"],
    )  # fmt: skip


def check_instance(instance: str, evidence: StaticsInvariant) -> None:
    wanted = f"static {evidence.pool}, {evidence.width} bits"
    if instance != wanted:
        refuse("instance", f"expected {wanted!r}")


def check_model(data: bytes, model_text: str, evidence: StaticsInvariant) -> None:
    """The cells are the state of the model, and the functions and statics are those of the MIR."""
    model = read_model(model_text)
    cells = {name for name in model.state if not name.startswith("broken: ")}
    if cells != set(evidence.cells):
        raise Refused("evidence.cells: not the state of the model")
    followed = {name.removesuffix(_OUT).rpartition(" ")[0] for name in cells if name.endswith(_OUT)}
    if followed != set(evidence.owners):
        raise Refused("evidence.owners: not those that the model follows")
    functions_of(data).demand(evidence.functions, "evidence.functions")
    there = declared(data)
    for name in evidence.statics:
        if name not in there:
            raise Refused(f"evidence.statics: the subject has no static {name!r}")


def declared(mir: bytes) -> set[str]:
    """The statics of a MIR text: `static NAME: TYPE = ...`."""
    lines = (line.partition(b": ") for line in _STATIC.findall(mir))
    return {name.decode(errors="replace") for name, _, rest in lines if name and b" = " in rest}


def check_assumptions(
    listed: tuple[tuple[str, str, str], ...], evidence: StaticsInvariant, conditions: frozenset[str]
) -> None:
    """Exactly what the evidence asks for."""
    asked = {(id, "") for id in _ALWAYS} | {("width", str(evidence.width))}
    asked |= {("block-size", name) for name in evidence.sized}
    asked |= {("owner-counts", name) for name in evidence.counted}
    asked |= {("owners-kept", name) for name in evidence.owners}
    asked |= {("library", name) for name in evidence.trusted}
    asked |= {("earlier-fault", name) for name in conditions - set(evidence.excluded)}
    exactly(listed, asked, ASSUMPTIONS)

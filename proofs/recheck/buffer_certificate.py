"""Reads what is particular to certificates about buffers, and holds it to the model and to the MIR."""

from __future__ import annotations

from dataclasses import dataclass

import proofs.recheck.form as form
from proofs.recheck.assumptions import exactly
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse
from proofs.recheck.invariant import read_model
from proofs.recheck.mir_blocks import functions_of
from proofs.recheck.shared import Reference, read_reference

RULE_PACK = "mir-buffer/7"
WIDTHS = frozenset((32, 64))
ABOUT = ("realloc", "type")
ANY, FITTING, COUNTED = "any", "fitting", "counted"
"""What is taken to be known of elements that are passed: of a realloc none are."""
UNMODELLED = "something not modelled"
"""Always excluded: else a step might be missing, and the model say nothing of the subject."""
CLAIMS = {
    "index-in-bounds": "every index into a slice of the block is below its length",
    "range-in-bounds": "every pointer, slice and access that is made of the block stays in it, and it is given back, "
    "or handed out, as long as it was taken",
    "aligned": "every block is taken with a power of two as its alignment, and given back, or handed out, with "
    "that one",
    "zero-size": "the allocator is asked for no empty block, and a realloc of nothing gives its alignment back",
    "exhaustion-traps": "where the allocator has nothing left, no null pointer is used as a block or handed out",
    "extent": "elements that are lent lie inside one live block or vector, as many as there are, aligned, and how many "
    "there are times the size of one does not wrap",
    "partial-write": "what is lent are the elements that were not handed over, from the first of them on and no more; "
    "each is lowered once, and then freed, lifted or given back once",
}
OF_COUNTED = frozenset(("extent", "partial-write"))
"""What says something of elements that are handed over, which only a model in which they are counted has."""
ASSUMPTIONS = {
    "block-owned": "nothing but the functions listed gives a block of {about} back, or makes a second value of one",
    "counts-lent": "nobody tells {about} that more of its elements were handed over than it still lends",
    "buffer-model": "the model is what the MIR means: it was executed symbolically, and no checker derives it anew",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "elements-fit": "the elements that a call of {about} passes take fewer bytes in the canonical ABI than usize "
    "can count: how many there are, times the size of one, does not wrap",
    "host-realloc": "the host calls {about} with an alignment of 1, 2, 4 or 8, at most 2^28 - 1 bytes, and either "
    "nothing before or a block that it was given, with its size and alignment, and then for some bytes",
    "library": "{about} does what its documentation says",
    "outside": "{about} stays in the block of which it reads the address",
    "panic-ends": "a panic ends the program: no call comes after it",
    "width": "usize and addresses have {about} bits; what the compiler computed for another width stays",
}
_ALWAYS = ("buffer-model", "panic-ends")
_LISTS = ("functions", "readers", "cells", "trusted", "excluded")


@dataclass(frozen=True, slots=True)
class BufferInvariant:
    buffer: str
    elements: str
    about: str
    width: int
    functions: tuple[str, ...]
    readers: tuple[str, ...]
    cells: tuple[str, ...]
    trusted: tuple[str, ...]
    model: Reference
    invariant: Reference
    excluded: tuple[str, ...]


def read_buffer_invariant(value: object, obligation: str) -> BufferInvariant:
    """Raises `Refused`."""
    entry = form.entries(value, "evidence", {
        "kind", "buffer", "elements", "about", "width", *_LISTS, "model", "invariant",
    })  # fmt: skip
    form.equal(entry["kind"], "buffer-invariant", "evidence.kind")
    buffer = form.text(entry["buffer"], "evidence.buffer")
    about = form.text(entry["about"], "evidence.about")
    width = form.integer(entry["width"], "evidence.width")
    if about not in ABOUT:
        refuse("evidence.about", f"none of {', '.join(ABOUT)}")
    elements = form.text(entry["elements"], "evidence.elements")
    if elements not in (ANY, FITTING, COUNTED) or (about == "realloc" and elements != ANY):
        refuse("evidence.elements", "nothing that is supposed of it")
    if (obligation in OF_COUNTED) != (elements == COUNTED):
        refuse("evidence.elements", "what is asked where elements are counted is asked there alone")
    if width not in WIDTHS:
        refuse("evidence.width", f"none of {sorted(WIDTHS)}")
    names = {key: form.sorted_names(entry[key], f"evidence.{key}") for key in _LISTS}
    for wanted in (f"{obligation} of {buffer}", UNMODELLED):
        if wanted not in names["excluded"]:
            refuse("evidence.excluded", f"{wanted!r} is not among them")
    if not names["functions"] or (about == "realloc" and names["functions"] != (buffer,)):
        refuse("evidence.functions", "not those that it is about")
    if elements == COUNTED and names["readers"]:
        refuse("evidence.readers", "where elements are counted nobody else reads their addresses")
    return BufferInvariant(
        buffer, elements, about, width, names["functions"], names["readers"], names["cells"], names["trusted"],
        read_reference(entry["model"], "model"), read_reference(entry["invariant"], "invariant"), names["excluded"],
    )  # fmt: skip


def check_instance(instance: str, evidence: BufferInvariant) -> None:
    supposed = "" if evidence.elements == ANY else f", elements={evidence.elements}"
    wanted = f"buffer {evidence.buffer}, {evidence.width} bits{supposed}"
    if instance != wanted:
        refuse("instance", f"expected {wanted!r}")


def check_model(data: bytes, model_text: str, evidence: BufferInvariant) -> None:
    """The cells are the state of the model, and the functions are those of the MIR."""
    model = read_model(model_text)
    cells = {name for name in model.state if not name.startswith("broken: ")}
    if cells != set(evidence.cells):
        raise Refused("evidence.cells: not the state of the model")
    subject = functions_of(data)
    subject.demand(evidence.functions, "evidence.functions")
    subject.demand(evidence.readers, "evidence.readers")


def check_assumptions(
    listed: tuple[tuple[str, str, str], ...], evidence: BufferInvariant, conditions: frozenset[str]
) -> None:
    """Exactly what the evidence asks for."""
    asked = {(id, "") for id in _ALWAYS} | {("width", str(evidence.width))}
    asked |= {("block-owned" if evidence.about == "type" else "host-realloc", evidence.buffer)}
    asked |= {("elements-fit", evidence.buffer)} if evidence.elements != ANY else set()
    asked |= {("counts-lent", evidence.buffer)} if evidence.elements == COUNTED else set()
    asked |= {("outside", name) for name in evidence.readers}
    asked |= {("library", name) for name in evidence.trusted}
    asked |= {("earlier-fault", name) for name in conditions - set(evidence.excluded)}
    exactly(listed, asked, ASSUMPTIONS)

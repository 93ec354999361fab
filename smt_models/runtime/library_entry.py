"""A row of the table of library functions."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.runtime.machine import Model

DOCUMENTATION = "https://doc.rust-lang.org/std/"


@dataclass(frozen=True, slots=True)
class Entry:
    """`names` are paths without generic arguments. `page` is relative to DOCUMENTATION."""

    names: tuple[str, ...]
    meaning: str
    ownership: str
    unwinds: bool
    page: str
    model: Model


def entry(names: str, meaning: str, ownership: str, page: str, model: Model, unwinds: bool = False) -> Entry:
    return Entry(tuple(names.split(";")), meaning, ownership, unwinds, page, model)

"""Clauses of standards that evidence can serve, and what it does not claim: `clauses.toml`, read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Clause:
    """`clause`: empty where the document as a whole is meant. `obligations`: by their ids."""

    standard: str
    clause: str
    groups: tuple[str, ...]
    obligations: frozenset[str]
    serves: str
    not_claimed: str

    @property
    def title(self) -> str:
        return f"{self.standard} {self.clause}".rstrip()


@cache
def _document() -> Mapping[str, object]:
    return tomllib.loads(resources.files("artifacts").joinpath("clauses.toml").read_text(encoding="utf-8"))


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Kinds of obligations that serve alike."""
    found = _document()["groups"]
    assert isinstance(found, dict)
    return {name: tuple(obligations) for name, obligations in found.items()}


@cache
def clauses() -> tuple[Clause, ...]:
    listed = _document()["clause"]
    assert isinstance(listed, list)
    return tuple(
        Clause(
            one["standard"],
            one["clause"],
            tuple(one["groups"]),
            frozenset(obligation for group in one["groups"] for obligation in groups()[group]),
            one["serves"],
            one["not"],
        )
        for one in listed
    )


def clauses_of(obligation: str) -> tuple[Clause, ...]:
    return tuple(one for one in clauses() if obligation in one.obligations)


def page_table() -> str:
    """The tables of docs/clauses.md."""
    head = "| group | obligations |\n|---|---|\n"
    named = "".join(f"| {name} | {', '.join(f'`{one}`' for one in some)} |\n" for name, some in groups().items())
    rows = "".join(
        f"| {one.standard} | {one.clause or 'as a whole'} | {', '.join(one.groups)} | {one.serves} "
        f"| {one.not_claimed} |\n"
        for one in clauses()
    )
    return f"{head}{named}\n| standard | clause | of | can serve | does not claim |\n|---|---|---|---|---|\n{rows}"

"""Verdicts about runtimes: how a crate was built, and the evidence of a proof."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.runtime.outcomes import Where


@dataclass(frozen=True, slots=True, order=True)
class LibraryFunction:
    """A function that was not executed but modelled: what it was taken to do, and the page that says so."""

    name: str
    meaning: str
    page: str


@dataclass(frozen=True, slots=True, order=True)
class Blocks:
    """Basic blocks of one function of the subject, by number."""

    function: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """A step that was taken away, for a trial: the obligations that fail without it. `undecided`: why no more is known;
    if it is empty, all others stay proved.
    """

    step: str
    where: Where
    fails: tuple[str, ...]
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A condition of the states of `model` (a script, docs/certificate.md) that holds at first, is kept by every step,
    and excludes the bad conditions `excluded`.

    `covered`: the blocks of MIR that some step runs through; `uncovered`: the others of the same functions. `controls`:
    nothing rests on them.
    """

    model: str
    invariant: str
    excluded: tuple[str, ...]
    hypotheses: tuple[str, ...]
    trusted: tuple[LibraryFunction, ...]
    covered: tuple[Blocks, ...]
    uncovered: tuple[Blocks, ...]
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class CrateBuild:
    """How MIR came about; None is what nobody said."""

    crate: str
    version: str | None
    compiler: str | None
    target: str | None
    features: tuple[str, ...] | None
    cfg: tuple[str, ...] | None
    panic: str
    overflow_checks: bool | None
    sources_sha256: str
    profile_sha256: str

"""Verdicts about runtimes: their obligations, how a crate was built, and the evidence of a proof."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class RuntimeKind(enum.Enum):
    """What a runtime must keep towards the host, once for each implementor of its operation trait."""

    MEMORY = "memory"
    EXTENT = "extent"
    ADDRESS_STABILITY = "address-stability"
    CANCEL_BEFORE_FREE = "cancel-before-free"
    CANCEL_ON_DROP = "cancel-on-drop"
    UNREGISTER_BEFORE_CANCEL = "unregister-before-cancel"
    CANCEL_IS_FINAL = "cancel-is-final"
    COMPLETION_RACE = "completion-race"
    CANCEL_ONCE = "cancel-once"
    CODE_MATCHES_LEASE = "code-matches-lease"
    WAKER_UNREGISTERED = "waker-unregistered"
    CROSS_TASK = "cross-task"
    SET_EMPTY = "set-empty"
    LEAK_SAFE = "leak-safe"
    PARTIAL_WRITE = "partial-write"
    PANIC_IN_CALLBACK = "panic-in-callback"
    SUBTASK_AREAS = "subtask-areas"
    COPY_WHEN_IDLE = "copy-when-idle"
    END_DROPPED_IDLE = "end-dropped-idle"
    BLOCKING_CANCEL = "blocking-cancel"
    SCALAR_ZERO_ALLOC = "scalar-zero-alloc"
    HOST_TRAP = "host-trap"


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
class Invariant:
    """A condition of the states of `model` (a script, docs/certificate.md) that holds at first, is kept by every step,
    and excludes the bad conditions `excluded`.

    `covered`: the blocks of MIR that some step runs through; `uncovered`: the others of the same functions.
    """

    model: str
    invariant: str
    excluded: tuple[str, ...]
    hypotheses: tuple[str, ...]
    trusted: tuple[LibraryFunction, ...]
    covered: tuple[Blocks, ...]
    uncovered: tuple[Blocks, ...]


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

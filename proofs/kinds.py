"""The obligations of the catalogue, by the ids that users write."""

from __future__ import annotations

import enum


class Kind(enum.Enum):
    """The graph obligations of the catalogue; the value is the id that users write."""

    REALLOC_NO_GROW = "realloc-no-grow"
    MODULE_NO_GROW = "module-no-grow"
    NO_ALLOC_PATH = "no-alloc-path"
    REALLOC_VESTIGIAL = "realloc-vestigial"


class RuntimeKind(enum.Enum):
    """What a runtime must keep towards the host: each implementor of its operation trait, and its tasks."""

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
    TASK_CONTRACT = "task-contract"


TASK_KINDS = (
    RuntimeKind.MEMORY,
    RuntimeKind.TASK_CONTRACT,
    RuntimeKind.WAKER_UNREGISTERED,
    RuntimeKind.SET_EMPTY,
    RuntimeKind.HOST_TRAP,
    RuntimeKind.SCALAR_ZERO_ALLOC,
)
"""Those of a runtime's tasks."""


class PoolKind(enum.Enum):
    """What a static pool must keep, once for each host: one that keeps to the canonical ABI, and any. The last two are
    kept by buffers that lend their elements.
    """

    INDEX_IN_BOUNDS = "index-in-bounds"
    RANGE_IN_BOUNDS = "range-in-bounds"
    ALIGNED = "aligned"
    DISJOINT = "disjoint"
    ZERO_SIZE = "zero-size"
    COPY_OWNED = "copy-owned"
    EXHAUSTION_TRAPS = "exhaustion-traps"
    NO_REWIND = "no-rewind"
    WITHIN_BUDGET = "within-budget"
    EXTENT = "extent"
    PARTIAL_WRITE = "partial-write"


LENDING_KINDS = (PoolKind.EXTENT, PoolKind.PARTIAL_WRITE)
"""Of buffers alone; operations of runtimes have others of the same names."""
POOL_KINDS = tuple(kind for kind in PoolKind if kind not in LENDING_KINDS)

AnyKind = Kind | RuntimeKind | PoolKind

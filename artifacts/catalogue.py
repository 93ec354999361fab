"""What the obligations say, for people who meet them in a report: the graph part of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from proofs import pool_wording
from proofs.kinds import POOL_KINDS, PoolKind, RuntimeKind
from proofs.runtime_wording import claim
from proofs.verdicts import AnyKind, Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """An obligation as reports declare it: its id, a title, what it states, why it matters and what mends it."""

    id: str
    title: str
    statement: str
    help: str


MISSING = Rule(
    "obligation-missing",
    "An expected obligation has no result",
    "Every obligation that the manifest or the command line expects must have a verdict.",
    "The run produced no verdict for an obligation that was expected of it. Check that the subject exists, that its "
    "name in the manifest is right, and that the run was not cut short.",
)
"""Stands for no obligation: that one was expected and nothing came of it."""


DIFFERS = Rule(
    "pool-join",
    "A pool of a crate and the pool of its module do not agree",
    "A static of a crate and the pool of that name in a module that the crate is in agree in size, in the count of "
    "their elements, and in what is proved of them.",
    "Proofs at both ends are of one pool only if both ends speak of the same one. Build the module from the sources "
    "that were proved, or prove the sources that it was built from.",
)
"""Stands for no obligation: what two of its subjects say of one pool."""


_RUNTIME_TITLES = {
    RuntimeKind.MEMORY: "The runtime touches memory that is gone or not initialised",
    RuntimeKind.EXTENT: "Bytes are lent that do not lie inside one live allocation",
    RuntimeKind.ADDRESS_STABILITY: "The host holds an address that the payload has left",
    RuntimeKind.CANCEL_BEFORE_FREE: "Storage that is lent to the host is freed, moved or changed",
    RuntimeKind.CANCEL_ON_DROP: "An operation is dropped while its buffer is lent",
    RuntimeKind.UNREGISTER_BEFORE_CANCEL: "A synchronous cancel can trap: the end is in a waitable set",
    RuntimeKind.CANCEL_IS_FINAL: "A cancel that did not close the lease is taken as final",
    RuntimeKind.COMPLETION_RACE: "A completion that races with a cancel loses or doubles elements",
    RuntimeKind.CANCEL_ONCE: "A copy is cancelled twice",
    RuntimeKind.CODE_MATCHES_LEASE: "A completion code is applied to another lease",
    RuntimeKind.WAKER_UNREGISTERED: "A callback outlives the slot that it points at",
    RuntimeKind.CROSS_TASK: "An operation is registered with two tasks",
    RuntimeKind.SET_EMPTY: "A waitable set is dropped while it has members",
    RuntimeKind.LEAK_SAFE: "Forgetting an operation frees or aliases what is lent",
    RuntimeKind.PARTIAL_WRITE: "An element is given away twice after a partial write",
    RuntimeKind.PANIC_IN_CALLBACK: "User code that unwinds leads to a second deallocation",
    RuntimeKind.SUBTASK_AREAS: "A subtask's parameters or results are freed too early",
    RuntimeKind.COPY_WHEN_IDLE: "A copy is started on an end that is not idle",
    RuntimeKind.END_DROPPED_IDLE: "An end is dropped while it copies",
    RuntimeKind.BLOCKING_CANCEL: "Other code that runs inside a blocking cancel finds the runtime inconsistent",
    RuntimeKind.SCALAR_ZERO_ALLOC: "The scalar path allocates",
    RuntimeKind.HOST_TRAP: "A built-in of the host traps",
    RuntimeKind.TASK_CONTRACT: "A task does not do what operations rely on",
}


_POOL_TITLES = {
    PoolKind.INDEX_IN_BOUNDS: "A static pool is indexed beyond its end",
    PoolKind.RANGE_IN_BOUNDS: "A block is handed out that does not lie in its pool",
    PoolKind.ALIGNED: "A block is handed out that is not aligned as asked",
    PoolKind.DISJOINT: "A block is handed out that overlaps a live one",
    PoolKind.ZERO_SIZE: "A realloc of nothing does something",
    PoolKind.COPY_OWNED: "Growing a block copies the wrong bytes",
    PoolKind.EXHAUSTION_TRAPS: "A spent pool does not trap",
    PoolKind.NO_REWIND: "A pool is reset below a live block",
    PoolKind.WITHIN_BUDGET: "More bytes are live than the budget allows",
}


def rule(kind: AnyKind) -> Rule:
    """The rule of an obligation."""
    match kind:
        case RuntimeKind():
            states = claim(kind)
            return Rule(
                kind.value,
                _RUNTIME_TITLES[kind],
                f"{states[0].upper()}{states[1:]}.",
                "The result names the operation or the tasks, the panic strategy and the peer for which it fails, and "
                "the steps that lead there: what the client does, what the host answers, and the line of Rust where it "
                "happens.",
            )
        case PoolKind.EXTENT | PoolKind.PARTIAL_WRITE:  # what buffers must keep has one rule, whoever drives them
            return rule(RuntimeKind(kind.value))
        case PoolKind():
            states = pool_wording.claim(kind)
            return Rule(
                kind.value,
                _POOL_TITLES[kind],
                f"{states[0].upper()}{states[1:]}.",
                "The result names the pool and the host for which it fails, and the shortest sequence of calls, with "
                "their arguments, that breaks it; it was run on the module itself.",
            )
        case Kind.REALLOC_NO_GROW:
            return Rule(
                kind.value,
                "A canonical-ABI realloc can grow memory",
                "No path from any canonical-ABI realloc reaches memory.grow.",
                "The host calls realloc whenever a string or list goes into the module. If realloc can reach "
                "memory.grow, memory use is not fixed at start-up. Replace the allocator by a static pool that traps "
                "when it is spent, or cut the path at one of the calls that the result names.",
            )
        case Kind.MODULE_NO_GROW:
            return Rule(
                kind.value,
                "An entry of the module can grow memory",
                "No path from any export, start function or host-callable table entry reaches memory.grow.",
                "Some way into the module reaches memory.grow, so its memory use is not fixed at start-up. Remove "
                "the entries that nothing uses, or cut the path at one of the calls that the result names.",
            )
        case Kind.NO_ALLOC_PATH:
            return Rule(
                kind.value,
                "A root that must not allocate can reach an allocator",
                "No path from the named roots reaches an allocator entry.",
                "A function that was declared free of allocation reaches an allocator. Follow the path from the root "
                "and take the allocating call out of it.",
            )
        case Kind.REALLOC_VESTIGIAL:
            return Rule(
                kind.value,
                "A realloc is exported that nothing needs",
                "Every realloc that is still there is needed by a canonical definition, an import or the boundary.",
                "A realloc is left over, usually after components were fused. It keeps alive an allocator that "
                "nothing calls. Drop the export and let the linker or wasm-opt remove what only it reached.",
            )
    assert_never(kind)


RULES: tuple[Rule, ...] = (
    *(rule(kind) for kind in (*Kind, *POOL_KINDS, *RuntimeKind)),
    MISSING,
    DIFFERS,
)
"""All rules, always declared, in a fixed order."""

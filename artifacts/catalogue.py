"""What the obligations say, for people who meet them in a report: the graph part of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from proofs.verdicts import Kind


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


def rule(kind: Kind) -> Rule:
    """The rule of an obligation."""
    match kind:
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


RULES: tuple[Rule, ...] = (*(rule(kind) for kind in Kind), MISSING)
"""All rules, always declared, in a fixed order."""

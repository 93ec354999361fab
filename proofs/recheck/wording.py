"""The sentences of a certificate, known by heart: claims, instances and assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum


class Obligation(Enum):
    """The obligations of this format, by the name in the certificate."""

    REALLOC_NO_GROW = "realloc-no-grow"
    MODULE_NO_GROW = "module-no-grow"
    NO_ALLOC_PATH = "no-alloc-path"
    REALLOC_VESTIGIAL = "realloc-vestigial"


ASSUMPTIONS = {
    "boundary": "the boundary function {about} passes values of variable length into the module",
    "canonical-builtins": "the canonical functions of the component model grow no memory of this file by themselves",
    "host-function": "the host function {about} neither grows a memory of this file nor calls back into a function "
    "of it outside the closed set",
    "host-memory": "the host does not grow the memory {about}, which it can reach",
    "host-tables": "the host puts no function of its own into a table or reference through which the closed set calls",
}
ABOUT_NOTHING = frozenset(("canonical-builtins", "host-tables"))


def assumption_text(identity: str, about: str) -> str:
    return ASSUMPTIONS[identity].replace("{about}", about)


def claim(obligation: Obligation, by_name: bool, goal_names: Sequence[str]) -> str:
    match obligation:
        case Obligation.REALLOC_VESTIGIAL:
            return "every realloc that is still there is needed by a canonical definition, an import or the boundary"
        case Obligation.NO_ALLOC_PATH:
            return "no path from the named roots reaches an allocator entry: " + ", ".join(goal_names)
        case Obligation.REALLOC_NO_GROW if not by_name:
            return "no path from any canonical-ABI realloc reaches memory.grow"
        case Obligation.MODULE_NO_GROW if not by_name:
            return "no path from any export, start function or host-callable table entry reaches memory.grow"
        case Obligation.REALLOC_NO_GROW | Obligation.MODULE_NO_GROW:
            return "no path from the named roots reaches memory.grow"


def instance_text(obligation: Obligation, root_names: Sequence[str] | None) -> str:
    if root_names is not None:
        return "roots " + ", ".join(root_names)
    return "every entry" if obligation is Obligation.MODULE_NO_GROW else "every realloc"

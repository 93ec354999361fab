"""The sentences of a certificate, in one place.

docs/certificate.md pins them: a checker rejects any other wording, so the engine that concludes and the writer that
writes down take them from here. The checker itself knows them by heart from the page, not from this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from proofs.verdicts import Assumption, Kind

_ASSUMPTIONS = {
    "boundary": "the boundary function {about} passes values of variable length into the module",
    "canonical-builtins": "the canonical functions of the component model grow no memory of this file by themselves",
    "host-function": (
        "the host function {about} neither grows a memory of this file "
        "nor calls back into a function of it outside the closed set"
    ),
    "host-memory": "the host does not grow the memory {about}, which it can reach",
    "host-tables": (
        "the host puts no function of its own into a table or reference through which the closed set calls"
    ),
}


def claim(kind: Kind, by_name: bool, goal_names: Iterable[str] = ()) -> str:
    """The sentence that a proof of `kind` proves; `by_name`: the roots were named, not computed by rule T1 or T2.
    `goal_names`: what an allocator entry was taken to be called.
    """
    match kind:
        case Kind.REALLOC_NO_GROW if not by_name:
            return "no path from any canonical-ABI realloc reaches memory.grow"
        case Kind.MODULE_NO_GROW if not by_name:
            return "no path from any export, start function or host-callable table entry reaches memory.grow"
        case Kind.REALLOC_NO_GROW | Kind.MODULE_NO_GROW:
            return "no path from the named roots reaches memory.grow"
        case Kind.NO_ALLOC_PATH:
            return "no path from the named roots reaches an allocator entry: " + ", ".join(sorted(set(goal_names)))
        case Kind.REALLOC_VESTIGIAL:
            return "every realloc that is still there is needed by a canonical definition, an import or the boundary"
    assert_never(kind)


def instance(kind: Kind, names: Iterable[str] | None) -> str:
    """Which roots: the names given, or those of the rule (`names` is None).

    `no-alloc-path` has no roots by rule (T3): ValueError without names.
    """
    match kind:
        case Kind.REALLOC_VESTIGIAL:
            return "every realloc"
        case Kind.REALLOC_NO_GROW if names is None:
            return "every realloc"
        case Kind.MODULE_NO_GROW if names is None:
            return "every entry"
        case Kind.REALLOC_NO_GROW | Kind.MODULE_NO_GROW | Kind.NO_ALLOC_PATH:
            if names is None:
                raise ValueError("no-alloc-path has no roots but those that are named")
            return "roots " + ", ".join(sorted(set(names)))
    assert_never(kind)


def assumption(id: str, about: str = "") -> Assumption:
    """The assumption `id` about `about` (empty where the table says: about nothing). KeyError for an unknown id.

    `about` is put in literally, whatever characters a hostile module gave the name.
    """
    return Assumption(id, about, _ASSUMPTIONS[id].replace("{about}", about))

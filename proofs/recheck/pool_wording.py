"""What certificates about pools say, known by heart: docs/certificate.md, "Pools"."""

from __future__ import annotations

import re

CLAIMS = {
    "index-in-bounds": "every index into the pool or its tables is below the length, and blocks lie at elements",
    "range-in-bounds": "every block handed out lies in the pool, and its end does not wrap",
    "aligned": "the address of every block handed out is a multiple of the alignment",
    "disjoint": "a block handed out overlaps no live block",
    "zero-size": "realloc(0, 0, align, 0) gives align back and takes nothing",
    "copy-owned": "growing a block copies the lesser of both sizes, from a block of the pool",
    "exhaustion-traps": "a call that cannot hand out a block traps: no null, no growth, no wrap, no spin",
    "no-rewind": "no live block ends above the place to which the pool is reset",
    "within-budget": "the live blocks together are within the budget",
}
UNMODELLED = "something not modelled"
"""Always excluded: else a step might be missing, and the model say nothing of the subject."""
HYPOTHESES = {
    "conforming": (
        "the host passes an alignment of 1, 2, 4 or 8, a size or count up to 2^28 - 1, an old block that is "
        "live or none, gives up live blocks only, and resets to marks that it was given"
    ),
    "any": "nothing is known of arguments",
}
ASSUMPTIONS = {
    "arguments": HYPOTHESES["conforming"],
    "clients": "cells in the pool are written by clients, too, in blocks that are live and in no others",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "left-out": "{about} is not called, or changes nothing of the pool's metadata",
    "metadata": "only calls of the subject's own exports write the cells, and memory begins as its data segments say",
    "pool-model": "the model is what the code means: it was executed symbolically, and no checker derives it anew",
}
ABOUT_NOTHING = frozenset(("arguments", "clients", "metadata", "pool-model"))
ROLES = frozenset(("allocate", "release", "reset", "mark", "access", "other"))
INSTANCE = re.compile(
    r"pool (?P<name>[^\x00-\x1f\x7f]+) at (?P<base>0x[0-9a-f]+), (?P<size>[0-9]+) bytes, host=(?P<host>conforming|any)"
)


def assumption_text(identity: str, about: str) -> str | None:
    """None for what no certificate about a pool assumes."""
    if identity not in ASSUMPTIONS or (about == "") != (identity in ABOUT_NOTHING):
        return None
    if identity == "earlier-fault" and about not in CLAIMS:
        return None
    return ASSUMPTIONS[identity].replace("{about}", about)

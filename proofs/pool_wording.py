"""The sentences about pools in certificates, as docs/certificate.md pins them; the checker knows them by heart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from proofs.kinds import PoolKind
from proofs.pool_verdicts import PoolInvariant
from proofs.verdicts import Assumption

CLAIMS = {
    PoolKind.INDEX_IN_BOUNDS: "every index into the pool or its tables is below the length, and blocks lie at elements",
    PoolKind.RANGE_IN_BOUNDS: "every block handed out lies in the pool, and its end does not wrap",
    PoolKind.ALIGNED: "the address of every block handed out is a multiple of the alignment",
    PoolKind.DISJOINT: "a block handed out overlaps no live block",
    PoolKind.ZERO_SIZE: "realloc(0, 0, align, 0) gives align back and takes nothing",
    PoolKind.COPY_OWNED: "growing a block copies the lesser of both sizes, from a block of the pool",
    PoolKind.EXHAUSTION_TRAPS: "a call that cannot hand out a block traps: no null, no growth, no wrap, no spin",
    PoolKind.NO_REWIND: "no live block ends above the place to which the pool is reset",
    PoolKind.WITHIN_BUDGET: "the live blocks together are within the budget",
}
CLAIMS_BROKEN = {
    "index-in-bounds": "an index outside the pool or a table of it, or a block at no element",
    "range-in-bounds": "a block that is not within the pool",
    "aligned": "a block at an address that is no multiple of its alignment",
    "disjoint": "a block that overlaps a live one",
    "zero-size": "nothing was asked for, and something was done",
    "copy-owned": "a block that grew does not hold what it held, or holds what is not the pool's",
    "exhaustion-traps": "no trap where there is nothing to hand out",
    "no-rewind": "a reset below a live block",
    "within-budget": "more bytes live than the budget allows",
}
HYPOTHESES = {
    "conforming": (
        "the host passes an alignment of 1, 2, 4 or 8, a size or count up to 2^28 - 1, an old block that is "
        "live or none, gives up live blocks only, and resets to marks that it was given"
    ),
    "any": "nothing is known of arguments",
}
_ASSUMPTIONS = {
    "arguments": HYPOTHESES["conforming"],
    "clients": "cells in the pool are written by clients, too, in blocks that are live and in no others",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "left-out": "{about} is not called, or changes nothing of the pool's metadata",
    "metadata": "only calls of the subject's own exports write the cells, and memory begins as its data segments say",
    "pool-model": "the model is what the code means: it was executed symbolically, and no checker derives it anew",
}


def claim(kind: PoolKind) -> str:
    """The sentence that a proof proves."""
    return CLAIMS[kind]


def instance(places: Iterable[tuple[str, int, int]], host: str) -> str:
    """Which pool, and who calls. `places`: that its blocks lie in: name, base and size of each."""
    where = ", and ".join(f"{name} at {base:#x}, {size} bytes" for name, base, size in places)
    return f"pool {where}, host={host}"


def assumption(id: str, about: str = "") -> Assumption:
    """The assumption `id` about `about`. KeyError for an unknown id."""
    return Assumption(id, about, _ASSUMPTIONS[id].replace("{about}", about))


def assumptions(evidence: PoolInvariant, kinds: tuple[str, ...]) -> Iterator[Assumption]:
    """What a proof with this evidence takes on faith; `kinds`: the conditions of its model."""
    yield assumption("pool-model")
    yield assumption("metadata")
    if evidence.host == "conforming":
        yield assumption("arguments")
    if any(evidence.pool.shares(cell) for cell in evidence.cells):
        yield assumption("clients")
    yield from (assumption("left-out", name) for name in evidence.left_out)
    yield from (assumption("earlier-fault", kind) for kind in kinds if kind not in evidence.excluded)

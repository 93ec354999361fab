"""The sentences about statics in certificates, as docs/certificate.md pins them; the checker knows them by heart."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.kinds import PoolKind
from proofs.pool_verdicts import StaticsInvariant
from proofs.verdicts import Assumption

CLAIMS = {
    PoolKind.INDEX_IN_BOUNDS: "every index into the static is below the length of its array",
    PoolKind.RANGE_IN_BOUNDS: "every pointer, slice and block made of the static stays in its array",
    PoolKind.ALIGNED: "the address of every block handed out is a multiple of the alignment asked for",
    PoolKind.DISJOINT: "a block handed out overlaps none handed out before, but by the same owner or one that is gone",
}
BROKEN = {
    PoolKind.INDEX_IN_BOUNDS: "an index beyond the end of the static's array",
    PoolKind.RANGE_IN_BOUNDS: "a pointer, slice or block that leaves the static's array",
    PoolKind.ALIGNED: "a block at an address that need not be a multiple of its alignment",
    PoolKind.DISJOINT: "a block that overlaps one handed out before",
}
_ASSUMPTIONS = {
    "block-size": "a block that {about} hands out is as long as its parameter says",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "library": "{about} does what its documentation says",
    "one-thread": "calls come one after the other, and none interrupts another",
    "owner-counts": "a block that {about} hands out has as many elements as the capacity or length of its owner says",
    "owners-kept": "every {about} that callers have was given to them by the crate: no unsafe code makes or copies one",
    "panic-ends": "a panic ends the program: no call comes after it",
    "statics-model": "the model is what the MIR means: it was executed symbolically, and no checker derives it anew",
    "statics-private": "nothing but the crate's own functions writes its private statics",
    "width": "usize and addresses have {about} bits; what the compiler computed for another width stays",
}


def claim(kind: PoolKind) -> str:
    """The sentence that a proof proves."""
    return CLAIMS[kind]


def instance(pool: str, width: int) -> str:
    """Which static, and how wide its indices are."""
    return f"static {pool}, {width} bits"


def assumption(id: str, about: str = "") -> Assumption:
    """The assumption `id` about `about`. KeyError for an unknown id."""
    return Assumption(id, about, _ASSUMPTIONS[id].replace("{about}", about))


def assumptions(evidence: StaticsInvariant, conditions: tuple[str, ...]) -> Iterator[Assumption]:
    """What a proof with this evidence takes on faith; `conditions`: those of its model."""
    for id in ("one-thread", "panic-ends", "statics-model", "statics-private"):
        yield assumption(id)
    yield assumption("width", str(evidence.width))
    yield from (assumption("block-size", name) for name in evidence.sized)
    yield from (assumption("owner-counts", name) for name in evidence.counted)
    yield from (assumption("owners-kept", name) for name in evidence.owners)
    yield from (assumption("library", name) for name in evidence.trusted)
    yield from (assumption("earlier-fault", name) for name in conditions if name not in evidence.excluded)

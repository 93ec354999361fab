"""The sentences about buffers in certificates, as docs/certificate.md pins them; the checker knows them by heart."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.kinds import PoolKind
from proofs.pool_verdicts import BufferInvariant
from proofs.verdicts import Assumption
from smt_models.buffers.supposed import Elements

CLAIMS = {
    PoolKind.INDEX_IN_BOUNDS: "every index into a slice of the block is below its length",
    PoolKind.RANGE_IN_BOUNDS: "every pointer, slice and access that is made of the block stays in it, and it is given "
    "back, or handed out, as long as it was taken",
    PoolKind.ALIGNED: "every block is taken with a power of two as its alignment, and given back, or handed out, with "
    "that one",
    PoolKind.ZERO_SIZE: "the allocator is asked for no empty block, and a realloc of nothing gives its alignment back",
    PoolKind.EXHAUSTION_TRAPS: "where the allocator has nothing left, no null pointer is used as a block or handed out",
    PoolKind.EXTENT: "elements that are lent lie inside one live block or vector, as many as there are, aligned, and "
    "how many there are times the size of one does not wrap",
    PoolKind.PARTIAL_WRITE: "what is lent are the elements that were not handed over, from the first of them on and no "
    "more; each is lowered once, and then freed, lifted or given back once",
}
BROKEN = {
    PoolKind.INDEX_IN_BOUNDS: "an index into a slice of the block that is not below its length",
    PoolKind.RANGE_IN_BOUNDS: "a pointer, slice or access that leaves its block, or a block of another size",
    PoolKind.ALIGNED: "a block of another alignment, or one that is no power of two",
    PoolKind.ZERO_SIZE: "an empty block, or one where nothing is asked for",
    PoolKind.EXHAUSTION_TRAPS: "a null pointer in place of a block",
    PoolKind.EXTENT: "elements that are lent and are not all in one live block or vector, or not aligned",
    PoolKind.PARTIAL_WRITE: "an element that is lent, lowered, freed, lifted or given back twice, or not at all",
}
_ASSUMPTIONS = {
    "block-owned": "nothing but the functions listed gives a block of {about} back, or makes a second value of one",
    "counts-lent": "nobody tells {about} that more of its elements were handed over than it still lends",
    "buffer-model": "the model is what the MIR means: it was executed symbolically, and no checker derives it anew",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "elements-fit": "the elements that a call of {about} passes take fewer bytes in the canonical ABI than usize "
    "can count: how many there are, times the size of one, does not wrap",
    "host-realloc": "the host calls {about} with an alignment of 1, 2, 4 or 8, at most 2^28 - 1 bytes, and either "
    "nothing before or a block that it was given, with its size and alignment, and then for some bytes",
    "library": "{about} does what its documentation says",
    "outside": "{about} stays in the block of which it reads the address",
    "panic-ends": "a panic ends the program: no call comes after it",
    "width": "usize and addresses have {about} bits; what the compiler computed for another width stays",
}


def claim(kind: PoolKind) -> str:
    """The sentence that a proof proves."""
    return CLAIMS[kind]


def instance(buffer: str, width: int, elements: Elements) -> str:
    """Which type or function, how wide its indices are, and what is supposed of elements, if it is anything."""
    return f"buffer {buffer}, {width} bits{'' if elements is Elements.ANY else f', elements={elements.value}'}"


def is_of_a_buffer(instance: str) -> bool:
    """Whether it is one of those that `instance` makes."""
    return instance.startswith("buffer ")


def assumption(id: str, about: str = "") -> Assumption:
    """The assumption `id` about `about`. KeyError for an unknown id."""
    return Assumption(id, about, _ASSUMPTIONS[id].replace("{about}", about))


def assumptions(evidence: BufferInvariant, conditions: tuple[str, ...]) -> Iterator[Assumption]:
    """What a proof with this evidence takes on faith; `conditions`: those of its model."""
    for id in ("buffer-model", "panic-ends"):
        yield assumption(id)
    yield assumption("width", str(evidence.width))
    yield assumption("block-owned" if evidence.is_type else "host-realloc", evidence.buffer)
    yield from (assumption("elements-fit", evidence.buffer),) if evidence.elements is not Elements.ANY else ()
    yield from (assumption("counts-lent", evidence.buffer),) if evidence.elements is Elements.COUNTED else ()
    yield from (assumption("outside", name) for name in evidence.readers)
    yield from (assumption("library", name) for name in evidence.trusted)
    yield from (assumption("earlier-fault", name) for name in conditions if name not in evidence.excluded)

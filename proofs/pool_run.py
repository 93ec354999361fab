"""What a sequence of calls does to a pool: after each, the blocks that are live and what the pool's metadata holds."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.pool_verdicts import PoolFact, RoleFact


@dataclass(frozen=True, slots=True)
class LiveBlock:
    """`call`: the number of the call that handed it out, after which it is named: `A` by the first call."""

    name: str
    at: int
    size: int
    call: int


@dataclass(frozen=True, slots=True)
class NamedCell:
    """Bytes of metadata. Without a symbol of the module the name is the address, if one is known."""

    name: str
    address: int | None
    size: int


@dataclass(frozen=True, slots=True)
class PoolMoment:
    """`values`: of the cells, in their order. `returned`: by the call before it, if it returned a number. `broken`:
    first address and size of what a violation is about, if that lies anywhere.
    """

    blocks: tuple[LiveBlock, ...]
    values: tuple[int, ...]
    returned: int | None = None
    broken: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PoolRun:
    """`moments`: before the first call, and after each. `relative`: addresses count from the start of the pool, which
    may lie anywhere; then a size of 0 is one that is not known. `host`, and the `roles` of the exports that were called
    with what each parameter is: of a module.
    """

    pool: PoolFact
    cells: tuple[NamedCell, ...]
    moments: tuple[PoolMoment, ...]
    relative: bool = False
    host: str = ""
    roles: tuple[RoleFact, ...] = ()


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def block_name(call: int) -> str:
    """`A` to `Z`, then `A1`: of the block that call number `call`, from 1 on, handed out."""
    turn, letter = divmod(call - 1, len(_LETTERS))
    return f"{_LETTERS[letter]}{turn or ''}"

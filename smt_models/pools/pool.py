"""A pool, who hands out what of it, and who may call."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from itertools import pairwise


class Host(enum.Enum):
    """What may be passed in.

    CONFORMING: what the canonical ABI passes: an alignment of 1, 2, 4 or 8, a size up to 2^28 - 1, for `old` either
    nothing or a live block with its size; and what is released is a live block. ANY: any arguments at all.
    """

    CONFORMING = "conforming"
    ANY = "any"


MOST_BYTES = (1 << 28) - 1
ALIGNMENTS = (1, 2, 4, 8)
ROLES = ("allocate", "release", "reset", "mark", "access")


@dataclass(frozen=True, slots=True)
class Role:
    """An export with a role. `parameters`: what each is: `old`, `old_size`, `align`, `size`; `pointer`: the start of a
    block; `index`: of an array, a conforming caller's is below `indices`; `mark`: an address that a mark gave;
    `count`: of `unit` bytes each; `value`: any number. None: by their count and the role.
    """

    export: str
    parameters: tuple[str, ...] | None = None
    indices: int | None = None
    unit: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Array:
    """A static array beside the pool: `size` bytes at `base`, in elements of `element`."""

    name: str
    base: int
    size: int
    element: int

    @property
    def end(self) -> int:
        return self.base + self.size

    def is_meant(self, start: int) -> bool:
        """Whether an index that is added to this address is meant for the array: it may count from one."""
        return self.base - self.element <= start < self.end


@dataclass(frozen=True, slots=True)
class Area:
    """`size` bytes at `base` of memory 0 that blocks are handed out of; `element`: as of a pool."""

    name: str
    base: int
    size: int
    element: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """`size` bytes at `base` of memory 0.

    `element`: the size of blocks where nobody asks for one, and their distance; `alignment`: theirs where nobody asks.
    `allocate`: by default a realloc with four parameters, else (size, align), (size), or none. `release`: takes a
    block's start first; without parameters it releases the oldest. `reset`: to the address that it is given, else to
    the base. `mark`: gives an address to reset to. `tables`: the
    arrays that tell what is handed out. `exports`: those that are called besides; None: every other one. `also`: other
    places that the same exports hand out blocks of, as size classes are: each block lies in one of `parts`.
    """

    name: str
    base: int
    size: int
    element: int | None = None
    alignment: int | None = None
    allocate: tuple[Role, ...] = ()
    release: tuple[Role, ...] = ()
    reset: tuple[Role, ...] = ()
    mark: tuple[Role, ...] = ()
    access: tuple[Role, ...] = ()
    budget: int | None = None
    tables: tuple[Array, ...] = ()
    exports: tuple[str, ...] | None = None
    also: tuple[Area, ...] = ()

    @property
    def end(self) -> int:
        return self.base + self.size

    @property
    def parts(self) -> tuple[Pool, ...]:
        """The places that its blocks lie in, each as a pool by itself."""
        if not self.also:
            return (self,)  # asked for at every call of a trial
        others = (replace(self, name=one.name, base=one.base, size=one.size, element=one.element) for one in self.also)
        return tuple(replace(one, also=()) for one in (self, *others))

    @property
    def element_everywhere(self) -> int | None:
        """The element of all its parts, if they have the same."""
        found = {one.element for one in self.parts}
        return found.pop() if len(found) == 1 else None

    @property
    def has_elements(self) -> bool:
        return any(one.element is not None for one in self.parts)

    @property
    def begins_at_null(self) -> bool:
        """Whether null may be the address of a block."""
        return any(one.base == 0 for one in self.parts)

    @property
    def overlapping(self) -> tuple[str, str] | None:
        """The names of two parts that have a byte in common."""
        parts = sorted(self.parts, key=lambda one: one.base)
        return next(((one.name, other.name) for one, other in pairwise(parts) if other.base < one.end), None)

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role.export for role in (*self.allocate, *self.release, *self.reset, *self.mark, *self.access))

    @property
    def never_freed(self) -> bool:
        """Whether blocks are only handed out: none is released, and nothing reset."""
        return bool(self.allocate) and not self.release and not self.reset

    @property
    def in_order(self) -> bool:
        """Whether blocks are released oldest first, by an export that is given none."""
        return any(role.parameters == () for role in self.release)

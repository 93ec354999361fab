"""Verdicts about pools: the evidence of a proof, and what a run of the module itself said."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.buffers.supposed import Elements


@dataclass(frozen=True, slots=True, order=True)
class CellFact:
    """Bytes of memory that calls leave for later calls, and the number that they begin with."""

    address: int
    size: int
    first: int


@dataclass(frozen=True, slots=True)
class RoleFact:
    """An export and what it does: `allocate`, `release`, `reset`, `mark`, `access`, or `other`. `parameters` and
    `indices` as they were given: None is what nobody said. `unit`: the bytes of what is counted.
    """

    export: str
    role: str
    parameters: tuple[str, ...] | None = None
    indices: int | None = None
    unit: int = 1


@dataclass(frozen=True, slots=True, order=True)
class TableFact:
    """An array beside the pool, as it was given."""

    name: str
    base: int
    size: int
    element: int


@dataclass(frozen=True, slots=True)
class AreaFact:
    """A place of a pool that blocks are handed out of."""

    name: str
    base: int
    size: int
    element: int | None


@dataclass(frozen=True, slots=True)
class PoolFact:
    """The pool as it was given."""

    name: str
    base: int
    size: int
    element: int | None
    alignment: int | None
    budget: int | None
    tables: tuple[TableFact, ...] = ()
    also: tuple[AreaFact, ...] = ()

    @property
    def extent(self) -> tuple[int, int]:
        """From its first byte to the one behind the last; of several places, with what lies between them."""
        return min(one.base for one in self.areas), max(one.base + one.size for one in self.areas)

    @property
    def areas(self) -> tuple[AreaFact, ...]:
        """All places that its blocks lie in."""
        return (AreaFact(self.name, self.base, self.size, self.element), *self.also)

    def shares(self, cell: CellFact) -> bool:
        """Whether some of the cell is of the pool."""
        return any(cell.address < one.base + one.size and one.base < cell.address + cell.size for one in self.areas)


@dataclass(frozen=True, slots=True)
class PoolInvariant:
    """A condition of the cells and of any live block that holds at first, is kept by every call, and excludes what is
    bad.

    `fixed`: cells that no call changes. `idle`: exports that write nothing. `left_out`: exports that are taken not to
    be called. `hypothesis`: what is known of arguments.
    """

    pool: PoolFact
    host: str
    model: str
    invariant: str
    excluded: tuple[str, ...]
    roles: tuple[RoleFact, ...]
    cells: tuple[CellFact, ...]
    fixed: tuple[CellFact, ...]
    idle: tuple[str, ...]
    left_out: tuple[str, ...]
    hypothesis: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The module itself was called so, with every address checked: `how`."""

    how: str


@dataclass(frozen=True, slots=True)
class StaticsInvariant:
    """A condition of the statics of a crate that holds at first, is kept by every call of its functions, and excludes
    what is bad.

    `statics`: those that some call touches together; `pool`: the one that the proof is about. `functions`: that are
    called, in any order with any arguments. `trusted`: functions of the library that were modelled. `sized`: functions
    of which a parameter says how long their blocks are; `counted`: those of which their owner says it. `owners`: types
    by whose values callers hold what a call gave them. `contents`: statics with an array of which only the length is
    known.
    """

    pool: str
    statics: tuple[str, ...]
    functions: tuple[str, ...]
    cells: tuple[str, ...]
    model: str
    invariant: str
    excluded: tuple[str, ...]
    trusted: tuple[str, ...]
    sized: tuple[str, ...]
    counted: tuple[str, ...]
    owners: tuple[str, ...]
    contents: tuple[str, ...]
    width: int


@dataclass(frozen=True, slots=True)
class BufferInvariant:
    """A condition of a type that owns a block of the allocator, or of a realloc, that holds at first, is kept between
    calls and at the heads of loops, and excludes what is bad.

    `is_type`: else it is a realloc. `functions`: that are called, in any order with any arguments. `readers`: functions
    elsewhere that read the address of the block. `trusted`: functions of the library that were modelled. `elements`:
    what is taken to be known of elements that are passed.
    """

    buffer: str
    elements: Elements
    is_type: bool
    functions: tuple[str, ...]
    readers: tuple[str, ...]
    cells: tuple[str, ...]
    model: str
    invariant: str
    excluded: tuple[str, ...]
    trusted: tuple[str, ...]
    width: int

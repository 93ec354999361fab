"""Linear memory as regions: cells at known addresses exactly, every other byte as anything at all.

A cell is a number of the state; a load that touches no cell gives a new variable, which is sound whatever was stored
there. A store elsewhere is forgotten; one that may touch a cell without being plainly a store to one has a *danger*:
the condition under which it does. Whoever executes ends the path there as unmodelled, so that what is left is exact
about the cells.

A pointer that was read from memory may lead into the pool, to a link that an allocator keeps in a block that is free:
then these links are cells, too, one in each element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from smt_models.system.operators import BitVec
from smt_models.system.terms import FALSE, Apply, Literal, Term, Variable, both, disjunction, negation
from smt_models.wasm.build import if_, make, number, same, width_of

ADDRESS = 32
_WIDE = 34


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """`size` bytes of memory at `address` that calls leave for later calls."""

    address: int
    size: int

    @property
    def end(self) -> int:
        return self.address + self.size

    @property
    def variable(self) -> Variable:
        return Variable(f"cell {self.address:#x}", BitVec(8 * self.size))


@dataclass(frozen=True, slots=True, order=True)
class Table:
    """Bytes that are reached by an index: `size` of each `stride` from `address` on, and before `end`."""

    address: int
    end: int
    size: int
    stride: int

    @property
    def places(self) -> range:
        return range(self.address, self.end - self.size + 1, self.stride)

    def reached(self, start: int, size: int) -> range | None:
        """Where so many bytes at `start` and an index may lie; None if that is no access to this table. Who walks down
        from an index comes to a start that lies lower by as much as he walked; who counts from one, to one that lies an
        element below the first.
        """
        if self.stride != self.size:
            by_field = 2 * self.address - self.end <= start < self.end and size == self.size
            return self.places if by_field and (start - self.address) % self.stride == 0 else None
        if self.address - self.size <= start < self.end and size <= self.size:
            return range(self.address + (start - self.address) % size, self.end - size + 1, size)
        return None


@dataclass(frozen=True, slots=True)
class Layout:
    """`borders`: addresses where something begins or ends, ascending: no table goes beyond one. `constants`: what
    cells hold that nothing ever changes. `pools`: of each its first address and the one behind it.
    """

    pools: tuple[tuple[int, int], ...]
    cells: tuple[Cell, ...]
    tables: tuple[Table, ...]
    borders: tuple[int, ...]
    constants: Mapping[Cell, int] = field(default_factory=dict)

    def holds(self, address: int) -> bool:
        return self.pool_of(address) is not None

    def pool_of(self, address: int) -> tuple[int, int] | None:
        """The one that it lies in."""
        return next((one for one in self.pools if one[0] <= address < one[1]), None)

    def shares(self, cell: Cell) -> bool:
        """Whether some of the cell is of the pool, where clients write it."""
        return any(cell.address < end and first < cell.end for first, end in self.pools)

    @property
    def links(self) -> tuple[Table, ...]:
        """The tables that lie in the pool."""
        return tuple(table for table in self.tables if self.holds(table.address))


@dataclass(slots=True)
class Wanted:
    """What execution asked for that the layout does not have: bytes at known addresses, and tables."""

    cells: set[tuple[int, int]] = field(default_factory=set)
    tables: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Regions:
    """`known`: bytes by address, those of all cells among them."""

    layout: Layout
    pages: Term
    known: Mapping[int, Term]
    wanted: Wanted = field(compare=False)

    def resized(self, pages: Term) -> Regions:
        return replace(self, pages=pages)

    def load(self, base: Term, offset: int, size: int, name: str) -> Term:
        """`name`: of this load at this moment, for the variable that stands for what no cell holds."""
        address = make("bvadd", base, number(offset, ADDRESS))
        anything = Variable(name, BitVec(8 * size))
        if isinstance(address, Literal):
            place = int(address.value)
            value = self._read(place, size)
            if value is None and not self.layout.holds(place):
                self.wanted.cells.add((place, size))
            return anything if value is None else value
        if (displacement := self._displacement(address)) is not None:
            within = (first for first, end in self.layout.pools if displacement < end - first)
            self.wanted.tables |= {(first + displacement, size) for first in within}
        value = anything
        for place in self._elements(address, size):
            held = self._read(place, size)
            if held is not None:
                value = if_(make("=", address, number(place, ADDRESS)), held, value)
        return value

    def save(self, base: Term, offset: int, value: Term) -> tuple[Regions, Term]:
        """The memory after a store, and the danger."""
        address = make("bvadd", base, number(offset, ADDRESS))
        size = width_of(value) // 8
        parts = [make("extract", value, indices=(8 * place + 7, 8 * place)) for place in range(size)]
        if isinstance(address, Literal):
            place = int(address.value)
            written = {place + n: part for n, part in enumerate(parts)}
            if self.layout.holds(place):
                written = {there: part for there, part in written.items() if there in self.known}
            return replace(self, known={**self.known, **written}), FALSE
        known = dict(self.known)
        chosen = [place for place in self._elements(address, size) if all(place + n in known for n in range(size))]
        for place in chosen:
            here = make("=", address, number(place, ADDRESS))
            for n, part in enumerate(parts):
                known[place + n] = if_(here, part, known[place + n])
        plain = [make("=", address, number(place, ADDRESS)) for place in chosen]
        danger = both(self.touches(address, number(size, ADDRESS)), *(negation(one) for one in plain))
        return replace(self, known=known), danger

    def touches(self, address: Term, size: Term) -> Term:
        """Whether some of `size` bytes from `address`, which do not wrap, are known ones."""
        start = make("zero_extend", address, indices=(_WIDE - ADDRESS,))
        end = make("bvadd", start, make("zero_extend", size, indices=(_WIDE - ADDRESS,)))
        return disjunction(
            both(
                make("bvult", start, number(last + 1, _WIDE)),
                make("bvult", number(first, _WIDE), end),
                negation(make("=", size, number(0, ADDRESS))),
            )
            for first, last in runs(self.known)
        )

    def _read(self, place: int, size: int) -> Term | None:
        found = [self.known.get(place + n) for n in range(size)]
        value = found[0]
        for byte in found[1:]:
            value = make("concat", byte, value) if byte is not None and value is not None else None
        return value

    def _elements(self, address: Term, size: int) -> Iterable[int]:
        """Where it may point to: one of some constants, or within a table whose start, and something more, it is."""
        constants = choices(address)
        if constants is not None:
            return sorted(constants)
        if isinstance(address, Apply) and address.operator == "ite":
            one, other = address.arguments[1:]
            return sorted({*self._elements(one, size), *self._elements(other, size)})
        start = base_of(address)
        if start is not None:
            inside = self.layout.pool_of(start)
            for table in self.layout.tables:  # ascending: the one that `start` lies in comes before one that follows
                places = table.reached(start, size)
                if places is not None and self.layout.pool_of(table.address) == inside:
                    return places
            if inside is None:
                self.wanted.tables.add((start, size))
        return [place for link in self.layout.links if link.size == size for place in link.places]

    def _displacement(self, address: Term) -> int | None:
        """What is added to a pointer that a cell holds, where it may lead into an element of the pool. What a call has
        just linked may be chosen instead of what the cell held.
        """
        match address:
            case Apply("ite", (_, one, other)):
                of_both = {self._displacement(one), self._displacement(other)} - {None}
                return of_both.pop() if len(of_both) == 1 else None
            case Variable() as pointer:
                displacement = 0
            case Apply("bvadd", (Variable() as pointer, Literal(int(displacement)))):
                pass
            case _:
                return None
        is_cell = any(cell.variable == pointer for cell in self.layout.cells)
        fits = any(displacement < end - first for first, end in self.layout.pools)
        return displacement if is_cell and fits else None

    def merged(self, condition: Term, otherwise: Regions) -> Regions:
        """Bytes known on one side only are forgotten: no cell is."""
        known = {
            place: if_(condition, value, otherwise.known[place])
            for place, value in self.known.items()
            if place in otherwise.known
        }
        return replace(self, known=known, pages=if_(condition, self.pages, otherwise.pages))

    def value(self, cell: Cell) -> Term:
        """What a cell holds."""
        found = self._read(cell.address, cell.size)
        assert found is not None
        return found

    def same_cells(self, other: Regions) -> bool:
        return self.known.keys() == other.known.keys() and all(
            same(value, other.known[place]) for place, value in self.known.items()
        )


def base_of(address: Term) -> int | None:
    """The constant in a sum, from which an index may be subtracted, too."""
    match address:
        case Apply("bvadd", (_, Literal(value))):
            return int(value)
        case Apply("bvadd", (left, right)):
            found = base_of(left)
            return base_of(right) if found is None else found
        case Apply("bvsub", (Literal(value), _)) | Apply("bvor", (_, Literal(value))):
            return int(value)
        case Apply("bvsub", (left, _)):
            return base_of(left)
        case _:
            return None


MOST_CHOICES = 64


def choices(address: Term) -> frozenset[int] | None:
    """The constants of which it is one, if it is one of a few."""
    match address:
        case Literal(value):
            return frozenset((int(value),))
        case Apply("ite", (_, one, other)):
            first, second = choices(one), choices(other)
            both_ = None if first is None or second is None else first | second
            return both_ if both_ is not None and len(both_) <= MOST_CHOICES else None
        case Apply("bvadd", (inner, Literal(added))):
            found = choices(inner)
            return None if found is None else frozenset((one + int(added)) % (1 << ADDRESS) for one in found)
        case _:
            return None


def runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring addresses as first and last."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if found and place == found[-1][1] + 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def regions(layout: Layout, pages: Term, wanted: Wanted) -> Regions:
    """Memory before a call: its cells are variables, or the constants that they are."""
    known: dict[int, Term] = {}
    for cell in layout.cells:
        value: Term = cell.variable
        if cell in layout.constants:
            value = number(layout.constants[cell], 8 * cell.size)
        for n in range(cell.size):
            known[cell.address + n] = make("extract", value, indices=(8 * n + 7, 8 * n))
    return Regions(layout, pages, known, wanted)


def cells_of(asked: Iterable[tuple[int, int]]) -> tuple[Cell, ...]:
    """The fewest cells such that each range asked for is made of whole ones."""
    ranges = set(asked)
    places = {place for start, size in ranges for place in range(start, start + size)}
    cuts = {start for start, _ in ranges} | {start + size for start, size in ranges}
    found = []
    for first, last in runs(places):
        inner = [first, *sorted(cut for cut in cuts if first < cut <= last), last + 1]
        found += [Cell(start, end - start) for start, end in pairwise(inner)]
    return tuple(found)

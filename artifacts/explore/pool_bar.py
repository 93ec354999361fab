"""A pool as a bar to scale: its live blocks, what is free, what belongs to two, and what lies outside; and in words.

Whoever draws it says how many columns it has: characters of a terminal, or parts of a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from artifacts.sentences import count
from proofs.pool_run import LiveBlock, NamedCell, PoolMoment, PoolRun
from proofs.pool_verdicts import AreaFact

_MARGIN = 4
"""At most one part in so many of the pool is drawn on each side of it; what lies further away is cut off."""

_FAR = 32


@dataclass(frozen=True, slots=True)
class Scale:
    """`left`, `pool`, `right`: columns before the pool, of the pool, and beyond it."""

    base: int
    size: int
    left: int
    pool: int
    right: int

    @property
    def width(self) -> int:
        return self.left + self.pool + self.right

    def place(self, at: int, size: int) -> tuple[int, int]:
        """The first column and the one behind the last: at least one, and at the edge what lies beyond it. Neighbours
        share no column, and what ends beyond the pool is seen there.
        """
        end = at + size
        start = self.left + (at - self.base) * self.pool // self.size
        stop = self.left + (end - self.base) * self.pool // self.size
        if end > self.base + self.size:
            stop = self.left - (self.base - end) * self.pool // self.size
        start = min(max(start, 0), self.width - 1)
        return start, max(start + 1, min(stop, self.width))

    def is_cut(self, at: int, size: int) -> bool:
        """Whether some of it lies beyond what is drawn."""
        before, beyond = self.left * self.size, self.right * self.size
        return (self.base - at) * self.pool > before or (at + size - self.base - self.size) * self.pool > beyond


@dataclass(frozen=True, slots=True)
class Span:
    """A block: in `row` 0, or further down where a block above is in its way."""

    block: LiveBlock
    row: int
    start: int
    stop: int
    is_broken: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Columns that need a word: of two blocks, or where it is broken."""

    start: int
    stop: int
    is_broken: bool


def scale_of(run: PoolRun, columns: int) -> Scale:
    """One scale for the whole run, of a pool of which the size is known."""
    base, end = run.pool.extent
    size = end - base
    places = [(one.at, one.size) for moment in run.moments for one in moment.blocks]
    places += [moment.broken for moment in run.moments if moment.broken is not None]
    before = _margin(size, [base - at for at, _ in places])
    beyond = _margin(size, [at + max(1, length) - end for at, length in places])
    room = columns - (before > 0) - (beyond > 0)
    inner = max(1, room * size // (size + before + beyond))
    left = -(-before * inner // size)
    right = -(-beyond * inner // size)
    return Scale(base, size, left, max(1, columns - left - right), right)


def _margin(size: int, distances: list[int]) -> int:
    """Bytes to be drawn beside the pool: a few where something is too far away to be drawn to scale."""
    near = [one for one in distances if 0 < one <= size // _MARGIN]
    far = any(one > size // _MARGIN for one in distances)
    return max(near, default=size // _FAR + 1 if far else 0)


def spans(moment: PoolMoment, scale: Scale) -> tuple[Span, ...]:
    rows: list[list[LiveBlock]] = []
    found = []
    broken = broken_block(moment)
    for block in moment.blocks:
        row = next((at for at, held in enumerate(rows) if not any(overlap(block, one) for one in held)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(block)
        start, stop = scale.place(block.at, block.size)
        found.append(Span(block, row, start, stop, block is broken, scale.is_cut(block.at, block.size)))
    return tuple(found)


def marks(moment: PoolMoment, scale: Scale) -> tuple[Mark, ...]:
    """First what belongs to two blocks, then what is broken."""
    shared = [Mark(*scale.place(at, end - at), False) for at, end in shared_bytes(moment)]
    return (*shared, *([] if moment.broken is None else [Mark(*scale.place(*moment.broken), True)]))


def overlap(one: LiveBlock, other: LiveBlock) -> bool:
    return one.at < other.at + other.size and other.at < one.at + one.size


def shared_bytes(moment: PoolMoment) -> list[tuple[int, int]]:
    """First and behind the last address of what belongs to more than one block."""
    both = (
        (max(one.at, other.at), min(one.at + one.size, other.at + other.size))
        for one, other in combinations(moment.blocks, 2)
        if overlap(one, other)
    )
    return _joined(both)


def broken_block(moment: PoolMoment) -> LiveBlock | None:
    """The block that a violation is about: the one handed out last, if several lie there."""
    return next((one for one in reversed(moment.blocks) if (one.at, one.size) == moment.broken), None)


def free_bytes(run: PoolRun, moment: PoolMoment) -> int:
    """Of all places of the pool."""
    return sum(_free_in(area, moment) for area in run.pool.areas)


def _free_in(area: AreaFact, moment: PoolMoment) -> int:
    base, end = area.base, area.base + area.size
    used = _joined((max(base, one.at), min(end, one.at + one.size)) for one in moment.blocks)
    return area.size - sum(last - first for first, last in used if first < last)


def _joined(ranges: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return joined


# In words


def pool_words(run: PoolRun) -> str:
    pool = run.pool
    where = "addresses from its start" if run.relative else _range(pool.base, pool.size)
    size = f"{pool.size} bytes" if pool.size else "of a size that is not known"
    more = [("elements of", pool.element), ("aligned to", pool.alignment), ("budget", pool.budget)]
    given = "".join(f", {what} {number}" for what, number in more if number is not None)
    also = "".join(f"; {_area_words(one)}" for one in pool.also)
    return f"{pool.name}: {where}, {size}{given}{also}"


def _area_words(area: AreaFact) -> str:
    elements = f", elements of {area.element}" if area.element is not None else ""
    return f"{area.name}: {_range(area.base, area.size)}, {area.size} bytes{elements}"


def moment_words(run: PoolRun, moment: PoolMoment) -> str:
    live = sum(one.size for one in moment.blocks)
    blocks = count(len(moment.blocks), "block")
    shared = sum(end - at for at, end in shared_bytes(moment))
    twice = f"; {count(shared, 'byte')} shared" if shared else ""
    whole = sum(one.size for one in run.pool.areas)
    free = f"; {free_bytes(run, moment)} of {whole} bytes free" if run.pool.size else ""
    return f"{blocks} live, {count(live, 'byte')}{free}{twice}"


def block_words(run: PoolRun, moment: PoolMoment, block: LiveBlock) -> str:
    """Begins with ✗ if it is what is broken."""
    parts = [f"{block.name}: {_range(block.at, block.size)}, {count(block.size, 'byte')}, by call {block.call}"]
    others = [one.name for one in moment.blocks if one is not block and overlap(one, block)]
    if others:
        parts.append(f"overlaps {', '.join(others)}")
    end = block.at + block.size
    met = [one for one in run.pool.areas if block.at < one.base + one.size and one.base < end]
    area = met[0] if met else run.pool.areas[0]
    before, beyond = area.base - block.at, end - area.base - area.size
    if before >= block.size or beyond >= block.size:
        parts.append("outside the pool")
    else:
        parts += [f"{count(before, 'byte')} before the pool"] if before > 0 else []
        parts += [f"{count(beyond, 'byte')} beyond the pool"] if beyond > 0 else []
    return f"{'✗ ' if block is broken_block(moment) else ''}{'; '.join(parts)}"


def told(run: PoolRun, moment: PoolMoment) -> list[str]:
    """What there is to say of each block, of what is broken first, even where no block lies."""
    lines = [block_words(run, moment, block) for block in moment.blocks]
    if moment.broken is not None and broken_block(moment) is None:
        at, size = moment.broken
        lines.append(f"✗ here: {_range(at, size)}, {count(size, 'byte')}" if size else f"✗ here: {at:#x}")
    return sorted(lines, key=lambda line: not line.startswith("✗"))


def _range(at: int, size: int) -> str:
    return f"{at:#x} to {at + size:#x}"


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell before and after a call. `before`: empty before the first call."""

    name: str
    address: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before not in ("", self.after)


def cell_rows(run: PoolRun, at: int) -> tuple[CellRow, ...]:
    """After so many calls; those that the last changed come first."""
    now, before = run.moments[at].values, run.moments[at - 1].values if at else None
    rows = [
        CellRow(cell.name, _address(cell), "" if before is None else _value(before[number]), _value(now[number]))
        for number, cell in enumerate(run.cells)
    ]
    return (*(one for one in rows if one.is_changed), *(one for one in rows if not one.is_changed))


def _address(cell: NamedCell) -> str:
    return "" if cell.address is None else f"{cell.address:#x}"


def _value(number: int) -> str:
    return f"{number}" if number < 10 else f"{number} ({number:#x})"


# As characters


def bars(run: PoolRun, columns: int) -> tuple[tuple[str, ...], ...]:
    """For each moment its lines: letters are blocks, `·` is free, `!` is shared, `✗` is broken, `◀▶` reaches further.
    None of a pool of which the size is not known.
    """
    if not run.pool.size:
        return ((),) * len(run.moments)
    scale = scale_of(run, columns - 2)
    return tuple(tuple(_bar(run, moment, scale)) for moment in run.moments)


def _bar(run: PoolRun, moment: PoolMoment, scale: Scale) -> Iterator[str]:
    shown = spans(moment, scale)
    rows = [[" "] * scale.width for _ in range(1 + max((one.row for one in shown), default=0))]
    rows[0][scale.left : scale.left + scale.pool] = "·" * scale.pool
    for one in shown:
        row = rows[one.row]
        for column in range(one.start, one.stop):
            row[column] = one.block.name[:1] if row[column] in " ·" else "+"
        if one.is_cut:
            row[0 if one.block.at < scale.base else -1] = "◀" if one.block.at < scale.base else "▶"
    yield _ends(run, scale)
    for row in rows:
        yield _with_edges(row, scale, "│")
    for is_broken, sign in ((False, "!"), (True, "✗")):
        below = [" "] * scale.width
        for mark in marks(moment, scale):
            if mark.is_broken is is_broken:
                below[mark.start : mark.stop] = sign * (mark.stop - mark.start)
        if sign in below:
            yield _with_edges(below, scale, " ")


def _with_edges(row: list[str], scale: Scale, edge: str) -> str:
    left, inner = "".join(row[: scale.left]), "".join(row[scale.left : scale.left + scale.pool])
    return f"{left}{edge}{inner}{edge}{''.join(row[scale.left + scale.pool :])}".rstrip()


def _ends(run: PoolRun, scale: Scale) -> str:
    """The addresses above the edges."""
    first, last = (f"{place:#x}" for place in run.pool.extent)
    gap = max(1, scale.pool + 2 - len(first) - len(last))
    return f"{' ' * scale.left}{first}{' ' * gap}{last}"

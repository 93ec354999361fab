"""Candidates for invariants about shapes: slots marked as taken, lists of free ones, queues, sizes in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from smt_models.pools import conditions as c
from smt_models.pools.lent import not_before
from smt_models.pools.model import PoolModel
from smt_models.pools.steps import PoolStep
from smt_models.system.terms import FALSE, Literal, Term, Variable, both, conjunction, either, equal, implies, negation
from smt_models.wasm.build import make, number, width_of

_MOST_CONSTANTS = 24
_MOST_COPIES = 4


def slots(model: PoolModel, cells: list[Variable]) -> Iterator[Term]:
    """The slot at which a live block begins is marked as taken: by a bit of one cell, or by a cell of its own."""
    for size in slot_sizes(model):
        count = model.pool.size // size
        where = _places(model, size)
        yield from _slots_of(where, size)
        yield from (term for cell in cells for term in _marked_by_bits(where, cell))
        for first in range(len(cells) - count + 1):
            row = cells[first : first + count]
            if len({width_of(cell) for cell in row}) == 1:
                yield from (_not_marked(where, row, value) for value in (0, 1))


def elements_taken(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """The element at which a live block begins is marked as taken, in a table that has a cell for each; without such a
    table, by a bit of a number. `numbers`: those that stand in no table.
    """
    assert model.pool.element is not None
    where = _places(model, model.pool.element)
    yield from _slots_of(where, model.pool.element)
    rows = [row for row in rows_of(model) if len(row) == len(where)]
    yield from (_not_marked(where, row, value) for row in rows for value in (0, 1))
    if not rows:
        yield from (term for one in numbers for term in _marked_by_bits(where, one))


def _slots_of(where: list[Term], size: int) -> Iterator[Term]:
    yield implies(c.LIVE, either(*where))
    yield implies(c.LIVE, make("bvule", c.SIZE, number(size, 32)))


def _marked_by_bits(where: list[Term], cell: Variable) -> Iterator[Term]:
    """The bit of the slot in which the live block lies is set, or is not."""
    if width_of(cell) < len(where):
        return
    bits = [make("extract", cell, indices=(slot, slot)) for slot in range(len(where))]
    for value in (0, 1):
        ways = zip(where, bits, strict=True)
        yield both(*(implies(both(c.LIVE, place), equal(bit, number(value, 1))) for place, bit in ways))


def _not_marked(where: list[Term], row: list[Variable], value: int) -> Term:
    """The cell of the slot in which the live block lies is something else than this."""
    return both(
        *(
            implies(both(c.LIVE, place), negation(equal(cell, number(value, width_of(cell)))))
            for place, cell in zip(where, row, strict=True)
        )
    )


def slot_sizes(model: PoolModel) -> list[int]:
    """Sizes into which the pool falls evenly, from the code."""
    pool = model.pool
    given = [pool.element] if pool.element else []
    found = dict.fromkeys([*given, *constants_of(model), *(1 << power for power in range(2, 12))])
    return [size for size in found if size and size > 1 and pool.size % size == 0 and 1 < pool.size // size <= 64][:8]


def slot_count(model: PoolModel) -> int:
    """How many blocks the pool has room for, as far as its element or its cells tell; a few if they do not."""
    if model.pool.element:
        return model.pool.size // model.pool.element
    return 8


def lists(model: PoolModel, cells: list[Variable]) -> Iterator[Term]:
    """Free slots are linked by their numbers in a table. A second table says which are taken, or none: all that are
    lent; perhaps they are linked late, of which a number tells.

    A live block's slot is taken; the head is free; what a free slot links to is free; no two free slots link to the
    same, nor any to the head.
    """
    lent = model.lent
    for size in slot_sizes(model):
        count = model.pool.size // size
        rows = [row for row in rows_of(model) if len(row) == count]
        if len(rows) > 1:
            where = _places(model, size)
            yield implies(c.LIVE, either(*where))
            yield from (_not_marked(where, row, 0) for row in rows)
        heads = [cell for cell in cells if not any(cell in row for row in rows)]
        starts = [model.pool.base + size * slot for slot in range(count)]
        for links in rows:
            for marks in rows:
                if links is not marks:
                    yield from _list(links, [equal(mark, number(0, width_of(mark))) for mark in marks], heads)
            if lent.keys() == set(starts):
                taken = [lent[start] for start in starts]
                yield from not_before(heads, taken)
                yield implies(c.LIVE, either(*(both(equal(c.AT, number(at, 32)), lent[at]) for at in starts)))
                linked = tuple(_list(links, [negation(one) for one in taken], heads))
                yield from linked
                yield from (either(equal(one, number(0, width_of(one))), claim) for one in heads for claim in linked)


def rows_of(model: PoolModel) -> list[list[Variable]]:
    """The cells of each table."""
    known = {cell.address: cell.variable for cell, _ in model.calls.cells}
    return [
        [known[place] for place in table.places]
        for table in model.calls.layout.tables
        if table.places and all(place in known for place in table.places)
    ]


def _list(links: list[Variable], free: list[Term], heads: list[Variable]) -> Iterator[Term]:
    slots = range(len(links))

    def names(cell: Variable, slot: int) -> Term:
        return equal(cell, number(slot, width_of(cell)))

    def leads(cell: Variable) -> Term:
        return make("bvult", cell, number(len(links), width_of(cell)))

    yield from (conjunction(implies(both(free[i], names(links[i], j)), free[j]) for j in slots) for i in slots)
    for i in slots:
        yield conjunction(
            negation(both(free[i], free[j], equal(links[i], links[j]), leads(links[i]))) for j in slots if j < i
        )
    for head in heads:
        yield conjunction(implies(names(head, slot), free[slot]) for slot in slots)
        width = max(width_of(head), *map(width_of, links))
        same = [equal(widened(link, width), widened(head, width)) for link in links]
        yield conjunction(negation(both(free[i], same[i], leads(head))) for i in slots)


def queues(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """Blocks are released in order: a counter of those taken and one of those released, or a count of those between."""
    words = [one for one in numbers if width_of(one) == 32]
    yield implies(c.LIVE, make("bvult", c.AHEAD, c.COUNT))
    for size in slot_sizes(model):
        count = model.pool.size // size
        yield make("bvule", c.COUNT, number(count, 32))
        for first in words:
            slot = make("bvurem", make("bvadd", first, c.AHEAD), number(count, 32))
            place = make("bvadd", make("bvmul", slot, number(size, 32)), number(model.pool.base, 32))
            yield implies(c.LIVE, equal(c.AT, place))
    for one in words:
        yield equal(c.COUNT, one)
        yield from (equal(c.COUNT, make("bvsub", one, other)) for other in words if one is not other)


def by_slot(model: PoolModel) -> Callable[[PoolStep], tuple[Term, ...]]:
    """The cases of a step: in which slot the block lies that it takes, or gives, if a table has a cell for each."""
    lengths = {len(row) for row in rows_of(model)}
    sizes = [size for size in slot_sizes(model) if model.pool.size // size in lengths][:1]

    def cases(step: PoolStep) -> tuple[Term, ...]:
        block = step.takes or step.gives
        return tuple(at for size in sizes for at in _places(model, size, block.at)) if block else ()

    return cases


def by_copies(model: PoolModel) -> Callable[[PoolStep], tuple[Term, ...]]:
    """The cases of a step that copies in parts: which loops it comes to, and each of them copies what is known of it;
    or it comes to one that does not.
    """
    known = {
        call.name: [(one.reached, conjunction(one.condition)) for one in call.execution.copies]
        for call in model.calls.calls
        if 1 < len(call.execution.copies) <= _MOST_COPIES
    }

    def cases(step: PoolStep) -> tuple[Term, ...]:
        copies = known.get(step.call, [])
        if not copies or step.step.update(c.flag(c.COPY_OWNED).name) is None:
            return ()
        chosen = product(*((made, negation(reached)) for reached, made in copies))
        strange = (both(reached, negation(made)) for reached, made in copies)
        return (*map(conjunction, chosen), *(one for one in strange if one != FALSE))

    return cases


def _places(model: PoolModel, size: int, at: Term = c.AT) -> list[Term]:
    """That the block lies in the first slot, the second, .."""
    return [equal(at, number(model.pool.base + size * slot, 32)) for slot in range(model.pool.size // size)]


def sums(model: PoolModel, numbers: list[Variable]) -> Iterator[Term]:
    """A table holds the size of each slot's block, 0 where there is none; they add up to what a cell knows."""
    for row in rows_of(model):
        for size in slot_sizes(model):
            if model.pool.size // size == len(row):
                where = _places(model, size)
                yield implies(c.LIVE, either(*where))
                yield conjunction(
                    implies(both(c.LIVE, place), equal(widened(cell, 32), c.SIZE))
                    for place, cell in zip(where, row, strict=True)
                )
        total = added_up(row)
        yield from (equal(one, widened(total, 32)) for one in numbers if width_of(one) == 32 > width_of(total))


def added_up(terms: Sequence[Term]) -> Term:
    """Of terms of one width, half by half, and no wider than it takes: long chains of adders cost solvers dear."""
    if len(terms) == 1:
        return terms[0]
    half = (len(terms) + 1) // 2
    parts = added_up(terms[:half]), added_up(terms[half:])
    width = max(map(width_of, parts)) + 1
    return make("bvadd", *(widened(part, width) for part in parts))


def widened(term: Term, width: int) -> Term:
    return make("zero_extend", term, indices=(width - width_of(term),)) if width > width_of(term) else term


def constants_of(model: PoolModel) -> list[int]:
    """Numbers that guards and updates compare with or add, those of the pool first."""
    pool = model.pool
    found = dict.fromkeys([pool.base, pool.end, pool.size])
    for step in model.steps:
        for term in (step.step.guard, *(update for _, update in step.step.updates)):
            for value in _literals(term):
                if 0 < value < 1 << 31:
                    found.setdefault(value)
    return list(found)[:_MOST_CONSTANTS]


def _literals(term: Term) -> Iterator[int]:
    seen: set[Term] = set()
    waiting = [term]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if isinstance(part, Literal):
            if isinstance(part.value, int) and not isinstance(part.value, bool):
                yield part.value
        elif not isinstance(part, Variable):
            waiting.extend(part.arguments)

"""Candidates for the invariant of a pool, guessed from its cells and from the constants of the code and the data.

None of them is believed: what is not inductive is dropped. They are what allocators keep: a cursor below an end and
above every live block, as offset, address or remainder; bits or bytes that say which slot is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from smt_models.pools import conditions as c
from smt_models.pools.byte_rings import byte_rings
from smt_models.pools.links import links
from smt_models.pools.model import PoolModel
from smt_models.pools.parts import parts, tiers_of_parts
from smt_models.pools.records import by_count, counts, records
from smt_models.pools.shapes import (
    by_copies,
    by_slot,
    constants_of,
    elements_taken,
    lists,
    queues,
    rows_of,
    slot_count,
    slot_sizes,
    slots,
    sums,
)
from smt_models.pools.stacks import stacks
from smt_models.pools.steps import PoolStep
from smt_models.system.terms import Term, Variable, equal, implies, negation
from smt_models.wasm.build import make, number, width_of

MOST = 1500
MOST_ENTRIES = 64


def tiers(model: PoolModel) -> Iterator[tuple[Term, ...]]:
    """Few first, then more; the goals are the first of each, in the model's order, and at last what has no model."""
    goals = [c.none_broken((kind,)) for kind in (*model.kinds, c.UNMODELLED)]
    if model.pool.also:
        whole = (*goals, implies(c.LIVE, c.inside(model.pool, c.AT, c.SIZE)))
        for of in (_few_of_part, tiers):
            yield from (tier[:MOST] for tier in tiers_of_parts(model, whole, of))
        return
    cells, globals_ = _numbers(model)
    loose = _loose(model, [*cells, *globals_])
    if model.pool.never_freed and model.pool.element is None:
        yield tuple(dict.fromkeys([*goals, *_bumped(model, loose)]))
    found = dict.fromkeys([*goals, *_first(model)])
    yield tuple(found)
    yield from _by_themselves(model, goals, loose)
    for more in (_shapes(model), _rest(model)):
        before = len(found)
        found |= dict.fromkeys(more)
        if len(found) > before:
            yield tuple(found)[:MOST]


def cases(model: PoolModel) -> Callable[[PoolStep], tuple[Term, ...]]:
    """Of a step, to ask what is hard in each by itself. Where there are records: whether the block was live before
    another is handed out, else how many records there are; where there are none: in which slot its block is, or else
    which copies it makes.
    """
    cells, globals_ = _numbers(model)
    counted = by_count(model, _loose(model, [*cells, *globals_]))
    in_slots, copies = [by_slot(part) for part in parts(model)], by_copies(model)
    before = (c.LIVE, negation(c.LIVE))
    if counted:
        return lambda step: before if step.gives and not step.takes else counted
    return lambda step: tuple(case for in_slot in in_slots for case in in_slot(step)) or copies(step)


def _by_themselves(model: PoolModel, goals: list[Term], loose: list[Variable]) -> Iterator[tuple[Term, ...]]:
    """What says all there is to say of one kind of pool: beside others its questions take many times as long."""
    cells, globals_ = _numbers(model)
    if model.pool.in_order and (rings := dict.fromkeys(byte_rings(model, loose))):
        yield (*goals, implies(c.LIVE, c.inside(model.pool, c.AT, c.SIZE)), *rings)
    for of_slots in chain(links(model, loose), stacks(model, loose)):
        if of_slots:
            yield tuple(dict.fromkeys([*goals, *_blocks(model), *_counts(model, loose), *of_slots]))[:MOST]
    if of_records := dict.fromkeys(records(model, loose)):
        words = [one for one in loose if width_of(one) == 32]
        of_one = [*goals, *counts(model, loose), *_blocks(model), *_behind(model, words)]
        yield tuple(dict.fromkeys(of_one))
        yield tuple(dict.fromkeys([*of_one, *of_records]))
    if of_lists := dict.fromkeys(lists(model, cells)):
        yield tuple(dict.fromkeys([*goals, *_in_slots(model), *of_lists, *_counts(model, [*cells, *globals_])]))
    if c.BUDGET in model.kinds and (of_sizes := dict.fromkeys(sums(model, loose))):
        accounts = [term for one in loose if width_of(one) == 32 for term in _account(model, one)]
        yield tuple(dict.fromkeys([*goals, *_in_slots(model), *of_sizes, *accounts]))


def _few_of_part(model: PoolModel) -> Iterator[tuple[Term, ...]]:
    """Of one part of several: beside those of the others, many would be too many. Slots that are marked as taken or
    counted, or a cursor; and how an element of it is taken.
    """
    cells, globals_ = _numbers(model)
    loose = _loose(model, [*cells, *globals_])
    words = [one for one in loose if width_of(one) == 32]
    if model.pool.element is None:
        yield tuple(_bumped(model, loose))
        not_zero = (implies(c.LIVE, negation(equal(one, number(0, 32)))) for one in words)
        yield (*_bumped(model, loose), *_blocks(model), *not_zero)
        return
    counted = (term for one in words for term in _slots_below(model, one, model.pool.element))
    yield (*_in_slots(model), *_blocks(model), *counted)
    yield (*_in_slots(model), *_blocks(model), *elements_taken(model, loose))
    for of_links in links(model, loose):
        yield (*_blocks(model), *of_links)
    yield (*_in_slots(model), *lists(model, cells), *_counts(model, loose))


def _slots_below(model: PoolModel, one: Variable, element: int) -> Iterator[Term]:
    """Slots are taken in turn, and counted."""
    count = model.pool.size // element
    yield make("bvule", one, number(count, 32))
    passed = make("bvmul", c.widened(one, c.WIDE), number(element, c.WIDE))
    yield implies(c.LIVE, make("bvule", c.end_of(c.AT, c.SIZE), make("bvadd", passed, number(model.pool.base, c.WIDE))))


def _numbers(model: PoolModel) -> tuple[list[Variable], list[Variable]]:
    cells = [cell.variable for cell, _ in model.calls.cells]
    return cells, [one for one in model.system.variables if one.name.startswith("global")]


def _bumped(model: PoolModel, loose: list[Variable]) -> Iterator[Term]:
    """All that most arenas keep which take nothing back: a cursor, an offset or an address, above every block."""
    pool = model.pool
    yield implies(c.LIVE, c.inside(pool, c.AT, c.SIZE))
    yield implies(c.LIVE, negation(equal(c.SIZE, number(0, 32))))
    for one in loose:
        if width_of(one) == 32:
            yield make("bvule", one, number(pool.size, 32))
            yield make("bvule", one, number(pool.end, 32))
            yield make("bvule", number(pool.base, 32), one)
            yield _below(one, pool.base)
            yield _below(one, 0)


def _first(model: PoolModel) -> Iterator[Term]:
    pool = model.pool
    cells, globals_ = _numbers(model)
    yield from _blocks(model)
    small = [value for value in constants_of(model) if value <= MOST_ENTRIES]
    for one in _loose(model, [*cells, *globals_]):
        yield from _bounds(one, [pool.size, pool.base, pool.end])
        yield from _at_most(one, small)
        if width_of(one) == 32:
            yield from _cursor(model, one, [])
            if c.BUDGET in model.kinds:
                yield from _budget(model, one)
    if c.BUDGET in model.kinds:
        yield make("bvule", c.TOTAL, number(pool.budget or 0, 64))
        yield implies(c.LIVE, make("bvule", c.widened(c.SIZE, 64), c.TOTAL))


def _shapes(model: PoolModel) -> Iterator[Term]:
    """Slots, the lists and rows that say which are free, and numbers that count them."""
    cells, globals_ = _numbers(model)
    yield from slots(model, cells)
    yield from lists(model, cells)
    if model.pool.in_order:
        yield from queues(model, [*cells, *globals_])
    counts = {model.pool.size // size for size in slot_sizes(model)[:3]} | {len(row) for row in rows_of(model)}
    for count in sorted(counts):
        for one in (*cells, *globals_):
            yield from _at_most(one, (count - 1, count))
    loose = _loose(model, [*cells, *globals_])
    yield from _pairs([one for one in loose if width_of(one) == 32])


def _loose(model: PoolModel, numbers: list[Variable]) -> list[Variable]:
    """Those that stand in no table."""
    rows = rows_of(model)
    return [one for one in numbers if not any(one in row for row in rows)]


def _at_most(one: Variable, values: Iterable[int]) -> Iterator[Term]:
    for value in values:
        if 0 <= value < 1 << width_of(one):
            yield make("bvule", one, number(value, width_of(one)))


def _rest(model: PoolModel) -> Iterator[Term]:
    cells, globals_ = _numbers(model)
    numbers = [*cells, *globals_]
    constants = constants_of(model)
    for one in numbers:
        yield from _bounds(one, [*constants, 0, 1, 2, 3, 7, 15, 31, 63])
        if width_of(one) == 32:
            yield from _cursor(model, one, constants)
    yield from _pairs(numbers)


def _blocks(model: PoolModel) -> Iterator[Term]:
    """What is true of every live block."""
    pool = model.pool
    yield implies(c.LIVE, c.inside(pool, c.AT, c.SIZE))
    yield implies(c.LIVE, negation(equal(c.SIZE, number(0, 32))))
    for power in range(1, 5):
        yield implies(c.LIVE, _multiple(c.AT, 1 << power))
    if pool.element is not None:
        yield implies(c.LIVE, equal(c.SIZE, number(pool.element, 32)))
        yield implies(c.LIVE, make("bvule", c.SIZE, number(pool.element, 32)))


def _multiple(term: Term, of: int) -> Term:
    width = width_of(term)
    return equal(make("bvand", term, number(of - 1, width)), number(0, width))


def _bounds(one: Variable, constants: list[int]) -> Iterator[Term]:
    width = width_of(one)
    for value in constants:
        if value < 1 << width:
            yield make("bvule", one, number(value, width))
            yield make("bvule", number(value, width), one)
            yield negation(equal(one, number(value, width)))
    yield negation(equal(one, number(0, width)))
    for power in range(1, 5):
        if 1 << power < 1 << width:
            yield _multiple(one, 1 << power)


def _below(one: Variable, base: int) -> Term:
    """Blocks lie below a cursor, an offset from `base`."""
    return implies(c.LIVE, make("bvule", c.end_of(c.AT, c.SIZE), _passed(one, base)))


def _passed(one: Variable, base: int) -> Term:
    return make("bvadd", c.widened(one, c.WIDE), number(base, c.WIDE))


def _cursor(model: PoolModel, one: Variable, constants: list[int]) -> Iterator[Term]:
    """Blocks lie below a cursor, or above one that falls; as address, offset, or what is left."""
    pool = model.pool
    end, start = c.end_of(c.AT, c.SIZE), c.widened(c.AT, c.WIDE)
    wide = c.widened(one, c.WIDE)
    for base in (0, pool.base):
        yield _below(one, base)
        yield implies(c.LIVE, make("bvule", _passed(one, base), start))
    top = number(pool.end, c.WIDE)
    yield implies(c.LIVE, make("bvule", make("bvadd", end, wide), top))
    yield implies(c.LIVE, negation(equal(one, number(0, 32))))
    for size in constants:
        if 1 < size <= 4096 and pool.size % size == 0:
            places = make("bvmul", wide, number(size, c.WIDE))
            yield implies(c.LIVE, make("bvule", end, make("bvadd", number(pool.base, c.WIDE), places)))
    if width_of(one) == 32:
        yield implies(c.LIVE, make("bvule", c.SIZE, one))


def _pairs(numbers: list[Variable]) -> Iterator[Term]:
    if len(numbers) > 12:
        return
    for one in numbers:
        for other in numbers:
            if one is not other and width_of(one) == width_of(other):
                yield make("bvule", one, other)
                if one.name < other.name:
                    yield negation(equal(one, other))


def _counts(model: PoolModel, loose: list[Variable]) -> Iterator[Term]:
    for one in loose:
        yield from _at_most(one, (slot_count(model),))


def _behind(model: PoolModel, words: list[Variable]) -> Iterator[Term]:
    """Blocks lie below a cursor, an offset that is at most the size of the pool."""
    for one in words:
        yield make("bvule", one, number(model.pool.size, 32))
        yield _below(one, model.pool.base)


def _in_slots(model: PoolModel) -> Iterator[Term]:
    yield implies(c.LIVE, c.inside(model.pool, c.AT, c.SIZE))
    yield implies(c.LIVE, negation(equal(c.SIZE, number(0, 32))))
    yield from (implies(c.LIVE, make("bvule", c.SIZE, number(size, 32))) for size in slot_sizes(model)[:1])


def _account(model: PoolModel, one: Variable) -> Iterator[Term]:
    """A cell that counts the bytes of all live blocks, and never more than the budget."""
    yield equal(c.TOTAL, c.widened(one, 64))
    yield make("bvule", one, number(model.pool.budget or 0, 32))


def _budget(model: PoolModel, one: Variable) -> Iterator[Term]:
    """The bytes of all live blocks are counted in a cell, up or down; or a cursor has passed them."""
    wide = c.widened(one, 64)
    yield equal(c.TOTAL, wide)
    yield make("bvule", c.TOTAL, wide)
    yield make("bvule", make("bvadd", c.TOTAL, number(model.pool.base, 64)), wide)
    for value in (model.pool.budget or 0, model.pool.size, model.pool.end):
        yield equal(make("bvadd", c.TOTAL, wide), number(value, 64))
        yield make("bvule", make("bvadd", c.TOTAL, wide), number(value, 64))

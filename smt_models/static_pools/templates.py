"""Candidates for the invariant of statics, from the constants of the code. None is believed: what is not inductive is
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, permutations

from smt_models.pools import conditions as c
from smt_models.static_pools.local_templates import local_bounds, local_pairs
from smt_models.static_pools.model import StaticPools
from smt_models.static_pools.owner_templates import owner_candidates
from smt_models.static_pools.places import widened
from smt_models.static_pools.slot_templates import slot_candidates
from smt_models.static_pools.values import WIDTH
from smt_models.system.operators import BitVec, Sort
from smt_models.system.terms import BOOLEAN, Apply, Literal, Term, Variable, either, equal, literal, negation
from smt_models.wasm.build import make, number, width_of

MOST = 1500
MOST_CONSTANTS = 48
MOST_OF_ENUMS = 12
"""Constants tried of what an enum holds, the greatest."""
MOST_OF_MARKED = 4
MOST_OF_RECORD = 4
"""So many numbers of one type in a record are compared with each other."""
_INDEX = re.compile(r"\[(\d+)\]")
FEW = 400
"""So many candidates about what enums hold are tried at once."""


def tiers(model: StaticPools) -> Iterator[tuple[Term, ...]]:
    """Few first, then more; the goals are the first of each, in the model's order, and at last what has no model."""
    goals = [c.none_broken((name,)) for name in (*model.kinds, c.UNMODELLED)]
    loose = [one for one in model.of_statics if "[" not in one.name]
    rows = [one for one in model.of_statics if "[" in one.name]
    literals = list(_literals(model))
    constants = _constants(literals)
    told = (*owner_candidates(model), *slot_candidates(model), *_never_written(model))
    held = list(_held(model, constants))
    early, late = (held, []) if len(held) <= FEW else ([], held)
    marked = sorted({*constants[-MOST_OF_MARKED:], *_last_of(rows)})
    marks = list(_marked(_greatest(literals), (*loose, *rows), marked))
    found = dict.fromkeys([*goals, *told, *_blocks(model, loose), *marks, *_bounds(loose, constants), *early])
    found |= dict.fromkeys(local_bounds(model, constants))
    yield tuple(found)[:MOST]
    for more in (
        chain(local_pairs(model, loose), _pairs(loose, constants)),
        chain(late, _within_records(rows), _at_most(rows, constants), _bounds(rows, constants)),
    ):
        before = len(found)
        found |= dict.fromkeys(more)
        if len(found) > before:
            yield tuple(found)[:MOST]


def _constants(literals: Iterable[Literal]) -> list[int]:
    """The numbers of the code, with their neighbours, smallest first."""
    found: set[int] = set()
    for one in literals:
        match one:
            case Literal(int() as value, BitVec(width)) if value < 1 << (width - 1):
                found |= {value, value - 1} if value else {value}
            case _:
                pass
    return sorted(found)[:MOST_CONSTANTS]


def _literals(model: StaticPools) -> Iterator[Literal]:
    """Of the code, each once."""
    seen: set[Term] = set()
    waiting: list[Term] = []
    for one in model.calls:
        waiting += [one.step.step.guard, *(term for _, term in one.step.step.updates)]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        match term:
            case Apply(_, arguments):
                waiting.extend(arguments)
            case Literal():
                yield term
            case _:
                pass


def _never_written(model: StaticPools) -> Iterator[Term]:
    """What no call changes is as it was at first: a table in a static that could be written."""
    written = {name for one in model.steps for name, _ in one.step.updates}
    for one, value in model.cells:
        if value is not None and one.name not in written:
            yield equal(one, literal(value, one.sort))


def _blocks(model: StaticPools, cells: list[Variable]) -> Iterator[Term]:
    """Every live block lies in its pool, at a multiple, and below a cursor or above one."""
    for pool in model.pools:
        ghost = model.ghost(pool)
        end = make("bvadd", widened(ghost.at), widened(ghost.size))
        own = [equal(make("bvand", ghost.at, number((1 << n) - 1, WIDTH)), number(0, WIDTH)) for n in range(1, 5)]
        own.append(equal(ghost.size, number(0, WIDTH)))
        for cell in cells:
            if cell.sort == ghost.at.sort:
                own += [make("bvule", end, widened(cell)), make("bvule", widened(cell), widened(ghost.at))]
            if cell.sort == BOOLEAN:
                own += [cell, negation(cell)]
            else:
                zero = equal(cell, number(0, width_of(cell)))
                own += [zero, negation(zero)]
        for live, giving in model.blocks_in(pool):
            lengths = {one.given.length for one in giving if one.given is not None}
            fitting = [make("bvule", end, widened(length)) for length in sorted(lengths, key=str)]
            yield from (either(negation(live), one) for one in (*fitting, *own) if lengths)
        if ghost.left is not None:
            yield negation(ghost.left)


def _bounds(cells: Iterable[Variable], constants: list[int]) -> Iterator[Term]:
    for one in cells:
        if one.sort == BOOLEAN:
            yield one
            yield negation(one)
            continue
        width = width_of(one)
        fitting = [value for value in constants if value < 1 << width]
        for value in fitting:
            yield make("bvule", one, number(value, width))
        for power in range(1, 5):
            yield equal(make("bvand", one, number((1 << power) - 1, width)), number(0, width))
        for value in fitting:
            yield make("bvule", number(value, width), one)
            yield negation(equal(one, number(value, width)))


def _marked(marks: frozenset[int], cells: Iterable[Variable], constants: list[int]) -> Iterator[Term]:
    """A number that is small, or a mark that stands for none: the greatest of its type, as a list's end has it.
    `marks`: widths of which there is one.
    """
    for one in cells:
        if one.sort != BOOLEAN and width_of(one) in marks:
            width = width_of(one)
            none = equal(one, number((1 << width) - 1, width))
            for value in [value for value in constants if value < 1 << width]:
                yield either(none, make("bvule", one, number(value, width)))


def _at_most(rows: Iterable[Variable], constants: list[int]) -> Iterator[Term]:
    """Of each row, before anything else is tried of the first ones: there may be more candidates than are tried."""
    for one in rows:
        if one.sort != BOOLEAN:
            fitting = [value for value in constants if value < 1 << width_of(one)]
            yield from (make("bvule", one, number(value, width_of(one))) for value in fitting)


def _within_records(rows: Iterable[Variable]) -> Iterator[Term]:
    """One number of a record in an array is no greater than another: where something begins, and where it ends."""
    records: dict[tuple[str, Sort], list[Variable]] = {}
    for one in rows:
        if one.sort != BOOLEAN:
            records.setdefault((one.name[: one.name.rindex("]")], one.sort), []).append(one)
    for cells in records.values():
        if len(cells) <= MOST_OF_RECORD:
            yield from (make("bvule", *pair) for pair in permutations(cells, 2))


def _last_of(rows: Iterable[Variable]) -> frozenset[int]:
    """The numbers of the last elements of arrays: what names an element is no greater."""
    found: dict[str, int] = {}
    for one in rows:
        for at in _INDEX.finditer(one.name):
            before = one.name[: at.start()]
            found[before] = max(found.get(before, 0), int(at[1]))
    return frozenset(found.values())


def _greatest(literals: Iterable[Literal]) -> frozenset[int]:
    """Widths of which the code names the greatest number."""
    return frozenset(
        one.sort.width for one in literals if isinstance(one.sort, BitVec) and one.value == (1 << one.sort.width) - 1
    )


def _held(model: StaticPools, constants: list[int]) -> Iterator[Term]:
    """Of a number in an enum, as long as the variant is the one that holds it: before, it may be any."""
    tags = {one.name: one for one, _ in model.cells}
    for one in tags.values():
        owner, _, rest = one.name.rpartition("#")
        tag, variant = tags.get(f"{owner}#"), rest.partition(".")[0]
        if one.sort == BOOLEAN or tag is None or not variant.isdigit():
            continue
        other = negation(equal(tag, number(int(variant), width_of(tag))))
        width = width_of(one)
        for value in [value for value in constants if value < 1 << width][-MOST_OF_ENUMS:]:
            yield either(other, make("bvule", one, number(value, width)))
        yield either(other, negation(equal(one, number(0, width))))


def _pairs(cells: list[Variable], constants: list[int]) -> Iterator[Term]:
    """One below another; one of which a number depends on whether the other is zero or true; sums that are bounded."""
    if len(cells) > 12:
        return
    for one in cells:
        for other in cells:
            if one is other:
                continue
            if one.sort == other.sort != BOOLEAN:
                width = width_of(one)
                yield make("bvule", one, other)
                if one.name < other.name:
                    yield negation(equal(one, other))
                    wide = [make("zero_extend", each, indices=(2,)) for each in (one, other)]
                    for value in constants[-8:]:
                        yield make("bvule", make("bvadd", *wide), number(value, width + 2))
            if other.sort == BOOLEAN:
                yield from (either(other, each) for each in _bounds([one], constants[-4:]))
                yield from (either(negation(other), each) for each in _bounds([one], constants[-4:]))
            elif other.name.endswith("#"):
                for tag in (0, 1):
                    here = equal(other, number(tag, width_of(other)))
                    yield from (either(negation(here), each) for each in _bounds([one], constants[-4:]))

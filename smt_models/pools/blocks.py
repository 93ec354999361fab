"""Conditions on single blocks and accesses: elements, indices, and whether what was copied is what should be."""

from __future__ import annotations

from smt_models.pools import conditions as c
from smt_models.pools.pool import Pool
from smt_models.pools.requests import Asked
from smt_models.system.terms import (
    FALSE,
    TRUE,
    Apply,
    Literal,
    Term,
    Variable,
    both,
    choose,
    conjunction,
    disjunction,
    either,
    equal,
    negation,
)
from smt_models.wasm.build import difference, make, number
from smt_models.wasm.closed_form import Counted
from smt_models.wasm.memory import at as address_of
from smt_models.wasm.paths import Access, Copy, Execution
from smt_models.wasm.regions import MOST_CHOICES, base_of

ZERO = number(0, 32)


def is_element(pool: Pool, at: Term) -> Term:
    """It lies where an element of the pool begins; in a part without elements, anywhere."""
    return either(*(_is_element_of(one, at) for one in pool.parts))


def _is_element_of(pool: Pool, at: Term) -> Term:
    if pool.element is None:
        return c.within(pool.base, pool.end, at, number(1, 32))
    offset = make("bvsub", at, number(pool.base, 32))
    whole = pool.size - pool.size % pool.element
    rest = make("bvurem", offset, number(pool.element, 32))
    return both(make("bvult", offset, number(whole, 32)), equal(rest, ZERO))


def not_copied(pool: Pool, execution: Execution, asked: Asked, at: Term) -> Term:
    """The new block does not hold the least of both sizes of the old one, or bytes come from outside the pool."""
    assert asked.old is not None
    old, old_size = asked.old
    some = (negation(equal(old_size, ZERO)), negation(equal(asked.size, ZERO)))
    grows = both(*some)
    copied = _copied(execution, _where(at, some), (old, old_size), c.least(old_size, asked.size))
    foreign = disjunction(_foreign(pool, one) for one in execution.copies)
    return either(foreign, both(grows, negation(equal(at, old)), negation(copied)))


def _where(term: Term, facts: tuple[Term, ...]) -> Term:
    """What a choice comes to where the facts hold."""
    match term:
        case Apply("ite", (condition, then, _)) if condition in facts:
            return _where(then, facts)
        case Apply("ite", (condition, _, otherwise)) if negation(condition) in facts:
            return _where(otherwise, facts)
        case _:
            return term


def _copied(execution: Execution, target: Term, old: tuple[Term, Term], size: Term) -> Term:
    """Parts of it were copied, in the order in which the copies were made, each beginning where the one before ended;
    nothing was written over before it was read, and nothing else was written to what was copied. `size`: no more than
    that of `old`, where the bytes come from.
    """
    source, old_size = old
    parts: list[tuple[Copy, Term]] = []
    done: Term = ZERO
    for one in execution.copies:
        follows = both(
            *one.condition,
            make("=", difference(one.target, target), done),
            make("=", difference(one.source, source), done),
            make("bvule", one.size, make("bvsub", size, done)),
        )
        parts.append((one, follows))
        done = choose(follows, make("bvadd", done, one.size), done)
    at_once = (both(part, equal(one.size, size)) for one, part in parts if isinstance(one.by, Access))
    ends = (c.end_of(source, old_size), c.end_of(source, size))  # that it lies behind all of the block is sooner shown
    behind = (make("bvule", end, c.widened(target, c.WIDE)) for end in ends)
    upwards = either(make("bvule", target, source), *behind)
    others = _others(execution, parts, ((target, size), (source, size)))
    return both(equal(done, size), either(upwards, *at_once), negation(others))


def _others(execution: Execution, parts: list[tuple[Copy, Term]], ranges: tuple[tuple[Term, Term], ...]) -> Term:
    """A store that is part of no copy may write to one of the ranges, before they are copied or after it. Of what the
    iterations of a loop store, that of one is on record, in the variables of the last: they say nothing of the others.
    """

    def meets(address: Term, size: Term) -> Term:
        return both(negation(equal(size, ZERO)), either(*(c.overlap(address, size, *one) for one in ranges)))

    found: list[Term] = []
    loops: dict[Variable, Counted] = {}
    for store in (one for one in execution.accesses if one.store and one.memory == 0):
        if store.loop is not None:
            loops[store.loop.counter] = store.loop
            continue
        own = (part for one, part in parts if isinstance(one.by, Access) and one.by.number == store.number)
        touched = meets(address_of(store.base, store.displacement), store.size)
        found.append(both(*store.condition, touched, *(negation(part) for part in own)))
    for counter, loop in loops.items():
        of_loop = [(one, part) for one, part in parts if isinstance(one.by, Counted) and one.by.counter == counter]
        apart = (either(part, both(*one.condition, negation(meets(one.target, one.size)))) for one, part in of_loop)
        found.append(both(*loop.entered, *(negation(one) for one in apart)))
    return either(*found)


def _foreign(pool: Pool, copy: Copy) -> Term:
    """It takes bytes from outside the pool. Where a loop makes it again and again, only the last one is known."""
    if isinstance(copy.by, Access) and copy.by.loop is not None:
        return conjunction(copy.by.loop.entered)
    inside = c.inside(pool, copy.source, copy.size)
    return both(conjunction(copy.condition), negation(equal(copy.size, ZERO)), negation(inside))


def indexed(pool: Pool, accesses: tuple[Access, ...]) -> list[Access]:
    """Those by an index into the pool or a table: an address of it, and something more."""

    def may_be(address: Term) -> bool:
        ways = _ways(pool, address)
        return ways is None or any(_meant(pool, way) for _, way in ways)

    return [one for one in accesses if may_be(_address(one))]


def beyond(pool: Pool, access: Access) -> Term:
    """An index leads the access out of the object into which it is meant to lead. Compilers make one access of two that
    end alike: then its address is one of two by a condition, and each is asked about. One of too many counts as beyond.
    """

    def outside(address: Term) -> Term:
        places = _meant(pool, address)
        inside = either(*(c.within(base, end, address, access.size) for base, end in places))
        return negation(inside) if places else FALSE

    ways = _ways(pool, _address(access))
    astray = TRUE if ways is None else either(*(both(condition, outside(address)) for condition, address in ways))
    return both(conjunction(access.condition), negation(equal(access.size, ZERO)), astray)


def _address(access: Access) -> Term:
    return address_of(access.base, access.displacement)


def _ways(pool: Pool, address: Term) -> list[tuple[Term, Term]] | None:
    """What the address may be, each with its condition; None if that is too much. Where an index is chosen, and then
    added to an object, whatever is chosen is meant to lead into that object: this is one way.
    """
    if _meant(pool, address):
        return [(TRUE, address)]
    match address:
        case Apply("ite", (condition, one, other)):
            first = _ways(pool, one)
            second = None if first is None else _ways(pool, other)
            if first is None or second is None:
                return None
            found = [(both(condition, under), way) for under, way in first]
            found += [(both(negation(condition), under), way) for under, way in second]
        case Apply(("bvadd" | "bvor") as operator, (left, right)):
            first = _ways(pool, left)
            second = None if first is None else _ways(pool, right)
            if first is None or second is None:
                return None
            if len(first) == len(second) == 1:
                return [(TRUE, address)]
            found = [
                (both(here, there), make(operator, *((two, one) if isinstance(one, Literal) else (one, two))))
                for here, one in first
                for there, two in second
            ]
        case _:
            return [(TRUE, address)]
    return found if len(found) <= MOST_CHOICES else None


def _meant(pool: Pool, address: Term) -> list[tuple[int, int]]:
    """The objects, from first address to the one behind, into which the address may be meant to index."""
    start = base_of(address)
    if not isinstance(address, Apply) or start is None:
        return []
    for part in pool.parts:
        if part.base <= start < part.end:
            return [(part.base, part.end)]
    within = [(one.base, one.end) for one in pool.tables if one.base <= start < one.end]
    return within or [(one.base, one.end) for one in pool.tables if one.is_meant(start)]

"""Conditions on single blocks and accesses: elements, indices, and whether what was copied is what should be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from smt_models.pools import conditions as c
from smt_models.pools.pool import Pool
from smt_models.pools.requests import Asked
from smt_models.system.terms import Apply, Term, both, conjunction, disjunction, either, equal, negation
from smt_models.wasm.build import make, number
from smt_models.wasm.memory import at as address_of
from smt_models.wasm.paths import Access, Copy
from smt_models.wasm.regions import base_of

ZERO = number(0, 32)
MOST_PARTS = 3


def is_element(pool: Pool, at: Term) -> Term:
    """It lies where an element of the pool begins."""
    assert pool.element is not None
    offset = make("bvsub", at, number(pool.base, 32))
    whole = pool.size - pool.size % pool.element
    rest = make("bvurem", offset, number(pool.element, 32))
    return both(make("bvult", offset, number(whole, 32)), equal(rest, ZERO))


def not_copied(pool: Pool, copies: tuple[Copy, ...], asked: Asked, at: Term) -> Term:
    """The new block does not hold the least of both sizes of the old one, or bytes come from outside the pool."""
    assert asked.old is not None
    old, old_size = asked.old
    grows = both(negation(equal(old_size, ZERO)), negation(equal(asked.size, ZERO)))
    kept = c.least(old_size, asked.size)
    done = disjunction(_copies(chain, at, old, kept) for chain in _chains(copies))
    foreign = disjunction(
        both(
            conjunction(one.condition),
            negation(equal(one.size, ZERO)),
            negation(c.inside(pool, one.source, one.size)),
        )
        for one in copies
    )
    return either(foreign, both(grows, negation(equal(at, old)), negation(done)))


def _chains(copies: tuple[Copy, ...]) -> Iterator[tuple[Copy, ...]]:
    """Copies that may make one together, in the order in which they are made."""
    for length in range(1, MOST_PARTS + 1):
        yield from combinations(copies, length)


def _copies(chain: tuple[Copy, ...], target: Term, source: Term, size: Term) -> Term:
    """All of these took place, each beginning where the one before ended, and nothing was written over before it was
    read.
    """
    parts: list[Term] = [] if len(chain) == 1 and chain[0].at_once else [_read_first(target, source, size)]
    done: Term = ZERO
    for one in chain:
        parts += [
            *one.condition,
            equal(one.target, make("bvadd", target, done)),
            equal(one.source, make("bvadd", source, done)),
        ]
        done = make("bvadd", done, one.size)
    return both(*parts, equal(done, size))


def _read_first(target: Term, source: Term, size: Term) -> Term:
    """Upwards, a byte is read before what lies above the target's first is written, or no byte is in both."""
    return either(make("bvule", target, source), negation(c.overlap(target, size, source, size)))


def indexed(pool: Pool, accesses: tuple[Access, ...]) -> list[Access]:
    """Those by an index into the pool or a table: an address of it, and something more."""
    return [one for one in accesses if meant(pool, one)]


def meant(pool: Pool, access: Access) -> list[tuple[int, int]]:
    """The objects, from first address to the one behind, into which the access may be meant to index."""
    address = address_of(access.base, access.displacement)
    start = base_of(address)
    if not isinstance(address, Apply) or start is None:
        return []
    if pool.base <= start < pool.end:
        return [(pool.base, pool.end)]
    within = [(one.base, one.end) for one in pool.tables if one.base <= start < one.end]
    return within or [(one.base, one.end) for one in pool.tables if one.is_meant(start)]

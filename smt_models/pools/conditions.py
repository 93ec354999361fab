"""The state besides the cells: one ghost block, which stands for any live block, and what was broken so far.

A ghost block is chosen when it is handed out, and stays until it is given up. What is proved with one ghost block is so
of every live block, since any of them could have been chosen. A call that gives up another block than the ghost is
given that block as an input: what the invariant says of the ghost it says of that block, too (docs/pools.md). The same
goes for a mark.
"""

from __future__ import annotations

from smt_models.pools.pool import Pool
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, Variable, apply, both, choose, conjunction, either, equal, negation
from smt_models.wasm.build import make, number

INDEX = "index-in-bounds"
RANGE = "range-in-bounds"
ALIGNED = "aligned"
DISJOINT = "disjoint"
ZERO_SIZE = "zero-size"
COPY_OWNED = "copy-owned"
EXHAUSTION = "exhaustion-traps"
NO_REWIND = "no-rewind"
BUDGET = "within-budget"
KINDS = (INDEX, RANGE, ALIGNED, DISJOINT, ZERO_SIZE, COPY_OWNED, EXHAUSTION, NO_REWIND, BUDGET)
EXTENT = "extent"
PARTIAL_WRITE = "partial-write"
"""Of buffers that lend their elements, and of no pool."""
UNMODELLED = "something not modelled"

WORD = BitVec(32)
WIDE = 34
LIVE = Variable("block is live", BOOLEAN)
AT = Variable("block at", WORD)
SIZE = Variable("block size", WORD)
OTHER_AT = Variable("other block at", WORD)
OTHER_SIZE = Variable("other block size", WORD)
AHEAD = Variable("blocks ahead", WORD)
OTHER_AHEAD = Variable("other blocks ahead", WORD)
COUNT = Variable("blocks live", WORD)
TOTAL = Variable("bytes live", BitVec(64))
CHOSEN = Variable("the new block is chosen", BOOLEAN)
MARKED = Variable("mark is held", BOOLEAN)
MARK_AT = Variable("mark at", WORD)
OTHER_MARK_AT = Variable("other mark at", WORD)
OTHERS = {AT.name: OTHER_AT, SIZE.name: OTHER_SIZE, AHEAD.name: OTHER_AHEAD, MARK_AT.name: OTHER_MARK_AT}
"""What the invariant says of the ghost it says of another, by the names of that; see `other_of`."""


def other_of(variable: Variable, inputs: tuple[Variable, ...]) -> Variable | None:
    """The input that stands for this part of the ghost in what is said of the other; EXISTS for that it is there."""
    of_block, of_mark = OTHER_AT in inputs, OTHER_MARK_AT in inputs
    if (variable == LIVE and of_block) or (variable == MARKED and of_mark):
        return EXISTS
    other = OTHERS.get(variable.name)
    return other if other in inputs else None


EXISTS = Variable("true", BOOLEAN)


def flag(kind: str) -> Variable:
    """Whether this was broken."""
    return Variable(f"broken: {kind}", BOOLEAN)


def end_of(at: Term, size: Term) -> Term:
    """The address behind, in 34 bits, where nothing wraps."""
    more = (WIDE - 32,)
    return make("bvadd", make("zero_extend", at, indices=more), make("zero_extend", size, indices=more))


def within(base: int, end: int, at: Term, size: Term) -> Term:
    """All of it lies from `base` on and before `end`."""
    return both(
        make("bvule", number(base, 32), at),
        make("bvule", end_of(at, size), number(end, WIDE)),
    )


def inside(pool: Pool, at: Term, size: Term) -> Term:
    """All of the block lies in the pool; of several parts, in one of them."""
    return either(*(within(one.base, one.end, at, size) for one in pool.parts))


def overlap(at: Term, size: Term, other_at: Term, other_size: Term) -> Term:
    """Two blocks, neither empty, have a byte in common."""
    more = (WIDE - 32,)
    return both(
        make("bvult", make("zero_extend", at, indices=more), end_of(other_at, other_size)),
        make("bvult", make("zero_extend", other_at, indices=more), end_of(at, size)),
    )


def misaligned(at: Term, alignment: Term, powers: bool) -> Term:
    """Not a multiple; of 0 everything is one. `powers`: nothing else than powers of two is asked for."""
    below = make("bvsub", alignment, number(1, 32))
    zero = number(0, 32)
    some = negation(make("=", alignment, zero))
    by_mask = negation(make("=", make("bvand", at, below), zero))
    if powers:
        return both(some, by_mask)
    power = make("=", make("bvand", alignment, below), zero)
    by_rest = negation(make("=", make("bvurem", at, alignment), zero))
    return both(some, choose(power, by_mask, by_rest))


def is_alignment(term: Term) -> Term:
    """It is 1, 2, 4 or 8, of 32 bits: one bit of the lowest four. Solvers are told so which bits are none, which they
    do not see of four numbers: of a bump arena both z3 and cvc5 are sooner done.
    """
    zero = number(0, 32)
    above = make("extract", term, indices=(31, 4))
    return both(
        equal(above, number(0, 28)),
        negation(equal(term, zero)),
        equal(make("bvand", term, make("bvsub", term, number(1, 32))), zero),
    )


def none_broken(kinds: tuple[str, ...]) -> Term:
    return conjunction(negation(flag(kind)) for kind in kinds)


def least(left: Term, right: Term) -> Term:
    return apply("ite", make("bvult", left, right), left, right)


def widened(term: Term, width: int) -> Term:
    return make("zero_extend", term, indices=(width - 32,))

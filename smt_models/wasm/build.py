"""Terms made small as they are made: constants are folded, and a few laws applied that keep addresses comparable.

Folding computes with the table of operators itself; the laws are those written here, each checked in the tests by
evaluation and by the solver.
"""

from __future__ import annotations

from typing import Any

from smt_models.system.operators import OPERATORS, BitVec, Boolean, SortError
from smt_models.system.terms import FALSE, TRUE, Apply, Literal, Term, apply, both, literal, negation

MOST_SUMMANDS = 32


def width_of(term: Term) -> int:
    """SortError if it is no bit-vector."""
    if isinstance(term.sort, BitVec):
        return term.sort.width
    raise SortError(f"{term.sort} where a bit-vector belongs")


def number(value: int, width: int) -> Literal:
    """The bits of an integer, of either sign, cut to the width."""
    return literal(value % (1 << width), BitVec(width))


def constant(term: Term) -> int | None:
    """The number that a term is, if it is a literal bit-vector."""
    if isinstance(term, Literal) and isinstance(term.sort, BitVec):
        return int(term.value)
    return None


def same(left: Term, right: Term) -> bool:
    return left is right or (hash(left) == hash(right) and left == right)


def make(operator: str, *arguments: Term, indices: tuple[int, ...] = ()) -> Term:
    """An operator of bit-vectors or an equality, folded where its arguments are literals. SortError as `apply`."""
    term = apply(operator, *arguments, indices=indices)
    if all(isinstance(argument, Literal) for argument in arguments):
        widths = tuple(item.sort.width if isinstance(item.sort, BitVec) else 0 for item in arguments)
        values: list[Any] = [item.value for item in arguments if isinstance(item, Literal)]
        return literal(OPERATORS[operator].compute(widths, indices, *values), term.sort)
    match operator, arguments:
        case "bvadd", (left, right):
            return _sum(term, left, right)
        case "bvsub", (left, Literal(value)):
            return make("bvadd", left, number(-int(value), width_of(left)))
        case "=", (left, right):
            return _equality(term, left, right)
        case (("zero_extend" | "sign_extend"), (inner,)) if indices == (0,):
            return inner
        case "concat", (above, below):
            return _concatenation(term, above, below)
        case "extract", (inner,):
            return _extract(term, inner, *indices)
        case _:
            return term


def _sum(term: Apply, left: Term, right: Term) -> Term:
    """Constants to the right, and of two such sums one: (x + 1) + 2 is x + 3."""
    if isinstance(left, Literal):
        left, right = right, left
    added = constant(right)
    if added is None:
        return term
    if added == 0:
        return left
    match left:
        case Apply("bvadd", (inner, Literal(value))):
            return make("bvadd", inner, number(int(value) + added, width_of(left)))
        case _:
            return apply("bvadd", left, right)


def difference(left: Term, right: Term) -> Term:
    """left - right, of sums without the summands that both have."""
    count: dict[Term, int] = {}
    constants = 0
    waiting = [(left, 1), (right, -1)]
    for _ in range(MOST_SUMMANDS):
        if not waiting:
            break
        term, sign = waiting.pop()
        match term:
            case Apply("bvadd", (one, other)):
                waiting += [(one, sign), (other, sign)]
            case Apply("bvsub", (one, other)):
                waiting += [(one, sign), (other, -sign)]
            case Literal(value):
                constants += sign * int(value)
            case _:
                count[term] = count.get(term, 0) + sign
    if waiting:
        return make("bvsub", left, right)
    found: Term = number(0, width_of(left))
    for operator, sign in (("bvadd", 1), ("bvsub", -1)):
        for term, times in count.items():
            for _ in range(sign * times):
                found = make(operator, found, term)
    return make("bvadd", found, number(constants, width_of(left)))


def _equality(term: Apply, left: Term, right: Term) -> Term:
    """A choice between two literals that is compared with a literal is its condition."""
    if same(left, right):
        return TRUE
    if isinstance(left, Literal):
        left, right = right, left
    match left, right:
        case Apply("ite", (condition, Literal(then), Literal(otherwise))), Literal(wanted):
            match then == wanted, otherwise == wanted:
                case True, True:
                    return TRUE
                case True, False:
                    return condition
                case False, True:
                    return negation(condition)
                case _:
                    return FALSE
    return term


def _extract(term: Apply, inner: Term, high: int, low: int) -> Term:
    if low == 0 and high == width_of(inner) - 1:
        return inner
    match inner:
        case Apply("zero_extend", (narrow,)):
            if high < width_of(narrow):
                return make("extract", narrow, indices=(high, low))
            if low >= width_of(narrow):
                return number(0, high - low + 1)
        case Apply("concat", (above, below)):
            split = width_of(below)
            if high < split:
                return make("extract", below, indices=(high, low))
            if low >= split:
                return make("extract", above, indices=(high - split, low - split))
        case Apply("extract", (deeper,), indices=(_, start)):
            return make("extract", deeper, indices=(high + start, low + start))
    return term


def _concatenation(term: Apply, above: Term, below: Term) -> Term:
    """Neighbouring parts of one term are one part; of two choices by one condition one choice."""
    match above, below:
        case Apply("extract", (inner,), indices=(high, middle)), Apply("extract", (other,), indices=(next_, low)):
            if middle == next_ + 1 and same(inner, other):
                return make("extract", inner, indices=(high, low))
        case Apply("ite", (condition, one, two)), Apply("ite", (same_condition, three, four)):
            if same(condition, same_condition):
                return if_(condition, make("concat", one, three), make("concat", two, four))
    return term


def if_(condition: Term, then: Term, otherwise: Term) -> Term:
    """`then` or `otherwise`, of one sort."""
    if condition.sort != Boolean():
        raise SortError(f"{condition.sort} as a condition")
    if then.sort != otherwise.sort:
        raise SortError(f"a choice between {then.sort} and {otherwise.sort}")
    match condition:
        case Literal(value):
            return then if value else otherwise
        case Apply("not", (inner,)):
            return if_(inner, otherwise, then)
        case _:
            pass
    if same(then, otherwise):
        return then
    match then:
        case Apply("ite", (inner, chosen, other)) if same(other, otherwise):
            return if_(_and(condition, inner), chosen, otherwise)
        case _:
            return apply("ite", condition, then, otherwise)


def _and(one: Term, other: Term) -> Term:
    """Both; the one alone if the other is one of several of which it says that one holds."""
    for small, large in ((one, other), (other, one)):
        if isinstance(large, Apply) and large.operator == "or" and small in large.arguments:
            return small
    return both(one, other)


def flag(condition: Term, width: int = 32) -> Term:
    """1 if it holds, else 0: a Boolean as WebAssembly has it."""
    return if_(condition, number(1, width), number(0, width))


def is_zero(term: Term) -> Term:
    return make("=", term, number(0, width_of(term)))


def is_nonzero(term: Term) -> Term:
    return negation(is_zero(term))


def extended_to(term: Term, width: int, signed: bool) -> Term:
    more = width - width_of(term)
    return make("sign_extend" if signed else "zero_extend", term, indices=(more,)) if more else term

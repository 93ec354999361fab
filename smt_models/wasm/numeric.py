"""The integer operators [core 3.0, "Execution / Numerics / Integer Operations"], at any width that is a power of two.

Floating-point operators have no model. A name is that of an instruction; the widths of its operands are checked
against it, so that an ill-typed use is found here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from smt_models.system.terms import Term, both, negation
from smt_models.wasm.build import flag, if_, is_nonzero, is_zero, make, number, width_of
from smt_models.wasm.outcomes import NotModelled, TrapKind

Traps = tuple[tuple[Term, TrapKind], ...]
"""Conditions that exclude each other, each with the trap that it means."""


def _below_zero(x: Term) -> Term:
    return make("bvslt", x, number(0, width_of(x)))


def _magnitude(x: Term) -> Term:
    """idiv_s and irem_s go by magnitudes: truncation towards zero. Of the least number it is 2^(N-1), unsigned."""
    return if_(_below_zero(x), make("bvneg", x), x)


def signed_quotient(x: Term, y: Term) -> Term:
    quotient = make("bvudiv", _magnitude(x), _magnitude(y))
    return if_(negation(make("=", _below_zero(x), _below_zero(y))), make("bvneg", quotient), quotient)


def signed_remainder(x: Term, y: Term) -> Term:
    """The sign of the dividend."""
    remainder = make("bvurem", _magnitude(x), _magnitude(y))
    return if_(_below_zero(x), make("bvneg", remainder), remainder)


def _shifted(operator: str) -> Callable[[Term, Term], Term]:
    """Shift counts are modulo the width."""
    return lambda x, y: make(operator, x, _count(y))


def _count(y: Term) -> Term:
    return make("bvand", y, number(width_of(y) - 1, width_of(y)))


def _rotated(towards: str, away: str) -> Callable[[Term, Term], Term]:
    """What one shift drops the other puts back; by a count of 0 nothing is dropped."""

    def rotate(x: Term, y: Term) -> Term:
        width = width_of(x)
        count = _count(y)
        rest = make("bvsub", number(width, width), count)  # 1 to the width, which leaves nothing
        return make("bvor", make(towards, x, count), make(away, x, rest))

    return rotate


def _bit(x: Term, place: int) -> Term:
    return make("extract", x, indices=(place, place))


def _first_set(x: Term, places: range) -> Term:
    """How many places come before the first bit that is set; the width if none is."""
    width = width_of(x)
    found: Term = number(width, width)
    for count, place in reversed(list(enumerate(places))):
        found = if_(is_nonzero(_bit(x, place)), number(count, width), found)
    return found


def _clz(x: Term) -> Term:
    return _first_set(x, range(width_of(x) - 1, -1, -1))


def _ctz(x: Term) -> Term:
    return _first_set(x, range(width_of(x)))


def _popcnt(x: Term) -> Term:
    width = width_of(x)
    bits = [make("zero_extend", _bit(x, place), indices=(width - 1,)) for place in range(width)]
    return reduce(lambda total, bit: make("bvadd", total, bit), bits)


def _swapped(operator: str) -> Callable[[Term, Term], Term]:
    return lambda x, y: make(operator, y, x)


def _plain(operator: str) -> Callable[[Term, Term], Term]:
    return lambda x, y: make(operator, x, y)


UNARY: dict[str, Callable[[Term], Term]] = {"clz": _clz, "ctz": _ctz, "popcnt": _popcnt}
BINARY: dict[str, Callable[[Term, Term], Term]] = {
    "add": _plain("bvadd"),
    "sub": _plain("bvsub"),
    "mul": _plain("bvmul"),
    "div_s": signed_quotient,
    "div_u": _plain("bvudiv"),
    "rem_s": signed_remainder,
    "rem_u": _plain("bvurem"),
    "and": _plain("bvand"),
    "or": _plain("bvor"),
    "xor": _plain("bvxor"),
    "shl": _shifted("bvshl"),
    "shr_s": _shifted("bvashr"),
    "shr_u": _shifted("bvlshr"),
    "rotl": _rotated("bvshl", "bvlshr"),
    "rotr": _rotated("bvlshr", "bvshl"),
}
COMPARISONS: dict[str, Callable[[Term, Term], Term]] = {
    "eq": _plain("="),
    "ne": lambda x, y: negation(make("=", x, y)),
    "lt_s": _plain("bvslt"),
    "lt_u": _plain("bvult"),
    "gt_s": _swapped("bvslt"),
    "gt_u": _swapped("bvult"),
    "le_s": _plain("bvsle"),
    "le_u": _plain("bvule"),
    "ge_s": _swapped("bvsle"),
    "ge_u": _swapped("bvule"),
}


def extended(x: Term, low: int, signed: bool, width: int) -> Term:
    """The low bits of x, extended to a width."""
    part = make("extract", x, indices=(low - 1, 0))
    return make("sign_extend" if signed else "zero_extend", part, indices=(width - low,))


# Name: width of the operand, how many of its bits count, whether they are signed, width of the result.
CONVERSIONS: dict[str, tuple[int, int, bool, int]] = {
    "i32.wrap_i64": (64, 32, False, 32),
    "i64.extend_i32_s": (32, 32, True, 64),
    "i64.extend_i32_u": (32, 32, False, 64),
    "i32.extend8_s": (32, 8, True, 32),
    "i32.extend16_s": (32, 16, True, 32),
    "i64.extend8_s": (64, 8, True, 64),
    "i64.extend16_s": (64, 16, True, 64),
    "i64.extend32_s": (64, 32, True, 64),
}
_WIDTHS = {"i32": 32, "i64": 64}


def arity(name: str) -> int | None:
    """How many operands an integer instruction takes; None if it is none that is modelled here."""
    if name in CONVERSIONS:
        return 1
    prefix, _, operation = name.partition(".")
    if prefix not in _WIDTHS:
        return None
    if operation in UNARY or operation == "eqz":
        return 1
    return 2 if operation in BINARY or operation in COMPARISONS else None


def numeric(name: str, operands: tuple[Term, ...]) -> tuple[Term, Traps]:
    """The result, meant where none of the conditions of the traps holds."""
    if name in CONVERSIONS:
        width, low, signed, wanted = CONVERSIONS[name]
        _expect(name, operands, width)
        return extended(operands[0], low, signed, wanted), ()
    prefix, _, operation = name.partition(".")
    _expect(name, operands, _WIDTHS[prefix])
    return value_of(operation, operands), traps_of(operation, operands)


def _expect(name: str, operands: tuple[Term, ...], width: int) -> None:
    if any(width_of(operand) != width for operand in operands):
        raise NotModelled(f"{name} on operands of another type")


def value_of(operation: str, operands: tuple[Term, ...]) -> Term:
    """By the name without its type, at the width of the operands; truth as an i32."""
    if operation in UNARY:
        return UNARY[operation](*operands)
    if operation in BINARY:
        return BINARY[operation](*operands)
    if operation == "eqz":
        return flag(is_zero(*operands))
    return flag(COMPARISONS[operation](*operands))


def traps_of(operation: str, operands: tuple[Term, ...]) -> Traps:
    """Division by zero; and the one quotient that has no representation."""
    if not operation.startswith(("div_", "rem_")):
        return ()
    x, y = operands
    zero = (is_zero(y), TrapKind.DIVIDE_BY_ZERO)
    if operation != "div_s":
        return (zero,)
    width = width_of(x)
    least, minus_one = number(1 << (width - 1), width), number(-1, width)
    return (zero, (both(make("=", x, least), make("=", y, minus_one)), TrapKind.OVERFLOW))

"""Operators of SMT-LIB 2.6's theory FixedSizeBitVectors as circuits. A vector is its bits, the lowest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from proofs.recheck.circuit import FALSE, TRUE, Circuit

Bits = tuple[int, ...]


def constant(value: int, width: int) -> Bits:
    return tuple(TRUE if value >> place & 1 else FALSE for place in range(width))


def negated(bits: Bits) -> Bits:
    return tuple(-bit for bit in bits)


def choose(circuit: Circuit, condition: int, then: Bits, otherwise: Bits) -> Bits:
    return tuple(circuit.choice(condition, a, b) for a, b in zip(then, otherwise, strict=True))


def equal(circuit: Circuit, left: Bits, right: Bits) -> int:
    return circuit.conjunction([-circuit.exclusive(a, b) for a, b in zip(left, right, strict=True)])


def add(circuit: Circuit, left: Bits, right: Bits, carry: int = FALSE) -> Bits:
    return _sum(circuit, left, right, carry)[0]


def subtract(circuit: Circuit, left: Bits, right: Bits) -> Bits:
    return add(circuit, left, negated(right), TRUE)


def _sum(circuit: Circuit, left: Bits, right: Bits, carry: int) -> tuple[Bits, int]:
    """And the carry out of the highest bit."""
    found = []
    for a, b in zip(left, right, strict=True):
        found.append(circuit.exclusive(circuit.exclusive(a, b), carry))
        carry = circuit.majority(a, b, carry)
    return tuple(found), carry


def multiply(circuit: Circuit, left: Bits, right: Bits) -> Bits:
    """Shift and add; by the rows of the factor that has more constant bits."""
    if _constants(left) > _constants(right):
        left, right = right, left
    width = len(left)
    circuit.spend(width * width)
    found = constant(0, width)
    for place, bit in enumerate(right):
        if bit != FALSE:
            row = [circuit.conjunction((bit, one)) for one in left[: width - place]]
            found = add(circuit, found, (*constant(0, place), *row))
    return found


def _constants(bits: Bits) -> int:
    return sum(abs(bit) == TRUE for bit in bits)


def divide(circuit: Circuit, left: Bits, right: Bits) -> tuple[Bits, Bits]:
    """Quotient and remainder, digit by digit. By zero all bits are set, and `left` remains: as SMT-LIB has it."""
    width = len(left)
    circuit.spend(width * width)
    divisor = (*right, FALSE)
    rest = constant(0, width + 1)
    quotient = []
    for bit in reversed(left):
        rest = (bit, *rest[:-1])
        less, fits = _sum(circuit, rest, negated(divisor), TRUE)  # no borrow: the divisor is in it
        quotient.append(fits)
        rest = choose(circuit, fits, less, rest)
    return tuple(reversed(quotient)), rest[:width]


def shift(circuit: Circuit, bits: Bits, by: Bits, fill: int, left: bool) -> Bits:
    """By powers of two; by as much as there are bits, or more, nothing but `fill` is left."""
    width = len(bits)
    for place, bit in enumerate(by):
        distance = min(1 << place, width) if place < width.bit_length() else width
        filled = (fill,) * distance
        moved = (*filled, *bits[: width - distance]) if left else (*bits[distance:], *filled)
        bits = choose(circuit, bit, moved, bits)
    return bits


def below(circuit: Circuit, left: Bits, right: Bits, or_equal: bool, signed: bool) -> int:
    """`right - left` does not borrow, or of the strict order `left - right` does."""
    if signed:  # with the sign the other way about, order is that of numbers without sign
        left, right = (*left[:-1], -left[-1]), (*right[:-1], -right[-1])
    if or_equal:
        return _sum(circuit, right, negated(left), TRUE)[1]
    return -_sum(circuit, left, negated(right), TRUE)[1]


def _bitwise(gate: Callable[[Circuit, int, int], int]) -> Callable[[Circuit, Bits, Bits], Bits]:
    return lambda circuit, left, right: tuple(gate(circuit, a, b) for a, b in zip(left, right, strict=True))


BINARY: Mapping[str, Callable[[Circuit, Bits, Bits], Bits]] = MappingProxyType({
    "bvand": _bitwise(lambda circuit, a, b: circuit.conjunction((a, b))),
    "bvor": _bitwise(lambda circuit, a, b: circuit.disjunction((a, b))),
    "bvxor": _bitwise(lambda circuit, a, b: circuit.exclusive(a, b)),
    "bvadd": add,
    "bvsub": subtract,
    "bvmul": multiply,
    "bvudiv": lambda circuit, left, right: divide(circuit, left, right)[0],
    "bvurem": lambda circuit, left, right: divide(circuit, left, right)[1],
    "bvshl": lambda circuit, left, right: shift(circuit, left, right, FALSE, True),
    "bvlshr": lambda circuit, left, right: shift(circuit, left, right, FALSE, False),
    "bvashr": lambda circuit, left, right: shift(circuit, left, right, left[-1], False),
})  # fmt: skip
"""Of two vectors of one width."""

UNARY: Mapping[str, Callable[[Circuit, Bits], Bits]] = MappingProxyType({
    "bvnot": lambda _, bits: negated(bits),
    "bvneg": lambda circuit, bits: add(circuit, negated(bits), constant(0, len(bits)), TRUE),
})  # fmt: skip

ORDER: Mapping[str, Callable[[Circuit, Bits, Bits], int]] = MappingProxyType({
    "bvult": lambda circuit, left, right: below(circuit, left, right, or_equal=False, signed=False),
    "bvule": lambda circuit, left, right: below(circuit, left, right, or_equal=True, signed=False),
    "bvslt": lambda circuit, left, right: below(circuit, left, right, or_equal=False, signed=True),
    "bvsle": lambda circuit, left, right: below(circuit, left, right, or_equal=True, signed=True),
})  # fmt: skip

"""The one table of operators: their sorts and what they compute, as in SMT-LIB 2.6.

Values are bool, int (of a bit-vector: unsigned) and str (a member of an enumeration).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Value = bool | int | str
"""What a variable holds: of a bit-vector the unsigned number, of an enumeration the member's name."""


class SortError(TypeError):
    """A term that does not type: a fault of whoever built it."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` and `false`."""


@dataclass(frozen=True, slots=True)
class Integer:
    """All integers."""


@dataclass(frozen=True, slots=True)
class BitVec:
    width: int

    def __post_init__(self) -> None:
        if self.width < 1:
            raise SortError(f"a bit-vector of {self.width} bits")


@dataclass(frozen=True, slots=True)
class Enum:
    """A finite enumeration; in SMT-LIB text a bit-vector that holds the member's place."""

    name: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.members or len(set(self.members)) != len(self.members):
            raise SortError(f"members of {self.name}: {self.members}")

    def __hash__(self) -> int:
        return hash(self.name)  # members may be many, and sorts are hashed with every term

    @property
    def width(self) -> int:
        return max(1, (len(self.members) - 1).bit_length())


@dataclass(frozen=True, slots=True)
class Array:
    """All maps from `index` to `element`; its operators are in `smt_models.wasm.arrays`."""

    index: BitVec
    element: BitVec


Sort = Boolean | Integer | BitVec | Enum | Array
_BOOLEAN, _INTEGER = Boolean(), Integer()
_Sorts = tuple[Sort, ...]
_Indices = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operator:
    """`result`: the sort of the result, or SortError. `compute`: takes the widths of the arguments (0: no bit-vector),
    the indices, and the values.
    """

    result: Callable[[_Sorts, _Indices], Sort]
    compute: Callable[..., Value]


def _expect(holds: bool, sorts: _Sorts, indices: _Indices) -> None:
    if not holds:
        raise SortError(f"no such operator on {sorts} with indices {indices}")


def _booleans(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(bool(sorts) and all(isinstance(one, Boolean) for one in sorts) and not indices, sorts, indices)
    return _BOOLEAN


def _one_boolean(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 1, sorts, indices)
    return _booleans(sorts, indices)


def _same(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 2 and sorts[0] == sorts[1] and not indices, sorts, indices)
    return _BOOLEAN


def _conditional(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 3 and isinstance(sorts[0], Boolean) and sorts[1] == sorts[2] and not indices, sorts, indices)
    return sorts[1]


def _integers(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 2 and all(isinstance(one, Integer) for one in sorts) and not indices, sorts, indices)
    return _INTEGER


def _order(sorts: _Sorts, indices: _Indices) -> Sort:
    _integers(sorts, indices)
    return _BOOLEAN


def _unary(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 1 and isinstance(sorts[0], BitVec) and not indices, sorts, indices)
    return sorts[0]


def _binary(sorts: _Sorts, indices: _Indices) -> Sort:
    _expect(len(sorts) == 2 and sorts[0] == sorts[1] and isinstance(sorts[0], BitVec) and not indices, sorts, indices)
    return sorts[0]


def _comparison(sorts: _Sorts, indices: _Indices) -> Sort:
    _binary(sorts, indices)
    return _BOOLEAN


def _concat(sorts: _Sorts, indices: _Indices) -> Sort:
    match sorts:
        case (BitVec(high), BitVec(low)) if not indices:
            return BitVec(high + low)
    raise SortError(f"concat of {sorts}")


def _extract(sorts: _Sorts, indices: _Indices) -> Sort:
    match sorts, indices:
        case (BitVec(width),), (high, low) if 0 <= low <= high < width:
            return BitVec(high - low + 1)
    raise SortError(f"extract {indices} of {sorts}")


def _extend(sorts: _Sorts, indices: _Indices) -> Sort:
    match sorts, indices:
        case (BitVec(width),), (more,) if more >= 0:
            return BitVec(width + more)
    raise SortError(f"extension by {indices} of {sorts}")


def signed(value: int, width: int) -> int:
    """The two's complement reading of an unsigned number."""
    return value - (1 << width) if value >> (width - 1) else value


_Compute = Callable[[int, int], int]


def _wrapping(compute: _Compute) -> Operator:
    return Operator(_binary, lambda widths, _, x, y: compute(x, y) % (1 << widths[0]))


def _unsigned(compare: Callable[[int, int], bool]) -> Operator:
    return Operator(_comparison, lambda _widths, _, x, y: compare(x, y))


def _signed(compare: Callable[[int, int], bool]) -> Operator:
    return Operator(_comparison, lambda widths, _, x, y: compare(signed(x, widths[0]), signed(y, widths[0])))


def _shift_right(widths: _Indices, _: _Indices, x: int, y: int) -> int:
    return x >> min(y, widths[0])


def _shift_left(widths: _Indices, _: _Indices, x: int, y: int) -> int:
    return (x << min(y, widths[0])) % (1 << widths[0])


def _arithmetic_shift(widths: _Indices, _: _Indices, x: int, y: int) -> int:
    return (signed(x, widths[0]) >> min(y, widths[0])) % (1 << widths[0])


def _divide(widths: _Indices, _: _Indices, x: int, y: int) -> int:
    return x // y if y else (1 << widths[0]) - 1  # SMT-LIB 2.6: bvudiv by zero has all bits set


OPERATORS: dict[str, Operator] = {
    "and": Operator(_booleans, lambda _w, _i, *values: all(values)),
    "or": Operator(_booleans, lambda _w, _i, *values: any(values)),
    "not": Operator(_one_boolean, lambda _w, _i, value: not value),
    "=": Operator(_same, lambda _w, _i, x, y: x == y),
    "ite": Operator(_conditional, lambda _w, _i, condition, x, y: x if condition else y),
    "+": Operator(_integers, lambda _w, _i, x, y: x + y),
    "-": Operator(_integers, lambda _w, _i, x, y: x - y),
    "*": Operator(_integers, lambda _w, _i, x, y: x * y),
    "<": Operator(_order, lambda _w, _i, x, y: x < y),
    "<=": Operator(_order, lambda _w, _i, x, y: x <= y),
    "bvnot": Operator(_unary, lambda widths, _, x: (1 << widths[0]) - 1 - x),
    "bvneg": Operator(_unary, lambda widths, _, x: -x % (1 << widths[0])),
    "bvand": _wrapping(lambda x, y: x & y),
    "bvor": _wrapping(lambda x, y: x | y),
    "bvxor": _wrapping(lambda x, y: x ^ y),
    "bvadd": _wrapping(lambda x, y: x + y),
    "bvsub": _wrapping(lambda x, y: x - y),
    "bvmul": _wrapping(lambda x, y: x * y),
    "bvudiv": Operator(_binary, _divide),
    "bvurem": _wrapping(lambda x, y: x % y if y else x),
    "bvshl": Operator(_binary, _shift_left),
    "bvlshr": Operator(_binary, _shift_right),
    "bvashr": Operator(_binary, _arithmetic_shift),
    "bvult": _unsigned(lambda x, y: x < y),
    "bvule": _unsigned(lambda x, y: x <= y),
    "bvslt": _signed(lambda x, y: x < y),
    "bvsle": _signed(lambda x, y: x <= y),
    "concat": Operator(_concat, lambda widths, _, x, y: x << widths[1] | y),
    "extract": Operator(_extract, lambda _, indices, x: (x >> indices[1]) % (1 << (indices[0] - indices[1] + 1))),
    "zero_extend": Operator(_extend, lambda _w, _i, x: x),
    "sign_extend": Operator(_extend, lambda widths, indices, x: signed(x, widths[0]) % (1 << (widths[0] + indices[0]))),
}

"""Terms of scripts as circuits: `Bool` is one literal, a bit-vector its bits. Anything else is refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import Any

from proofs.recheck.bit_vectors import BINARY, ORDER, UNARY, Bits, choose, constant, equal
from proofs.recheck.circuit import FALSE, TRUE, Circuit
from proofs.recheck.faults import Refused
from proofs.recheck.script import Expression

MOST_BITS = 10_000
"""Of one value, about."""
_VECTOR = re.compile(r"\(_ BitVec ([1-9][0-9]{0,3})\)")

Value = int | Bits
Meanings = Mapping[str, Value]
"""What the constants of a script stand for."""


def free(circuit: Circuit, sort: str, name: str) -> Value:
    """A new constant of a sort. Raises `Refused`."""
    if sort == "Bool":
        return circuit.input()
    found = _VECTOR.fullmatch(sort)
    if found is None:
        raise Refused(f"bits: {name!r} is of the sort {sort}, which has none")
    return tuple(circuit.input() for _ in range(int(found[1])))


def sort_of(value: Value) -> str:
    return "Bool" if isinstance(value, int) else f"(_ BitVec {len(value)})"


@dataclass(frozen=True, slots=True)
class Term:
    """A term read once, to be computed with several meanings of its names: instructions for a stack of values."""

    text: str
    steps: tuple[_Step, ...]


class _Kind(IntEnum):
    VALUE = 0
    """A literal: the value."""
    NAME = 1
    APPLY = 2
    """The expression, and of how many arguments."""
    BIND = 3
    """The names, of the values on top."""
    FREE = 4
    """Names that mean again what they meant before."""


_Step = tuple[_Kind, Any, int]


def term_of(expression: Expression) -> Term:
    """By a stack of its own, since terms may be deep. Raises `Refused`."""
    steps: list[_Step] = []
    waiting: list[Expression | _Step] = [expression]
    while waiting:
        one = waiting.pop()
        match one:
            case Expression("true" | "false", _, None):
                steps.append((_Kind.VALUE, TRUE if one.token == "true" else FALSE, 0))
            case Expression(token, None, None):
                steps.append((_Kind.VALUE, _literal(token), 0))
            case Expression(_, str(name), None):
                steps.append((_Kind.NAME, name, 0))
            case Expression(_, _, (Expression("let", _, None), Expression(_, _, tuple(bindings)), body)):
                pairs = [binding.parts for binding in bindings if binding.parts]
                names = tuple(str(pair[0].name) for pair in pairs)
                waiting += [(_Kind.FREE, names, 0), body, (_Kind.BIND, names, len(names))]
                waiting += reversed([pair[1] for pair in pairs])
            case Expression(_, _, (_, *arguments)):
                waiting.append((_Kind.APPLY, one, len(arguments)))
                waiting += reversed(arguments)
            case Expression():
                raise Refused(f"bits: {one.text[:60]!r} is no term")
            case _:
                steps.append(one)
    return Term(expression.text, tuple(steps))


def condition(circuit: Circuit, term: Term, meanings: Meanings) -> int:
    """The literal of a term of sort `Bool`. Raises `Refused`."""
    value = value_of(circuit, term, meanings)
    if not isinstance(value, int):
        raise Refused(f"bits: {term.text[:60]!r} is no condition")
    return value


def value_of(circuit: Circuit, term: Term, meanings: Meanings) -> Value:
    """Raises `Refused`."""
    values: list[Value] = []
    bound: dict[str, list[Value]] = {}
    for kind, given, count in term.steps:
        if kind == _Kind.NAME:
            values.append(_meaning(given, bound, meanings))
        elif kind == _Kind.VALUE:
            values.append(given)
        elif kind == _Kind.APPLY:
            at = len(values) - count
            values[at:] = [_applied(circuit, given, values[at:])]
        elif kind == _Kind.BIND:
            at = len(values) - count
            for name, value in zip(given, values[at:], strict=True):
                bound.setdefault(name, []).append(value)
            del values[at:]
        else:
            for name in given:
                bound[name].pop()
    return values.pop()


def _meaning(name: str, bound: Mapping[str, list[Value]], meanings: Meanings) -> Value:
    if held := bound.get(name):
        return held[-1]
    value = meanings.get(name)
    if value is None:
        raise Refused(f"bits: nothing is known of {name[:60]!r}")
    return value


def _literal(token: str) -> Bits:
    if token.startswith("#") and len(token) > MOST_BITS:
        raise Refused(f"bits: a number of more than {MOST_BITS} digits")
    if token.startswith("#x"):
        return constant(int(token[2:], 16), 4 * (len(token) - 2))
    if token.startswith("#b"):
        return constant(int(token[2:], 2), len(token) - 2)
    raise Refused(f"bits: the number {token[:60]} has none, as it is of no bit-vector")


def _applied(circuit: Circuit, term: Expression, arguments: list[Value]) -> Value:
    assert term.parts is not None
    operator = term.parts[0]
    circuit.spend(sum(1 if isinstance(one, int) else len(one) for one in arguments))
    if operator.parts is not None:
        name, *numbers = (one.token for one in operator.parts[1:])
        return _indexed(term, name, tuple(int(one) for one in numbers), arguments)
    match operator.token, arguments:
        case "and", [*conditions] if _all_conditions(conditions):
            return circuit.conjunction(_conditions(conditions))
        case "or", [*conditions] if _all_conditions(conditions):
            return circuit.disjunction(_conditions(conditions))
        case "not", [int(one)]:
            return -one
        case "=", [int(left), int(right)]:
            return -circuit.exclusive(left, right)
        case "ite", [int(chosen), int(left), int(right)]:
            return circuit.choice(chosen, left, right)
        case "concat", [tuple(left), tuple(right)] if len(left) + len(right) <= MOST_BITS:
            return (*right, *left)
        case name, [tuple(one)] if name in UNARY:
            return UNARY[name](circuit, one)
        case "ite", [int(chosen), tuple(left), tuple(right)] if len(left) == len(right):
            return choose(circuit, chosen, left, right)
        case name, [tuple(left), tuple(right), *more] if len(left) == len(right):
            return _of_one_width(circuit, term, name, left, right, more)
    raise Refused(f"bits: {term.text[:60]!r} is of no sort, or of one that has none")


def _of_one_width(circuit: Circuit, term: Expression, name: str, left: Bits, right: Bits, more: list[Value]) -> Value:
    if name == "=" and not more:
        return equal(circuit, left, right)
    if name in ORDER and not more:
        return ORDER[name](circuit, left, right)
    operands = [left, right, *(one for one in more if isinstance(one, tuple) and len(one) == len(left))]
    if name in BINARY and len(operands) == 2 + len(more) and (not more or name in _OF_SEVERAL):
        return reduce(lambda found, one: BINARY[name](circuit, found, one), operands)
    raise Refused(f"bits: {term.text[:60]!r} is of no sort, or of one that has none")


_OF_SEVERAL = ("bvand", "bvor", "bvxor", "bvadd", "bvmul")
"""Left-associative."""


def _all_conditions(values: list[Value]) -> bool:
    return all(isinstance(one, int) for one in values)


def _conditions(values: list[Value]) -> list[int]:
    return [one for one in values if isinstance(one, int)]


def _indexed(term: Expression, name: str, numbers: tuple[int, ...], arguments: list[Value]) -> Value:
    match name, numbers, arguments:
        case "extract", (high, low), [tuple(bits)] if low <= high < len(bits):
            return bits[low : high + 1]
        case "zero_extend", (more,), [tuple(bits)] if len(bits) + more <= MOST_BITS:
            return (*bits, *constant(0, more))
        case "sign_extend", (more,), [tuple(bits)] if len(bits) + more <= MOST_BITS:
            return (*bits, *(bits[-1:] * more))
    raise Refused(f"bits: {term.text[:60]!r} is of no sort, or of one that has none")

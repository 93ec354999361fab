"""Concrete evaluation of large terms: each distinct term once, without recursion, arrays included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from smt_models.system.operators import OPERATORS, BitVec, Value
from smt_models.system.terms import Apply, Literal, Term, Variable
from smt_models.wasm.arrays import SELECT, STORE, ArrayValue

AnyValue = Value | ArrayValue


def values_of(terms: Iterable[Term], values: Mapping[str, AnyValue]) -> list[AnyValue]:
    """KeyError if a variable has no value."""
    known: dict[int, AnyValue] = {}
    roots = list(terms)
    for root in roots:
        waiting = [root]
        while waiting:
            term = waiting[-1]
            if id(term) in known:
                waiting.pop()
                continue
            match term:
                case Variable(name):
                    known[id(term)] = values[name]
                case Literal(value):
                    known[id(term)] = value
                case Apply(_, arguments):
                    missing = [item for item in arguments if id(item) not in known]
                    if missing:
                        waiting.extend(missing)
                        continue
                    known[id(term)] = _computed(term, [known[id(item)] for item in arguments])
            waiting.pop()
    return [known[id(root)] for root in roots]


def _computed(term: Apply, operands: list[AnyValue]) -> AnyValue:
    match term.operator:
        case "ite":
            return operands[1] if operands[0] else operands[2]
        case name if name == SELECT:
            return cast(ArrayValue, operands[0])[cast(int, operands[1])]
        case name if name == STORE:
            return cast(ArrayValue, operands[0]).with_element(cast(int, operands[1]), cast(int, operands[2]))
        case name:
            widths = tuple([item.sort.width if isinstance(item.sort, BitVec) else 0 for item in term.arguments])
            return OPERATORS[name].compute(widths, term.indices, *operands)


def value_of(term: Term, values: Mapping[str, AnyValue]) -> AnyValue:
    return values_of((term,), values)[0]

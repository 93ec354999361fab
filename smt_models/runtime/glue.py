"""Which values need their drop glue, and what it goes through."""

from __future__ import annotations

from typing import NoReturn

from extract.rust.library_types import library_type
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    MOVED,
    UNIT,
    Aggregate,
    Choice,
    Dangling,
    FunctionPointer,
    Moved,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Step,
    Value,
    Variant,
)


def needs_drop(value: Value) -> bool:
    match value:
        case Scalar() | Pointer() | Null() | Dangling() | FunctionPointer() | Moved():
            return False
        case Variant(of, _, fields) if of.startswith("core::"):
            return any(needs_drop(one) for one in fields)
        case Choice() | Opaque():
            return True
        case Aggregate("()" | "[]", fields):
            return any(needs_drop(one) for one in fields)
        case Aggregate(of, _):
            known = library_type(of)  # the table of what dropping a type of the library does
            return known is None or known.action != "nothing"
        case Variant():
            return True


def fields(state: State, place: Pointer) -> tuple[Pointer, ...]:
    steps: list[Step] = []
    match state.load(place):
        case Aggregate(_, fields):
            steps = list(range(len(fields)))
        case Variant(_, index, fields):
            steps = [(index, number) for number in range(len(fields))]
        case _:
            raise NotModelled("drop glue of what has no fields")
    return tuple(Pointer(place.base, (*place.path, step)) for step in steps)


def ended(place: Pointer, state: State, _: Value) -> Value:
    state.write(place, MOVED)
    return UNIT


def ended_unwinding(place: Pointer, state: State, _: Value = UNIT) -> NoReturn:
    state.write(place, MOVED)
    passes(state)

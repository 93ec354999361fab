"""A step of a counterexample in words: the call with its numbers, or that a loop goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proofs.pools.bounded import Route, input_at, value_at
from smt_models.buffers.model import PathStep
from smt_models.static_pools.values import Pointer, Scalar, Struct, Value
from smt_models.system.evaluate import evaluate
from smt_models.system.operators import Value as Number
from smt_models.system.terms import BOOLEAN, Term, Variable, variables_of


def written(path: PathStep, route: Route, time: int, step: int) -> str:
    """`rt::cabi_realloc(old_ptr = 0, old_len = 0, align = 1, new_len = 7)`."""
    if path.step.call.startswith("on from "):
        return path.step.call
    given = ", ".join(f"{name} = {_text(value, route, time, step)}" for name, value in path.given)
    return f"{path.step.call}({given})"


def _text(value: Value, route: Route, time: int, step: int) -> str:
    match value:
        case Scalar(term):
            return str(int(evaluate(term, _values(term, route, time, step))))
        case Struct("()", parts):
            return f"({', '.join(_parts(parts, route, time, step))})"
        case Struct(name, parts):
            return f"{name} {{ {', '.join(_parts(parts, route, time, step))} }}"
        case Pointer(_, _, length) if length is not None:
            return f"a slice of {int(evaluate(length, _values(length, route, time, step)))}"
        case Pointer():
            return "the block"
        case _:
            return "_"


def _parts(parts: tuple[Value, ...], route: Route, time: int, step: int) -> Iterator[str]:
    return (_text(one, route, time, step) for one in parts)


def _values(term: Term, route: Route, time: int, step: int) -> Mapping[str, Number]:
    """What the solver leaves open may be anything."""
    return {one.name: _value(one, route, time, step) for one in variables_of(term)}


def _value(one: Variable, route: Route, time: int, step: int) -> Number:
    found = route.values.get(input_at(time, step, one.name), route.values.get(value_at(one.name, time), 0))
    return bool(found) if one.sort == BOOLEAN else int(found)

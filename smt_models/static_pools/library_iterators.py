"""What iterators over arrays and slices do, by name [core::slice::Iter, core::iter::Enumerate]."""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.places import element
from smt_models.static_pools.state import State, below
from smt_models.static_pools.values import NONE, NotModelled, Pointer, Scalar, Struct, Value, some, word
from smt_models.system.terms import Term
from smt_models.wasm.build import make

_SLICE, _COUNTED = "core::slice::Iter", "core::iter::Enumerate"


def _over(_machine: Machine, _state: State, call: Call) -> Value:
    """What it goes over, and how many it has given."""
    return Struct(_SLICE, (place(call.arguments[0]), word(0)))


def _counted(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(_COUNTED, call.arguments)


def _next(_machine: Machine, state: State, call: Call) -> Value:
    found = _taken(state, place(call.arguments[0]))
    return NONE if found is None else some(found[1])


def _next_counted(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    found = _taken(state, Pointer(at.base, (*at.path, 0)))
    return NONE if found is None else some(Struct("()", (Scalar(found[0]), found[1])))


def _taken(state: State, at: Pointer) -> tuple[Term, Pointer] | None:
    """The next element with its number; forks, so that a loop knows whether it goes round."""
    match state.load(at):
        case Struct(of, (Pointer() as over, Scalar(given))) if of == _SLICE:
            if not state.is_true(below(given, state.length_of(over))):
                return None
            state.write(Pointer(at.base, (*at.path, 1)), Scalar(make("bvadd", given, word(1).term)))
            return given, element(over, given)
        case _:
            raise NotModelled("the next of what is no iterator over a slice")


def _of(iterator: str) -> dict[str, Model]:
    return {
        f"<{iterator} as core::iter::Iterator>::next": _next,
        f"<{iterator} as core::iter::Iterator>::enumerate": _counted,
        f"<{iterator} as core::iter::IntoIterator>::into_iter": same,
    }


ITERATORS: Mapping[str, Model] = {
    **_of("core::slice::Iter"),
    **_of("core::slice::IterMut"),
    "core::slice::<impl [_]>::iter": _over,
    "core::slice::<impl [_]>::iter_mut": _over,
    "<&[_] as core::iter::IntoIterator>::into_iter": _over,
    "<&mut [_] as core::iter::IntoIterator>::into_iter": _over,
    f"<{_COUNTED} as core::iter::Iterator>::next": _next_counted,
    f"<{_COUNTED} as core::iter::IntoIterator>::into_iter": same,
}

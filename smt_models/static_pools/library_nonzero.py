"""`NonZero` of a number: that number, of which it is known that it is not zero [core::num::NonZero]."""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import NON_ZERO, NONE, NotModelled, Scalar, Struct, Value, some
from smt_models.system.terms import Term, negation
from smt_models.wasm.build import make, number, width_of


def _is_some(term: Term) -> Term:
    return negation(make("=", term, number(0, width_of(term))))


def _made(_machine: Machine, state: State, call: Call) -> Value:
    term = term_of(call.arguments[0])
    return some(Struct(NON_ZERO, (Scalar(term),))) if state.is_true(_is_some(term)) else NONE


def _made_unchecked(_machine: Machine, state: State, call: Call) -> Value:
    """ "This results in undefined behavior if the value is zero"."""
    term = term_of(call.arguments[0])
    if not state.is_true(_is_some(term)):
        raise NotModelled("zero as a number that is not")
    return Struct(NON_ZERO, (Scalar(term),))


def _got(_machine: Machine, _state: State, call: Call) -> Value:
    match call.arguments[0]:
        case Struct(of, (Scalar() as held,)) if of == NON_ZERO:
            return held
        case _:
            raise NotModelled("a number of which it is not known that it is not zero")


NON_ZEROS: Mapping[str, Model] = {
    f"{NON_ZERO}::new": _made,
    f"{NON_ZERO}::new_unchecked": _made_unchecked,
    f"{NON_ZERO}::get": _got,
}

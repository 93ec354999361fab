"""`==` of the library's types, of numbers, truth values and characters: of others it may be the crate's own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.static_pools.library_options import inside
from smt_models.static_pools.machine import Call, Model, place
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import OPTION, NotModelled, Pointer, Scalar
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Term, both, negation
from smt_models.wasm.build import make


def _options(state: State, call: Call) -> Term:
    """ "`None == None`", and what two hold that hold something."""
    if not all(map(_holds_numbers, call.types)):
        raise NotModelled("a comparison of options that hold no numbers")
    one, other = (inside(state, state.load(place(argument))) for argument in call.arguments)
    if one is None or other is None:
        return TRUE if one is other else FALSE
    return make("=", term_of(one), term_of(other))


def _holds_numbers(of: t.Type | None) -> bool:
    match of:
        case t.Reference(_, _, t.PathType(t.Path((*_, t.Name(_, (t.Primitive(name),))))) as held):
            return plain_type(held) == OPTION and not name.startswith("f")
        case _:
            return False


def _slices(state: State, call: Call) -> Term:
    """Of the same length, and each element equal: of elements nothing is asked."""
    lengths = []
    for given, of in zip(call.arguments, call.types, strict=True):
        at = given
        while isinstance(of, t.Reference) and isinstance(of.target, t.Reference):
            at, of = state.load(place(at)), of.target
        if not _has_numbers(of) or not isinstance(at, Pointer):
            raise NotModelled("a comparison of slices of what are no numbers")
        lengths.append(state.length_of(at))
    return both(make("=", *lengths), state.fresh("contents that are compared", BOOLEAN))


def _has_numbers(of: t.Type | None) -> bool:
    match of:
        case t.Reference(_, _, t.Slice(t.Primitive(name)) | t.Array(t.Primitive(name))):
            return not name.startswith("f")
        case t.Reference(_, _, t.Primitive("str")):
            return True
        case _:
            return False


def _equal(compared: Callable[[State, Call], Term]) -> Model:
    return lambda _machine, state, call: Scalar(compared(state, call))


def _differ(compared: Callable[[State, Call], Term]) -> Model:
    return lambda _machine, state, call: Scalar(negation(compared(state, call)))


_COMPARISONS = {
    OPTION: _options,
    **dict.fromkeys(("[_]", "&[_]", "&mut [_]", "str", "&str"), _slices),
}

EQUALITIES: Mapping[str, Model] = {
    **{f"<{of} as core::cmp::PartialEq>::eq": _equal(compared) for of, compared in _COMPARISONS.items()},
    **{f"<{of} as core::cmp::PartialEq>::ne": _differ(compared) for of, compared in _COMPARISONS.items()},
}

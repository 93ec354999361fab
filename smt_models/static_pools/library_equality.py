"""`==` of the library's types, of numbers, truth values and characters: of others it may be the crate's own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.static_pools.library_options import inside
from smt_models.static_pools.machine import Call, Machine, Model, place
from smt_models.static_pools.places import target_of
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import OPTION, WIDTH, NotModelled, Pointer, Scalar, Sum
from smt_models.system.terms import BOOLEAN, Term, both, either, literal, negation
from smt_models.wasm.build import make, number

_Compared = Callable[[Machine, State, Call], Term]


def _options(machine: Machine, state: State, call: Call) -> Term:
    """ "`None == None`", and what two hold that hold something. Without a fork: a search asks this of each element."""
    if len(call.types) != 2 or not all(map(_holds_numbers, call.types)):
        raise NotModelled("a comparison of options that hold no numbers")
    given = zip(call.arguments, call.types, strict=True)
    one, other = (machine.read(state, place(argument), target_of(of)) for argument, of in given)
    if not isinstance(one, Sum) or not isinstance(other, Sum):
        raise NotModelled("a comparison of options of which nothing is known")
    if not one.payload(1) or not other.payload(1):
        held = [inside(state, each) for each in (one, other)]  # one that was never seen to hold anything is none
        return literal(held == [None, None], BOOLEAN)
    is_none = make("=", one.tag, number(0, WIDTH))
    same = make("=", *(term_of(each.payload(1)[0]) for each in (one, other)))
    return both(make("=", one.tag, other.tag), either(is_none, same))


def _holds_numbers(of: t.Type | None) -> bool:
    match of:
        case t.Reference(_, _, t.PathType(t.Path((*_, t.Name(_, (t.Primitive(name),))))) as held):
            return plain_type(held) == OPTION and not name.startswith("f")
        case _:
            return False


def _slices(_machine: Machine, state: State, call: Call) -> Term:
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


def _equal(compared: _Compared) -> Model:
    return lambda machine, state, call: Scalar(compared(machine, state, call))


def _differ(compared: _Compared) -> Model:
    return lambda machine, state, call: Scalar(negation(compared(machine, state, call)))


_COMPARISONS = {
    OPTION: _options,
    **dict.fromkeys(("[_]", "&[_]", "&mut [_]", "str", "&str"), _slices),
}

EQUALITIES: Mapping[str, Model] = {
    **{f"<{of} as core::cmp::PartialEq>::eq": _equal(compared) for of, compared in _COMPARISONS.items()},
    **{f"<{of} as core::cmp::PartialEq>::ne": _differ(compared) for of, compared in _COMPARISONS.items()},
}

"""Which body a call means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from extract.mir import types as t
from smt_models.runtime.names import last_generics
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.values import UNIT, Aggregate, Pointer, Value, Variant

_NONE: frozenset[str] = frozenset()
_BLANKETS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "borrow::Borrow": (_NONE, _NONE),
    "borrow::BorrowMut": (_NONE, _NONE),
    "borrow::ToOwned": (frozenset({"clone::Clone"}), _NONE),
    "convert::From": (_NONE, _NONE),
    "convert::Into": (_NONE, frozenset({"convert::From"})),
    "convert::TryFrom": (frozenset({"convert::From"}), frozenset({"convert::Into"})),
    "convert::TryInto": (frozenset({"convert::Into"}), frozenset({"convert::From", "convert::TryFrom"})),
    "future::IntoFuture": (frozenset({"future::Future"}), _NONE),
    "iter::IntoIterator": (frozenset({"iter::Iterator"}), _NONE),
    "string::ToString": (frozenset({"fmt::Display"}), _NONE),
}
"""Traits that the library implements with the type itself as the argument, if they have one, and for types that have
one of the first, or where any type has one of the others ["Blanket Implementations" of each trait].
"""


def body_of(
    program: Program,
    bound: Mapping[str, str],
    state: State,
    name: str,
    path: t.Path | None,
    arguments: tuple[Value, ...],
) -> str | None:
    """None if there is none, or several. `path` is None for a call through a function pointer. `bound`: the one type
    for which a trait's methods are called, for methods that do not take `self`.
    """
    if name in program.functions:
        return name
    if path is not None and isinstance(path.segments[0], t.Qualified):
        return _trait_method(program, bound, state, name, path.segments[0], arguments)
    of, written, method = name.partition("::<impl ")[2].rpartition(">::")
    if written:  # a method of an impl in another module than its type's
        bodies = program.methods.get((of, method), ())
        return bodies[0] if len(bodies) == 1 else None
    names = name.split("::")
    for at in range(len(names) - 1, 0, -1):  # a function within a method goes by the method's name
        bodies = program.methods.get(("::".join(names[:at]), names[at]), ())
        if len(bodies) == 1:
            body = "::".join((bodies[0], *names[at + 1 :]))
            return body if body in program.functions else None
    return None


def _trait_method(
    program: Program,
    bound: Mapping[str, str],
    state: State,
    name: str,
    asked: t.Qualified,
    arguments: tuple[Value, ...],
) -> str | None:
    """By the type that is written, if it has the trait; else by the run-time type of `self`, or as it is bound. None
    where the library's own blanket implementation may be meant.
    """
    head, _, method = name.rpartition("::")
    written, _, trait = head.removeprefix("<").removesuffix(">").rpartition(" as ")
    for crate in ("core::", "alloc::", "std::"):
        trait = trait.removeprefix(crate)
    for of in _types(bound, state, written, trait, arguments):
        made = program.implementations.get((of, trait), ())
        if made:
            is_one = len(made) == 1 and not _may_be_the_librarys(program, asked, of, trait)
            return f"{made[0]}::{method}" if is_one else None
    return None


def _types(
    bound: Mapping[str, str], state: State, written: str, trait: str, arguments: tuple[Value, ...]
) -> Iterator[str]:
    yield written
    yield _type_of_first(state, arguments)
    if trait in bound:
        yield bound[trait]


def _may_be_the_librarys(program: Program, asked: t.Qualified, of: str, trait: str) -> bool:
    """Implementations are known without the arguments of type and trait. So one of the crate's is not taken for a
    trait that the library has for the type itself, or for all that have another trait which the crate implements, too.
    """
    if trait not in _BLANKETS:
        return False
    if asked.trait is not None and last_generics(asked.trait) == (asked.type,):
        return True
    own, of_any = _BLANKETS[trait]
    return any(by in of_any or (by in own and which == of) for which, by in program.implementations)


def _type_of_first(state: State, arguments: tuple[Value, ...]) -> str:
    """Through references; empty if it is no type with a name."""
    value = state.settle(arguments[0]) if arguments else UNIT
    while isinstance(value, Pointer):
        value = state.load(value)
    return value.type if isinstance(value, Aggregate | Variant) else ""

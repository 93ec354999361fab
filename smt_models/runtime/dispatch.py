"""Which body a call means."""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir import types as t
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.values import UNIT, Aggregate, Pointer, Value, Variant


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
        return _trait_method(program, bound, state, name, arguments)
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
    program: Program, bound: Mapping[str, str], state: State, name: str, arguments: tuple[Value, ...]
) -> str | None:
    """By the type that is written, if it has the trait; else by the run-time type of `self`, or as it is bound."""
    head, _, method = name.rpartition("::")
    written, _, trait = head.removeprefix("<").removesuffix(">").rpartition(" as ")
    for crate in ("core::", "alloc::", "std::"):
        trait = trait.removeprefix(crate)
    made = program.implementations.get((written, trait), ())
    if not made:
        made = program.implementations.get((_type_of_first(state, arguments), trait), ())
    if not made and trait in bound:
        made = program.implementations.get((bound[trait], trait), ())
    return f"{made[0]}::{method}" if len(made) == 1 else None


def _type_of_first(state: State, arguments: tuple[Value, ...]) -> str:
    """Through references; empty if it is no type with a name."""
    value = state.settle(arguments[0]) if arguments else UNIT
    while isinstance(value, Pointer):
        value = state.load(value)
    return value.type if isinstance(value, Aggregate | Variant) else ""

"""`Option` and `Result`: what is in them is looked at by forking, so that each path knows which it is."""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir import types as t
from extract.mir.show import show_type
from smt_models.static_pools.inputs import CONTENTS_NAME, any_variant
from smt_models.static_pools.machine import Call, Machine, Model, handed_on, place
from smt_models.static_pools.places import target_of
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    CONTENTS,
    NONE,
    OPTION,
    RESULT,
    WIDTH,
    NotModelled,
    Pointer,
    Scalar,
    Sum,
    Value,
    some,
    truth,
    variant,
)
from smt_models.system.terms import BOOLEAN, Term
from smt_models.wasm.build import make, number

CONTROL_FLOW = "core::ops::ControlFlow"


def _sum(value: Value) -> Sum:
    if isinstance(value, Sum) and value.type in (OPTION, RESULT):
        return value
    raise NotModelled(f"{type(value).__name__} where an option belongs")


def _is(value: Sum, index: int) -> Term:
    return make("=", value.tag, number(index, WIDTH))


def _good(value: Sum) -> int:
    """The variant that holds what is wanted: `Some`, `Ok`."""
    return 1 if value.type == OPTION else 0


def inside(state: State, value: Value) -> Value | None:
    """What `Some` or `Ok` holds; None if it is the other. Forks."""
    of = _sum(value)
    if not state.is_true(_is(of, _good(of))):
        return None
    match of.payload(_good(of)):
        case (held,):
            return held
        case _:
            raise NotModelled("what an option holds that was never seen to hold anything")


def _failed(value: Sum) -> Sum:
    """`None`, or `Err` with what it holds, where it is that: of another type it may become part."""
    held = tuple(one for one in value.payloads if one[0] != _good(value))
    return Sum(value.type, number(1 - _good(value), WIDTH), held)


def _other(value: Sum) -> tuple[Value, ...]:
    """What is in the other variant: nothing in `None`, the error in `Err`."""
    if value.type == OPTION:
        return ()
    match value.payload(1):
        case (_,) as held:
            return held
        case _:
            raise NotModelled("what a result holds that was never seen to hold an error")


def _there(machine: Machine, state: State, call: Call) -> Sum:
    """What stands where a function is told to look."""
    of = target_of(next(iter(call.types), None))
    return _sum(machine.read(state, place(call.arguments[0]), of))


def _asks(index: int) -> Model:
    def model(_machine: Machine, state: State, call: Call) -> Value:
        at = call.arguments[0]
        if isinstance(at, Pointer) and state.read(at) == CONTENTS:
            return Scalar(state.fresh(CONTENTS_NAME, BOOLEAN))
        return Scalar(_is(_sum(state.load(at) if isinstance(at, Pointer) else at), index))

    return model


def _unwrapped(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    if held is None:
        raise Ends(Panicked(call.name))
    return held


def _or(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    return call.arguments[1] if held is None else held


def _or_else(machine: Machine, state: State, call: Call) -> Value | None:
    held = inside(state, call.arguments[0])
    if held is not None:
        return held
    given = _sum(call.arguments[0])
    return machine.invoke(state, call.arguments[1], _other(given), handed_on)


def _ok_or(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    return variant(RESULT, 1, call.arguments[1]) if held is None else variant(RESULT, 0, held)


def _ok(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    return NONE if held is None else some(held)


def _mapped(machine: Machine, state: State, call: Call) -> Value | None:
    given = _sum(call.arguments[0])
    held = inside(state, given)
    if held is None:
        return _failed(given)
    return machine.invoke(state, call.arguments[1], (held,), lambda _, made: variant(given.type, _good(given), made))


def _then(machine: Machine, state: State, call: Call) -> Value | None:
    given = _sum(call.arguments[0])
    held = inside(state, given)
    if held is None:
        return _failed(given)
    return machine.invoke(state, call.arguments[1], (held,), handed_on)


def _map_or(machine: Machine, state: State, call: Call) -> Value | None:
    held = inside(state, call.arguments[0])
    if held is None:
        return call.arguments[1]
    return machine.invoke(state, call.arguments[2], (held,), handed_on)


def _map_or_else(machine: Machine, state: State, call: Call) -> Value | None:
    given = _sum(call.arguments[0])
    held = inside(state, given)
    if held is None:
        return machine.invoke(state, call.arguments[1], _other(given), handed_on)
    return machine.invoke(state, call.arguments[2], (held,), handed_on)


def _mapped_other(machine: Machine, state: State, call: Call) -> Value | None:
    """`map_err`."""
    given = _sum(call.arguments[0])
    held = inside(state, given)
    if held is not None:
        return variant(RESULT, 0, held)
    return machine.invoke(state, call.arguments[1], _other(given), lambda _, made: variant(RESULT, 1, made))


def _ok_or_else(machine: Machine, state: State, call: Call) -> Value | None:
    held = inside(state, call.arguments[0])
    if held is not None:
        return variant(RESULT, 0, held)
    return machine.invoke(state, call.arguments[1], (), lambda _, made: variant(RESULT, 1, made))


def _or_option(_machine: Machine, state: State, call: Call) -> Value:
    return call.arguments[1] if inside(state, call.arguments[0]) is None else call.arguments[0]


def _or_else_option(machine: Machine, state: State, call: Call) -> Value | None:
    if inside(state, call.arguments[0]) is not None:
        return call.arguments[0]
    return machine.invoke(state, call.arguments[1], (), handed_on)


def _tells(otherwise: bool) -> Model:
    """`is_some_and`, `is_none_or`: what the closure says of what is inside."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        held = inside(state, call.arguments[0])
        if held is None:
            return truth(otherwise)
        return machine.invoke(state, call.arguments[1], (held,), handed_on)

    return model


def _flattened(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    return NONE if held is None else held


def _filtered(machine: Machine, state: State, call: Call) -> Value | None:
    held = inside(state, call.arguments[0])
    if held is None:
        return NONE
    shown = state.allocate(held)

    def said(after: State, made: Value) -> Value:
        kept = after.objects.pop(shown)  # nobody else was given the place
        if after.is_true(term_of(made)):
            return some(kept)
        if after.owned_in((kept,)):
            raise NotModelled(f"an owner, or what has a `Drop`, that {call.name} leaves out")
        return NONE

    return machine.invoke(state, call.arguments[1], (Pointer(shown),), said)


def _if_so(machine: Machine, state: State, call: Call) -> Value | None:
    """`bool::then`."""
    if not state.is_true(term_of(call.arguments[0])):
        return NONE
    return machine.invoke(state, call.arguments[1], (), lambda _, made: some(made))


def _value_if_so(_machine: Machine, state: State, call: Call) -> Value:
    """`bool::then_some`."""
    return some(call.arguments[1]) if state.is_true(term_of(call.arguments[0])) else NONE


def _copied(_machine: Machine, state: State, call: Call) -> Value:
    held = inside(state, call.arguments[0])
    if held is None:
        return NONE
    if not isinstance(held, Pointer):
        raise NotModelled("a copy of what is no place")
    return some(state.load(held))


def held_at(state: State, at: Pointer) -> Pointer | None:
    """Where what an option holds stands; None if it holds nothing. Forks."""
    value = state.read(at)
    given = any_variant(state, OPTION, 2, CONTENTS_NAME) if value == CONTENTS else _sum(value)
    if not state.is_true(_is(given, 1)):
        return None
    held = Pointer(at.base, (*at.path, (1, 0)))
    state.read(held)  # it was seen to hold something
    return held


def _as_reference(_machine: Machine, state: State, call: Call) -> Value:
    held = held_at(state, place(call.arguments[0]))
    return NONE if held is None else some(held)


def _taken(machine: Machine, state: State, call: Call) -> Value:
    old = _there(machine, state, call)
    state.write(place(call.arguments[0]), Sum(OPTION, number(0, WIDTH), old.payloads))
    return old


def _replaced(machine: Machine, state: State, call: Call) -> Value:
    old = _there(machine, state, call)
    state.write(place(call.arguments[0]), some(call.arguments[1]))
    return old


def _inserted(_machine: Machine, state: State, call: Call) -> Value:
    """ "Inserts value into the option, then returns a mutable reference to it"; what it held is dropped."""
    at = place(call.arguments[0])
    if state.owned_in((state.read(at),)):
        raise NotModelled(f"an owner, or what has a `Drop`, that {call.name} drops")
    state.write(at, some(call.arguments[1]))
    return Pointer(at.base, (*at.path, (1, 0)))


def _branched(_machine: Machine, state: State, call: Call) -> Value:
    """`?`: goes on with what is inside, or breaks with the rest."""
    given = _sum(call.arguments[0])
    held = inside(state, given)
    return variant(CONTROL_FLOW, 1, _failed(given)) if held is None else variant(CONTROL_FLOW, 0, held)


def _residual(_machine: Machine, _state: State, call: Call) -> Value:
    """Without a conversion of the error: `From` of the crate may do anything."""
    given = _sum(call.arguments[0])
    if given.type == RESULT:
        of, result = (_error(one) for one in (next(iter(call.types), None), call.result))
        if f"<{RESULT} as" not in call.name or of is None or of != result:
            raise NotModelled(f"{call.name}, which converts the error")
    return given


def _error(of: t.Type | None) -> str | None:
    """The type of the error of a result, as it is printed; None where that is not said."""
    match of:
        case t.PathType(t.Path((*_, t.Name("Result", (_, error))))) if not isinstance(
            error, t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn
        ):
            return show_type(error)
        case _:
            return None


def _models(of: str) -> dict[str, Model]:
    return {
        f"{of}::unwrap": _unwrapped,
        f"{of}::expect": _unwrapped,
        f"{of}::unwrap_or": _or,
        f"{of}::unwrap_or_else": _or_else,
        f"{of}::map": _mapped,
        f"{of}::and_then": _then,
        f"{of}::map_or": _map_or,
        f"<{of} as core::ops::Try>::branch": _branched,
        f"<{of} as core::ops::FromResidual>::from_residual": _residual,
    }


OPTIONS: Mapping[str, Model] = {
    **_models(OPTION),
    **_models(RESULT),
    f"{OPTION}::map_or_else": _map_or_else,
    f"{RESULT}::map_or_else": _map_or_else,
    f"{RESULT}::map_err": _mapped_other,
    f"{OPTION}::ok_or_else": _ok_or_else,
    f"{OPTION}::filter": _filtered,
    f"{OPTION}::flatten": _flattened,
    f"{OPTION}::or": _or_option,
    f"{OPTION}::or_else": _or_else_option,
    f"{OPTION}::is_some_and": _tells(False),
    f"{OPTION}::is_none_or": _tells(True),
    f"{RESULT}::is_ok_and": _tells(False),
    "core::bool::<impl bool>::then": _if_so,
    "core::bool::<impl bool>::then_some": _value_if_so,
    f"{OPTION}::is_some": _asks(1),
    f"{OPTION}::is_none": _asks(0),
    f"{RESULT}::is_ok": _asks(0),
    f"{RESULT}::is_err": _asks(1),
    f"{OPTION}::ok_or": _ok_or,
    f"{RESULT}::ok": _ok,
    f"{OPTION}::copied": _copied,
    f"{OPTION}::as_ref": _as_reference,
    f"{OPTION}::as_mut": _as_reference,
    f"{OPTION}::take": _taken,
    f"{OPTION}::replace": _replaced,
    f"{OPTION}::insert": _inserted,
}

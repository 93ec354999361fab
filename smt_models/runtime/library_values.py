"""Models of library functions on values: Option, Result, Pin, pointers, numbers. See `library` for the table."""

from __future__ import annotations

from functools import partial

from extract.mir import types as t
from extract.mir.compile import Panic
from smt_models.runtime.constants import USIZE, boolean
from smt_models.runtime.extents import SIZE, moved
from smt_models.runtime.facts import fold
from smt_models.runtime.machine import Call, Machine, deliver
from smt_models.runtime.names import last_generics, plain_path, plain_type
from smt_models.runtime.outcomes import Final, NotModelled, Unwinds
from smt_models.runtime.rvalues import cast_pointer, truth
from smt_models.runtime.state import State
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    NONE,
    OPTION,
    RESULT,
    UNIT,
    Aggregate,
    Dangling,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    Variant,
    some,
)
from smt_models.system.terms import BOOLEAN, FALSE, Literal, Term, choose, negation

NON_NULL = "core::ptr::NonNull"


def pointer(state: State, value: Value) -> Pointer:
    value = state.settle(value)
    if not isinstance(value, Pointer):
        raise NotModelled(f"a reference that is {type(value).__name__}")
    return value


def variant(state: State, value: Value, of: str) -> Variant:
    value = state.settle(value)
    if not isinstance(value, Variant) or value.type != of:
        raise NotModelled(f"{of} that is {getattr(value, 'type', type(value).__name__)}")
    return value


def scalar(state: State, value: Value) -> Scalar:
    value = state.settle(value)
    if not isinstance(value, Scalar):
        raise NotModelled(f"a number that is {type(value).__name__}")
    return value


def same(_machine: Machine, _state: State, call: Call) -> Value:
    return call.arguments[0]


def through(_machine: Machine, state: State, call: Call) -> Value:
    return state.load(pointer(state, call.arguments[0]))


def unit(_machine: Machine, _state: State, _call: Call) -> Value:
    return UNIT


def text(_machine: Machine, _state: State, _call: Call) -> Value:
    return Opaque("text")


def panics(_machine: Machine, _state: State, call: Call) -> Value:
    raise Unwinds(call.name)


def option_take(machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    value = state.load(at)
    machine.assign(state, at, NONE)
    return value


def unwrap(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    match value:
        case Variant(of, index, (inner,)) if (of, index) in ((OPTION, 1), (RESULT, 0)):
            return inner
        case Variant(of) if of in (OPTION, RESULT):
            raise Unwinds("unwrap")
        case _:
            raise NotModelled(f"unwrap of {type(value).__name__}")


def is_err(_machine: Machine, state: State, call: Call) -> Value:
    return boolean(variant(state, state.load(pointer(state, call.arguments[0])), RESULT).index == 1)


def is_none(_machine: Machine, state: State, call: Call) -> Value:
    return boolean(variant(state, state.load(pointer(state, call.arguments[0])), OPTION).index == 0)


def is_some(_machine: Machine, state: State, call: Call) -> Value:
    return boolean(variant(state, state.load(pointer(state, call.arguments[0])), OPTION).index == 1)


def option_reference(_machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    if variant(state, state.load(at), OPTION).index == 0:
        return NONE
    return some(Pointer(at.base, (*at.path, (1, 0)), at.moved))


def option_or(_machine: Machine, state: State, call: Call) -> Value:
    value = variant(state, call.arguments[0], OPTION)
    if isinstance(state.settle(call.arguments[1]), Aggregate | Variant | Opaque):
        raise NotModelled("Option::unwrap_or with something to drop")
    return value.fields[0] if value.index == 1 else call.arguments[1]


def option_insert(machine: Machine, state: State, call: Call) -> Value | None:
    """`*self = Some(value)`: the old value is dropped, then the new one is there, also if that drop panics
    (reference, "Assignment": dropped, then assigned; rustc_mir_build::build::scope, `build_drop_and_replace`)."""
    at, value = pointer(state, call.arguments[0]), call.arguments[1]

    def put(later: State, _: Value) -> Value:
        machine.assign(later, at, some(value))
        return Pointer(at.base, (*at.path, (1, 0)))

    def put_unwinding(later: State) -> None:
        machine.assign(later, at, some(value))
        passes(later)

    machine.after(state, "Option::insert", put, put_unwinding)
    done = machine.drop(state, (at,))
    if done is not None:
        deliver(state, done)
    return None


def swap(machine: Machine, state: State, call: Call) -> Value:
    at = pointer(state, call.arguments[0])
    value = state.load(at)
    machine.assign(state, at, call.arguments[1])
    return value


def swap_places(machine: Machine, state: State, call: Call) -> Value:
    left, right = (pointer(state, one) for one in call.arguments)
    value = state.load(left)
    machine.assign(state, left, state.load(right))
    machine.assign(state, right, value)
    return UNIT


def not_equal(machine: Machine, state: State, call: Call) -> Value | None:
    """The provided method: "The default implementation is the inverse of `eq`"."""

    def inverse(_state: State, result: Value) -> Value:
        return Scalar(negation(truth(result).term))

    machine.after(state, call.name, inverse, passes)
    name = call.name.removesuffix("::ne") + "::eq"
    result = machine.call(state, Call(name, call.arguments, call.path))
    if result is not None:
        deliver(state, result)
    return None


def aborts(_machine: Machine, _state: State, call: Call) -> Value:
    raise Final(f"{call.name} ends the program")


def panicking(machine: Machine, state: State, _call: Call) -> Value:
    """Whatever it is that panics: code of the client may, too, and drop what is looked at on the way."""
    if machine.panic is Panic.ABORT:
        return Scalar(FALSE)
    return Scalar(state.chosen("the thread panics", BOOLEAN))


def drop_value(machine: Machine, state: State, call: Call) -> Value | None:
    return drop_moved(machine, state, call.arguments[0])


def _end(place: Pointer, state: State, _: Value) -> Value:
    state.end(place.base)
    return UNIT


def drop_moved(machine: Machine, state: State, value: Value) -> Value | None:
    """Of a value that has left its place: the place that it has meanwhile ends with it."""
    place = Pointer(state.allocate(value, "what is dropped"))

    machine.after(state, "the end of what is dropped", partial(_end, place), passes)
    done = machine.drop(state, (place,))
    if done is not None:
        deliver(state, done)
    return None


def convert(_machine: Machine, _state: State, call: Call) -> Value:
    return Variant(RESULT, 0, (call.arguments[0],))


def same_number(_machine: Machine, state: State, call: Call) -> Value:
    """Of numbers behind references, however many."""
    terms = []
    for one in call.arguments:
        value = state.settle(one)
        while isinstance(value, Pointer):
            value = state.load(value)
        terms.append(scalar(state, value).term)
    return Scalar(fold("=", *terms))


def minimum(_machine: Machine, state: State, call: Call) -> Value:
    left, right = (scalar(state, one).term for one in call.arguments)
    return Scalar(choose(fold("bvult", right, left), right, left))


def wrapping_product(_machine: Machine, state: State, call: Call) -> Value:
    left, right = (scalar(state, one).term for one in call.arguments)
    return Scalar(fold("bvmul", left, right))


def non_null(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    return NONE if isinstance(value, Null) else some(Aggregate(NON_NULL, (value,)))


def _inner(state: State, value: Value) -> Value:
    value = state.settle(value)
    if isinstance(value, Aggregate) and value.type == NON_NULL:
        return state.settle(value.fields[0])
    raise NotModelled("a NonNull of which nothing is known")


def non_null_pointer(_machine: Machine, state: State, call: Call) -> Value:
    return _inner(state, call.arguments[0])


def non_null_add(_machine: Machine, state: State, call: Call) -> Value:
    return Aggregate(NON_NULL, (_further(_inner(state, call.arguments[0]), _distance(state, call)),))


def pointer_add(_machine: Machine, state: State, call: Call) -> Value:
    return _further(state.settle(call.arguments[0]), _distance(state, call))


def _distance(state: State, call: Call) -> Term | None:
    """In bytes, if the pointer is to bytes or to elements."""
    count = scalar(state, call.arguments[1]).term
    of = _pointee(call)
    match of:
        case t.PathType(path) if plain_path(path) == "core::mem::MaybeUninit":
            of = next((one for one in last_generics(path) if isinstance(one, t.PathType)), of)  # "the same size"
        case _:
            pass
    match of:
        case t.Primitive("u8"):
            return count
        case t.PathType(t.Path((t.Name(_, ()),) | (t.Qualified(), t.Name(_, ())))):
            return fold("bvmul", count, SIZE)  # a type parameter
        case _:
            return count if count == Literal(0, USIZE) else None


def _pointee(call: Call) -> t.Type | None:
    match call.path.segments[-2:-1] if call.path is not None else ():
        case (t.ImplOf(None, t.RawPointer(_, of)),) | (t.Name(_, (of,)),):
            return of if not isinstance(of, t.ConstArgument | t.Binding | t.BoundOn | t.Lifetime) else None
        case _:
            return None


def _further(value: Value, distance: Term | None) -> Value:
    """ "the entire memory range .. must be in-bounds of that allocated object" [pointer::add]: that is asked where it
    is lent (extent); here it stays in the object.
    """
    match value:
        case Pointer():
            return moved(value, distance)
        case Null() | Dangling():
            return Dangling()
        case _:
            raise NotModelled(f"a distance from {type(value).__name__}")


def pointer_cast(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    generics = last_generics(call.path) if call.path is not None else ()
    if len(generics) != 1 or isinstance(value, Null | Dangling):
        return value
    target = generics[0]
    return cast_pointer(state, value, plain_type(target))  # type: ignore[arg-type]


def is_null(_machine: Machine, state: State, call: Call) -> Value:
    value = state.settle(call.arguments[0])
    if isinstance(value, Null | Pointer):
        return boolean(isinstance(value, Null))
    raise NotModelled(f"is_null of {type(value).__name__}")


def null(_machine: Machine, _state: State, _call: Call) -> Value:
    return Null()


def range_next(machine: Machine, state: State, call: Call) -> Value:
    """`if start < end { start += 1; Some(old) } else { None }` [Range: Iterator]."""
    at = pointer(state, call.arguments[0])
    value = state.load(at)
    if not isinstance(value, Aggregate) or value.type != "core::ops::Range":
        raise NotModelled("a range of which nothing is known")
    start, end = (scalar(state, one) for one in value.fields)
    if not state.is_true(fold("bvult", start.term, end.term)):
        return NONE
    one = Literal(1, start.term.sort)
    machine.assign(state, at, Aggregate(value.type, (Scalar(fold("bvadd", start.term, one)), end)))
    return some(start)

"""`RefCell`: what is in it, and how it is borrowed, as a number [core::cell::RefCell]: so many readers, or -1 for a
writer. A guard is two places: what is borrowed, and that number. It must not get lost, as its drop ends the borrow.
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.static_pools.machine import Call, Machine, Model, place
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    READ_GUARD,
    REF_CELL,
    RESULT,
    UNIT,
    WIDTH,
    WRITE_GUARD,
    NotModelled,
    Opaque,
    Pointer,
    Scalar,
    Struct,
    Value,
    variant,
)
from smt_models.system.terms import Term
from smt_models.wasm.build import make, number

HELD, BORROWED = 0, 1
_NONE, _WRITER, _ONE = (number(value, WIDTH) for value in (0, -1, 1))


def _made(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(REF_CELL, (call.arguments[0], Scalar(_NONE)))


def _parts(state: State, at: Value) -> tuple[Pointer, Pointer, Term]:
    """Where what is in it stands, where the number does, and that number."""
    cell = place(at)
    held, borrowed = (Pointer(cell.base, (*cell.path, part)) for part in (HELD, BORROWED))
    if not isinstance(state.read(cell), Struct):
        raise NotModelled("a RefCell of which nothing is known")
    return held, borrowed, term_of(state.load(borrowed))


def _read(state: State, at: Value) -> Value | None:
    """None: it is being written."""
    held, borrowed, count = _parts(state, at)
    more = make("bvadd", count, _ONE)
    if not state.is_true(make("bvslt", _NONE, more)):
        return None
    state.write(borrowed, Scalar(more))
    return Struct(READ_GUARD, (held, borrowed))


def _written(state: State, at: Value) -> Value | None:
    """None: it is borrowed."""
    held, borrowed, count = _parts(state, at)
    if not state.is_true(make("=", count, _NONE)):
        return None
    state.write(borrowed, Scalar(_WRITER))
    return Struct(WRITE_GUARD, (held, borrowed))


def _borrow(_machine: Machine, state: State, call: Call) -> Value:
    """ "Panics if the value is currently mutably borrowed"."""
    return _or_panics(_read(state, call.arguments[0]), call)


def _borrow_mut(_machine: Machine, state: State, call: Call) -> Value:
    """ "Panics if the value is currently borrowed"."""
    return _or_panics(_written(state, call.arguments[0]), call)


def _or_panics(guard: Value | None, call: Call) -> Value:
    if guard is None:
        raise Ends(Panicked(call.name))
    return guard


def _try_borrow(_machine: Machine, state: State, call: Call) -> Value:
    return _or_error(_read(state, call.arguments[0]))


def _try_borrow_mut(_machine: Machine, state: State, call: Call) -> Value:
    return _or_error(_written(state, call.arguments[0]))


def _or_error(guard: Value | None) -> Value:
    return variant(RESULT, 1, Opaque("a borrow that is not to be had")) if guard is None else variant(RESULT, 0, guard)


def _replaced(_machine: Machine, state: State, call: Call) -> Value:
    """ "Panics if the value is currently borrowed"."""
    held, _, count = _parts(state, call.arguments[0])
    if not state.is_true(make("=", count, _NONE)):
        raise Ends(Panicked(call.name))
    old = state.load(held)
    state.write(held, call.arguments[1])
    return old


def _inside(_machine: Machine, state: State, call: Call) -> Value:
    """`get_mut`, `as_ptr`: without a borrow."""
    held, _, _ = _parts(state, call.arguments[0])
    return held


def _taken_out(_machine: Machine, _state: State, call: Call) -> Value:
    match call.arguments[0]:
        case Struct(of, (held, _)) if of == REF_CELL:
            return held
        case _:
            raise NotModelled("a RefCell of which nothing is known")


def _guard(value: Value) -> tuple[Pointer, Pointer]:
    match value:
        case Struct(of, (Pointer() as held, Pointer() as borrowed)) if of in (READ_GUARD, WRITE_GUARD):
            return held, borrowed
        case _:
            raise NotModelled("a guard of which nothing is known")


def _behind(_machine: Machine, state: State, call: Call) -> Value:
    """`deref`, `deref_mut`."""
    held, _ = _guard(state.load(place(call.arguments[0])))
    return held


def ends_borrow(state: State, guard: Value) -> Value:
    """What the drop of a guard does."""
    _, borrowed = _guard(guard)
    by = _ONE if isinstance(guard, Struct) and guard.type == WRITE_GUARD else _WRITER
    state.write(borrowed, Scalar(make("bvadd", term_of(state.load(borrowed)), by)))
    return UNIT


REF_CELLS: Mapping[str, Model] = {
    f"{REF_CELL}::new": _made,
    f"{REF_CELL}::borrow": _borrow,
    f"{REF_CELL}::borrow_mut": _borrow_mut,
    f"{REF_CELL}::try_borrow": _try_borrow,
    f"{REF_CELL}::try_borrow_mut": _try_borrow_mut,
    f"{REF_CELL}::replace": _replaced,
    f"{REF_CELL}::get_mut": _inside,
    f"{REF_CELL}::as_ptr": _inside,
    f"{REF_CELL}::into_inner": _taken_out,
    f"<{READ_GUARD} as core::ops::Deref>::deref": _behind,
    f"<{WRITE_GUARD} as core::ops::Deref>::deref": _behind,
    f"<{WRITE_GUARD} as core::ops::DerefMut>::deref_mut": _behind,
}

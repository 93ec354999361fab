"""What functions of the standard library do, in one table by name. Sources: their documentation, as of Rust 1.95."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir import types as t
from smt_models.static_pools.inputs import HIDDEN
from smt_models.static_pools.library_bytes import BYTES
from smt_models.static_pools.library_critical_section import CRITICAL_SECTIONS
from smt_models.static_pools.library_equality import EQUALITIES
from smt_models.static_pools.library_iterators import ITERATORS
from smt_models.static_pools.library_nonzero import NON_ZEROS
from smt_models.static_pools.library_numbers import NUMBERS
from smt_models.static_pools.library_options import OPTIONS
from smt_models.static_pools.library_pointers import POINTERS
from smt_models.static_pools.library_refcell import REF_CELLS, ends_borrow
from smt_models.static_pools.library_slices import SLICES
from smt_models.static_pools.machine import DROP, Call, Machine, Model, place, same
from smt_models.static_pools.places import target_of
from smt_models.static_pools.retries import WEAK, fails
from smt_models.static_pools.rvalues import discriminant, enum_at
from smt_models.static_pools.state import State, term_of
from smt_models.static_pools.values import (
    CONTENTS,
    GUARDS,
    LAYOUT,
    ON_HEAP,
    OPTION,
    RESULT,
    UNDEFINED,
    UNIT,
    WIDTH,
    Function,
    NotModelled,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    any_numbers,
    mapped,
    size_of,
    truth,
)
from smt_models.system.operators import Boolean
from smt_models.system.terms import BOOLEAN, Term, both, either, negation
from smt_models.wasm.build import if_, make, number, width_of


def _held(machine: Machine, state: State, call: Call) -> Value:
    of = call.owner or next(iter(call.generics), None) or _atomic(call.name)
    return machine.read(state, place(call.arguments[0]), of)


def _atomic(name: str) -> t.Type | None:
    """`core::sync::atomic::AtomicUsize::load`: a `usize`."""
    of = name.split("::")[-2].removeprefix("Atomic").lower()
    return t.Primitive(of) if of != "ptr" else None


def _put(_machine: Machine, state: State, call: Call) -> Value:
    at = place(call.arguments[0])
    if state.owned_in((state.read(at),)):
        raise NotModelled(
            "an owner, or what has a `Drop`, that is written over"
        )  # `Cell::set` drops it, `ptr::write` does not
    state.write(at, call.arguments[1])
    return UNIT


def _written(machine: Machine, state: State, call: Call) -> Value:
    """Gives the place back; what was there is not dropped."""
    _put(machine, state, call)
    return call.arguments[0]


def _replaced(machine: Machine, state: State, call: Call) -> Value:
    old = _held(machine, state, call)
    state.write(place(call.arguments[0]), call.arguments[1])
    return old


def _swapped(machine: Machine, state: State, call: Call) -> Value:
    one, other = place(call.arguments[0]), place(call.arguments[1])
    of = call.owner or next(iter(call.generics), None)
    first, second = machine.read(state, one, of), machine.read(state, other, of)
    state.write(one, second)
    state.write(other, first)
    return UNIT


def _taken(machine: Machine, state: State, call: Call) -> Value:
    """`take` of a number, a truth value or an option: the default is zero, false, none."""
    old = _held(machine, state, call)
    match old:
        case Scalar(term):
            new: Value = truth(False) if isinstance(term.sort, Boolean) else Scalar(number(0, width_of(term)))
        case Sum("core::option::Option", _, payloads):
            new = Sum(OPTION, number(0, WIDTH), payloads)
        case _:
            raise NotModelled(f"the default of {type(old).__name__}")
    state.write(place(call.arguments[0]), new)
    return old


def _updated(change: Callable[[Term, Term], Term]) -> Model:
    """`fetch_add` and its like: gives what was there."""

    def model(machine: Machine, state: State, call: Call) -> Value:
        old = _held(machine, state, call)
        state.write(place(call.arguments[0]), Scalar(change(term_of(old), term_of(call.arguments[1]))))
        return old

    return model


def _bitwise(operator: str, logical: Callable[[Term, Term], Term]) -> Callable[[Term, Term], Term]:
    return lambda x, y: logical(x, y) if isinstance(x.sort, Boolean) else make(operator, x, y)


def _ordered(least: bool, signed: bool) -> Callable[[Term, Term], Term]:
    def chosen(x: Term, y: Term) -> Term:
        first = make("bvsle" if signed else "bvule", x, y)
        return if_(first, x, y) if least else if_(first, y, x)

    return chosen


def _differ(x: Term, y: Term) -> Term:
    return negation(make("=", x, y))


def _compared(machine: Machine, state: State, call: Call) -> Value:
    """`compare_exchange`: forks, so that each path knows what it did."""
    at, expected, new = call.arguments[:3]
    old = _held(machine, state, call)
    if state.is_true(make("=", term_of(old), term_of(expected))):
        state.write(place(at), new)
        return Sum(RESULT, number(0, WIDTH), ((0, (old,)),))
    return Sum(RESULT, number(1, WIDTH), ((1, (old,)),))


def _compared_weakly(machine: Machine, state: State, call: Call) -> Value:
    """It may fail for no reason, which a run of the crate need not show."""
    without_reason = state.fresh(f"{WEAK} fails", BOOLEAN)
    if not state.is_true(make("=", term_of(_held(machine, state, call)), term_of(call.arguments[1]))):
        return _compared(machine, state, call)
    if not state.is_true(without_reason):
        return _compared(machine, state, call)
    state.fresh(f"{HIDDEN} of an atomic", BOOLEAN)
    fails(state)
    return Sum(RESULT, number(1, WIDTH), ((1, (_held(machine, state, call),)),))


def _fetch_update(machine: Machine, state: State, call: Call) -> Value | None:
    """ "The function may be called multiple times if the value has been changed [...] in the meantime": by itself."""
    at = place(call.arguments[0])
    before, old = state.read(at), _held(machine, state, call)

    def finish(after: State, made: Value) -> Value:
        if before == CONTENTS or after.read(at) != before:
            raise NotModelled("an update of what its closure may alter")
        if not isinstance(made, Sum):
            raise NotModelled("an update by what is no option")
        is_some = make("=", made.tag, number(1, WIDTH))
        payload = made.payload(1)
        if payload:
            after.write(at, Scalar(if_(is_some, term_of(payload[0]), term_of(old))))
        return Sum(RESULT, if_(is_some, number(0, WIDTH), number(1, WIDTH)), ((0, (old,)), (1, (old,))))

    return machine.invoke(state, call.arguments[3], (old,), finish)


def _without(_machine: Machine, _state: State, call: Call) -> Value:
    """`uninit`: an array of numbers has its length, and elements that are any, as reading one before it is written is
    undefined anyway.
    """
    found = None if call.owner is None else any_numbers(call.owner)
    return UNDEFINED if found is None else found


def _told_apart(machine: Machine, state: State, call: Call) -> Value:
    """What a derived `PartialEq` compares first."""
    at = place(call.arguments[0])
    value = enum_at(machine.program, state, at, target_of(next(iter(call.types), None)))
    return discriminant(machine.program, value, call.result)


def _unit(_machine: Machine, _state: State, _call: Call) -> Value:
    return UNIT


def _dropped(_machine: Machine, state: State, call: Call) -> Value:
    """`drop`: of a guard, or of what has nothing to do then."""
    (given,) = call.arguments
    match given:
        case Struct(of) if of in GUARDS:
            return ends_borrow(state, given)
        case Scalar() | Pointer() | Null():
            return UNIT
        case _:
            raise NotModelled(f"a drop of {type(given).__name__}")


def _size(_machine: Machine, _state: State, call: Call) -> Value:
    return Scalar(number(size_of(call.generics[0]), WIDTH))


def _of_layout(part: int) -> Model:
    def model(_machine: Machine, state: State, call: Call) -> Value:
        match state.load(place(call.arguments[0])):
            case Struct(of, parts) if of == LAYOUT:
                return parts[part]
            case _:
                raise NotModelled("a layout of which nothing is known")

    return model


_CELLS: dict[str, Model] = {
    **{f"core::cell::{name}::new": same for name in ("Cell", "UnsafeCell", "SyncUnsafeCell")},
    **{f"core::cell::{name}::into_inner": same for name in ("Cell", "UnsafeCell", "SyncUnsafeCell")},
    **{f"core::cell::{name}::get": same for name in ("UnsafeCell", "SyncUnsafeCell")},
    **{f"core::cell::{name}::get_mut": same for name in ("Cell", "UnsafeCell", "SyncUnsafeCell")},
    "core::cell::UnsafeCell::raw_get": same,
    "core::cell::Cell::as_ptr": same,
    "core::cell::Cell::get": _held,
    "core::cell::Cell::set": _put,
    "core::cell::Cell::replace": _replaced,
    "core::cell::Cell::take": _taken,
    "core::cell::Cell::swap": _swapped,
    "core::mem::MaybeUninit::new": same,
    "core::mem::MaybeUninit::uninit": _without,
    "core::mem::MaybeUninit::zeroed": _without,
    "core::mem::MaybeUninit::assume_init": same,
    "core::mem::MaybeUninit::assume_init_mut": same,
    "core::mem::MaybeUninit::assume_init_read": _held,
    "core::mem::MaybeUninit::assume_init_ref": same,
    "core::mem::MaybeUninit::write": _written,
    "core::mem::MaybeUninit::as_ptr": same,
    "core::mem::MaybeUninit::as_mut_ptr": same,
    "core::mem::ManuallyDrop::new": same,
    "core::mem::replace": _replaced,
    "core::mem::take": _taken,
    "core::mem::swap": _swapped,
    DROP: _dropped,
    "core::mem::forget": _unit,
    "core::mem::size_of": _size,
    "core::alloc::Layout::size": _of_layout(0),
    "core::alloc::Layout::align": _of_layout(1),
    "core::hint::spin_loop": _unit,
    "core::intrinsics::discriminant_value": _told_apart,
    "core::convert::identity": same,
}


def _atomics(of: str) -> dict[str, Model]:
    base = f"core::sync::atomic::Atomic{of}"
    return {
        f"{base}::new": same,
        f"{base}::into_inner": same,
        f"{base}::get_mut": same,
        f"{base}::as_ptr": same,
        f"{base}::load": _held,
        f"{base}::store": _put,
        f"{base}::swap": _replaced,
        f"{base}::fetch_add": _updated(lambda x, y: make("bvadd", x, y)),
        f"{base}::fetch_sub": _updated(lambda x, y: make("bvsub", x, y)),
        f"{base}::fetch_and": _updated(_bitwise("bvand", both)),
        f"{base}::fetch_or": _updated(_bitwise("bvor", either)),
        f"{base}::fetch_xor": _updated(_bitwise("bvxor", _differ)),
        f"{base}::fetch_max": _updated(_ordered(False, of.startswith("I"))),
        f"{base}::fetch_min": _updated(_ordered(True, of.startswith("I"))),
        f"{base}::compare_exchange": _compared,
        f"{base}::compare_exchange_weak": _compared_weakly,
        f"{base}::fetch_update": _fetch_update,
        f"{base}::try_update": _fetch_update,
    }


_ATOMICS = {
    name: model
    for of in ("Bool", "U8", "U16", "U32", "U64", "Usize", "I8", "I16", "I32", "I64", "Isize")
    for name, model in _atomics(of).items()
}


def _boxed(machine: Machine, state: State, call: Call) -> Value:
    """`Box::new`, `Rc::new`: of what is on the heap nothing is followed; so it may hold no place, no code and no owner.
    What has a `Drop` is dropped no sooner than what is made of it here.
    """

    def look(one: Value) -> Value | None:
        if isinstance(one, Pointer | Function | Opaque):
            raise NotModelled("a place, or a function, that is kept on the heap")
        if isinstance(one, Struct) and one.type in machine.program.closures:
            raise NotModelled("a closure that is kept on the heap")
        return None

    mapped(call.arguments[0], look)
    if state.owned_in(call.arguments, state.owners | GUARDS):
        raise NotModelled("an owner that is kept on the heap")
    return ON_HEAP if state.owned_in(call.arguments) else Opaque("a value on the heap")


_BOXES: Mapping[str, Model] = {
    "alloc::boxed::Box::new": _boxed,
    "alloc::rc::Rc::new": _boxed,
    "alloc::sync::Arc::new": _boxed,
}

MODELS: Mapping[str, Model] = {
    **_CELLS,
    **_ATOMICS,
    **NUMBERS,
    **BYTES,
    **OPTIONS,
    **POINTERS,
    **SLICES,
    **NON_ZEROS,
    **REF_CELLS,
    **CRITICAL_SECTIONS,
    **EQUALITIES,
    **ITERATORS,
    **_BOXES,
}

"""Blocks of the allocator, and the functions by which code takes them and gives them back [core::alloc::GlobalAlloc,
core::alloc::Layout].

A block is an object of its own: as many bytes as were asked for, of which only the count is kept, and the alignment.
"""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir import types as t
from smt_models.pools.conditions import ALIGNED, EXHAUSTION, RANGE, ZERO_SIZE
from smt_models.static_pools.library import MODELS as PLAIN
from smt_models.static_pools.machine import Call, Machine, Model
from smt_models.static_pools.state import Broken, Ends, Panicked, State, term_of
from smt_models.static_pools.values import (
    RESULT,
    UNIT,
    WIDTH,
    Contents,
    Element,
    NotModelled,
    Null,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    size_of,
    truth,
    word,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, both, choose, equal, negation
from smt_models.wasm.build import make, number

LAYOUT = "core::alloc::Layout"
BLOCK = "block of the allocator"
NOTHING_LEFT = "nothing is left"
"""Begins the names of inputs: each time that the allocator is asked, whether it gives null."""
BYTES, ALIGNMENT = 0, 1
HIGHEST = 1 << (WIDTH - 1)
"""A size, rounded up to the alignment, is at most `isize::MAX`: below this."""
_ZERO = word(0).term


def layout(size: Term, alignment: Term) -> Struct:
    return Struct(LAYOUT, (Scalar(size), Scalar(alignment)))


def block_of(size: Term, alignment: Term) -> Struct:
    return Struct(BLOCK, (Contents(size), Scalar(alignment)))


def start_of(base: str) -> Pointer:
    """The address of a block."""
    return Pointer(base, (BYTES, Element(_ZERO)))


def is_power(alignment: Term) -> Term:
    below = make("bvsub", alignment, number(1, WIDTH))
    return both(negation(equal(alignment, _ZERO)), equal(make("bvand", alignment, below), _ZERO))


def fits(size: Term, alignment: Term) -> Term:
    """`size` rounded up to the alignment is no more than `isize::MAX`."""
    return make("bvule", size, make("bvsub", number(HIGHEST, WIDTH), alignment))


def any_layout(state: State, name: str) -> Struct:
    """What the type allows: a power of two, and a size that fits."""
    size, alignment = (state.fresh(f"{name}.{part}", BitVec(WIDTH)) for part in ("size", "align"))
    state.condition = (*state.condition, is_power(alignment), fits(size, alignment))
    return layout(size, alignment)


def _parts(given: Value) -> tuple[Term, Term]:
    match given:
        case Struct(of, (Scalar(size), Scalar(alignment))) if of == LAYOUT:
            return size, alignment
        case _:
            raise NotModelled(f"{type(given).__name__} where a layout belongs")


def _loaded(state: State, given: Value) -> Value:
    return state.load(given) if isinstance(given, Pointer) else given


# Layouts


def _size(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(_parts(_loaded(state, call.arguments[0]))[0])


def _alignment(_machine: Machine, state: State, call: Call) -> Value:
    return Scalar(_parts(_loaded(state, call.arguments[0]))[1])


def _unchecked(_machine: Machine, state: State, call: Call) -> Value:
    """ "align must be a power of two; size, when rounded up to it, must not overflow isize"."""
    size, alignment = map(term_of, call.arguments)
    demanded(state, is_power(alignment), ALIGNED, "a layout whose alignment is no power of two")
    demanded(state, fits(size, alignment), RANGE, "a layout of more bytes than fit")
    return layout(size, alignment)


def _checked(_machine: Machine, _state: State, call: Call) -> Value:
    size, alignment = map(term_of, call.arguments)
    ok = both(is_power(alignment), fits(size, alignment))
    return _result(ok, layout(size, alignment))


def _result(ok: Term, value: Value) -> Sum:
    error = Struct("core::alloc::LayoutError", ())
    return Sum(RESULT, choose(ok, word(0).term, word(1).term), ((0, (value,)), (1, (error,))))


def _of_array(_machine: Machine, _state: State, call: Call) -> Value:
    """`Layout::array::<T>(n)` of numbers, which are aligned to their size."""
    element = _number_size(call)
    count = term_of(call.arguments[0])
    most = number((HIGHEST - element) // element, WIDTH)
    return _result(make("bvule", count, most), layout(make("bvmul", count, word(element).term), word(element).term))


def _new(_machine: Machine, _state: State, call: Call) -> Value:
    element = word(_number_size(call)).term
    return layout(element, element)


def _number_size(call: Call) -> int:
    match call.generics:
        case (t.Primitive(name) as of,) if name not in ("u64", "i64", "u128", "i128"):  # their alignment differs
            return size_of(of)
        case _:
            raise NotModelled(f"{call.name} of what is no small number")


# The allocator


def demanded(state: State, term: Term, kind: str, why: str) -> None:
    """Where it does not hold, the obligation is violated, of whatever block."""
    state.demand(term, kind, why, BLOCK)


def _taken(_machine: Machine, state: State, call: Call) -> Value:
    size, alignment = _parts(call.arguments[0])
    return _handed_out(state, size, alignment)


def _handed_out(state: State, size: Term, alignment: Term) -> Value:
    demanded(state, negation(equal(size, _ZERO)), ZERO_SIZE, "an empty block is asked for")
    state.asked |= {(EXHAUSTION, BLOCK)}
    if state.is_true(state.fresh(NOTHING_LEFT, BOOLEAN)):
        return Null()
    state.counter += 1
    base = f"{BLOCK} {state.counter}"
    state.objects[base] = block_of(size, alignment)
    return start_of(base)


def _owned(state: State, given: Value, size: Term, alignment: Term) -> str:
    """The block that is given back, which must be live, and of this layout."""
    match given:
        case Pointer(str() as base, path) if base.startswith(BLOCK):
            pass
        case Null():
            raise Ends(Broken(RANGE, "a null pointer is given back", BLOCK))
        case _:
            raise NotModelled("what is given back is no block that was taken")
    state.asked |= {(RANGE, BLOCK)}
    if base not in state.objects:
        raise Ends(Broken(RANGE, "a block is given back twice", BLOCK))
    match path, state.objects[base]:
        case (0, Element(start)), Struct(_, (Contents(length), Scalar(taken))):
            demanded(state, equal(start, _ZERO), RANGE, "what is given back is not the start of a block")
            demanded(state, equal(size, length), RANGE, "a block is given back with another size")
            demanded(state, equal(alignment, taken), ALIGNED, "a block is given back with another alignment")
            return base
        case _:
            raise NotModelled("a part of a block is given back")


def _given_back(_machine: Machine, state: State, call: Call) -> Value:
    del state.objects[_owned(state, call.arguments[0], *_parts(call.arguments[1]))]
    return UNIT


def _resized(_machine: Machine, state: State, call: Call) -> Value:
    """With null the old block stays; else it is gone."""
    old, new = call.arguments[0], term_of(call.arguments[2])
    size, alignment = _parts(call.arguments[1])
    base = _owned(state, old, size, alignment)
    demanded(state, fits(new, alignment), RANGE, "a block of more bytes than fit")
    made = _handed_out(state, new, alignment)
    if isinstance(made, Pointer):
        del state.objects[base]
    return made


# Null pointers


def _null_breaks(model: Model) -> Model:
    """What uses an address must not be given null: the allocator gives it when it has nothing left."""

    def checked(machine: Machine, state: State, call: Call) -> Value | None:
        if isinstance(call.arguments[0], Null):
            raise Ends(Broken(EXHAUSTION, "a null pointer is used", BLOCK))
        return model(machine, state, call)

    return checked


def _moved_on(model: Model) -> Model:
    """Null may be moved by nothing."""

    def moved(machine: Machine, state: State, call: Call) -> Value | None:
        if isinstance(call.arguments[0], Null):
            demanded(state, equal(term_of(call.arguments[1]), _ZERO), RANGE, "a null pointer is moved")
            return Null()
        return model(machine, state, call)

    return moved


def _same_null(model: Model) -> Model:
    def kept(machine: Machine, state: State, call: Call) -> Value | None:
        return Null() if isinstance(call.arguments[0], Null) else model(machine, state, call)

    return kept


def _is_null(machine: Machine, state: State, call: Call) -> Value | None:
    """Of an address that is a number, too."""
    match call.arguments[0]:
        case Scalar(term):
            return Scalar(equal(term, _ZERO))
        case Pointer(str()):
            return truth(False)
        case _:
            return PLAIN[call.name](machine, state, call)


def _stops(_machine: Machine, _state: State, call: Call) -> Value:
    raise Ends(Panicked(call.name))


_HEAP: dict[str, Model] = {
    f"{LAYOUT}::size": _size,
    f"{LAYOUT}::align": _alignment,
    f"{LAYOUT}::from_size_align": _checked,
    f"{LAYOUT}::from_size_align_unchecked": _unchecked,
    f"{LAYOUT}::array": _of_array,
    f"{LAYOUT}::new": _new,
    "alloc::alloc::alloc": _taken,
    "alloc::alloc::alloc_zeroed": _taken,
    "alloc::alloc::dealloc": _given_back,
    "alloc::alloc::realloc": _resized,
}
_USES = ("add", "sub", "read", "write", "cast", "is_null")
_NULLS: dict[str, Model] = {
    "core::ptr::NonNull::new_unchecked": _null_breaks(PLAIN["core::ptr::NonNull::new_unchecked"])
}
for _kind, _impl in (("mut_ptr", "*mut _"), ("const_ptr", "*const _")):
    _base = f"core::ptr::{_kind}::<impl {_impl}>"
    _NULLS |= {
        f"{_base}::add": _moved_on(PLAIN[f"{_base}::add"]),
        f"{_base}::sub": _moved_on(PLAIN[f"{_base}::sub"]),
        f"{_base}::cast": _same_null(PLAIN[f"{_base}::cast"]),
        f"{_base}::read": _null_breaks(PLAIN[f"{_base}::read"]),
        f"{_base}::write": _null_breaks(PLAIN[f"{_base}::write"]),
        f"{_base}::is_null": _is_null,
    }
_NON_NULL: dict[str, Model] = {
    f"core::ptr::NonNull::{name}": PLAIN[f"core::ptr::mut_ptr::<impl *mut _>::{name}"]
    for name in ("add", "sub", "read", "write")
}
_PLAIN = {name: model for name, model in PLAIN.items() if not name.endswith("::write_bytes")}
"""Bytes of a block that are all written at once are of no element, or of many: that is not followed."""
MODELS: Mapping[str, Model] = {**_PLAIN, **_HEAP, **_NULLS, **_NON_NULL}

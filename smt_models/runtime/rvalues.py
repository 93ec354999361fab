"""Places, operands and rvalues of MIR [rustc_middle::mir::syntax] under a state."""

from __future__ import annotations

from collections.abc import Callable

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import types as t
from smt_models.runtime.constants import USIZE, boolean, constant_value, variant_named, width
from smt_models.runtime.coroutines import coroutine, is_coroutine, kept_at, state_at
from smt_models.runtime.extents import is_memory
from smt_models.runtime.facts import fold, number
from smt_models.runtime.names import closure_name, is_pin, plain_path, plain_type
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.roots import COPIED_INDEX
from smt_models.runtime.state import MEMORY, Frame, State
from smt_models.runtime.values import (
    ANY_CELL,
    MOVED,
    TABLE,
    Aggregate,
    Choice,
    Dangling,
    FunctionPointer,
    Moved,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.operators import BitVec, Boolean, Sort
from smt_models.system.terms import BOOLEAN, Literal, Term, choose, negation

Evaluate = Callable[[State, t.Path], Value]
"""Evaluates a constant item."""

NON_NULL = "core::ptr::NonNull"
_COMPARE = {"Lt": ("bvult", "bvslt"), "Le": ("bvule", "bvsle")}
_SWAPPED = {"Gt": "Lt", "Ge": "Le"}
_BITS = {"BitAnd": "bvand", "BitOr": "bvor", "BitXor": "bvxor"}
_OVERFLOWING = {"AddWithOverflow": "bvadd", "SubWithOverflow": "bvsub", "MulWithOverflow": "bvmul"}
_ARITHMETIC = {"Add": "bvadd", "Sub": "bvsub", "Mul": "bvmul"}


def place_of(state: State, frame: Frame, place: o.Place, program: Program) -> Pointer:
    """Where a place expression points."""
    at = Pointer(local(state, frame, place.local))
    variant: int | None = None
    for depth, projection in enumerate(place.projections):
        match projection:
            case o.Deref():
                at = deref(state, at)
            case o.Downcast(int()):
                at = _kept(state, at, program)
            case o.Downcast(str() as name):
                variant = _variant(state, at, name, program)
            case o.Field(0) if depth == 0 and is_pin(frame.function.body.locals[place.local].type):
                pass  # `Pin` is `repr(transparent)`; what is inside may have fields of its own
            case o.Field(index):
                at = Pointer(at.base, (*at.path, index if variant is None else (variant, index)), at.moved)
                variant = None
            case o.OpaqueCast() | o.UnwrapUnsafeBinder():
                raise NotModelled("a cast within a place")
            case o.Index(number_):
                at = Pointer(at.base, (*at.path, _index(state, frame, number_, at)), at.moved)
            case o.ConstantIndex() | o.Subslice():
                raise NotModelled("an index within a place")
    return at


def _index(state: State, frame: Frame, number_: int, array: Pointer) -> int:
    """Of an array's element: a number that is known, or any of a table. The bounds were checked before."""
    value = state.load(Pointer(local(state, frame, number_)))
    held = state.settle(state.read(array))
    if isinstance(held, Aggregate) and held.type == TABLE:
        copied = state.host.get(COPIED_INDEX)
        if copied is not None and value != Scalar(copied):
            raise NotModelled("a copy of a table from other cells than its own")
        return ANY_CELL
    if isinstance(value, Scalar) and isinstance(value.term, Literal):
        return int(value.term.value)
    raise NotModelled("an index within a place")


def local(state: State, frame: Frame, number_: int) -> int:
    """The object of a local: each has its own, from `StorageLive` or the entry on."""
    found = frame.locals.get(number_)
    if found is None:
        found = state.allocate(MOVED, f"_{number_} of {frame.name}")
        frame.locals[number_] = found
    return found


def deref(state: State, at: Pointer) -> Pointer:
    value = state.load(at)
    match value:
        case Pointer():
            return value
        case Null():
            raise Violation(MEMORY, "a null pointer is used")
        case Dangling():
            raise Violation(MEMORY, "an address of no object is used")
        case _:
            raise NotModelled(f"a dereference of {type(value).__name__}")


def _kept(state: State, at: Pointer, program: Program) -> Pointer:
    if not is_coroutine(program, state.settle(state.read(at))):
        raise NotModelled("a variant without a name")
    return kept_at(state, at)


def _variant(state: State, at: Pointer, name: str, program: Program) -> int:
    value = state.settle(state.read(at))
    if not isinstance(value, Variant):
        raise NotModelled(f"variant {name} of {type(value).__name__}")
    variants = program.enums.get(value.type, ())
    if name not in variants:
        raise NotModelled(f"variant {name} of {value.type}")
    return variants.index(name)


def operand(state: State, frame: Frame, given: o.Operand, program: Program, evaluate: Evaluate) -> Value:
    match given:
        case o.Copy(place):
            at = place_of(state, frame, place, program)
            _check_offset(at, state)
            return _initialised(state, at)
        case o.Move(place):
            at = place_of(state, frame, place, program)
            _check_offset(at, state)
            value = _initialised(state, at)
            state.write(at, MOVED)
            return value
        case o.RuntimeChecks():
            return boolean(False)
        case _:
            found = constant_value(program, given)
            return evaluate(state, found) if isinstance(found, t.Path) else found


def _initialised(state: State, at: Pointer) -> Value:
    """Unlike `load` it leaves a choice alone: moving a value does not look at it."""
    value = state.read(at)
    if isinstance(value, Choice) and MOVED in value.options:
        value = state.settle(value)
    if isinstance(value, Moved):
        raise Violation(MEMORY, f"{state.names.get(at.base, 'a place')}{list(at.path)} was moved away")
    return value


def _check_offset(at: Pointer, state: State) -> None:
    if not at.moved:
        return
    value = state.read(Pointer(at.base, at.path))
    if not isinstance(value, Opaque) and not is_memory(value):
        raise NotModelled("an access at an unknown distance into a value with parts")


def rvalue(state: State, frame: Frame, given: r.Rvalue, program: Program, evaluate: Evaluate) -> Value:
    def value_of(one: o.Operand) -> Value:
        return operand(state, frame, one, program, evaluate)

    match given:
        case r.Use(one):
            return value_of(one)
        case r.CopyForDeref(place):
            return value_of(o.Copy(place))
        case r.Borrow(_, place) | r.AddressOf(_, place):
            at = place_of(state, frame, place, program)
            state.read(at)  # a reference is to a place that lives
            return at
        case r.Discriminant(place):
            return _discriminant(state, place_of(state, frame, place, program), program)
        case r.TupleAggregate(elements):
            return Aggregate("()", tuple(value_of(one) for one in elements))
        case r.ArrayAggregate(elements):
            return Aggregate("[]", tuple(value_of(one) for one in elements))
        case r.Repeat(one, t.ConstArgument(count)) if count.isdigit() and isinstance(one, o.Integer | o.Named):
            return Aggregate("[]", (value_of(one),) * int(count))
        case r.AdtAggregate(path, _, values):
            inner = tuple(value_of(one) for one in values)
            found = variant_named(program, path, inner)
            return found if found is not None else Aggregate(plain_path(path), inner)
        case r.ClosureAggregate(closure, _, values):
            name, captured = closure_name(closure.span), tuple(value_of(one) for one in values)
            return coroutine(program, name, captured) if name in program.coroutines else Aggregate(name, captured)
        case r.Binary(operator, left, right):
            return binary(state, operator, value_of(left), value_of(right), _signed(frame, left))
        case r.Unary("Not", one):
            return _not(value_of(one))
        case r.Cast(kind=kind, operand=one, type=target):
            return _cast(state, kind, value_of(one), target, one, frame)
        case _:
            raise NotModelled(f"the rvalue {type(given).__name__}")


def _signed(frame: Frame, left: o.Operand) -> bool:
    """Whether a comparison is signed: by the type of a whole local; anything else must be plainly unsigned."""
    match left:
        case o.Copy(place) | o.Move(place):
            of = frame.function.body.locals[place.local].type
            for projection in place.projections:
                if isinstance(projection, o.Field):
                    of = projection.type
                elif isinstance(projection, o.Deref) and isinstance(of, t.Reference | t.RawPointer):
                    of = of.target
            return isinstance(of, t.Primitive) and of.name.startswith("i")
        case o.Integer(_, name) | o.Extreme(name, _):
            return name.startswith("i")
        case _:
            return False


def _discriminant(state: State, at: Pointer, program: Program) -> Value:
    value = state.settle(state.read(at))
    if is_coroutine(program, value):
        value = state.load(state_at(state, at))
    if not isinstance(value, Variant):
        raise NotModelled(f"the discriminant of {type(value).__name__}")
    if any(one is not None and one != index for index, one in enumerate(program.discriminants.get(value.type, ()))):
        raise NotModelled(f"discriminants of {value.type} that are written out")
    return Scalar(number(value.index, USIZE))


def binary(state: State, operator: str, left: Value, right: Value, signed: bool = False) -> Value:
    left, right = state.settle(left), state.settle(right)
    if isinstance(left, Pointer | Null | Dangling | FunctionPointer):
        return _compare_pointers(operator, left, right)
    if not isinstance(left, Scalar) or not isinstance(right, Scalar):
        raise NotModelled(f"{operator} of {type(left).__name__} and {type(right).__name__}")
    x, y = left.term, right.term
    if operator in _OVERFLOWING:
        return _with_overflow(_OVERFLOWING[operator], x, y, signed)
    if operator in _SWAPPED:
        operator, x, y = _SWAPPED[operator], y, x
    if operator in ("Eq", "Ne"):
        same = fold("=", x, y)
        return Scalar(same if operator == "Eq" else negation(same))
    if isinstance(x.sort, Boolean):
        logical = {"BitAnd": "and", "BitOr": "or"}.get(operator)
        if logical is None:
            raise NotModelled(f"{operator} of truth values")
        return Scalar(fold(logical, x, y))
    if operator in _COMPARE:
        return Scalar(fold(_COMPARE[operator][signed], x, y))
    if operator in _BITS or operator in _ARITHMETIC:
        return Scalar(fold({**_BITS, **_ARITHMETIC}[operator], x, y))
    if operator in ("Shl", "Shr") and not signed:
        return Scalar(fold("bvshl" if operator == "Shl" else "bvlshr", x, _masked(x.sort, y)))
    raise NotModelled(f"the operator {operator}")


def _with_overflow(operator: str, x: Term, y: Term, signed: bool) -> Value:
    """The pair of the result and whether it overflowed: numbers only."""
    if not isinstance(x, Literal) or not isinstance(y, Literal) or signed or not isinstance(x.sort, BitVec):
        raise NotModelled("arithmetic that tells of overflow")
    exact = {"bvadd": int(x.value) + int(y.value), "bvsub": int(x.value) - int(y.value)}
    whole = exact.get(operator, int(x.value) * int(y.value))
    return Aggregate("()", (Scalar(number(whole, x.sort)), boolean(not 0 <= whole < 1 << x.sort.width)))


def _masked(sort: Sort, distance: Term) -> Term:
    """Distances are taken modulo the width (reference, "Arithmetic and Logical Binary Operators", unchecked)."""
    if isinstance(distance, Literal) and isinstance(sort, BitVec):
        return number(int(distance.value) % sort.width, sort)
    raise NotModelled("a shift by a distance that is not constant")


def _compare_pointers(operator: str, left: Value, right: Value) -> Value:
    """Places of different objects differ while both live; an unknown distance leaves it open."""
    if operator not in ("Eq", "Ne"):
        raise NotModelled(f"{operator} of pointers")
    if isinstance(left, Pointer) and isinstance(right, Pointer):
        if left.moved or right.moved:
            raise NotModelled("a comparison of pointers at an unknown distance")
        if left.base == right.base and left.path != right.path:
            raise NotModelled("a comparison of pointers into one object")
    elif isinstance(left, Dangling) or isinstance(right, Dangling):
        raise NotModelled("a comparison with an address of no object")
    return boolean((left == right) == (operator == "Eq"))


def _not(value: Value) -> Value:
    if isinstance(value, Scalar):
        return Scalar(negation(value.term) if isinstance(value.term.sort, Boolean) else fold("bvnot", value.term))
    raise NotModelled("Not of what is no scalar")


def _cast(state: State, kind: str, value: Value, target: t.Type, one: o.Operand, frame: Frame) -> Value:
    value = state.settle(value) if isinstance(value, Choice) else value
    match kind:
        case "PointerCoercion" if isinstance(value, Aggregate) and value.type == "alloc::boxed::Box":
            return value  # to a box of a trait's object: the same block
        case "PtrToPtr" | "PointerCoercion":
            if isinstance(value, Pointer | Null | Dangling | FunctionPointer):
                return (
                    cast_pointer(state, value, plain_type(target.target))
                    if kind == "PtrToPtr" and isinstance(target, t.RawPointer)
                    else value
                )
        case "Transmute" if (
            isinstance(target, t.RawPointer) and isinstance(value, Aggregate) and value.type == NON_NULL
        ):
            return state.settle(value.fields[0])  # `NonNull` is `repr(transparent)`: how a `Box` is dereferenced
        case "IntToInt":
            if isinstance(value, Scalar) and isinstance(target, t.Primitive):
                return _resize(value, width(target.name), _signed(frame, one))
        case _:
            pass
    raise NotModelled(f"the cast {kind} of {type(value).__name__}")


def _resize(value: Scalar, bits: int, signed: bool) -> Scalar:
    term = value.term
    if isinstance(term.sort, Boolean):
        return Scalar(choose(term, number(1, BitVec(bits)), number(0, BitVec(bits))))
    assert isinstance(term.sort, BitVec)
    old = term.sort.width
    if bits < old:
        return Scalar(fold("extract", term, indices=(bits - 1, 0)))
    extension = "sign_extend" if signed else "zero_extend"
    return value if bits == old else Scalar(fold(extension, term, indices=(bits - old,)))


def cast_pointer(state: State, value: Value, target: str) -> Value:
    """A cast between a struct and its first field, or one that it is the first field of, moves along the path.

    `#[repr(C)]` puts the first field at the struct's own address (reference, "The C Representation").
    """
    if not isinstance(value, Pointer) or value.moved:
        return value
    here = state.read(value)
    if isinstance(here, Aggregate) and here.type == target:
        return value
    if value.path and value.path[-1] == 0:
        outer = Pointer(value.base, value.path[:-1])
        around = state.read(outer)
        if isinstance(around, Aggregate) and around.type == target:
            return outer
    if isinstance(here, Aggregate) and here.fields:
        first = here.fields[0]
        if isinstance(first, Aggregate) and first.type == target:
            return Pointer(value.base, (*value.path, 0))
    return value


def truth(value: Value) -> Scalar:
    if isinstance(value, Scalar) and value.term.sort == BOOLEAN:
        return value
    raise NotModelled("a condition that is no truth value")

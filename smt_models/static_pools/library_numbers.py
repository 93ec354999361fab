"""Functions of integers, exactly as they are documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.mir import types as t
from smt_models.static_pools.machine import Call, Machine, Model, place, same
from smt_models.static_pools.rvalues import overflows, resized
from smt_models.static_pools.state import Ends, Panicked, State, term_of
from smt_models.static_pools.values import NONE, NotModelled, Pointer, Scalar, Struct, Value, bits, option, some, truth
from smt_models.system.operators import Boolean
from smt_models.system.terms import Term, both, negation
from smt_models.wasm.build import flag, if_, make, number, width_of

_OPERATORS = {"add": ("Add", "bvadd"), "sub": ("Sub", "bvsub"), "mul": ("Mul", "bvmul")}
INCLUSIVE = "core::ops::RangeInclusive"
TYPES = ("u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize")


def _terms(call: Call) -> tuple[Term, ...]:
    return tuple(term_of(one) for one in call.arguments)


def _checked(name: str, signed: bool) -> Model:
    operator, plain = _OPERATORS[name]

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        x, y = _terms(call)
        return option(negation(overflows(operator, x, y, signed)), Scalar(make(plain, x, y)))

    return model


def _wrapping(name: str) -> Model:
    plain = _OPERATORS[name][1]
    return lambda _machine, _state, call: Scalar(make(plain, *_terms(call)))


def _overflowing(name: str, signed: bool) -> Model:
    operator, plain = _OPERATORS[name]

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        x, y = _terms(call)
        return Struct("()", (Scalar(make(plain, x, y)), Scalar(overflows(operator, x, y, signed))))

    return model


def _saturating(name: str) -> Model:
    """Of unsigned numbers."""
    operator, plain = _OPERATORS[name]

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        x, y = _terms(call)
        limit = number(0 if name == "sub" else -1, width_of(x))
        return Scalar(if_(overflows(operator, x, y, False), limit, make(plain, x, y)))

    return model


def _is_power(_machine: Machine, _state: State, call: Call) -> Value:
    (x,) = _terms(call)
    zero = number(0, width_of(x))
    below = make("bvsub", x, number(1, width_of(x)))
    return Scalar(both(negation(make("=", x, zero)), make("=", make("bvand", x, below), zero)))


def _count(step: Callable[[Term, int, int], Term]) -> Model:
    """Of bits, 32 wide: `step` gives the bit to look at in each round, last first."""

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        (x,) = _terms(call)
        width = width_of(x)
        found: Term = number(width, 32)
        for at in range(width - 1, -1, -1):
            bit = step(x, at, width)
            found = if_(make("=", bit, number(1, 1)), number(at, 32), found)
        return Scalar(found)

    return model


def _from_below(x: Term, place: int, _width: int) -> Term:
    return make("extract", x, indices=(place, place))


def _from_above(x: Term, place: int, width: int) -> Term:
    return make("extract", x, indices=(width - 1 - place, width - 1 - place))


def _inverted(model: Model) -> Model:
    """`trailing_ones` is `trailing_zeros` of the complement."""

    def inverse(machine: Machine, state: State, call: Call) -> Value | None:
        (x,) = _terms(call)
        return model(machine, state, Call(call.name, call.path, (Scalar(make("bvnot", x)),)))

    return inverse


def _ones(_machine: Machine, _state: State, call: Call) -> Value:
    (x,) = _terms(call)
    found: Term = number(0, 32)
    for at in range(width_of(x)):
        bit = make("extract", x, indices=(at, at))
        found = make("bvadd", found, make("zero_extend", bit, indices=(31,)))
    return Scalar(found)


def _multiple(_machine: Machine, state: State, call: Call) -> Value:
    """`next_multiple_of`, without overflow checks; of zero it panics."""
    x, y = _terms(call)
    if state.is_true(make("=", y, number(0, width_of(y)))):
        raise Ends(Panicked("a multiple of zero"))
    rest = make("bvurem", x, y)
    more = make("bvadd", x, make("bvsub", y, rest))
    return Scalar(if_(make("=", rest, number(0, width_of(x))), x, more))


def _order(least: bool, signed: bool) -> Model:
    def model(_machine: Machine, _state: State, call: Call) -> Value:
        x, y = _terms(call)
        first = make("bvsle" if signed else "bvule", x, y)
        return Scalar(if_(first, x, y) if least else if_(first, y, x))

    return model


def _least(least: bool) -> Model:
    """`core::cmp::min`: by the type it is said to be of."""

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        name = getattr(call.generics[0], "name", "") if call.generics else ""
        if name not in TYPES:
            raise NotModelled(f"the order of {name}")
        return _order(least, name.startswith("i"))(machine, state, call)

    return model


def _from(of: str) -> Model:
    """`u64::from(x)`: never loses anything. Where it is passed as a value the text does not say of what; numbers with a
    sign become none without one [core::convert::From, "Implementors"].
    """

    def model(_machine: Machine, _state: State, call: Call) -> Value:
        (x,) = _terms(call)
        if isinstance(x.sort, Boolean):
            return Scalar(flag(x, bits(of)))
        match call.types:
            case (t.Primitive(name),):
                return Scalar(resized(x, bits(of), name.startswith("i")))
            case () if of.startswith("u"):
                return Scalar(resized(x, bits(of), False))
            case _:
                raise NotModelled("a conversion from what is not known")

    return model


def _next(_machine: Machine, state: State, call: Call) -> Value:
    """Of a range of numbers: forks, so that a loop knows whether it goes round."""
    at = call.arguments[0]
    range_ = state.load(at) if isinstance(at, Pointer) else None
    if not isinstance(at, Pointer) or not isinstance(range_, Struct) or len(range_.fields) != 2:
        raise NotModelled("the next of what is no range")
    start, end = (term_of(one) for one in range_.fields)
    if not state.is_true(make("bvslt" if is_signed(call) else "bvult", start, end)):
        return NONE
    state.write(at, Struct(range_.type, (Scalar(make("bvadd", start, number(1, width_of(start)))), Scalar(end))))
    return some(Scalar(start))


def _inclusive(_machine: Machine, _state: State, call: Call) -> Value:
    return Struct(INCLUSIVE, (*call.arguments, truth(False)))


def _next_inclusive(_machine: Machine, state: State, call: Call) -> Value:
    """The last is given once: the range is exhausted after it, and its start stays."""
    at = call.arguments[0]
    match state.load(at) if isinstance(at, Pointer) else None:
        case Struct(of, (Scalar(start), Scalar(end), Scalar(exhausted))) if of == INCLUSIVE and isinstance(at, Pointer):
            before, equal = make("bvslt" if is_signed(call) else "bvult", start, end), make("=", start, end)
            if state.is_true(exhausted) or not (state.is_true(before) or state.is_true(equal)):
                return NONE
            goes_on = state.is_true(before)
            new = Scalar(make("bvadd", start, number(1, width_of(start)))) if goes_on else Scalar(start)
            state.write(at, Struct(of, (new, Scalar(end), truth(not goes_on))))
            return some(Scalar(start))
        case _:
            raise NotModelled("the next of what is no range")


def _copied(of: t.Primitive) -> Model:
    def model(machine: Machine, state: State, call: Call) -> Value:
        return machine.read(state, place(call.arguments[0]), of)

    return model


def is_signed(call: Call) -> bool:
    """Whether a range is one of signed numbers. NotModelled of characters: those leave out the surrogates."""
    match call.path:
        case t.Path((t.Qualified(t.PathType(t.Path((*_, t.Name(_, (t.Primitive("char"),))))), _), *_)):
            raise NotModelled("a range of characters")
        case t.Path((t.Qualified(t.PathType(t.Path((*_, t.Name(_, (t.Primitive(name),))))), _), *_)):
            return name.startswith("i")
        case _:
            raise NotModelled("a range of what is not known")


def _of(name: str) -> dict[str, Model]:
    base, signed = f"core::num::<impl {name}>", name.startswith("i")
    found: dict[str, Model] = {}
    for operation in _OPERATORS:
        found[f"{base}::checked_{operation}"] = _checked(operation, signed)
        found[f"{base}::wrapping_{operation}"] = _wrapping(operation)
        found[f"{base}::overflowing_{operation}"] = _overflowing(operation, signed)
        if not signed:
            found[f"{base}::saturating_{operation}"] = _saturating(operation)
    trailing, leading = _count(_from_below), _count(_from_above)
    found |= {
        f"{base}::trailing_zeros": trailing,
        f"{base}::leading_zeros": leading,
        f"{base}::trailing_ones": _inverted(trailing),
        f"{base}::leading_ones": _inverted(leading),
        f"{base}::count_ones": _ones,
        f"<{name} as core::cmp::Ord>::min": _order(True, signed),
        f"<{name} as core::cmp::Ord>::max": _order(False, signed),
        f"<{name} as core::convert::From>::from": _from(name),
    }
    if not signed:
        found |= {f"{base}::is_power_of_two": _is_power, f"{base}::next_multiple_of": _multiple}
    return found


NUMBERS: Mapping[str, Model] = {
    **{f"<{name} as core::clone::Clone>::clone": _copied(t.Primitive(name)) for name in (*TYPES, "bool", "char")},
    **{name: model for of in TYPES for name, model in _of(of).items()},
    "core::cmp::min": _least(True),
    "core::cmp::max": _least(False),
    "<core::ops::Range as core::iter::Iterator>::next": _next,
    "<core::ops::Range as core::iter::IntoIterator>::into_iter": same,
    f"{INCLUSIVE}::new": _inclusive,
    f"<{INCLUSIVE} as core::iter::Iterator>::next": _next_inclusive,
    f"<{INCLUSIVE} as core::iter::IntoIterator>::into_iter": same,
}

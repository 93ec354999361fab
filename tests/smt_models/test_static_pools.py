"""The bit-precise models of library functions against plain evaluation: all inputs of few bits, random ones of many."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from extract.mir import types as t
from extract.rust.items import CrateFacts
from smt_models.runtime.program import Program
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.library import MODELS
from smt_models.static_pools.machine import Call, Machine
from smt_models.static_pools.rvalues import binary
from smt_models.static_pools.state import State
from smt_models.static_pools.values import OPTION, Scalar, Struct, Sum, Value, bits
from smt_models.system.evaluate import evaluate
from smt_models.system.operators import BitVec
from smt_models.system.terms import Variable
from smt_models.wasm.build import number

PROGRAM = Program({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, False)
FACTS = CrateFacts("none", (), (), (), (), (), (), (), (), (), (), (), (), (), (), (), (), frozenset())
MACHINE = Machine(PROGRAM, Inputs(FACTS, {}), MODELS, lambda _, __, ___: Scalar(number(0, 32)))
RANDOM = random.Random(4)


def _signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> (width - 1) else value


def _told(value: Value, given: dict[str, int]) -> object:
    """A value as Python has it: an option as None or what it holds."""
    match value:
        case Scalar(term):
            return evaluate(term, given)
        case Struct(_, fields):
            return tuple(_told(one, given) for one in fields)
        case Sum(name, tag, _) if name == OPTION:
            return _told(value.payload(1)[0], given) if evaluate(tag, given) else None
        case other:
            raise AssertionError(other)


def _samples(width: int) -> list[int]:
    edges = [0, 1, 2, 7, (1 << (width - 1)) - 1, 1 << (width - 1), (1 << width) - 2, (1 << width) - 1]
    return [*edges, *(RANDOM.getrandbits(width) for _ in range(30))]


def _exact(operation: str, x: int, y: int) -> int:
    return {"add": x + y, "sub": x - y, "mul": x * y}[operation]


@pytest.mark.parametrize("name", ["u8", "i8", "u32", "i32", "usize", "u64", "i64"])
@pytest.mark.parametrize("operation", ["add", "sub", "mul"])
def test_arithmetic(name: str, operation: str) -> None:
    width, signed = bits(name), name.startswith("i")
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    values = {key: Scalar(Variable(key, BitVec(width))) for key in "xy"}
    forms = ["checked", "wrapping", "overflowing", *([] if signed else ["saturating"])]
    made = {
        form: MODELS[f"core::num::<impl {name}>::{form}_{operation}"](
            MACHINE, State(), Call("", None, (values["x"], values["y"]))
        )
        for form in forms
    }
    operator = f"{operation.capitalize()}WithOverflow"
    made["asserted"] = binary(operator, values["x"], values["y"], signed)
    for x in _samples(width):
        for y in _samples(width)[:12]:
            exact = _exact(operation, _signed(x, width), _signed(y, width)) if signed else _exact(operation, x, y)
            fits, cut = low <= exact <= high, exact % (1 << width)
            wanted = {
                "checked": cut if fits else None,
                "wrapping": cut,
                "overflowing": (cut, not fits),
                "asserted": (cut, not fits),
                "saturating": min(max(exact, low), high),
            }
            for form, value in made.items():
                assert value is not None
                assert _told(value, {"x": x, "y": y}) == wanted[form], (form, x, y)


COUNTS: dict[str, Callable[[int, int], object]] = {
    "trailing_zeros": lambda x, width: width if x == 0 else (x & -x).bit_length() - 1,
    "trailing_ones": lambda x, width: width if x == (1 << width) - 1 else ((x + 1) & -(x + 1)).bit_length() - 1,
    "leading_zeros": lambda x, width: width - x.bit_length(),
    "leading_ones": lambda x, width: width - ((1 << width) - 1 - x).bit_length(),
    "count_ones": lambda x, _: x.bit_count(),
    "is_power_of_two": lambda x, _: x.bit_count() == 1,
}


@pytest.mark.parametrize("name", ["u8", "u32", "usize"])
@pytest.mark.parametrize("function", COUNTS)
def test_bits(name: str, function: str) -> None:
    width = bits(name)
    value = MODELS[f"core::num::<impl {name}>::{function}"](
        MACHINE, State(), Call("", None, (Scalar(Variable("x", BitVec(width))),))
    )
    assert value is not None
    for x in range(256) if width == 8 else _samples(width):
        assert _told(value, {"x": x}) == COUNTS[function](x, width), x


SHIFTS: dict[tuple[str, bool], Callable[[int, int], int]] = {
    ("Shl", False): lambda x, y: (x << y % 8) % 256,
    ("Shr", False): lambda x, y: x >> y % 8,
    ("Shr", True): lambda x, y: (_signed(x, 8) >> y % 8) % 256,
}


@pytest.mark.parametrize(("operator", "signed"), SHIFTS)
def test_shifts_are_masked(operator: str, signed: bool) -> None:
    """By distances of another width than the number's, too."""
    for width in (8, 32):
        distance = Scalar(Variable("y", BitVec(width)))
        value = binary(operator, Scalar(Variable("x", BitVec(8))), distance, signed)
        for x in range(0, 256, 5):
            for y in range(20):
                assert _told(value, {"x": x, "y": y}) == SHIFTS[operator, signed](x, y), (x, y)


def test_conversions_widen_by_the_sign_of_the_source() -> None:
    call = Call("", None, (Scalar(Variable("x", BitVec(8))),), (t.Primitive("i8"),))
    value = MODELS["<i32 as core::convert::From>::from"](MACHINE, State(), call)
    assert value is not None
    for x in range(256):
        assert _told(value, {"x": x}) == _signed(x, 8) % (1 << 32)

"""The integer operators: over all inputs of 4 bits against plain arithmetic, at full width against wasmtime."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import pytest
from wasm_runs import Engine, evaluated, executed, program

from extract.wasm.opcodes import TABLE
from smt_models.system.operators import BitVec, signed
from smt_models.system.terms import Variable
from smt_models.wasm import numeric
from smt_models.wasm.build import number
from smt_models.wasm.concrete import value_of

WIDTH = 4
SIZE = 1 << WIDTH


def _s(x: int) -> int:
    return signed(x, WIDTH)


def _divided(x: int, y: int) -> int:
    return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def _bits(x: int) -> str:
    return f"{x:0{WIDTH}b}"


# Plain arithmetic, on purpose by other means than the terms. A ZeroDivisionError is the trap.
PLAIN: dict[str, Callable[..., int]] = {
    "clz": lambda x: len(_bits(x)) - len(_bits(x).lstrip("0")),
    "ctz": lambda x: len(_bits(x)) - len(_bits(x).rstrip("0")),
    "popcnt": lambda x: _bits(x).count("1"),
    "add": lambda x, y: (x + y) % SIZE,
    "sub": lambda x, y: (x - y) % SIZE,
    "mul": lambda x, y: (x * y) % SIZE,
    "div_s": lambda x, y: _divided(_s(x), _s(y)),
    "div_u": lambda x, y: x // y,
    "rem_s": lambda x, y: (_s(x) - _s(y) * _divided(_s(x), _s(y))) % SIZE,
    "rem_u": lambda x, y: x % y,
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "xor": lambda x, y: x ^ y,
    "shl": lambda x, y: x * 2 ** (y % WIDTH) % SIZE,
    "shr_s": lambda x, y: (_s(x) // 2 ** (y % WIDTH)) % SIZE,
    "shr_u": lambda x, y: x // 2 ** (y % WIDTH),
    "rotl": lambda x, y: int(_bits(x)[y % WIDTH :] + _bits(x)[: y % WIDTH], 2),
    "rotr": lambda x, y: int(_bits(x)[WIDTH - y % WIDTH :] + _bits(x)[: WIDTH - y % WIDTH], 2),
    "eqz": lambda x: x == 0,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "lt_s": lambda x, y: _s(x) < _s(y),
    "lt_u": lambda x, y: x < y,
    "gt_s": lambda x, y: _s(x) > _s(y),
    "gt_u": lambda x, y: x > y,
    "le_s": lambda x, y: _s(x) <= _s(y),
    "le_u": lambda x, y: x <= y,
    "ge_s": lambda x, y: _s(x) >= _s(y),
    "ge_u": lambda x, y: x >= y,
}


def _expected(operation: str, operands: tuple[int, ...]) -> int | str:
    try:
        value = int(PLAIN[operation](*operands))
    except ZeroDivisionError:
        return "integer divide by zero"
    if operation == "div_s":
        return value % SIZE if -SIZE // 2 <= value < SIZE // 2 else "integer overflow"
    return value


@pytest.mark.parametrize("operation", sorted(PLAIN))
@pytest.mark.parametrize("folded", [False, True])
def test_operators_over_all_inputs_of_four_bits(operation: str, folded: bool) -> None:
    """Both as terms over variables, then evaluated, and folded as they are made."""
    count = 1 if operation in ("clz", "ctz", "popcnt", "eqz") else 2
    variables = tuple([Variable(name, BitVec(WIDTH)) for name in "xy"[:count]])
    for operands in product(range(SIZE), repeat=count):
        given = tuple([number(value, WIDTH) for value in operands]) if folded else variables
        values = dict(zip("xy", operands, strict=False))
        traps = [kind.value for condition, kind in numeric.traps_of(operation, given) if value_of(condition, values)]
        assert len(traps) <= 1
        found = traps[0] if traps else value_of(numeric.value_of(operation, given), values)
        assert found == _expected(operation, operands), f"{operation} {operands}"


NAMES = sorted({opcode.name for opcode in TABLE.values() if numeric.arity(opcode.name) is not None})


def test_every_integer_operator_is_there() -> None:
    """29 for each of two types, and the conversions between integers; 29 are in the plain table above."""
    assert len(NAMES) == 2 * 29 + 8
    assert {name.partition(".")[2] for name in NAMES if name not in numeric.CONVERSIONS} == set(PLAIN)


def operand_type(name: str) -> str:
    if name in numeric.CONVERSIONS:
        return f"i{numeric.CONVERSIONS[name][0]}"
    return name[:3]


def result_type(name: str) -> str:
    return "i32" if name.partition(".")[2] in (*numeric.COMPARISONS, "eqz") else name[:3]


def _operand(source: random.Random, width: int) -> int:
    edge = source.choice((0, 1, 2, width - 1, width, width + 1, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF))
    least = 1 << (width - 1)
    return source.choice(
        (edge, -edge, least - edge, least + edge, 1 << source.randrange(width), source.getrandbits(width))
    ) % (1 << width)


def test_operators_at_full_width_as_wasmtime_has_them() -> None:
    seed, count = 20261121, 90
    print(f"seed {seed}, {len(NAMES)} operators, {count} operands each")
    source = random.Random(seed)
    functions = []
    for place, name in enumerate(NAMES):
        given = operand_type(name)
        arity = numeric.arity(name) or 0
        operands = " ".join(f"(local.get {local})" for local in range(arity))
        functions.append(
            f'(func (export "f{place}") (param{f" {given}" * arity}) (result {result_type(name)}) ({name} {operands}))'
        )
    one = program(f"(module {' '.join(functions)})")
    engine = Engine(bytes(one.data))
    compared = traps = 0
    for place, name in enumerate(NAMES):
        execution = executed(one, f"f{place}")
        width = int(operand_type(name)[1:])
        for _ in range(count):
            arguments = tuple([_operand(source, width) for _ in range(numeric.arity(name) or 0)])
            theirs = engine.call(f"f{place}", arguments)
            assert evaluated(execution, arguments) == theirs, f"seed {seed}: {name} {arguments}"
            compared += 1
            traps += isinstance(theirs.ended, str)
    assert compared == len(NAMES) * count
    assert traps > 20

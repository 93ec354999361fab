"""Constants of MIR as values."""

from __future__ import annotations

from extract.mir import operands as o
from extract.mir import types as t
from extract.mir.show import show_constant
from smt_models.runtime.facts import number
from smt_models.runtime.names import closure_name, plain_path, plain_type
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import LIBRARY_ENUMS, Program
from smt_models.runtime.values import (
    UNIT,
    Aggregate,
    Dangling,
    FunctionPointer,
    Null,
    Pointer,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, literal

POINTER_WIDTH = 32
"""Of `usize` and of addresses: wasm32. Without a wasm32 target the width is ours to set: an assumption."""
STATIC = -3
"""The object that stands for text in the program: it is always there."""
USIZE = BitVec(POINTER_WIDTH)


def width(of: str) -> int:
    """The bits of an integer type; NotModelled if it is none."""
    if of in ("usize", "isize"):
        return POINTER_WIDTH
    if of[:1] in "iu" and of[1:].isdigit():
        return int(of[1:])
    if of == "char":
        return 32
    raise NotModelled(f"the type {of}")


def integer(value: int, of: str) -> Scalar:
    return Scalar(number(value, BitVec(width(of))))


def boolean(value: bool) -> Scalar:
    return Scalar(literal(value, BOOLEAN))


def variant_named(program: Program, path: t.Path, values: tuple[Value, ...]) -> Value | None:
    """An enum's variant by its path, `Option::<u32>::Some`; None if the path names none."""
    if len(path.segments) < 2:
        return None
    owner, name = plain_path(t.Path(path.segments[:-1])), plain_path(t.Path(path.segments[-1:]))
    variants = program.enums.get(owner) or LIBRARY_ENUMS.get(owner)
    if variants is None or name not in variants:
        return None
    return Variant(owner, variants.index(name), values)


def constant_value(program: Program, constant: o.Constant) -> Value | t.Path:
    """The value, or the path of an item that must be evaluated first."""
    match constant:
        case o.Integer(value, of):
            return integer(value, of)
        case o.Extreme(of, is_maximum):
            bits = width(of) - (1 if of.startswith("i") else 0)
            lowest = -(1 << bits) if of.startswith("i") else 0
            return integer((1 << bits) - 1 if is_maximum else lowest, of)
        case o.Boolean(value):
            return boolean(value)
        case o.Character(value):
            return integer(ord(value), "char")
        case o.String() | o.ByteString():
            return Pointer(STATIC)
        case o.TupleConstant(()):
            return UNIT
        case o.TupleConstant(elements):
            return Aggregate("()", tuple(_inner(program, one) for one in elements))
        case o.ArrayConstant(elements):
            return Aggregate("[]", tuple(_inner(program, one) for one in elements))
        case o.FunctionValue(path):
            return FunctionPointer(plain_path(path))
        case o.Named(path):
            found = variant_named(program, path, ())
            return found if found is not None else path
        case o.AdtConstant(path, _, values):
            inner = tuple(_inner(program, one) for one in values)
            found = variant_named(program, path, inner)
            return found if found is not None else Aggregate(plain_path(path), inner)
        case o.Patterned(inner_constant, _):
            return constant_value(program, inner_constant)
        case o.Address(0, _):
            return Null()
        case o.Address():
            return Dangling()
        case o.Unprinted(_, t.Closure(_, span)):
            return Aggregate(closure_name(span), ())
        case o.Unprinted("ZeroSized", of):
            return Aggregate(plain_type(of), ())
        case o.Float() | o.Pointer() | o.StaticAddress() | o.Transmuted() | o.Uninhabited() | o.Unprinted():
            raise NotModelled(f"the constant {show_constant(constant)}")


def _inner(program: Program, constant: o.Constant) -> Value:
    value = constant_value(program, constant)
    if isinstance(value, t.Path):
        raise NotModelled(f"a constant within a constant: {plain_path(value)}")
    return value

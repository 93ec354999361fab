"""Operands and rvalues of MIR [rustc_middle::mir::syntax: Rvalue, BinOp, CastKind], bit by bit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import types as t
from extract.mir.show import show_constant
from smt_models.runtime.names import closure_name, plain_path, plain_type
from smt_models.runtime.program import Program
from smt_models.static_pools.inputs import CONTENTS_NAME, Inputs, any_variant
from smt_models.static_pools.places import cast, indexed, place_of, type_of, variants_of
from smt_models.static_pools.state import Frame, State, term_of
from smt_models.static_pools.values import (
    CONTENTS,
    UNDEFINED,
    UNIT,
    WIDTH,
    Array,
    Contents,
    Element,
    Function,
    NotModelled,
    Null,
    Opaque,
    Pointer,
    Reach,
    Scalar,
    Struct,
    Sum,
    Undefined,
    Value,
    bits,
    many,
    truth,
    variant,
    word,
)
from smt_models.system.operators import Boolean
from smt_models.system.terms import Term, both, either, negation
from smt_models.wasm.build import extended_to, flag, if_, make, number, width_of
from smt_models.wasm.numeric import signed_quotient, signed_remainder

MOST_ELEMENTS = 64
"""Arrays up to this length are kept element by element."""
Constant = Callable[[State, t.Path], Value]
_ARITHMETIC = {"Add": "bvadd", "Sub": "bvsub", "Mul": "bvmul"}
_BITWISE = {"BitAnd": "bvand", "BitOr": "bvor", "BitXor": "bvxor"}
_LOGICAL = {"BitAnd": "and", "BitOr": "or"}
_ORDER = {"Lt": ("bvult", "bvslt", False), "Le": ("bvule", "bvsle", False), "Gt": ("bvult", "bvslt", True),
          "Ge": ("bvule", "bvsle", True)}  # fmt: skip
_NUMBER = re.compile(r"core::num::<impl ([iu](?:8|16|32|64|size))>::(MAX|MIN|BITS)$")


class Evaluator:
    """Operands and rvalues within one program. `constant`: evaluates a constant item."""

    def __init__(self, program: Program, inputs: Inputs, constant: Constant) -> None:
        self._program = program
        self._inputs = inputs
        self._constant = constant

    def operand(self, state: State, frame: Frame, given: o.Operand) -> Value:
        match given:
            case o.Copy(place):
                return self._loaded(state, frame, place)
            case o.Move(place):
                value = self._loaded(state, frame, place)
                if not place.projections:
                    state.write(place_of(state, frame, place, self._program), UNDEFINED)
                return value
            case o.RuntimeChecks():
                return truth(False)
            case o.ByteString(value, False):
                return Pointer(state.allocate(Contents(word(len(value)).term)))
            case o.String(value) if "\ufffd" not in value:
                length = word(len(value.encode())).term
                return Pointer(state.allocate(Contents(length)), (Element(word(0).term),), length)
            case _:
                return self.value_of(state, given)

    def _loaded(self, state: State, frame: Frame, place: o.Place) -> Value:
        at = place_of(state, frame, place, self._program)
        return self.at(state, at, type_of(frame, place))

    def at(self, state: State, place: Pointer, of: t.Type | None) -> Value:
        """What stands there; of a pool's contents any value of the type."""
        value = state.read(place)
        if value == CONTENTS:
            if of is None:
                raise NotModelled("contents of a pool, as what is not known")
            return self._inputs.any_of(state, of, CONTENTS_NAME)
        if isinstance(value, Undefined):
            raise NotModelled("a read of what is not initialised")
        return value

    def value_of(self, state: State, given: o.Constant) -> Value:
        match given:
            case o.Integer(value, of) if not -1 << (bits(of) - 1) <= value < 1 << bits(of):
                raise NotModelled(f"the number {value} in {bits(of)} bits")
            case o.Integer(value, of):
                return Scalar(number(value, bits(of)))
            case o.Extreme(of, is_maximum):
                half = 1 << (bits(of) - 1)
                signed_limits = half - 1 if is_maximum else -half
                return Scalar(number(signed_limits if of.startswith("i") else -1 if is_maximum else 0, bits(of)))
            case o.Boolean(value):
                return truth(value)
            case o.Character(value):
                return Scalar(number(ord(value), 32))
            case o.TupleConstant(elements):
                return Struct("()", tuple(self.value_of(state, one) for one in elements)) if elements else UNIT
            case o.ArrayConstant(elements):
                return Array(tuple(self.value_of(state, one) for one in elements))
            case o.FunctionValue(path):
                return Function(plain_path(path))
            case o.Named(path):
                found = self._variant(path, ())
                return found if found is not None else self._constant(state, path)
            case o.AdtConstant(path, _, values):
                return self._made(path, tuple(self.value_of(state, one) for one in values))
            case o.Patterned(inner, _):
                return self.value_of(state, inner)
            case o.Address(0, _):
                return Null()
            case o.Pointer(alloc, 0, _, _) if alloc in self._inputs.statics:
                return Pointer(self._inputs.statics[alloc])
            case o.StaticAddress() if given.path in self._inputs.statics.values():
                return Pointer(given.path)
            case o.Unprinted(_, t.Closure(_, span)):
                return Struct(closure_name(span), ())
            case o.Unprinted("ZeroSized", of):
                return Struct(plain_type(of), ())
            case o.String() | o.ByteString() | o.Float() | o.Pointer():
                return Opaque("a constant")
            case _:
                raise NotModelled(f"the constant {show_constant(given)}")

    def _variant(self, path: t.Path, values: tuple[Value, ...]) -> Sum | None:
        if len(path.segments) < 2:
            return None
        owner, name = plain_path(t.Path(path.segments[:-1])), plain_path(t.Path(path.segments[-1:]))
        variants = variants_of(self._program, owner)
        return variant(owner, variants.index(name), *values) if name in variants else None

    def _made(self, path: t.Path, values: tuple[Value, ...]) -> Value:
        found = self._variant(path, values)
        if found is None and self._inputs.is_union(plain_path(path)):
            raise NotModelled(f"a value of the union {plain_path(path)}")  # it may be read as another field
        return found if found is not None else Struct(plain_path(path), values)

    def rvalue(self, state: State, frame: Frame, given: r.Rvalue, of: t.Type | None) -> Value:
        """`of`: the type of where it goes."""

        def value_of(one: o.Operand) -> Value:
            return self.operand(state, frame, one)

        match given:
            case r.Use(one):
                return value_of(one)
            case r.CopyForDeref(place):
                return value_of(o.Copy(place))
            case r.Borrow(_, place):
                return replace(place_of(state, frame, place, self._program), reach=Reach.ELEMENT)
            case r.AddressOf(_, place):
                here = place_of(state, frame, place, self._program)  # of what a raw pointer points at: that, or more
                return here if here.reach is Reach.ELEMENT else replace(here, reach=Reach.UNKNOWN)
            case r.Length(place):
                return Scalar(state.length_of(place_of(state, frame, place, self._program)))
            case r.Discriminant(place):
                here = place_of(state, frame, place, self._program)
                return discriminant(self._program, enum_at(self._program, state, here, type_of(frame, place)), of)
            case r.TupleAggregate(elements):
                return Struct("()", tuple(value_of(one) for one in elements))
            case r.ArrayAggregate(elements):
                return self._array(state, tuple(value_of(one) for one in elements))
            case r.Repeat(one, t.ConstArgument(count)) if count.isdigit():
                if int(count) > MOST_ELEMENTS:
                    return self._many(state, int(count), (value_of(one),))
                return self._array(state, (value_of(one),) * int(count))
            case r.AdtAggregate(path, _, values):
                return self._made(path, tuple(value_of(one) for one in values))
            case r.ClosureAggregate(closure, _, values):
                return Struct(closure_name(closure.span), tuple(value_of(one) for one in values))
            case r.Binary(operator, left, right):
                return binary(operator, value_of(left), value_of(right), self._signed(frame, left))
            case r.Unary("Not", one):
                return _not(term_of(value_of(one)))
            case r.Unary("Neg", one):
                return Scalar(make("bvneg", term_of(value_of(one))))
            case r.Unary("PtrMetadata", one):
                at = value_of(one)
                if isinstance(at, Pointer):
                    return Scalar(state.length_of(at))
            case r.Cast(kind=kind, operand=one, type=target, details=details):
                return self._cast(state, frame, kind, details, one, target)
            case _:
                pass
        raise NotModelled(f"the rvalue {type(given).__name__}")

    def _array(self, state: State, elements: tuple[Value, ...]) -> Value:
        return Array(elements) if len(elements) <= MOST_ELEMENTS else self._many(state, len(elements), elements)

    @staticmethod
    def _many(state: State, count: int, elements: tuple[Value, ...]) -> Value:
        if state.owned_in(elements):
            raise NotModelled("owners in an array whose elements are not kept")
        state.refuse_places(elements)
        return many(count, elements)

    def type_of(self, frame: Frame, one: o.Operand) -> t.Type | None:
        match one:
            case o.Copy(place) | o.Move(place):
                return type_of(frame, place)
            case o.Integer(_, name) | o.Extreme(name, _):
                return t.Primitive(name)
            case o.Pointer(_, _, _, of):
                return of
            case o.Named(path) if (known := library_number(path)) is not None:
                return self.type_of(frame, known)
            case o.Named(path):
                item = self._program.constants.get(plain_path(path))
                return None if item is None else item.type
            case o.StaticAddress():
                item = self._program.constants.get(one.path)
                return None if item is None else t.Reference(None, False, item.type)
            case o.Boolean():
                return t.Primitive("bool")
            case _:
                return None

    def _signed(self, frame: Frame, one: o.Operand) -> bool:
        match self.type_of(frame, one):
            case t.Primitive(name):
                return name.startswith("i")
            case None:
                raise NotModelled("a number of which it is not known whether it is signed")
            case _:
                return False

    def _cast(
        self, state: State, frame: Frame, kind: str, details: tuple[str, ...], one: o.Operand, target: t.Type
    ) -> Value:
        value, source = self.operand(state, frame, one), self.type_of(frame, one)
        match kind, value:
            case "IntToInt", Scalar(term) if isinstance(target, t.Primitive):
                if isinstance(term.sort, Boolean):
                    return Scalar(flag(term, bits(target)))
                return Scalar(resized(term, bits(target), self._signed(frame, one)))
            case "PointerCoercion", Pointer() if details[:1] == ("Unsize",):
                if isinstance(target, t.Reference | t.RawPointer) and isinstance(target.target, t.Slice):
                    length = state.length_of(value)
                    return Pointer(value.base, (*value.path, Element(word(0).term)), length)
            case "PointerCoercion", (Pointer() | Function()) if details[:1] != ("ArrayToPointer",):
                return value
            case (("PtrToPtr" | "PointerCoercion"), Pointer()):
                if isinstance(source, t.RawPointer | t.Reference) and isinstance(target, t.RawPointer):
                    return cast(state, value, source.target, target.target)
            case _:
                pass
        raise NotModelled(f"the cast {kind} of {type(value).__name__}")

    def element(self, state: State, at: Pointer, index: Term) -> Pointer:
        return indexed(state, at, index)


def library_number(path: t.Path) -> o.Constant | None:
    """A constant of the library: the greatest or least number of a type, or how many bits it has."""
    match _NUMBER.match(plain_path(path)):
        case None:
            return None
        case found if found[2] == "BITS":
            return o.Integer(bits(found[1]), "u32")
        case found:
            return o.Extreme(found[1], found[2] == "MAX")


def enum_at(program: Program, state: State, at: Pointer, of: t.Type | None) -> Value:
    """What stands there; of a pool's contents any variant of the type, of which it is not known what it holds."""
    value = state.read(at)
    if value != CONTENTS or of is None:
        return value
    return any_variant(state, plain_type(of), len(variants_of(program, plain_type(of))), CONTENTS_NAME)


def discriminant(program: Program, value: Value, of: t.Type | None) -> Value:
    """Of an enum, as a number of the type `of`."""
    if not isinstance(value, Sum) or not isinstance(of, t.Primitive):
        raise NotModelled(f"the discriminant of {type(value).__name__}")
    known = program.discriminants.get(value.type)
    if known is None:
        return Scalar(resized(value.tag, bits(of), False))
    found: Term = number(0, bits(of))
    for index, one in enumerate(known):
        if one is None:
            raise NotModelled(f"discriminants of {value.type}")
        found = if_(make("=", value.tag, number(index, WIDTH)), number(one, bits(of)), found)
    return Scalar(found)


def binary(operator: str, left: Value, right: Value, signed: bool) -> Value:
    if isinstance(left, Pointer | Null) and operator in ("Eq", "Ne"):
        same = _same_place(left, right)
        return Scalar(same if operator == "Eq" else negation(same))
    x, y = term_of(left), term_of(right)
    if operator.endswith("WithOverflow"):
        plain = operator.removesuffix("WithOverflow")
        whole = arithmetic(plain, x, y)
        return Struct("()", (Scalar(whole), Scalar(overflows(plain, x, y, signed))))
    if operator in ("Eq", "Ne"):
        same = make("=", x, y)
        return Scalar(same if operator == "Eq" else negation(same))
    if isinstance(x.sort, Boolean):
        if operator == "BitXor":
            return Scalar(negation(make("=", x, y)))
        if operator in _LOGICAL:
            return Scalar(both(x, y) if operator == "BitAnd" else either(x, y))
        raise NotModelled(f"{operator} of truth values")
    if operator in _ORDER:
        unsigned_, signed_, swap = _ORDER[operator]
        return Scalar(make(signed_ if signed else unsigned_, *((y, x) if swap else (x, y))))
    if operator in _ARITHMETIC or operator in _BITWISE:
        return Scalar(make({**_ARITHMETIC, **_BITWISE}[operator], x, y))
    if operator in ("Div", "Rem"):  # zero, and the least number by -1, were asserted against before
        quotient = operator == "Div"
        if signed:
            return Scalar((signed_quotient if quotient else signed_remainder)(x, y))
        return Scalar(make("bvudiv" if quotient else "bvurem", x, y))
    if operator in ("Shl", "Shr"):
        distance = (
            resized(y, width_of(x), False)
            if width_of(y) <= width_of(x)
            else make("extract", y, indices=(width_of(x) - 1, 0))
        )
        masked = make("bvand", distance, number(width_of(x) - 1, width_of(x)))
        return Scalar(make("bvshl" if operator == "Shl" else "bvashr" if signed else "bvlshr", x, masked))
    raise NotModelled(f"the operator {operator}")


def arithmetic(operator: str, x: Term, y: Term) -> Term:
    return make(_ARITHMETIC[operator], x, y)


def overflows(operator: str, x: Term, y: Term, signed: bool) -> Term:
    """Whether the result is another than with as many bits as it takes."""
    width = width_of(x)
    wide = [extended_to(one, 2 * width + 1, signed) for one in (x, y)]
    exact = make(_ARITHMETIC[operator], *wide)
    return negation(make("=", exact, extended_to(make(_ARITHMETIC[operator], x, y), 2 * width + 1, signed)))


def _same_place(left: Value, right: Value) -> Term:
    """Null is no place. NotModelled for places whose distance is not known."""
    known = isinstance(left, Null | Pointer) and isinstance(right, Null | Pointer)
    if known and (isinstance(left, Null) or isinstance(right, Null)):
        return truth(isinstance(left, Null) and isinstance(right, Null)).term
    if isinstance(left, Pointer) and isinstance(right, Pointer) and left.base == right.base:
        match left.path, right.path:
            case (*before, Element(one)), (*others, Element(other)) if before == others and (left.seen, left.parts) == (
                right.seen,
                right.parts,
            ):
                return make("=", one, other)
            case one_path, other_path if one_path == other_path:
                return truth(True).term
    raise NotModelled("a comparison of pointers")


def _not(term: Term) -> Scalar:
    return Scalar(negation(term) if isinstance(term.sort, Boolean) else make("bvnot", term))


def resized(term: Term, width: int, signed: bool) -> Term:
    old = width_of(term)
    if width < old:
        return make("extract", term, indices=(width - 1, 0))
    return extended_to(term, width, signed)

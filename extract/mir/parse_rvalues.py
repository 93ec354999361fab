"""What is assigned [rustc_middle::mir::pretty: impl Debug for Rvalue].

A tuple struct at the root of a crate that is called as an operator is (`Not`) prints as the operator does: the reader
of the body looks at the type of what is assigned (`body.py`).
"""

from __future__ import annotations

from extract.mir import rvalues as r
from extract.mir.lexer import Cursor
from extract.mir.operands import Copy, FunctionValue, Operand, RuntimeChecks
from extract.mir.parse_operands import RUNTIME_CHECKS, attempt_place, parse_operand, parse_operands, parse_place
from extract.mir.parse_types import (
    mutability,
    parse_closure,
    parse_constant_argument,
    parse_path,
    parse_type,
)

_OLD_CHECKED = {"CheckedAdd": "AddWithOverflow", "CheckedSub": "SubWithOverflow", "CheckedMul": "MulWithOverflow"}


def parse_rvalue(c: Cursor) -> r.Rvalue:
    """Up to the end of the line; a call is not one, and fails."""
    token = c.peek()
    if c.after() == "(":
        named = _named(c, token)
        if named is not None:
            return named
    match token:
        case "&":
            return _borrow(c)
        case "&/*tls*/":
            c.next()
            return r.ThreadLocal(c.accept("mut"), parse_path(c))
        case "[":
            return _array(c)
        case "(":
            return _tuple_or_operand(c)
        case "*":
            c.next()
            is_mutable = mutability(c)
            pointee = parse_type(c)
            c.expect("from", "(")
            data = parse_operand(c)
            c.expect(",")
            pointer = r.RawPointerAggregate(is_mutable, pointee, data, parse_operand(c))
            c.expect(")")
            return pointer
        case "no_retag":
            c.next()
            return r.Use(parse_operand(c), retag=False)
        case "deref_copy":
            c.next()
            return r.CopyForDeref(parse_place(c))
        case "wrap_binder":
            c.expect("wrap_binder", "!", "(")
            operand = parse_operand(c)
            c.expect(";")
            binder = r.WrapUnsafeBinder(operand, parse_type(c))
            c.expect(")")
            return binder
    if token.startswith("{") and "@" in token:
        closure = parse_closure(c)
        names, values = _fields(c) if c.accept("{") else ((), ())
        return r.ClosureAggregate(closure, names, values)
    return _operand_or_adt(c)


def _named(c: Cursor, name: str) -> r.Rvalue | None:
    """`Add(..)`, `Len(..)` and their like; None if the name is none of them."""
    result: r.Rvalue
    name = _OLD_CHECKED.get(name, name)
    if name not in _FORMS and name not in r.BINARY_OPERATORS and name not in r.UNARY_OPERATORS:
        return None
    c.next()
    c.expect("(")
    if name in r.BINARY_OPERATORS:
        left = parse_operand(c)
        c.expect(",")
        result = r.Binary(name, left, parse_operand(c))
    elif name in r.UNARY_OPERATORS:
        result = r.Unary(name, parse_operand(c))
    else:
        match name:
            case "Len":
                result = r.Length(parse_place(c))
            case "discriminant":
                result = r.Discriminant(parse_place(c))
            case "SizeOf":
                result = r.SizeOf(parse_type(c))
            case "AlignOf":
                result = r.AlignOf(parse_type(c))
            case "OffsetOf":
                result = _offset_of(c)
            case "ShallowInitBox":
                operand = parse_operand(c)
                c.expect(",")
                result = r.ShallowInitBox(operand, parse_type(c))
            case _:
                result = r.Use(RuntimeChecks(name))
    c.expect(")")
    return result


_FORMS = frozenset({"Len", "discriminant", "SizeOf", "AlignOf", "OffsetOf", "ShallowInitBox", *RUNTIME_CHECKS})


def _offset_of(c: Cursor) -> r.OffsetOf:
    of = parse_type(c)
    c.expect(",", "[")
    fields = []
    while not c.accept("]"):
        c.expect("(")
        variant = c.number()
        c.expect(",")
        fields.append((variant, c.number()))
        c.expect(")")
        if not c.accept(","):
            c.expect("]")
            break
    return r.OffsetOf(of, tuple(fields))


def _borrow(c: Cursor) -> r.Rvalue:
    c.expect("&")
    if c.accept("raw"):
        is_mutable = mutability(c)
        is_fake = c.peek() == "(" and c.after() == "fake"
        if is_fake:
            c.expect("(", "fake", ")")
        return r.AddressOf(is_mutable, parse_place(c), is_fake)
    if c.peek().startswith("'"):
        c.next()
    kind = ""
    if c.accept("mut"):
        kind = "mut"
    elif c.accept("fake"):
        kind = "fake shallow" if c.accept("shallow") else "fake"
    return r.Borrow(kind, parse_place(c))


def _array(c: Cursor) -> r.Rvalue:
    c.expect("[")
    if c.accept("]"):
        return r.ArrayAggregate(())
    first = parse_operand(c)
    if c.accept(";"):
        count = parse_constant_argument(c)
        c.expect("]")
        return r.Repeat(first, count)
    if c.accept("]"):
        return r.ArrayAggregate((first,))
    c.expect(",")
    return r.ArrayAggregate((first, *parse_operands(c, "]")))


def _tuple_or_operand(c: Cursor) -> r.Rvalue:
    if c.after() not in ("move", "copy", "const", ")"):
        place = attempt_place(c)
        if place is not None:
            return _cast_or_use(c, Copy(place))
    c.expect("(")
    return r.TupleAggregate(parse_operands(c, ")"))


def _operand_or_adt(c: Cursor) -> r.Rvalue:
    operand = parse_operand(c)
    if not isinstance(operand, FunctionValue):
        return _cast_or_use(c, operand)
    match c.peek():
        case "(":
            c.next()
            return r.AdtAggregate(operand.path, None, parse_operands(c, ")"))
        case "{":
            c.next()
            return r.AdtAggregate(operand.path, *_fields(c))
        case "as":
            return _cast_or_use(c, operand)
        case _:
            return r.AdtAggregate(operand.path, None, ())


def _fields(c: Cursor) -> tuple[tuple[str, ...], tuple[Operand, ...]]:
    """`a: move _1 }`, after the opening brace."""
    names: list[str] = []
    values: list[Operand] = []
    while not c.accept("}"):
        names.append(str(c.number()) if c.peek()[:1].isdigit() else c.identifier())
        c.expect(":")
        values.append(parse_operand(c))
        if not c.accept(","):
            c.expect("}")
            break
    return tuple(names), tuple(values)


def _cast_or_use(c: Cursor, operand: Operand) -> r.Rvalue:
    if not c.accept("as"):
        return r.Use(operand)
    to = parse_type(c)
    c.expect("(")
    kind = c.identifier()
    details: list[str] = []
    if c.accept("("):
        while not c.accept(")"):
            details.append(_detail(c))
            if not c.accept(","):
                c.expect(")")
                break
    c.expect(")")
    if kind not in r.CASTS or (kind == "PointerCoercion") != bool(details):
        c.fail()
    if details and details[0].partition("(")[0] not in r.COERCIONS:
        c.fail()
    return r.Cast(operand, to, kind, tuple(details))


def _detail(c: Cursor) -> str:
    """`Unsize`, `ReifyFnPointer(Safe)`, `Implicit`."""
    name = c.identifier()
    if not c.accept("("):
        return name
    inner = c.identifier()
    c.expect(")")
    return f"{name}({inner})"

"""Places, constants and operands [rustc_middle::mir::pretty, rustc_middle::ty::print: pretty_print_const]."""

from __future__ import annotations

import re

from extract.mir import operands as o
from extract.mir.lexer import Cursor, Unrecognised, to_int
from extract.mir.literals import unescape
from extract.mir.parse_types import parse_path, parse_type
from extract.mir.types import INTEGERS, Name, Path

_INTEGER = re.compile(r"([0-9]+)_([iu](?:8|16|32|64|128|size))")
_FLOAT = re.compile(r"(?:\d[\d.]*(?:[eE][+-]?\d+)?|NaN_|[iI]nf_)(?:f16|f32|f64|f128)")
_VARIANT = re.compile(r"variant#([0-9]+)")
_LOCAL = re.compile(r"_[0-9]+")
RUNTIME_CHECKS = frozenset({"UbChecks", "ContractChecks", "OverflowChecks"})
_UNPRINTED = frozenset({"ZeroSized", "Scalar", "Slice", "Indirect"})


def starts_place(c: Cursor) -> bool:
    token = c.peek()
    return token == "(" or _LOCAL.fullmatch(token) is not None or (token == "unwrap_binder" and c.after() == "!")


def parse_place(c: Cursor) -> o.Place:
    local, projections = _place(c)
    return o.Place(local, tuple(projections))


def _place(c: Cursor) -> tuple[int, list[o.Projection]]:
    c.enter()
    if c.accept("("):
        if c.accept("*"):
            local, projections = _place(c)
            projections.append(o.Deref())
        else:
            local, projections = _place(c)
            projections.append(_inside(c))
        c.expect(")")
    elif c.accept("unwrap_binder"):
        c.expect("!", "(")
        local, projections = _place(c)
        c.expect(")")
        projections.append(o.UnwrapUnsafeBinder())
    else:
        local, projections = c.local(), []
    while c.peek() == "[":
        projections.append(_bracketed(c))
    c.leave()
    return local, projections


def _inside(c: Cursor) -> o.Projection:
    """`.1: T`, `as Some`, `as variant#3`, `as T`: what stands in parentheses after a place."""
    if c.accept("."):
        index = c.number()
        c.expect(":")
        return o.Field(index, parse_type(c))
    c.expect("as")
    numbered = _VARIANT.fullmatch(c.peek())
    if numbered:
        c.next()
        return o.Downcast(to_int(numbered[1]))
    if c.accept("subtype"):
        return o.OpaqueCast(parse_type(c), True)
    if c.after() == ")" and c.peek() not in INTEGERS:
        return o.Downcast(c.identifier())
    return o.OpaqueCast(parse_type(c), False)


def _bracketed(c: Cursor) -> o.Projection:
    c.expect("[")
    result: o.Projection
    if c.peek().startswith("_"):
        result = o.Index(c.local())
    elif c.accept("-"):
        offset = c.number()
        c.expect("of")
        result = o.ConstantIndex(offset, c.number(), True)
    elif c.accept(":"):
        c.expect("-")
        result = o.Subslice(0, c.number(), True)
    else:
        first = c.number()
        if c.accept("of"):
            result = o.ConstantIndex(first, c.number(), False)
        elif c.accept(".."):
            result = o.Subslice(first, c.number(), False)
        else:
            c.expect(":")
            result = o.Subslice(first, c.number() if c.accept("-") else 0, True)
    c.expect("]")
    return result


def parse_operand(c: Cursor) -> o.Operand:
    """A place without `copy` or `move` is a copy: compilers before 1.82 print it so."""
    token = c.peek()
    if token == "move":
        c.next()
        return o.Move(parse_place(c))
    if token == "copy":
        c.next()
        return o.Copy(parse_place(c))
    if token == "const":
        c.next()
        return parse_constant(c)
    if starts_place(c):
        return o.Copy(parse_place(c))
    path = parse_path(c)
    match path:
        case Path((Name(name, ()),)) if name in RUNTIME_CHECKS:
            return o.RuntimeChecks(name)
        case _:
            return o.FunctionValue(path)


def parse_operands(c: Cursor, close: str) -> tuple[o.Operand, ...]:
    """Up to `close`, which is read as well."""
    operands: list[o.Operand] = []
    while not c.accept(close):
        operands.append(parse_operand(c))
        if not c.accept(","):
            c.expect(close)
            break
    return tuple(operands)


def parse_constant(c: Cursor) -> o.Constant:
    """What follows `const`."""
    c.enter()
    result = _constant(c)
    if c.accept("is"):
        pattern = ""
        while c.peek() not in (",", ")", "]", "}", ""):
            pattern += c.next()
        result = o.Patterned(result, pattern)
    c.leave()
    return result


def _constant(c: Cursor) -> o.Constant:
    token = c.peek()
    first = token[:1]
    if first.isdigit() or token in ("-", "+"):
        return _number(c)
    if first in ('"', "'") or token[:2] in ('b"',) or token == "*":
        return _text(c)
    if token in ("true", "false"):
        c.next()
        return o.Boolean(token == "true")
    if token == "(":
        c.next()
        return o.TupleConstant(_constants(c, ")"))
    if token == "[":
        c.next()
        return o.ArrayConstant(_constants(c, "]"))
    if token == "{":
        return _braced(c)
    if _FLOAT.fullmatch(token):
        c.next()
        return o.Float(token)
    if token in INTEGERS and c.after() == "::" and c.tokens[c.position + 2] in ("MIN", "MAX"):
        c.position += 3
        return o.Extreme(token, c.tokens[c.position - 1] == "MAX")
    if token in _UNPRINTED and c.after() in (":", "(", "{"):
        return _unprinted(c)
    if token == "<" and c.after() == "static":
        return _static(c)
    return _path_constant(c)


def _static(c: Cursor) -> o.StaticAddress:
    c.expect("<", "static", "(", "DefId", "(")
    definition = c.next() + c.next() + c.next()
    c.expect("~")
    place = ""
    while c.peek() not in (")", ""):
        place += c.next()
    c.expect(")", ")", ">")
    return o.StaticAddress(definition, place)


def _number(c: Cursor) -> o.Constant:
    sign = c.next() if c.peek() in ("-", "+") else ""
    token = c.next()
    integer = _INTEGER.fullmatch(token)
    if integer and sign != "+":
        return o.Integer(to_int(sign + integer[1]), integer[2])
    if not _FLOAT.fullmatch(token):
        c.position -= 1
        c.fail()
    return o.Float(sign + token)


def _text(c: Cursor) -> o.Constant:
    is_array = c.accept("*")
    token = c.next()
    body = token.removeprefix("b")
    quote = body[0]
    value = unescape(body[1:-1]) if len(body) > 1 and quote in "\"'" and body.endswith(quote) else None
    if value is None:
        c.fail()
    if token.startswith("b") and quote == '"':
        if any(ord(character) > 255 for character in value):
            c.fail()
        return o.ByteString(value.encode("latin-1"), is_array)
    if is_array or token.startswith("b"):
        c.fail()
    if quote == "'":
        if len(value) != 1:
            c.fail()
        return o.Character(value)
    return o.String(value)


def _constants(c: Cursor, close: str) -> tuple[o.Constant, ...]:
    elements: list[o.Constant] = []
    while not c.accept(close):
        elements.append(parse_constant(c))
        if not c.accept(","):
            c.expect(close)
            break
    return tuple(elements)


def _braced(c: Cursor) -> o.Constant:
    """`{alloc1+0x8: &T}`, `{0x8 as T}`, `{transmute(0x01): T}`, `{unreachable(): T}`."""
    c.expect("{")
    token = c.next()
    result: o.Constant
    if token.startswith("0x"):
        c.expect("as")
        result = o.Address(to_int(token, 16), parse_type(c))
    elif token == "transmute":
        c.expect("(")
        value = _hexadecimal(c)
        c.expect(")", ":")
        result = o.Transmuted(value, parse_type(c))
    elif token == "unreachable":
        c.expect("(", ")", ":")
        result = o.Uninhabited(parse_type(c))
    elif token.startswith("alloc"):
        offset = _hexadecimal(c) if c.accept("+") else 0
        immutable = c.accept("<")
        if immutable:
            c.expect("imm", ">")
        c.expect(":")
        result = o.Pointer(token, offset, immutable, parse_type(c))
    else:
        c.fail()
    c.expect("}")
    return result


def _hexadecimal(c: Cursor) -> int:
    return to_int(c.next(), 16)


def _unprinted(c: Cursor) -> o.Unprinted:
    """A value in rustc's `Debug` form, and its type."""
    tokens = [c.next()]
    depth = 0
    while depth or c.peek() != ":":
        token = c.next()
        depth += (token in ("(", "{", "[")) - (token in (")", "}", "]"))
        tokens.append(token)
    c.expect(":")
    return o.Unprinted(" ".join(tokens), parse_type(c))


def _path_constant(c: Cursor) -> o.Constant:
    path = parse_path(c)
    if c.accept("("):
        return o.AdtConstant(path, None, _constants(c, ")"))
    if c.peek() == "{" and c.after() == "{":
        c.expect("{", "{")
        names: list[str] = []
        values: list[o.Constant] = []
        while not c.accept("}"):
            names.append(c.identifier())
            c.expect(":")
            values.append(parse_constant(c))
            if not c.accept(","):
                c.expect("}")
                break
        c.expect("}")
        return o.AdtConstant(path, tuple(names), tuple(values))
    return o.Named(path)


def attempt_place(c: Cursor) -> o.Place | None:
    """A place, or nothing read: `(` begins a tuple as well."""
    position, depth = c.position, c.depth()
    try:
        return parse_place(c)
    except Unrecognised:
        c.back_to(position, depth)
        return None

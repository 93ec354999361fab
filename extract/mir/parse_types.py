"""Types and paths, by recursive descent [rustc_middle::ty::print::pretty]."""

from __future__ import annotations

from extract.mir import types as t
from extract.mir.lexer import IDENTIFIER, Cursor, read_span, to_int

_CALL_TRAITS = frozenset({"Fn", "FnMut", "FnOnce", "AsyncFn", "AsyncFnMut", "AsyncFnOnce"})
_FUNCTION_STARTS = frozenset({"fn", "unsafe", "extern", "for", "safe"})
_NO_NAMES = frozenset({"as", "mut", "const", "dyn", "impl", "for", "fn", "unsafe", "extern", "move"})


def parse_type(c: Cursor) -> t.Type:
    c.enter()
    token = c.peek()
    result: t.Type
    if token in t.PRIMITIVES and c.after() != "::":
        c.next()
        result = t.Primitive(token)
    elif token == "&":
        c.next()
        lifetime = t.Lifetime(c.next()) if c.peek().startswith("'") else None
        result = t.Reference(lifetime, c.accept("mut"), parse_type(c))
    elif token == "*":
        c.next()
        result = t.RawPointer(mutability(c), parse_type(c))
    elif token == "(":
        result = _parenthesised(c)
    elif token == "[":
        result = _slice_or_array(c)
    elif token == "!":
        c.next()
        result = t.NEVER
    elif token == "_":
        c.next()
        result = t.Inferred()
    elif token == "unsafe" and c.after() == "<":
        c.next()
        result = t.UnsafeBinder(_binder(c), parse_type(c))
    elif token in _FUNCTION_STARTS:
        result = _function(c)
    elif token == "dyn":
        c.next()
        result = t.Dynamic(parse_bounds(c))
    elif token == "impl":
        c.next()
        result = t.Opaque(parse_bounds(c))
    elif token.startswith("{"):
        result = _unnamed(c)
    else:
        result = t.PathType(parse_path(c))
    c.leave()
    return result


def parse_closure(c: Cursor) -> t.Closure:
    """`{closure@SPAN}`."""
    token = c.next()
    kind, found, rest = token[1:-1].partition("@")
    span = read_span(rest)
    if not token.startswith("{") or not found or span is None:
        c.fail()
    return t.Closure(kind, *span)


def _unnamed(c: Cursor) -> t.Type:
    token = c.peek()
    if token.endswith("@"):
        c.next()
        foreign = t.ForeignClosure(token[1:-1], parse_path(c))
        c.expect("}")
        return foreign
    if not token.endswith(" body of "):
        return parse_closure(c)
    c.next()
    path = parse_path(c)
    c.expect("(", ")", "}")
    return t.BodyOf(token[1:].removesuffix(" body of "), path)


def mutability(c: Cursor) -> bool:
    """After `*` or `&raw`: `mut` or `const`."""
    if c.accept("mut"):
        return True
    c.expect("const")
    return False


def _parenthesised(c: Cursor) -> t.Type:
    """A tuple, or one type in parentheses (`(dyn A + 'a)`)."""
    c.expect("(")
    elements: list[t.Type] = []
    while not c.accept(")"):
        elements.append(parse_type(c))
        if c.accept(")"):
            return elements[0] if len(elements) == 1 else t.Tuple(tuple(elements))
        c.expect(",")
    return t.Tuple(tuple(elements))


def _slice_or_array(c: Cursor) -> t.Type:
    c.expect("[")
    element = parse_type(c)
    if c.accept("]"):
        return t.Slice(element)
    c.expect(";")
    length = parse_constant_argument(c)
    c.expect("]")
    return t.Array(element, length)


def parse_constant_argument(c: Cursor) -> t.Type | t.ConstArgument:
    """The length of an array, a generic constant: a literal, a block, or a path."""
    token = c.peek()
    if token[:1].isdigit() or token in ("true", "false") or (token[:1] == "'" and token[-1:] == "'" and len(token) > 2):
        c.next()
        return t.ConstArgument(token)
    if token == "-":
        c.next()
        return t.ConstArgument("-" + c.next())
    if token == "{":
        return t.ConstArgument(_block(c))
    return parse_type(c)


def _block(c: Cursor) -> str:
    """A constant expression in braces, kept as text."""
    depth = 0
    tokens = []
    while True:
        token = c.next()
        tokens.append(token)
        depth += (token == "{") - (token == "}")
        if not depth:
            return " ".join(tokens)


def _binder(c: Cursor) -> tuple[t.Lifetime, ...]:
    """`<'a, 'b>` after `for` or `unsafe`."""
    c.expect("<")
    lifetimes = []
    while not c.accept(">"):
        lifetimes.append(t.Lifetime(c.next()))
        if not c.accept(","):
            c.expect(">")
            break
    return tuple(lifetimes)


def _function(c: Cursor) -> t.Type:
    binder = _binder(c) if c.accept("for") else ()
    is_safe = not c.accept("unsafe")
    if is_safe:
        c.accept("safe")
    abi = c.next().strip('"') if c.accept("extern") else None
    c.expect("fn", "(")
    parameters: list[t.Type] = []
    is_variadic = False
    while not c.accept(")"):
        if c.accept(".."):
            c.expect(".", ")")
            is_variadic = True
            break
        parameters.append(parse_type(c))
        if not c.accept(","):
            c.expect(")")
            break
    result = parse_type(c) if c.accept("->") else None
    signature = t.FunctionPointer(binder, is_safe, abi, tuple(parameters), is_variadic, result)
    if not c.accept("{"):
        return signature
    path = parse_path(c)
    c.expect("}")
    return t.FunctionItem(signature, path)


def parse_bounds(c: Cursor) -> tuple[t.Bound, ...]:
    """`A + ?B + 'a`."""
    bounds = [_bound(c)]
    while c.accept("+"):
        bounds.append(_bound(c))
    return tuple(bounds)


def _bound(c: Cursor) -> t.Bound:
    if c.peek().startswith("'"):
        return t.Lifetime(c.next())
    modifier = ""
    if c.accept("?"):
        modifier = "?"
    elif c.accept("["):
        c.expect("const", "]")
        modifier = "[const] "
    binder = _binder(c) if c.accept("for") else ()
    return t.TraitBound(binder, modifier, parse_path(c))


def parse_path(c: Cursor) -> t.Path:
    c.enter()
    segments = [_first_segment(c)]
    while c.peek() == "::":
        c.next()
        segments.append(_segment(c, segments[-1]))
    c.leave()
    return t.Path(tuple(segments))


def _first_segment(c: Cursor) -> t.Segment:
    if c.peek() != "<" or (c.after() == "impl" and _is_impl(c)):
        return _segment(c, None)
    c.next()
    of = parse_type(c)
    trait = parse_path(c) if c.accept("as") else None
    c.expect(">")
    return t.Qualified(of, trait)


def _segment(c: Cursor, before: t.Segment | None) -> t.Segment:
    token = c.peek()
    if token == "<":
        # Generic arguments of what stands before are read with it; here only an impl can follow.
        if c.after() != "impl" or isinstance(before, t.Qualified):
            c.fail()
        return _impl_of(c)
    c.next()
    if token.startswith("<impl at "):
        span = read_span(token[9:-1])
        if span is None:
            c.fail()
        return t.ImplAt(span[0])
    if token.startswith("{"):
        kind, found, number = token[1:-1].rpartition("#")
        if not found:
            c.fail()
        return t.Numbered(kind, to_int(number), _generics(c))
    if token == "promoted" and c.peek() == "[":
        c.expect("[")
        index = c.number()
        c.expect("]")
        return t.Promoted(index)
    if not IDENTIFIER.fullmatch(token) or token in _NO_NAMES:
        c.position -= 1
        c.fail()
    if token in _CALL_TRAITS and c.peek() == "(":
        return _call_sugar(c, token)
    return t.Name(token, _generics(c, is_module=token[0].islower()))


def _impl_of(c: Cursor) -> t.ImplOf:
    """`<impl u32>`, `<impl Trait for Type>`."""
    c.expect("<", "impl")
    of = parse_type(c)
    if not c.accept("for"):
        c.expect(">")
        return t.ImplOf(None, of)
    if not isinstance(of, t.PathType):
        c.fail()
    implementor = parse_type(c)
    c.expect(">")
    return t.ImplOf(of.path, implementor)


def _call_sugar(c: Cursor, name: str) -> t.CallSugar:
    c.expect("(")
    inputs: list[t.Type] = []
    while not c.accept(")"):
        inputs.append(parse_type(c))
        if not c.accept(","):
            c.expect(")")
            break
    return t.CallSugar(name, tuple(inputs), parse_type(c) if c.accept("->") else None)


def _is_impl(c: Cursor) -> bool:
    """Whether `<impl ..>` is an impl and not a generic argument: then a name follows it.

    `core::num::<impl u32>::MAX` against `f::<impl Fn()>`, and that followed by `::{closure#0}` or `::promoted[0]`.
    """
    depth = 0
    for position in range(c.position, len(c.tokens)):
        token = c.tokens[position]
        depth += (token == "<") - (token == ">")
        if depth == 1 and token == "as":
            return False  # `<impl Trait as Other>` is a qualified type
        if not depth:
            following = c.tokens[position + 1 : position + 4]
            is_named = len(following) > 1 and following[0] == "::" and IDENTIFIER.match(following[1]) is not None
            return is_named and following[1:] != ["promoted", "["]
    return False


def _generics(c: Cursor, is_module: bool = False) -> tuple[t.GenericArgument, ...]:
    """`<A, 'b, 4>` or `::<A>`, if there are any."""
    if c.peek() == "::" and c.after() == "<":
        c.next()
        if is_module and c.tokens[c.position + 1] == "impl" and _is_impl(c):
            c.position -= 1
            return ()
    elif c.peek() != "<":
        return ()
    c.expect("<")
    arguments: list[t.GenericArgument] = []
    while not c.accept(">"):
        arguments.append(_generic_argument(c))
        if not c.accept(","):
            c.expect(">")
            break
    return tuple(arguments)


def _generic_argument(c: Cursor) -> t.GenericArgument:
    token = c.peek()
    if token.startswith("'") and not (token.endswith("'") and len(token) > 2):
        return t.Lifetime(c.next())
    argument = parse_constant_argument(c)
    match argument:
        case t.PathType(t.Path((t.Name(name, generics),))) if c.peek() == "=":
            c.next()
            return t.Binding(name, generics, parse_constant_argument(c))
        case t.PathType(t.Path((t.Name(name, ()),))) if c.peek() == ":":
            c.next()
            return t.BoundOn(name, parse_bounds(c))
        case _:
            return argument

"""One line of a basic block, without its `;`, to a statement [rustc_middle::mir::pretty]."""

from __future__ import annotations

from collections.abc import Callable

from extract.mir import statements as s
from extract.mir.lexer import Cursor
from extract.mir.parse_operands import parse_operand, parse_place
from extract.mir.parse_rvalues import parse_rvalue

_RETAG = {"fn": ("fn", "entry"), "2phase": ("2phase",), "raw": ("raw",)}


def parse_statement(text: str) -> tuple[s.StatementKind, Cursor]:
    """Raises Unrecognised; the cursor knows the locals mentioned."""
    c = Cursor(text)
    statement = _statement(c)
    c.end()
    return statement, c


def _statement(c: Cursor) -> s.StatementKind:
    token = c.peek()
    if c.after() == "(" or token in ("nop", "ConstEvalCounter", "Coverage"):
        special = _special(c, token)
        if special is not None:
            return special
    place = parse_place(c)
    c.expect("=")
    return s.Assign(place, parse_rvalue(c))


def _special(c: Cursor, token: str) -> s.StatementKind | None:
    match token:
        case "nop":
            c.next()
            return s.Nop()
        case "ConstEvalCounter":
            c.next()
            return s.ConstEvalCounter()
        case "Coverage":
            c.next()
            return s.Coverage(_rest(c))
        case "discriminant":
            c.expect("discriminant", "(")
            place = parse_place(c)
            c.expect(")", "=")
            return s.SetDiscriminant(place, c.number())
    form = _FORMS.get(token)
    if form is None:
        return None
    c.expect(token, "(")
    statement = form(c)
    c.expect(")")
    return statement


def _rest(c: Cursor) -> str:
    tokens = c.tokens[c.position : -1]
    c.position = len(c.tokens) - 1
    return " ".join(tokens)


def _fake_read(c: Cursor) -> s.StatementKind:
    cause = c.identifier()
    while not c.accept(","):
        cause += c.next()
    return s.FakeRead(cause, parse_place(c))


def _ascribe(c: Cursor) -> s.StatementKind:
    place = parse_place(c)
    c.expect(",")
    tokens = c.tokens[c.position : -2]
    c.position += len(tokens)
    return s.AscribeUserType(place, " ".join(tokens))


def _copy(c: Cursor) -> s.StatementKind:
    c.expect("dst", "=")
    destination = parse_operand(c)
    c.expect(",", "src", "=")
    source = parse_operand(c)
    c.expect(",", "count", "=")
    return s.CopyNonoverlapping(destination, source, parse_operand(c))


def _retag(c: Cursor) -> s.StatementKind:
    kind = ""
    if c.accept("["):
        words = _RETAG.get(c.peek())
        if words is None:
            c.fail()
        c.expect(*words, "]")
        kind = " ".join(words)
    return s.Retag(kind, parse_place(c))


_FORMS: dict[str, Callable[[Cursor], s.StatementKind]] = {
    "StorageLive": lambda c: s.StorageLive(c.local()),
    "StorageDead": lambda c: s.StorageDead(c.local()),
    "Deinit": lambda c: s.Deinit(parse_place(c)),
    "FakeRead": _fake_read,
    "PlaceMention": lambda c: s.PlaceMention(parse_place(c)),
    "AscribeUserType": _ascribe,
    "assume": lambda c: s.Assume(parse_operand(c)),
    "copy_nonoverlapping": _copy,
    "Retag": _retag,
    "BackwardIncompatibleDropHint": lambda c: s.BackwardIncompatibleDropHint(parse_place(c)),
}

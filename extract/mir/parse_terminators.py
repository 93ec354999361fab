"""The last line of a basic block, without its `;`, to a terminator [rustc_middle::mir::pretty, mir::terminator].

The ways on are printed as `-> bb1` if there is one, else as `-> [label: bb1, .., unwind ACTION]`; a call that does
not return and cleans up when it unwinds prints as `-> bb1`, without a label.
"""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir import statements as s
from extract.mir.lexer import Cursor, Unrecognised, to_int
from extract.mir.literals import unescape
from extract.mir.operands import FunctionValue, Place
from extract.mir.parse_operands import parse_operand, parse_operands, parse_place

_ALONE: dict[str, type[s.Return | s.Resume | s.Unreachable | s.CoroutineDrop]] = {
    "return": s.Return,
    "resume": s.Resume,
    "unreachable": s.Unreachable,
    "coroutine_drop": s.CoroutineDrop,
}
_COROUTINES = ("`async fn`", "`async gen fn`", "`gen fn`", "coroutine", "generator")
_MESSAGES = {
    "index out of bounds: the length is {} but the index is {}": ("BoundsCheck", 2),
    "attempt to negate `{}`, which would overflow": ("OverflowNeg", 1),
    "attempt to divide `{}` by zero": ("DivisionByZero", 1),
    "attempt to calculate the remainder of `{}` with a divisor of zero": ("RemainderByZero", 1),
    "attempt to compute `{} + {}`, which would overflow": ("Overflow(Add)", 2),
    "attempt to compute `{} - {}`, which would overflow": ("Overflow(Sub)", 2),
    "attempt to compute `{} * {}`, which would overflow": ("Overflow(Mul)", 2),
    "attempt to compute `{} / {}`, which would overflow": ("Overflow(Div)", 2),
    "attempt to compute `{} % {}`, which would overflow": ("Overflow(Rem)", 2),
    "attempt to compute the remainder of `{} % {}`, which would overflow": ("Overflow(Rem)", 2),
    "attempt to shift left by `{}`, which would overflow": ("Overflow(Shl)", 1),
    "attempt to shift right by `{}`, which would overflow": ("Overflow(Shr)", 1),
    "misaligned pointer dereference: address must be a multiple of {} but is {}": ("MisalignedPointerDereference", 2),
    "null pointer dereference occurred": ("NullPointerDereference", 0),
    "trying to construct an enum from an invalid value {}": ("InvalidEnumConstruction", 1),
    **{f"{what} resumed after completion": ("ResumedAfterReturn", 0) for what in _COROUTINES},
    **{f"{what} should just keep returning `None` after completion": ("ResumedAfterReturn", 0) for what in _COROUTINES},
    **{f"{what} resumed after panicking": ("ResumedAfterPanic", 0) for what in _COROUTINES},
    **{f"{what} should just keep returning `None` after panicking": ("ResumedAfterPanic", 0) for what in _COROUTINES},
    **{f"{what} resumed after async drop": ("ResumedAfterDrop", 0) for what in _COROUTINES},
}
"""What an assertion prints: the variant of `AssertKind`, and how many operands follow."""


@dataclass(frozen=True, slots=True)
class _Ways:
    labelled: tuple[tuple[str, int], ...]
    unwind: s.UnwindAction | None

    def one(self, label: str) -> int | None:
        found = [block for name, block in self.labelled if name == label]
        return found[0] if len(found) == 1 else None

    def must(self, label: str) -> int:
        block = self.one(label)
        if block is None:
            raise Unrecognised(label)
        return block

    def cleaning(self) -> s.UnwindAction:
        """What happens on unwinding: named, or the block labelled `unwind`."""
        block = self.one("unwind")
        if (block is None) == (self.unwind is None):
            raise Unrecognised("unwind")
        return s.UnwindCleanup(block) if block is not None else self._named()

    def _named(self) -> s.UnwindAction:
        assert self.unwind is not None
        return self.unwind

    def only(self, *labels: str) -> None:
        if any(label not in labels for label, _ in self.labelled):
            raise Unrecognised("a label")


def parse_terminator(text: str) -> tuple[s.TerminatorKind, Cursor]:
    """Raises Unrecognised; the cursor knows the locals and blocks mentioned."""
    c = Cursor(text)
    terminator = _terminator(c)
    c.end()
    return terminator, c


def _terminator(c: Cursor) -> s.TerminatorKind:
    token = c.peek()
    if token in _ALONE:
        c.next()
        return _ALONE[token]()
    match token:
        case "goto":
            c.expect("goto", "->")
            return s.Goto(c.block())
        case "switchInt":
            return _switch(c)
        case "terminate":
            c.expect("terminate", "(")
            reason = c.identifier()
            c.expect(")")
            return s.Terminate(reason)
        case "drop" | "async":
            return _drop(c)
        case "assert":
            return _assert(c)
        case "tailcall":
            c.next()
            function = parse_operand(c)
            c.expect("(")
            return s.TailCall(function, parse_operands(c, ")"))
        case "falseEdge":
            c.next()
            ways = _ways(c)
            ways.only("real", "imaginary")
            return s.FalseEdge(ways.must("real"), ways.must("imaginary"))
        case "falseUnwind":
            c.next()
            ways = _ways(c)
            ways.only("real", "unwind")
            return s.FalseUnwind(ways.must("real"), ways.cleaning())
        case "asm":
            return _asm(c)
        case _:
            return _call_or_yield(c)


def _ways(c: Cursor) -> _Ways:
    c.expect("->")
    if c.accept("["):
        labelled: list[tuple[str, int]] = []
        unwind = None
        while not c.accept("]"):
            label = c.next()
            if label == "-":
                label += c.next()
            if c.accept(":"):
                labelled.append((label, c.block()))
            elif label == "unwind":
                unwind = _action(c)
            else:
                c.fail()
            if not c.accept(","):
                c.expect("]")
                break
        return _Ways(tuple(labelled), unwind)
    if c.accept("unwind"):
        return _Ways((), _action(c))
    return _Ways((("", c.block()),), None)


def _action(c: Cursor) -> s.UnwindAction:
    match c.next():
        case "continue":
            return s.UnwindContinue()
        case "unreachable":
            return s.UnwindUnreachable()
        case "terminate":
            c.expect("(")
            reason = c.identifier()
            c.expect(")")
            return s.UnwindTerminate(reason)
        case _:
            c.fail()


def _switch(c: Cursor) -> s.SwitchInt:
    c.expect("switchInt", "(")
    operand = parse_operand(c)
    c.expect(")")
    ways = _ways(c)
    targets = tuple([(to_int(label), block) for label, block in ways.labelled if label != "otherwise"])
    if ways.unwind is not None:
        c.fail()
    return s.SwitchInt(operand, targets, ways.must("otherwise"))


def _drop(c: Cursor) -> s.Drop:
    is_async = c.accept("async")
    c.expect("drop", "(")
    place = parse_place(c)
    future = None
    if is_async:
        c.expect(";", "poll", "=")
        future = c.local()
    c.expect(")")
    ways = _ways(c)
    ways.only("return", "unwind", "drop")
    return s.Drop(place, ways.must("return"), ways.cleaning(), ways.one("drop"), future)


def _assert(c: Cursor) -> s.Assert:
    c.expect("assert", "(")
    expected = not c.accept("!")
    condition = parse_operand(c)
    c.expect(",")
    token = c.next()
    text = unescape(token[1:-1])
    if text is None or text not in _MESSAGES:
        c.fail()
    kind, count = _MESSAGES[text]
    operands = parse_operands(c, ")") if c.accept(",") else ()
    if not operands:
        c.expect(")")
    if len(operands) != count:
        c.fail()
    ways = _ways(c)
    ways.only("success", "unwind")
    message = s.AssertMessage(kind, text, operands)
    return s.Assert(condition, expected, message, ways.must("success"), ways.cleaning())


def _asm(c: Cursor) -> s.InlineAsm:
    start = c.position
    c.expect("asm", "!", "(")
    depth = 1
    while depth:
        token = c.next()
        depth += (token == "(") - (token == ")")
    text = " ".join(c.tokens[start : c.position])
    if not c.peek():
        return s.InlineAsm(text, (), None)
    ways = _ways(c)
    return s.InlineAsm(text, ways.labelled, ways.unwind)


def _call_or_yield(c: Cursor) -> s.TerminatorKind:
    destination = parse_place(c)
    c.expect("=")
    if c.peek() == "yield" and c.after() == "(":
        return _yield(c, destination)
    function = parse_operand(c)
    if isinstance(function, FunctionValue) and c.peek() != "(":
        c.fail()
    c.expect("(")
    arguments = parse_operands(c, ")")
    ways = _ways(c)
    if len(ways.labelled) == 1 and ways.labelled[0][0] == "":
        return s.Call(function, arguments, destination, None, s.UnwindCleanup(ways.labelled[0][1]))
    ways.only("return", "unwind")
    return s.Call(function, arguments, destination, ways.one("return"), ways.cleaning())


def _yield(c: Cursor, resume_argument: Place) -> s.Yield:
    c.expect("yield", "(")
    value = parse_operand(c)
    c.expect(")")
    ways = _ways(c)
    if ways.unwind is not None:
        c.fail()
    if ways.one("") is not None:
        return s.Yield(value, resume_argument, ways.must(""), None)
    ways.only("resume", "drop")
    return s.Yield(value, resume_argument, ways.must("resume"), ways.must("drop"))

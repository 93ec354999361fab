"""Statements, rvalues and terminators back to text, as rustc prints them: what a trace shows of a step."""

from __future__ import annotations

from extract.mir import rvalues as r
from extract.mir import statements as s
from extract.mir.operands import Operand
from extract.mir.show import show_operand, show_path, show_place, show_type
from extract.mir.types import ConstArgument


def show_statement(kind: s.StatementKind) -> str:
    """Without `;`."""
    match kind:
        case s.Assign(place, rvalue):
            return f"{show_place(place)} = {show_rvalue(rvalue)}"
        case s.StorageLive(local):
            return f"StorageLive(_{local})"
        case s.StorageDead(local):
            return f"StorageDead(_{local})"
        case s.SetDiscriminant(place, variant):
            return f"discriminant({show_place(place)}) = {variant}"
        case s.Deinit(place):
            return f"Deinit({show_place(place)})"
        case s.Nop():
            return "nop"
        case s.FakeRead(cause, place):
            return f"FakeRead({cause}, {show_place(place)})"
        case s.PlaceMention(place):
            return f"PlaceMention({show_place(place)})"
        case s.AscribeUserType(place, details):
            return f"AscribeUserType({show_place(place)}, {details})"
        case s.Assume(operand):
            return f"assume({show_operand(operand)})"
        case s.CopyNonoverlapping(destination, source, count):
            return (
                f"copy_nonoverlapping(dst = {show_operand(destination)}, src = {show_operand(source)},"
                f" count = {show_operand(count)})"
            )
        case s.Retag(retag, place):
            return f"Retag({f'[{retag}] ' if retag else ''}{show_place(place)})"
        case s.Coverage(details):
            return f"Coverage{details.replace(' ', '')}"
        case s.ConstEvalCounter():
            return "ConstEvalCounter"
        case s.BackwardIncompatibleDropHint(place):
            return f"BackwardIncompatibleDropHint({show_place(place)})"
        case s.UnknownConstruct(_, text):
            return text


def _operands(operands: tuple[Operand, ...]) -> str:
    return ", ".join([show_operand(operand) for operand in operands])


def _fields(names: tuple[str, ...], values: tuple[Operand, ...]) -> str:
    fields = ", ".join([f"{name}: {show_operand(value)}" for name, value in zip(names, values, strict=True)])
    return f" {{ {fields} }}" if fields else ""


def show_rvalue(rvalue: r.Rvalue) -> str:
    match rvalue:
        case r.Use(operand, retag):
            return f"{'' if retag else 'no_retag '}{show_operand(operand)}"
        case r.Repeat(operand, count):
            number = count.text if isinstance(count, ConstArgument) else show_type(count)
            return f"[{show_operand(operand)}; {number}]"
        case r.Borrow(kind, place):
            return f"&{kind + ' ' if kind else ''}{show_place(place)}"
        case r.AddressOf(mutable, place, is_fake):
            return f"&raw {'mut' if mutable else 'const'} {'(fake) ' if is_fake else ''}{show_place(place)}"
        case r.ThreadLocal(mutable, path):
            return f"&/*tls*/ {'mut ' if mutable else ''}{show_path(path)}"
        case r.Length(place):
            return f"Len({show_place(place)})"
        case r.Cast(operand, to, kind, details):
            inner = f"({', '.join(details)})" if details else ""
            return f"{show_operand(operand)} as {show_type(to)} ({kind}{inner})"
        case r.Binary(operator, left, right):
            return f"{operator}({show_operand(left)}, {show_operand(right)})"
        case r.Unary(operator, operand):
            return f"{operator}({show_operand(operand)})"
        case r.SizeOf(of):
            return f"SizeOf({show_type(of)})"
        case r.AlignOf(of):
            return f"AlignOf({show_type(of)})"
        case r.OffsetOf(of, fields):
            return f"OffsetOf({show_type(of)}, [{', '.join([f'({variant}, {field})' for variant, field in fields])}])"
        case r.Discriminant(place):
            return f"discriminant({show_place(place)})"
        case r.ShallowInitBox(operand, of):
            return f"ShallowInitBox({show_operand(operand)}, {show_type(of)})"
        case r.CopyForDeref(place):
            return f"deref_copy {show_place(place)}"
        case r.WrapUnsafeBinder(operand, of):
            return f"wrap_binder!({show_operand(operand)}; {show_type(of)})"
        case _:
            return _show_aggregate(rvalue)


def _show_aggregate(
    aggregate: r.TupleAggregate | r.ArrayAggregate | r.AdtAggregate | r.ClosureAggregate | r.RawPointerAggregate,
) -> str:
    match aggregate:
        case r.TupleAggregate((only,)):
            return f"({show_operand(only)},)"
        case r.TupleAggregate(elements):
            return f"({_operands(elements)})"
        case r.ArrayAggregate(elements):
            return f"[{_operands(elements)}]"
        case r.AdtAggregate(path, None, ()):
            return show_path(path)
        case r.AdtAggregate(path, None, values):
            return f"{show_path(path)}({_operands(values)})"
        case r.AdtAggregate(path, names, values):
            return show_path(path) + _fields(names or (), values)
        case r.ClosureAggregate(closure, names, values):
            return show_type(closure) + _fields(names, values)
        case r.RawPointerAggregate(mutable, pointee, data, metadata):
            kind = "mut" if mutable else "const"
            return f"*{kind} {show_type(pointee)} from ({show_operand(data)}, {show_operand(metadata)})"


def show_terminator(kind: s.TerminatorKind) -> str:
    """Without `;`."""
    match kind:
        case s.Goto(target):
            return f"goto -> bb{target}"
        case s.SwitchInt(operand, targets, otherwise):
            ways = [(str(value), block) for value, block in targets] + [("otherwise", otherwise)]
            return f"switchInt({show_operand(operand)})" + _ways(ways, None)
        case s.Return():
            return "return"
        case s.Resume():
            return "resume"
        case s.Terminate(reason):
            return f"terminate({reason})"
        case s.Unreachable():
            return "unreachable"
        case s.CoroutineDrop():
            return "coroutine_drop"
        case s.Drop(place, target, unwind, drop, future):
            head = (
                f"drop({show_place(place)})" if future is None else f"async drop({show_place(place)}; poll=_{future})"
            )
            return head + _ways([("return", target)], unwind, [] if drop is None else [("drop", drop)])
        case s.Call(function, arguments, destination, target, unwind):
            head = f"{show_place(destination)} = {show_operand(function)}({_operands(arguments)})"
            if target is None and isinstance(unwind, s.UnwindCleanup):
                return f"{head} -> bb{unwind.block}"
            return head + _ways([] if target is None else [("return", target)], unwind)
        case s.TailCall(function, arguments):
            return f"tailcall {show_operand(function)}({_operands(arguments)})"
        case s.Assert(condition, expected, message, target, unwind):
            return _assert(condition, expected, message) + _ways([("success", target)], unwind)
        case s.Yield(value, argument, resume, None):
            return f"{show_place(argument)} = yield({show_operand(value)}) -> bb{resume}"
        case s.Yield(value, argument, resume, drop):
            return f"{show_place(argument)} = yield({show_operand(value)}) -> [resume: bb{resume}, drop: bb{drop}]"
        case s.FalseEdge(real, imaginary):
            return f"falseEdge -> [real: bb{real}, imaginary: bb{imaginary}]"
        case s.FalseUnwind(real, unwind):
            return "falseUnwind" + _ways([("real", real)], unwind)
        case s.InlineAsm(text, targets, unwind):
            return text + ("" if not targets and unwind is None else _ways(list(targets), unwind))
        case s.UnknownConstruct(_, text):
            return text


def _assert(condition: Operand, expected: bool, message: s.AssertMessage) -> str:
    values = "".join([f", {show_operand(operand)}" for operand in message.operands])
    return f'assert({"" if expected else "!"}{show_operand(condition)}, "{message.text}"{values})'


def _ways(
    ways: list[tuple[str, int]], unwind: s.UnwindAction | None, after: list[tuple[str, int]] | None = None
) -> str:
    action = None
    match unwind:
        case s.UnwindCleanup(block):
            ways = [*ways, ("unwind", block)]
        case s.UnwindContinue():
            action = "unwind continue"
        case s.UnwindUnreachable():
            action = "unwind unreachable"
        case s.UnwindTerminate(reason):
            action = f"unwind terminate({reason})"
        case None:
            pass
    ways = [*ways, *(after or [])]
    if not ways:
        return f" -> {action}"
    parts = [f"{label}: bb{block}" for label, block in ways] + ([action] if action else [])
    return f" -> [{', '.join(parts)}]"

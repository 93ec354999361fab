"""The operands that a step reads, in the order in which they are printed."""

from __future__ import annotations

from extract.mir import rvalues as r
from extract.mir import statements as s
from extract.mir.operands import Operand


def operands_of_statement(kind: s.StatementKind) -> tuple[Operand, ...]:
    """Places that are borrowed, or whose discriminant or length is read, are no operands."""
    match kind:
        case s.Assign(_, rvalue):
            return operands_of_rvalue(rvalue)
        case s.Assume(operand):
            return (operand,)
        case s.CopyNonoverlapping(destination, source, count):
            return (destination, source, count)
        case (
            s.StorageLive()
            | s.StorageDead()
            | s.SetDiscriminant()
            | s.Deinit()
            | s.Nop()
            | s.FakeRead()
            | s.PlaceMention()
            | s.AscribeUserType()
            | s.Retag()
            | s.Coverage()
            | s.ConstEvalCounter()
            | s.BackwardIncompatibleDropHint()
            | s.UnknownConstruct()
        ):
            return ()


def operands_of_rvalue(rvalue: r.Rvalue) -> tuple[Operand, ...]:
    match rvalue:
        case r.Use(operand) | r.Repeat(operand) | r.Cast(operand) | r.Unary(_, operand):
            return (operand,)
        case r.ShallowInitBox(operand) | r.WrapUnsafeBinder(operand):
            return (operand,)
        case r.Binary(_, left, right):
            return (left, right)
        case r.TupleAggregate(elements) | r.ArrayAggregate(elements):
            return elements
        case r.AdtAggregate(values=values) | r.ClosureAggregate(values=values):
            return values
        case r.RawPointerAggregate(data=data, metadata=metadata):
            return (data, metadata)
        case (
            r.Borrow()
            | r.AddressOf()
            | r.ThreadLocal()
            | r.Length()
            | r.SizeOf()
            | r.AlignOf()
            | r.OffsetOf()
            | r.Discriminant()
            | r.CopyForDeref()
        ):
            return ()


def arguments_of_terminator(kind: s.TerminatorKind) -> tuple[Operand, ...]:
    """Without the function that is called."""
    match kind:
        case s.Call(arguments=arguments) | s.TailCall(arguments=arguments):
            return arguments
        case s.SwitchInt(operand=operand) | s.Yield(value=operand):
            return (operand,)
        case s.Assert(condition=condition, message=message):
            return (condition, *message.operands)
        case (
            s.Goto()
            | s.Return()
            | s.Resume()
            | s.Terminate()
            | s.Unreachable()
            | s.CoroutineDrop()
            | s.Drop()
            | s.FalseEdge()
            | s.FalseUnwind()
            | s.InlineAsm()
            | s.UnknownConstruct()
        ):
            return ()

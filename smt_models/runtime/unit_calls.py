"""Calls without a result that stand somewhere in a program, and could as well stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.rvalues import Borrow
from extract.mir.tree import Block, Function
from smt_models.runtime.names import plain_path


@dataclass(frozen=True, slots=True)
class UnitCall:
    """A call without a result that stands somewhere: `borrows` are the statements that make its arguments out of the
    parameter `base`, of the type `of`.
    """

    text: str
    call: st.Call
    base: int
    of: t.Type
    borrows: tuple[tuple[int, Borrow], ...]
    types: tuple[tuple[int, t.Type], ...]


def calls_of(function: Function) -> Iterator[UnitCall]:
    types = {one.number: one.type for one in function.body.locals}
    for block in function.body.blocks:
        match block.terminator.kind:
            case st.Call(o.FunctionValue() as callee, arguments, destination, int()) as call:
                if not gives_nothing(function, destination):
                    continue
                made = _arguments(block, arguments, types)
                if made is not None:
                    base, borrows = made
                    kept = tuple((number, types[number]) for number, _ in borrows)
                    text = callee_name(callee)
                    bare = replace(call, destination=o.Place(0), target=None)
                    yield UnitCall(text, bare, base, types[base], borrows, kept)
            case _:
                pass


def _arguments(
    block: Block, arguments: Sequence[o.Operand], types: Mapping[int, t.Type]
) -> tuple[int, tuple[tuple[int, Borrow], ...]] | None:
    """From one reference alone, and constants."""
    made: dict[int, Borrow] = {}
    bases = set()
    for argument in arguments:
        match argument:
            case o.Move(o.Place(number, ())) | o.Copy(o.Place(number, ())):
                borrow = _borrowed(block, number)
                if borrow is None and isinstance(types[number], t.Reference):
                    borrow = Borrow("mut", o.Place(number, (o.Deref(),)))
                if borrow is None or not isinstance(types[borrow.place.local], t.Reference):
                    return None
                made[number] = borrow
                bases.add(borrow.place.local)
            case o.Move() | o.Copy():
                return None
            case _:
                pass
    return (bases.pop(), tuple(made.items())) if len(bases) == 1 else None


def _borrowed(block: Block, number: int) -> Borrow | None:
    for statement in block.statements:
        match statement.kind:
            case st.Assign(o.Place(local, ()), Borrow() as borrow) if local == number:
                return borrow
            case _:
                pass
    return None


def gives_nothing(function: Function, destination: o.Place) -> bool:
    return not destination.projections and function.body.locals[destination.local].type == t.Tuple(())


def callee_name(function: o.Operand) -> str:
    if isinstance(function, o.FunctionValue):
        return "::".join(plain_path(function.path).split("::")[-2:])
    return "a function"

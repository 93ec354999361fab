"""What bodies, constants and statics name: statics, directly or through what points at them, and functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.operands_of import arguments_of_terminator, operands_of_statement
from extract.mir.tree import Body
from smt_models.runtime.dispatch import body_of
from smt_models.runtime.names import closure_name, plain_path
from smt_models.runtime.program import Program
from smt_models.runtime.state import State as NoState

_WORD = re.compile(r"\w+")


class References:
    """Of one crate. `reaching`: names of allocations, with the statics that they are or point at."""

    def __init__(self, program: Program, statics: Collection[str], reaching: Mapping[str, frozenset[str]]) -> None:
        self._program = program
        self._statics = statics
        self._reaching = reaching

    def statics_of(self, body: Body) -> Iterator[str]:
        """Those that a body names, directly or through what constants and statics point at; all, where a line of it is
        not known.
        """
        if any(True for _ in body.unknowns()):
            yield from self._statics
        yield from _called_so(self._statics, _in_assembly(body))
        yield from self.statics_in(list(operands(body)))

    def statics_in(self, waiting: list[o.Operand]) -> Iterator[str]:
        seen = set[str]()
        while waiting:
            match waiting.pop():
                case o.Pointer(alloc):
                    for one in self._reaching.get(alloc, ()):
                        if one not in seen:
                            seen.add(one)
                            yield from self._called(one)
                            waiting += self._operands_of_item(one)
                case o.StaticAddress() as one_static if one_static.path not in seen:
                    seen.add(one_static.path)
                    yield from self._called(one_static.path) if one_static.path in self._statics else self._statics
                    waiting += self._operands_of_item(one_static.path)
                case o.Named(path) if (name := plain_path(path)) not in seen:
                    seen.add(name)
                    waiting += self._operands_of_item(name)
                case o.TupleConstant(inner) | o.ArrayConstant(inner) | o.AdtConstant(_, _, inner):
                    waiting += inner
                case o.Patterned(one_inner, _):
                    waiting.append(one_inner)
                case _:
                    pass

    def _operands_of_item(self, name: str) -> list[o.Operand]:
        found: list[o.Operand] = []
        for one in self._called(name):
            item = self._program.constants.get(one)
            match None if item is None else item.value:
                case Body() as body:
                    found += operands(body)
                case None | st.UnknownConstruct():
                    pass
                case constant:
                    found.append(constant)
        return found

    def _called(self, name: str) -> Collection[str]:
        """What may be meant by the name of a constant or static."""
        return self._program.doubled.get(name, (name,))

    def functions_in(self, body: Body) -> Iterator[str]:
        """Functions that it calls or names, and its closures."""
        yield from _called_so(self._program.functions, _in_assembly(body))
        for operand in operands(body):
            if isinstance(operand, o.FunctionValue):
                name = body_of(self._program, {}, NoState(), plain_path(operand.path), operand.path, ())
                if name is not None:
                    yield name
            elif isinstance(operand, o.Unprinted) and isinstance(operand.type, t.Closure):
                yield from self._closure(operand.type)
        for block in body.blocks:
            for statement in block.statements:
                if isinstance(statement.kind, st.Assign) and isinstance(statement.kind.rvalue, r.ClosureAggregate):
                    yield from self._closure(statement.kind.rvalue.closure)

    def _closure(self, closure: t.Closure) -> Iterator[str]:
        found = self._program.closures.get(closure_name(closure.span))
        if found is not None:
            yield found


def _in_assembly(body: Body) -> frozenset[str]:
    """The words of its `asm!`: `sym` names statics and functions there, by which it may do anything with them."""
    kinds = (block.terminator.kind for block in body.blocks)
    return frozenset(word for kind in kinds if isinstance(kind, st.InlineAsm) for word in _WORD.findall(kind.text))


def _called_so(names: Iterable[str], words: frozenset[str]) -> Iterator[str]:
    return (name for name in names if name.rpartition("::")[2] in words) if words else iter(())


def operands(body: Body, calls: bool = True) -> Iterator[o.Operand]:
    for block in body.blocks:
        for statement in block.statements:
            yield from operands_of_statement(statement.kind)
        kind = block.terminator.kind
        if calls and isinstance(kind, st.Call | st.TailCall):
            yield kind.function
        yield from arguments_of_terminator(kind)

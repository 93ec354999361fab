"""A program with one step taken away: for negative controls. What can be taken away is what some path goes through.

- a call that asks to cancel or to leave a set is skipped: a cancel is as good as answered, nothing was registered;
- a value is not dropped (`mem::forget` in place of the drop);
- a write of a constant through a reference is left out: flags and options that say what is alive;
- a branch that was seen to go several ways goes one way only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.rvalues import AdtAggregate, Use
from extract.mir.tree import Block, Body, Function, Source, Statement
from smt_models.host.codes import CopyResult
from smt_models.runtime.events import Told
from smt_models.runtime.explore import Explored
from smt_models.runtime.outcomes import Where
from smt_models.runtime.program import Program
from smt_models.runtime.task_explore import ExploredTask
from smt_models.runtime.task_host import LEAVES
from smt_models.system.terms import FALSE

_SKIPPED, _LEFT_OUT, _KEPT = "the call is skipped", "the write is left out", "the value is not dropped"
_ONE_WAY = "it always goes to bb"


@dataclass(frozen=True, slots=True)
class Edit:
    """`block` stands in place of the one at `where`."""

    what: str
    where: Where
    block: Block

    @property
    def rank(self) -> int:
        """Calls first, and branches, of which there are most, last."""
        return next(at for at, what in enumerate((_SKIPPED, _LEFT_OUT, _KEPT, _ONE_WAY)) if self.what.startswith(what))


def edited(program: Program, edit: Edit) -> Program:
    function = program.functions[edit.where.function]
    blocks = tuple(edit.block if one.number == edit.where.block else one for one in function.body.blocks)
    changed = replace(function, body=replace(function.body, blocks=blocks))
    return replace(program, functions={**program.functions, edit.where.function: changed})


def edits_of(explored: Explored | ExploredTask) -> Iterator[Edit]:
    program = explored.actions.subject.program
    covered = frozenset(pair for _, path in explored.paths for pair in path.state.blocks)
    yield from edits(program, covered, _asked(explored))


def edits(program: Program, covered: frozenset[tuple[str, int]], asked: frozenset[tuple[str, int]]) -> Iterator[Edit]:
    """In the order of the program's functions and blocks. `covered`: what was gone through; `asked`: calls to skip."""
    for name, function in program.functions.items():
        here = frozenset(block for other, block in covered if other == name)
        for block in function.body.blocks:
            if block.number in here:
                yield from _of_block(name, function, block, here, (name, block.number) in asked)


def _asked(explored: Explored | ExploredTask) -> frozenset[tuple[str, int]]:
    """Where a built-in is called that cancels, or that leaves a set."""
    cancel = explored.actions.subject.host.calls.cancel if isinstance(explored, Explored) else None
    events = (event for _, path in explored.paths for event in path.state.events)
    told = (one for one in events if isinstance(one, Told) and (one.call == cancel or _leaves(one)))
    return frozenset((one.where.function, one.where.block) for one in told)


def _leaves(told: Told) -> bool:
    """In the words of an operation's host, or in those of a task's."""
    joins = dict(told.arguments).get("joins")
    return (told.call == "waitable.join" and joins == FALSE) or told.call == LEAVES


def without_one(name: str, block: Block) -> Iterator[Edit]:
    """A write of a constant is left out, or a drop."""
    for number, statement in enumerate(block.statements):
        if _is_constant_written_through(statement.kind):
            rest = (*block.statements[:number], *block.statements[number + 1 :])
            where = place_in_source(name, block, statement.source)
            yield Edit(_LEFT_OUT, where, replace(block, statements=rest))
    match block.terminator.kind:
        case st.Drop(target=target):
            yield Edit(_KEPT, place_in_source(name, block, block.terminator.source), _to(block, target))
        case _:
            pass


def _of_block(name: str, function: Function, block: Block, here: frozenset[int], asks: bool) -> Iterator[Edit]:
    yield from without_one(name, block)
    where = place_in_source(name, block, block.terminator.source)
    match block.terminator.kind:
        case st.Call(destination=place, target=int(target)) if asks:
            yield from _without_call(function.body, block, where, place, target)
        case st.SwitchInt(targets=targets, otherwise=otherwise):
            ways = [one for one in dict.fromkeys((*(to for _, to in targets), otherwise)) if one in here]
            if len(ways) > 1:
                yield from (Edit(f"{_ONE_WAY}{way}", where, _to(block, way)) for way in ways)
        case _:
            pass


def _is_constant_written_through(kind: st.StatementKind) -> bool:
    match kind:
        case st.Assign(place, Use(o.Copy() | o.Move())):
            return False
        case st.Assign(place, Use() | AdtAggregate()):
            return any(isinstance(one, o.Deref) for one in place.projections)
        case _:
            return False


def _without_call(body: Body, block: Block, where: Where, place: o.Place, target: int) -> Iterator[Edit]:
    """The result is what a call that had nothing to do would give; where there is none such, there is no edit."""
    if place.projections:
        return
    for result in _results(body.locals[place.local].type):
        given = Statement(st.Assign(place, Use(result)), block.terminator.source)
        yield Edit(_SKIPPED, where, _to(replace(block, statements=(*block.statements, given)), target))


def _results(of: t.Type) -> Iterator[o.Constant]:
    match of:
        case t.Tuple(()):
            yield o.TupleConstant(())
        case t.RawPointer():
            yield o.Address(0, of)
        case t.Primitive("u32"):
            yield o.Integer(int(CopyResult.CANCELLED), "u32")
        case _:
            pass


def _to(block: Block, target: int) -> Block:
    return replace(block, terminator=replace(block.terminator, kind=st.Goto(target)))


def place_in_source(name: str, block: Block, source: Source) -> Where:
    span = source.span
    text = f"{span.file}:{span.line}" if span is not None else f"line {source.line} of the MIR"
    return Where(name, block.number, text)

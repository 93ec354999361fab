"""Small edits of a program that might repair it: what they are, and where. Whether one does, a proof has to say.

- a step is left out: a call without a result, a drop, a write of a constant through a reference;
- a step is taken first: a call, without a result, that stands elsewhere in the program and needs only what is there;
- a branch is guarded: for one value it returns another constant, or goes where the program ends;
- an answer is looked at: for one variant of what a call gave back, it returns, or goes where the program ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.rvalues import AdtAggregate, Discriminant, Use
from extract.mir.tree import Block, Body, Function, Local, Source, Statement, Terminator
from smt_models.runtime.edits import place_in_source, without_one
from smt_models.runtime.names import plain_path
from smt_models.runtime.outcomes import Where
from smt_models.runtime.program import Program
from smt_models.runtime.unit_calls import UnitCall, callee_name, calls_of, gives_nothing

UNIT = o.TupleConstant(())
ISIZE = t.Primitive("isize")
OTHER = "any other value"


@dataclass(frozen=True, slots=True)
class Repair:
    """`body` stands in place of that of the function at `where`."""

    what: str
    where: Where
    body: Body


def repaired(program: Program, repair: Repair) -> Program:
    name = repair.where.function
    changed = replace(program.functions[name], body=repair.body)
    return replace(program, functions={**program.functions, name: changed})


def repairs(program: Program, run: Sequence[tuple[str, int]]) -> Iterator[Repair]:
    """Of the blocks that a run goes through, those that it comes to last first: an edit elsewhere leaves that run as it
    is. Steps come before branches.
    """
    known = dict.fromkeys((name, number) for name, number in reversed(run) if name in program.functions)
    places = [(name, program.functions[name], program.functions[name].body.blocks[number]) for name, number in known]
    calls = tuple(dict.fromkeys(one for function in program.functions.values() for one in calls_of(function)))
    for name, function, block in places:
        yield from _taken_first(name, function, block, calls)
        yield from _left_out(name, function, block)
    for name, function, block in places:
        guarded = _guarded(program, name, function, block)
        yield from (one for one in guarded if one.body != function.body)
        yield from _looked_at(program, name, function, block)


# A step is left out


def _left_out(name: str, function: Function, block: Block) -> Iterator[Repair]:
    for edit in without_one(name, block):
        yield Repair(edit.what, edit.where, _with(function.body, edit.block))
    match block.terminator.kind:
        case st.Call(callee, target=int(target)) as call if gives_nothing(function, call.destination):
            given = Statement(st.Assign(call.destination, Use(UNIT)), block.terminator.source)
            goes_on = _terminator(block, st.Goto(target))
            changed = replace(block, statements=(*block.statements, given), terminator=goes_on)
            what = f"leave out the call of {callee_name(callee)}"
            yield Repair(what, _where(name, block), _with(function.body, changed))
        case _:
            pass


# A step is taken first


def _taken_first(name: str, function: Function, block: Block, calls: Sequence[UnitCall]) -> Iterator[Repair]:
    """Before another call, or a drop, or all that the function does."""
    if block.number and not isinstance(block.terminator.kind, st.Call | st.Drop):
        return
    for call in calls:
        base = next((at for at, of in enumerate(function.parameters, 1) if of == call.of), None)
        if base is not None:
            body = _inserted(function.body, block, call, base)
            yield Repair(f"call {call.text} before this", _where(name, block), body)


def _inserted(body: Body, block: Block, call: UnitCall, base: int) -> Body:
    """The block's own steps come in a new one after the call."""
    source = block.terminator.source
    first, after = len(body.locals), len(body.blocks)
    new = {number: first + 1 + at for at, (number, _) in enumerate(call.types)}
    locals_ = [Local(first, t.Tuple(()), True, source)]
    locals_ += [Local(new[number], of, True, source) for number, of in call.types]
    made = [
        Statement(st.Assign(o.Place(new[number]), replace(of, place=replace(of.place, local=base))), source)
        for number, of in call.borrows
    ]
    arguments = tuple(_renamed(one, new) for one in call.call.arguments)
    asked = replace(call.call, arguments=arguments, destination=o.Place(first), target=after)
    before = replace(block, statements=tuple(made), terminator=Terminator(asked, source))
    whole = _with(body, before, replace(block, number=after))
    return replace(whole, locals=(*body.locals, *locals_))


def _renamed(operand: o.Operand, new: Mapping[int, int]) -> o.Operand:
    match operand:
        case o.Move(o.Place(number, ())) | o.Copy(o.Place(number, ())):
            return o.Move(o.Place(new[number]))
        case _:
            return operand


# A branch is guarded


def _guarded(program: Program, name: str, function: Function, block: Block) -> Iterator[Repair]:
    match block.terminator.kind:
        case st.SwitchInt(_, targets, _) as switch:
            for value in (*(str(one) for one, _ in targets), OTHER):
                for what, there, body in _ends(program, function, block.terminator.source):
                    end = there if there is not None else len(function.body.blocks)
                    changed = replace(block, terminator=_terminator(block, _retargeted(switch, value, end)))
                    yield Repair(f"for {value}, {what}", _where(name, block), _with(body, changed))
        case _:
            pass


def _retargeted(switch: st.SwitchInt, value: str, to: int) -> st.SwitchInt:
    targets = tuple((one, to if str(one) == value else before) for one, before in switch.targets)
    return replace(switch, targets=targets, otherwise=to if value == OTHER else switch.otherwise)


def _ends(program: Program, function: Function, source: Source) -> Iterator[tuple[str, int | None, Body]]:
    """Ways to end a function: in words, a block that is there (None: the one that is new), and the body with it."""
    body = function.body
    for block in body.blocks:
        match block.terminator.kind:
            case st.Call(callee, target=None):
                yield f"go where {callee_name(callee)} is called", block.number, body
                break
            case _:
                pass
    new = Block(len(body.blocks), False, (), Terminator(st.Return(), source))
    if any(isinstance(block.terminator.kind, st.Drop) for block in body.blocks):
        return  # what lives is to be dropped first
    for what, value in _results(program, function):
        given = Statement(st.Assign(o.Place(0), value), source)
        yield f"return {what}", None, _with(body, replace(new, statements=(given,)))


def _results(program: Program, function: Function) -> Iterator[tuple[str, Use | AdtAggregate]]:
    """What it could give back: nothing, or a variant without fields."""
    match function.result:
        case t.Tuple(()):
            yield "at once", Use(UNIT)
        case _:
            for path in _variants(program, function):
                yield "::".join(plain_path(path).split("::")[-2:]), AdtAggregate(path, None, ())


def _variants(program: Program, function: Function) -> tuple[t.Path, ...]:
    """Of the enumeration that it gives back, where some place of it does so by a variant without fields."""
    for block in function.body.blocks:
        for statement in block.statements:
            match statement.kind:
                case st.Assign(o.Place(0, ()), AdtAggregate(path, None, ())):
                    of = plain_path(t.Path(path.segments[:-1]))
                    return tuple(t.Path((*path.segments[:-1], t.Name(one))) for one in program.enums.get(of, ()))
                case _:
                    pass
    return ()


# An answer is looked at


def _looked_at(program: Program, name: str, function: Function, block: Block) -> Iterator[Repair]:
    match block.terminator.kind:
        case st.Call(callee, _, destination, int(target)) if not destination.projections:
            of = function.body.locals[destination.local].type
            members = program.enums.get(plain_path(of.path), ()) if isinstance(of, t.PathType) else ()
            for at, member in enumerate(members):
                looked = _Looked(target, at, f"{callee_name(callee)} gives {member}")
                yield from _by_variant(program, name, block, looked)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class _Looked:
    """`target`: where the call goes on; `at`: the number of the variant that it may give."""

    target: int
    at: int
    text: str


def _by_variant(program: Program, name: str, block: Block, looked: _Looked) -> Iterator[Repair]:
    function, source = program.functions[name], block.terminator.source
    call = block.terminator.kind
    assert isinstance(call, st.Call)
    for what, there, body in _ends(program, function, source):
        end = there if there is not None else len(function.body.blocks)
        number, tag = len(body.blocks), len(body.locals)
        seen = Statement(st.Assign(o.Place(tag), Discriminant(call.destination)), source)
        asked = replace(block, terminator=_terminator(block, replace(call, target=number)))
        for word, given, others in (("when", end, looked.target), ("unless", looked.target, end)):
            switch = st.SwitchInt(o.Move(o.Place(tag)), ((looked.at, given),), others)
            looks = Block(number, False, (seen,), Terminator(switch, source))
            made = replace(_with(body, asked, looks), locals=(*body.locals, Local(tag, ISIZE, True, source)))
            yield Repair(f"{word} {looked.text}, {what}", _where(name, block), made)


# Bodies


def _with(body: Body, *blocks: Block) -> Body:
    """With these blocks in the place of those of their numbers, or at the end."""
    numbered = {one.number: one for one in (*body.blocks, *blocks)}
    return replace(body, blocks=tuple(numbered[number] for number in sorted(numbered)))


def _terminator(block: Block, kind: st.TerminatorKind) -> Terminator:
    return replace(block.terminator, kind=kind)


def _where(name: str, block: Block) -> Where:
    return place_in_source(name, block, block.terminator.source)

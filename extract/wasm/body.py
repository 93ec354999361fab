"""One function in full: its locals and its basic blocks (`body_blocks` says what they mean)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from extract.wasm import limits
from extract.wasm.body_blocks import (
    Block,
    Branch,
    End,
    Exit,
    Goto,
    Jump,
    Leave,
    Move,
    ReferenceBranch,
    Switch,
)
from extract.wasm.body_immediates import BlockType, Labels, Operation, read_operation
from extract.wasm.module import Module
from extract.wasm.reader import Buffer, Reader
from extract.wasm.types import FunctionType, TypeScope, ValueType, read_value_type


@dataclass(frozen=True, slots=True)
class Body:
    """`locals`: the types of all, parameters first. Block 0 is the entry, whose label 0 is the function's."""

    function: int
    start: int
    type: FunctionType
    locals: tuple[ValueType, ...]
    blocks: tuple[Block, ...]


def read_body(data: Buffer, module: Module, function: int, file: str) -> Body:
    """The body of a function that the module defines. InputError with its offset for what is no instruction."""
    defined = function - module.imported_functions
    assert 0 <= defined < len(module.code.starts), f"function {function} has no body"
    start, end = module.code.starts[defined], module.code.ends[defined]
    reader = Reader(data, start, end, file)
    composite = module.scope.store[module.function_types[function]].composite
    assert isinstance(composite, FunctionType)
    own = read_locals(reader, module.scope)
    blocks = _Builder(reader, module.scope, composite).read()
    return Body(function, start, composite, (*composite.parameters, *own), blocks)


def read_locals(reader: Reader, scope: TypeScope) -> tuple[ValueType, ...]:
    types: list[ValueType] = []
    for _ in range(reader.count(limits.MAX_LOCALS, "groups of locals")):
        at = reader.position
        count = reader.u32()
        if len(types) + count > limits.MAX_LOCALS:
            reader.fail(f"{len(types) + count} locals", f"at most {limits.MAX_LOCALS}", at)
        types.extend([read_value_type(reader, scope)] * count)
    return tuple(types)


@dataclass(slots=True)
class _Label:
    """A construct that is open. `target`: the block that a jump to it leads to, known late unless it is a loop."""

    number: int
    kind: str
    type: BlockType
    target: int | None = None
    otherwise: int | None = None  # of an `if`: where it goes on zero

    @property
    def carried(self) -> int:
        return len(self.type.parameters if self.kind == "loop" else self.type.results)


@dataclass(slots=True)
class _Open:
    """A block in the making; its exit is made when every target is known."""

    offset: int
    loops: tuple[int, ...]
    operations: list[Operation] = field(default_factory=list)
    exit: Callable[[], Exit] | None = None


_LEAVING = frozenset(
    {"return", "unreachable", "return_call", "return_call_indirect", "return_call_ref", "throw", "throw_ref", "rethrow"}
)
_REFERENCE_BRANCHES = frozenset({"br_on_null", "br_on_non_null", "br_on_cast", "br_on_cast_fail"})


class _Builder:
    """The blocks of one body, while it is read."""

    def __init__(self, reader: Reader, scope: TypeScope, composite: FunctionType) -> None:
        self._reader = reader
        self._scope = scope
        self._labels = [_Label(0, "function", BlockType((), composite.results))]
        self._blocks = [_Open(reader.position, ())]

    def read(self) -> tuple[Block, ...]:
        while self._labels:
            self._take(read_operation(self._reader, self._scope))
        self._reader.finish("function body")
        return tuple([self._closed(number, block) for number, block in enumerate(self._blocks)])

    def _closed(self, number: int, block: _Open) -> Block:
        assert block.exit is not None
        return Block(number, block.offset, tuple(block.operations), block.exit(), block.loops)

    def _take(self, operation: Operation) -> None:
        match operation.name:
            case "block" | "loop" | "if" | "try" | "try_table":
                self._open(operation)
            case "else" | "catch" | "catch_all":
                self._arm(operation)
            case "end" | "delegate":
                self._end(operation)
            case "br":
                jump = self._jump(operation, _index(operation))
                self._exit(operation, lambda: Goto(jump()))
            case "br_if":
                self._branch_if(operation)
            case "br_table":
                self._switch(operation)
            case name if name in _LEAVING:
                self._exit(operation, lambda: Leave(operation))
            case name if name in _REFERENCE_BRANCHES:
                self._branch_on_reference(operation)
            case _:
                self._blocks[-1].operations.append(operation)

    def _loops(self) -> tuple[int, ...]:
        return tuple([label.target for label in self._labels if label.kind == "loop" and label.target is not None])

    def _exit(self, operation: Operation, made: Callable[[], Exit]) -> int:
        """Ends the block that is open, and opens the next, whose number it gives."""
        self._blocks[-1].exit = made
        self._blocks.append(_Open(operation.offset, self._loops()))
        return len(self._blocks) - 1

    def _jump(self, operation: Operation, depth: int) -> Callable[[], Jump]:
        """A jump to the label that many constructs out."""
        if depth >= len(self._labels):
            self._reader.fail(f"label {depth}", f"a label below {len(self._labels)}", operation.offset)
        label = self._labels[-1 - depth]
        move = Move.REPEAT if label.kind == "loop" else Move.LEAVE
        return lambda: Jump(_known(label.target), move, label.number, label.carried)

    def _open(self, operation: Operation) -> None:
        first = operation.immediates[0]
        assert isinstance(first, BlockType)
        label = _Label(len(self._labels), operation.name, first)
        if operation.name in ("try", "try_table"):
            self._blocks[-1].operations.append(operation)
        self._labels.append(label)
        inner = len(self._blocks)
        if operation.name == "loop":
            label.target = inner
        enter = Jump(inner, Move.ENTER, label.number, len(first.parameters))
        if operation.name == "if":
            self._exit(
                operation,
                lambda: Branch(
                    operation, enter, Jump(_known(label.otherwise), Move.ENTER, label.number, enter.carried)
                ),
            )
        else:
            self._exit(operation, lambda: Goto(enter))

    def _arm(self, operation: Operation) -> None:
        """`else` of an `if`, or a handler of a legacy `try`."""
        label = self._labels[-1]
        wanted = ("if",) if operation.name == "else" else ("try", "catch")
        if label.kind not in wanted:
            self._reader.fail(f"{operation.name} in a {label.kind}", f"one in a {wanted[0]}", operation.offset)
        following = self._exit(operation, self._fall_out(label))
        if operation.name == "else":
            label.kind, label.otherwise = "else", following
        else:
            label.kind = "catch"

    def _fall_out(self, label: _Label) -> Callable[[], Exit]:
        return lambda: Goto(Jump(_known(label.target), Move.LEAVE, label.number, len(label.type.results)))

    def _end(self, operation: Operation) -> None:
        label = self._labels[-1]
        if operation.name == "delegate" and label.kind != "try":
            self._reader.fail(f"delegate in a {label.kind}", "one in a try", operation.offset)
        if label.kind == "loop":
            after = _Label(label.number, "loop", label.type)
            self._labels.pop()
            after.target = self._exit(operation, self._fall_out(after))
            return
        if label.kind == "if":  # without an `else`: its parameters are its results
            label.otherwise = self._exit(operation, self._fall_out(label))
        self._labels.pop()
        label.target = self._exit(operation, self._fall_out(label))
        if not self._labels:
            self._blocks[-1].exit = lambda: End(operation.offset)

    def _branch_if(self, operation: Operation) -> None:
        jump = self._jump(operation, _index(operation))
        following = len(self._blocks)
        self._exit(operation, lambda: Branch(operation, jump(), Jump(following, Move.FALL, 0, 0)))

    def _branch_on_reference(self, operation: Operation) -> None:
        place = 1 if operation.name.startswith("br_on_cast") else 0  # the flags of a cast stand first
        depth = operation.immediates[place]
        assert isinstance(depth, int)
        jump = self._jump(operation, depth)
        following = len(self._blocks)
        self._exit(operation, lambda: ReferenceBranch(operation, jump(), following))

    def _switch(self, operation: Operation) -> None:
        labels = operation.immediates[0]
        assert isinstance(labels, Labels)
        jumps = [self._jump(operation, depth) for depth in labels.targets]
        default = self._jump(operation, labels.default)
        self._exit(operation, lambda: Switch(operation, tuple([jump() for jump in jumps]), default()))


def _index(operation: Operation) -> int:
    index = operation.immediates[0]
    assert isinstance(index, int)
    return index


def _known(target: int | None) -> int:
    assert target is not None  # every construct was closed
    return target

"""A file of MIR text as a tree: items, bodies, blocks. Where a line comes from takes no part in equality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from extract.mir.operands import Constant, Place
from extract.mir.statements import StatementKind, TerminatorKind, UnknownConstruct
from extract.mir.types import Path, Span, Type


@dataclass(frozen=True, slots=True)
class Source:
    """`scope N at FILE:L:C: L:C`, and the line of the MIR file; no span where the text has none."""

    line: int
    scope: int | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    kind: StatementKind
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Terminator:
    kind: TerminatorKind
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """`is_cleanup` blocks run while unwinding."""

    number: int
    is_cleanup: bool
    statements: tuple[Statement, ...]
    terminator: Terminator


@dataclass(frozen=True, slots=True)
class Local:
    """`_0` is what is returned; the arguments follow it."""

    number: int
    type: Type
    is_mutable: bool
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class DebugName:
    """`debug x => (*_1)`: what the user calls it. A fragment names a part: `(x.0: T)`."""

    name: str
    value: Place | Constant | UnknownConstruct
    scope: int
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    number: int
    parent: int | None
    inlined: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """`locals` and `blocks` are in the order of their numbers, which have no gaps."""

    locals: tuple[Local, ...]
    argument_count: int
    names: tuple[DebugName, ...]
    scopes: tuple[Scope, ...]
    blocks: tuple[Block, ...]
    unknown: tuple[UnknownConstruct, ...]
    """Lines before the first block that the parser does not know."""

    def unknowns(self) -> Iterator[UnknownConstruct]:
        """Every line of the body that the parser does not know."""
        yield from self.unknown
        yield from (name.value for name in self.names if isinstance(name.value, UnknownConstruct))
        for block in self.blocks:
            yield from (step.kind for step in block.statements if isinstance(step.kind, UnknownConstruct))
            if isinstance(block.terminator.kind, UnknownConstruct):
                yield block.terminator.kind

    def name_of(self, local: int) -> str | None:
        """What the user calls the whole local, if anything."""
        wanted = Place(local)
        return next((name.name for name in self.names if name.value == wanted), None)


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method, closure, constructor, or the `poll` of a coroutine.

    Constructors and `const fn` stand twice: once as they are evaluated at compile time (`for_ctfe`).
    """

    path: Path
    parameters: tuple[Type, ...]
    result: Type
    yields: Type | None
    body: Body
    for_ctfe: bool
    line: int = field(compare=False)


class ConstantKind(Enum):
    CONST = "const"
    STATIC = "static"
    STATIC_MUT = "static mut"
    ANONYMOUS = ""
    """The length of an array, say: `{constant#0}`; it may be printed as `const` too."""


@dataclass(frozen=True, slots=True)
class ConstantItem:
    """A constant, static, promoted or anonymous constant: a body, or (`const X: T = value;`) its value."""

    kind: ConstantKind
    path: Path
    type: Type
    value: Body | Constant | UnknownConstruct
    for_ctfe: bool
    line: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Relocation:
    """At `offset` stands a pointer to `target` plus `addend`."""

    offset: int
    target: str
    addend: int
    immutable: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """None for a byte that is not initialised; the bytes of a pointer are None too, and have a relocation."""

    size: int
    align: int
    data: tuple[int | None, ...]
    relocations: tuple[Relocation, ...]


@dataclass(frozen=True, slots=True)
class Alloc:
    """`alloc3`, printed after every body that mentions it.

    `about` is empty, or `static: PATH`, `fn: PATH`, `vtable: ..` and the like.
    """

    name: str
    about: str
    memory: Memory | None
    line: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class UnknownItem:
    """An item whose head the parser does not know; its body was passed over."""

    construct: UnknownConstruct


Item = Function | ConstantItem | Alloc | UnknownItem


@dataclass(frozen=True, slots=True)
class MirFile:
    items: tuple[Item, ...]

    def functions(self) -> Iterator[Function]:
        """Those that run: without the twins for evaluation at compile time."""
        yield from (item for item in self.items if isinstance(item, Function) and not item.for_ctfe)

    def bodies(self) -> Iterator[Body]:
        for item in self.items:
            match item:
                case Function(body=body):
                    yield body
                case ConstantItem(value=Body() as body):
                    yield body
                case ConstantItem() | Alloc() | UnknownItem():
                    pass

    def unknowns(self) -> Iterator[UnknownConstruct]:
        for item in self.items:
            match item:
                case Function(body=body) | ConstantItem(value=Body() as body):
                    yield from body.unknowns()
                case UnknownItem(construct) | ConstantItem(value=UnknownConstruct() as construct):
                    yield construct
                case ConstantItem() | Alloc():
                    pass

"""The facts of one core module."""

from __future__ import annotations

import enum
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from extract.wasm.opcodes import Effect
from extract.wasm.types import Reference, TypeScope, ValueType


class ExternKind(enum.IntEnum):
    FUNCTION = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


class TableType(NamedTuple):
    element: Reference
    minimum: int
    maximum: int | None


class MemoryType(NamedTuple):
    """Sizes in pages of `page_size` bytes."""

    minimum: int
    maximum: int | None
    page_size: int


class GlobalType(NamedTuple):
    content: ValueType
    mutable: bool


ExternType = int | TableType | MemoryType | GlobalType
"""Of a function or tag: the interned number of its function type."""


class Import(NamedTuple):
    module: str
    name: str
    kind: ExternKind
    type: ExternType
    offset: int


class Export(NamedTuple):
    name: str
    kind: ExternKind
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs of a row
    offset: int


class Constant(NamedTuple):
    """A constant expression: the functions that its `ref.func` name; `plain` unless it can give others (rule R3)."""

    functions: tuple[int, ...]
    plain: bool


class Table(NamedTuple):
    type: TableType
    initialiser: Constant | None


class SegmentMode(enum.Enum):
    ACTIVE = "active"
    PASSIVE = "passive"
    DECLARATIVE = "declarative"


@dataclass(frozen=True, slots=True)
class ElementSegment:
    """`functions`: those named by its elements; `plain` unless an element can be another (rule R3)."""

    mode: SegmentMode
    table: int
    functions: array[int]
    plain: bool
    offset: int


class Event(NamedTuple):
    """An instruction, other than a direct call, that the call graph needs; `function` in the index space."""

    function: int
    effect: Effect
    first: int
    second: int


_EFFECTS = {effect.value: effect for effect in Effect}


@dataclass(frozen=True, slots=True)
class Code:
    """What the function bodies hold, in columns, for each defined function in order.

    `starts`, `ends`: absolute byte offsets of the bodies. `callees[callee_starts[i]:callee_starts[i + 1]]`: the
    functions that body i calls directly, each once, in order of first call. `raw_events`: four numbers for each event.
    """

    starts: array[int]
    ends: array[int]
    callee_starts: array[int]
    callees: array[int]
    raw_events: array[int]

    def events(self) -> Iterator[Event]:
        numbers = iter(self.raw_events)
        for function, effect, first, second in zip(numbers, numbers, numbers, numbers, strict=True):
            yield Event(function, _EFFECTS[effect], first, second)


@dataclass(frozen=True, slots=True)
class Module:
    """One core module of a file, at bytes `start` to `end`; index spaces hold imports first."""

    start: int
    end: int
    scope: TypeScope
    imports: tuple[Import, ...]
    function_types: array[int]  # interned numbers, one for each function, imports first
    imported_functions: int
    tables: tuple[Table, ...]
    memories: tuple[MemoryType, ...]
    globals: tuple[GlobalType, ...]
    global_initialisers: tuple[Constant, ...]  # of the defined globals
    tags: tuple[int, ...]
    exports: tuple[Export, ...]
    start_function: int | None
    elements: tuple[ElementSegment, ...]
    constants_convert: bool  # a constant expression converts from or to `extern` (rule R5)
    code: Code
    name_section: tuple[int, int] | None  # the bytes of its content
    _import_places: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        places = tuple(
            tuple(place for place, item in enumerate(self.imports) if item.kind is kind) for kind in ExternKind
        )
        object.__setattr__(self, "_import_places", places)

    def index_space(self, kind: ExternKind) -> int:
        """How many definitions of a kind there are, imports included."""
        match kind:
            case ExternKind.FUNCTION:
                return len(self.function_types)
            case ExternKind.TABLE:
                return len(self.tables)
            case ExternKind.MEMORY:
                return len(self.memories)
            case ExternKind.GLOBAL:
                return len(self.globals)
            case ExternKind.TAG:
                return len(self.tags)

    def import_place(self, kind: ExternKind, index: int) -> int | None:
        """The place among the imports of the import that has this index in its index space; None if it is defined
        here.
        """
        places = self._import_places[kind]
        return places[index] if index < len(places) else None

"""What the rules need of one core module, as decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import compress

from proofs.recheck.coretypes import ValType


class Kind(Enum):
    """The external kinds of a core module, by their byte."""

    FUNC = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


Exported = tuple[Kind, int]  # with its index


@dataclass(frozen=True, slots=True)
class Limits:
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Import:
    """`type_index` of a function or tag, `limits` of a memory, `value` of a table's elements or a global."""

    module: str
    name: str
    kind: Kind
    type_index: int = 0
    limits: Limits | None = None
    value: ValType | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Functions put somewhere by constant expressions; `all_references` as R3 says."""

    functions: frozenset[int]
    all_references: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """An element segment; `table` only of an active one."""

    contents: Contents
    table: int | None


@dataclass(frozen=True, slots=True)
class Table:
    element: ValType
    initial: Contents


@dataclass(frozen=True, slots=True)
class FunctionType:
    """What R5 and V4 ask of a function type: its canonical number, non-extern references, pointer-sized parameters."""

    number: int
    holds_references: bool
    takes_pointer: bool


_ALIKE = {kind: bytes([byte == kind.value for byte in range(256)]) for kind in Kind}  # 1 for the kind, 0 for others


@dataclass(frozen=True, slots=True)
class ExportList:
    """As it stands in the module. `names`: in UTF-8, no two alike. `kinds`: the byte of each."""

    names: Sequence[bytes]
    kinds: bytes
    indices: Sequence[int]

    def of_kind(self, kind: Kind) -> frozenset[int]:
        alike = self.kinds.translate(_ALIKE[kind])
        return frozenset(compress(self.indices, alike))


@dataclass(frozen=True)
class Module:
    """All index spaces hold the imports first."""

    start_offset: int
    types: tuple[FunctionType | None, ...]  # None: not a function type
    type_numbers: tuple[int, ...]
    imports: tuple[Import, ...]
    functions: tuple[int, ...]  # type index of each function
    function_types: tuple[int, ...]  # canonical number of the type of each function
    tables: tuple[Table, ...]
    memories: tuple[Limits, ...]
    globals: tuple[ValType, ...]
    tags: tuple[int, ...]
    export_list: ExportList
    exported: Mapping[Kind, frozenset[int]]  # the same, without names
    start: int | None
    segments: tuple[Segment, ...]
    initial_references: frozenset[int]  # named by initialisers of globals and tables and by element segments
    converts_extern: bool
    bodies: tuple[tuple[int, int], ...]
    name_section: tuple[int, int] | None

    @cached_property
    def exports(self) -> Mapping[str, Exported]:
        """By name: made only where names are asked for, which is seldom, and takes as long as all else that is read."""
        kinds, listed = tuple(Kind), self.export_list
        pairs = zip([kinds[byte] for byte in listed.kinds], listed.indices, strict=True)
        return dict(zip(map(bytes.decode, listed.names), pairs, strict=True))

    @property
    def weight(self) -> int:
        """How much there is to go over for each instance."""
        elements = sum(len(segment.contents.functions) for segment in self.segments)
        return (
            sum(map(len, (self.functions, self.imports, self.export_list.names, self.tables, self.segments))) + elements
        )

    @property
    def imported_functions(self) -> int:
        return len(self.functions) - len(self.bodies)

    def names_of(self, kind: Kind, index: int) -> tuple[str, ...]:
        """Under which it is exported."""
        of = self.export_list
        listed = zip(of.names, of.kinds, of.indices, strict=True)
        return tuple([name.decode() for name, byte, found in listed if found == index and byte == kind.value])

    def imported(self, kind: Kind) -> tuple[Import, ...]:
        return tuple([i for i in self.imports if i.kind is kind])

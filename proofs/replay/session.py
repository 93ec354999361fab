"""A fresh instantiation of the whole world, called and watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import wasmtime

from extract.wasm.module import ExternKind, Import, MemoryType
from extract.wasm.world import Defined
from proofs.replay.build import Built, Part
from proofs.replay.copies import FLAG
from proofs.replay.engine import ticks
from proofs.replay.shared import ImportableMemory, shared_pages
from proofs.replay.stand_ins import stand_in_name
from proofs.verdicts import FunctionId

_ROOM = 1 << 29  # bytes that all memories together may have on top of their declared minimum
_DECLARED = 1 << 31  # bytes that all memories together may have from the start: a guest can touch each of them
_TABLE_ELEMENTS = 10_000_000  # that all tables together may have


@dataclass(frozen=True, slots=True)
class Seen:
    """Something of the goal: a memory that has grown, or a function that was entered (`pages` of all memories then)."""

    what: str
    pages_before: int
    pages_after: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result`: the first result of a call that returned, as a number, else None. `seen`: what it did to the goal."""

    result: int | None
    trap: wasmtime.TrapCode | str | None
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class _Watched:
    name: str
    memory: wasmtime.Memory | wasmtime.SharedMemory
    declared: int
    page_size: int


class BrokenStart(Exception):
    """The world cannot be instantiated: why."""


class Session:
    """`starting`: what was seen while each core instance was instantiated, by its number."""

    def __init__(self, built: Built, seconds: float) -> None:
        self._store = wasmtime.Store(built.engine)
        self._parts = built.parts
        self._watches_functions = built.watches_functions
        self._exports: list[wasmtime._instance.InstanceExports] = []
        self._watched: list[_Watched] = []
        self._flags: list[wasmtime.Global] = []
        self.starting: dict[int, Seen] = {}
        declared = [memory.minimum * memory.page_size for part in built.parts for memory in part.core.module.memories]
        if sum(declared) > _DECLARED:
            raise BrokenStart(f"its memories have {sum(declared)} bytes from the start, of at most {_DECLARED}")
        tables = sum(len(part.core.module.tables) for part in built.parts)
        self._store.set_limits(
            memory_size=max(declared, default=0) + _ROOM // max(1, len(declared)),
            table_elements=_TABLE_ELEMENTS // max(1, tables),
        )
        self._store.set_epoch_deadline(ticks(seconds))
        for part in built.parts:
            self._instantiate(part)

    def _instantiate(self, part: Part) -> None:
        try:
            imports = self._imports(part)
            instance = wasmtime.Instance(self._store, part.module, imports)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise BrokenStart(str(error).partition("\n")[0]) from error
        sizes = [self._pages(watched) for watched in self._watched]
        exports = instance.exports(self._store)
        self._exports.append(exports)
        for (kind, index), name in part.plan.names.items():
            if kind is ExternKind.MEMORY and self._is_own(part, index):
                self._watch(exports[name], part.core.number, index, part.core.module.memories[index])
        if part.plan.changes.flagged:
            flag = exports[FLAG]
            assert isinstance(flag, wasmtime.Global)
            self._flags.append(flag)
        if seen := self._difference([*sizes, *[watched.declared for watched in self._watched[len(sizes) :]]]):
            self.starting[part.core.number] = seen

    @staticmethod
    def _is_own(part: Part, index: int) -> bool:
        return index >= sum(item.kind is ExternKind.MEMORY for item in part.core.module.imports)

    def _imports(self, part: Part) -> list[Any]:
        given: wasmtime._instance.InstanceExports | None = None
        if part.stand_ins is not None:
            given = wasmtime.Instance(self._store, part.stand_ins, []).exports(self._store)
        imports: list[Any] = []
        memories = 0
        for place, (declared, definition) in enumerate(zip(part.core.module.imports, part.core.imports, strict=True)):
            if isinstance(definition, Defined):
                name = self._parts[definition.instance].plan.names[declared.kind, definition.index]
                imports.append(self._exports[definition.instance][name])
            else:
                assert given is not None
                imports.append(given[stand_in_name(place)])
                self._watch_import(imports[-1], part.core.number, memories, declared)
            memories += declared.kind is ExternKind.MEMORY
        return [ImportableMemory(item) if isinstance(item, wasmtime.SharedMemory) else item for item in imports]

    def _watch_import(self, extern: object, instance: int, index: int, declared: Import) -> None:
        if isinstance(declared.type, MemoryType):
            self._watch(extern, instance, index, declared.type)

    def _watch(self, extern: object, instance: int, index: int, declared: MemoryType) -> None:
        assert isinstance(extern, wasmtime.Memory | wasmtime.SharedMemory)
        where = f"memory {index}" if len(self._parts) == 1 else f"memory {index} of core instance {instance}"
        self._watched.append(_Watched(where, extern, declared.minimum, declared.page_size))

    def _pages(self, watched: _Watched) -> int:
        match watched.memory:
            case wasmtime.SharedMemory() as shared:
                return shared_pages(shared, watched.page_size)
            case memory:
                return memory.size(self._store)

    def _difference(self, before: list[int]) -> Seen | None:
        if self._watches_functions:
            reached = [flag for flag in self._flags if flag.value(self._store)]
            for flag in reached:
                flag.set_value(self._store, 0)
            after = sum(map(self._pages, self._watched))
            return Seen("a function to be reached was entered", sum(before), after) if reached else None
        for watched, pages in zip(self._watched, before, strict=True):
            now = self._pages(watched)
            if now > pages:
                return Seen(f"{watched.name} grew", pages, now)
        return None

    def largest(self) -> int:
        """Pages of the largest memory."""
        return max(map(self._pages, self._watched), default=0)

    def function(self, function: FunctionId) -> wasmtime.Func:
        name = self._parts[function.instance].plan.names[ExternKind.FUNCTION, function.index]
        extern = self._exports[function.instance][name]
        assert isinstance(extern, wasmtime.Func)
        return extern

    def call(self, function: FunctionId, arguments: tuple[int | float | wasmtime.Val, ...], seconds: float) -> Outcome:
        """After a trap the session is spent. Raises nothing that the guest does."""
        before = [self._pages(watched) for watched in self._watched]
        self._store.set_epoch_deadline(ticks(seconds))
        result: Any = None
        trap: wasmtime.TrapCode | str | None = None
        try:
            result = self.function(function)(self._store, *arguments)
        except wasmtime.Trap as error:
            trap = error.trap_code or error.message
        except wasmtime.WasmtimeError as error:
            trap = str(error)
        if isinstance(result, list):
            result = result[0]
        return Outcome(result if isinstance(result, int) else None, trap, self._difference(before))

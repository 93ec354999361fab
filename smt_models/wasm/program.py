"""One core module to execute, and the state from which a function is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extract.wasm.body import Body, read_body
from extract.wasm.body_memories import MemoryFlags, memory_flags
from extract.wasm.module import ExternKind, GlobalType, Module
from extract.wasm.reader import Buffer
from extract.wasm.types import FunctionType, ValueType
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, Variable, apply, conjunction, literal
from smt_models.wasm.arrays import MEMORY
from smt_models.wasm.memory import ADDRESS, PAGE_BITS, LinearMemory, OneArray

MOST_PAGES = 1 << (ADDRESS - PAGE_BITS)
_WIDTHS = {"i32": 32, "i64": 64}


@dataclass(frozen=True, slots=True)
class Program:
    """A module with its bytes; bodies are read when they are asked for, once."""

    data: Buffer
    module: Module
    file: str
    flags: tuple[MemoryFlags, ...]
    _bodies: dict[int, Body] = field(default_factory=dict, repr=False, compare=False)

    def body(self, function: int) -> Body:
        if function not in self._bodies:
            self._bodies[function] = read_body(self.data, self.module, function, self.file)
        return self._bodies[function]

    def function_type(self, function: int) -> FunctionType:
        composite = self.module.scope.store[self.module.function_types[function]].composite
        assert isinstance(composite, FunctionType)
        return composite

    def import_name(self, function: int) -> str | None:
        place = self.module.import_place(ExternKind.FUNCTION, function)
        if place is None:
            return None
        item = self.module.imports[place]
        return f"{item.module}.{item.name}"


def program_of(data: Buffer, module: Module, file: str) -> Program:
    return Program(data, module, file, memory_flags(data, module, file))


@dataclass(frozen=True, slots=True)
class Start:
    """What a call begins with; None where a value, memory or global has no model.

    `assumptions` hold of every instance: memories are within their limits.
    """

    arguments: tuple[Term | None, ...]
    globals: tuple[Term | None, ...]
    memories: tuple[LinearMemory | None, ...]
    assumptions: tuple[Term, ...]


def symbolic_start(program: Program, function: int, known_globals: Mapping[int, Term] | None = None) -> Start:
    """Any arguments, globals and memories: variables `argument0`, `global0`, `memory0`, `pages0`."""
    known = known_globals or {}
    arguments = tuple(
        [_variable(f"argument{place}", of) for place, of in enumerate(program.function_type(function).parameters)]
    )
    globals_ = tuple(
        [known.get(place, _variable(f"global{place}", of.content)) for place, of in enumerate(program.module.globals)]
    )
    memories = tuple(
        [
            OneArray(Variable(f"memory{place}", MEMORY), Variable(f"pages{place}", BitVec(ADDRESS)))
            if memory_fault(program, place) is None
            else None
            for place in range(len(program.module.memories))
        ]
    )
    return Start(arguments, globals_, memories, _within_limits(program, memories))


def _within_limits(program: Program, memories: tuple[LinearMemory | None, ...]) -> tuple[Term, ...]:
    found = []
    for memory, of in zip(memories, program.module.memories, strict=True):
        if memory is not None:
            least, most = literal(of.minimum, BitVec(ADDRESS)), literal(most_pages(of.maximum), BitVec(ADDRESS))
            bounds = conjunction((apply("bvule", least, memory.pages), apply("bvule", memory.pages, most)))
            found.append(bounds)
    return tuple(found)


def most_pages(maximum: int | None) -> int:
    return MOST_PAGES if maximum is None else min(maximum, MOST_PAGES)


def sort_of(value_type: ValueType) -> BitVec | None:
    """None for what has no model: floating point, vectors, references."""
    width = _WIDTHS.get(value_type) if isinstance(value_type, str) else None
    return BitVec(width) if width is not None else None


def _variable(name: str, value_type: ValueType) -> Term | None:
    sort = sort_of(value_type)
    return Variable(name, sort) if sort is not None else None


def memory_fault(program: Program, memory: int) -> str | None:
    """Why a memory has no model, if it has none: two imported ones may be the same one."""
    if program.flags[memory].shared:
        return "a shared memory"
    if program.flags[memory].wide:
        return "a memory with 64-bit addresses"
    if program.module.memories[memory].page_size != 1 << PAGE_BITS:
        return "a memory with pages of another size"
    imported = [item for item in program.module.imports if item.kind is ExternKind.MEMORY]
    return "imported memories that may be the same" if memory < len(imported) and len(imported) > 1 else None


def global_fault(program: Program, place: int) -> str | None:
    """Why a global has no model, if it has none."""
    of = program.module.globals[place]
    if sort_of(of.content) is None:
        return f"a global of type {of.content}"
    imported = [item.type for item in program.module.imports if item.kind is ExternKind.GLOBAL]
    like = [item for item in imported if isinstance(item, GlobalType) and item.mutable and item.content == of.content]
    if of.mutable and place < len(imported) and len(like) > 1:
        return "imported globals that may be the same"
    return None

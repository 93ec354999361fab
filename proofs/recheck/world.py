"""What evaluating a subject (G1 to G4) leaves: core instances, canonical definitions, and what each name stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

from proofs.recheck.coretypes import TypeStore
from proofs.recheck.module import Kind, Module


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that the host provides; `name` as the assumption `host-function` gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class CanonicalFunction:
    """The core function that canonical definition `number` makes."""

    number: int


Body = tuple[int, int]  # (instance, index in its function index space): a function with a body
Function = Body | HostFunction | CanonicalFunction


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """Where a table was made: an instance's own, or the host's import of core instance 0."""

    instance: int
    index: int


@dataclass(frozen=True, slots=True)
class Other:
    """A memory, global or tag: the rules follow none of them."""

    kind: Kind


CoreValue = Body | HostFunction | CanonicalFunction | TableDefinition | Other


def kind_of(value: CoreValue) -> Kind:
    match value:
        case TableDefinition():
            return Kind.TABLE
        case Other(kind):
            return kind
        case tuple() | HostFunction() | CanonicalFunction():
            return Kind.FUNC


@dataclass(frozen=True)
class CoreInstance:
    """An instantiated module, its imports followed to their definitions (G3)."""

    number: int
    module: Module
    functions: tuple[Function, ...]  # the imported ones
    tables: tuple[TableDefinition, ...]  # all of its table index space

    def function(self, index: int) -> Function:
        return self.functions[index] if index < len(self.functions) else (self.number, index)

    @cached_property
    def all_functions(self) -> tuple[Function, ...]:
        """All of its function index space."""
        return (*self.functions, *zip(repeat(self.number), range(len(self.functions), len(self.module.functions))))

    def functions_at(self, indices: frozenset[int]) -> frozenset[Function]:
        """`function` of each."""
        return frozenset([self.all_functions[index] for index in indices])

    @property
    def exported_functions(self) -> frozenset[Function]:
        return self.functions_at(self.module.exported[Kind.FUNC])

    @cached_property
    def exports(self) -> Mapping[str, CoreValue]:
        return {name: self._exported(kind, index) for name, (kind, index) in self.module.exports.items()}

    def _exported(self, kind: Kind, index: int) -> CoreValue:
        match kind:
            case Kind.FUNC:
                return self.function(index)
            case Kind.TABLE:
                return self.tables[index]
            case Kind.MEMORY | Kind.GLOBAL | Kind.TAG:
                return Other(kind)


@dataclass(frozen=True, slots=True)
class Canon:
    """A canonical definition (C1 to C4, V3): what the core function that it makes, if any, leads to.

    `needs_realloc` says V2. `entries` are the roots that it gives (T2): core function, post-return and callback of a
    lift. `spawns`: it leads to each of the references (C4).
    """

    number: int
    is_lift: bool
    realloc: Function | None
    needs_realloc: bool
    entries: tuple[Function, ...]
    edges: tuple[Function, ...]
    spawns: bool


@dataclass(frozen=True, slots=True)
class World:
    """A subject, evaluated. `destructors` of the resource types defined in the file (T2)."""

    is_component: bool
    store: TypeStore
    instances: tuple[CoreInstance, ...]
    canons: tuple[Canon, ...]
    destructors: tuple[Function, ...]


def core_world(module: Module, store: TypeStore) -> World:
    """G1: a core module is one core instance, all of whose imports come from the host."""
    functions = tuple([HostFunction(f"{i.module}.{i.name}") for i in module.imported(Kind.FUNC)])
    tables = tuple([TableDefinition(0, index) for index in range(len(module.tables))])
    return World(False, store, (CoreInstance(0, module, functions, tables),), (), ())

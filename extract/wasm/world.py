"""All core instances of one file, linked: what every import, table and canonical option really is (rules G1 to G4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from extract.subject import SubjectFile
from extract.wasm.module import ExternKind, Module
from extract.wasm.types import TypeStore


class Defined(NamedTuple):
    """Made by a core instance: its number, the index in that instance's index space of the kind."""

    instance: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs of a pair


class FromHost(NamedTuple):
    """Provided by the host, by the name that docs/certificate.md gives it."""

    name: str


class FromCanon(NamedTuple):
    """The core function that canonical definition `number` makes."""

    number: int


Definition = Defined | FromHost | FromCanon


@dataclass(frozen=True, slots=True)
class CoreInstance:
    """`imports`: the definition behind each import, in the order of the module's imports.

    `label`: how the file calls it, for people ("main", "wit-component:shim"); "" for a core module.
    """

    number: int
    module: Module
    label: str
    imports: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class CanonicalDefinition:
    """One item of a canon section, as evaluated (rules C1 to C4, V2).

    `kind`: its name in the text format without `canon ` ("lift", "lower", "resource.drop", "stream.read", ...).
    `name`: the component-level function, type or built-in that it is about.
    `core`: of a lift, the core function it lifts. `callee`: of a lower, what it calls in the end: the lift's number, or
    the host. `realloc`, `post_return`, `callback`: the options. `destructor`: of a resource.drop of a type defined in
    the file. `host_drop`: of a resource.drop of a host type, the host function's name. `needs_realloc`: why V2 says
    that it needs its realloc, or None. `spawns`: it calls a reference (C4). `offset`: absolute.
    """

    number: int
    kind: str
    name: str
    offset: int
    core: Definition | None = None
    callee: FromCanon | FromHost | None = None
    realloc: Definition | None = None
    post_return: Definition | None = None
    callback: Definition | None = None
    destructor: Definition | None = None
    host_drop: FromHost | None = None
    needs_realloc: str | None = None
    spawns: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """One file. `foreign`: imported modules or components that the file instantiates, by name (rule G4).

    `destructors`: of every resource type defined in the file (rule T2). `names`: component-level names of core
    functions (an export that lifts it, say), for people.
    """

    subject: SubjectFile
    is_component: bool
    store: TypeStore
    instances: tuple[CoreInstance, ...]
    canons: tuple[CanonicalDefinition, ...]
    destructors: tuple[Definition, ...]
    foreign: tuple[str, ...]
    names: dict[Defined, str]

    def definition(self, instance: int, kind: ExternKind, index: int) -> Definition:
        """What an index of an instance's index space stands for (rule G3)."""
        core = self.instances[instance]
        place = core.module.import_place(kind, index)
        return Defined(instance, index) if place is None else core.imports[place]

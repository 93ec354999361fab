"""The facts about one crate's items, each with its place.

Paths start at `crate`. Those of items inside functions go through the function, as MIR spells them; a method's path
goes through its impl: `crate::rt::<impl at src/rt/mod.rs:1:1: 1:9>::drop`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.rust.generics import Environment, Generics
from extract.rust.places import Span
from extract.rust.types import Bound, Path, Type


@dataclass(frozen=True, slots=True)
class Attribute:
    """`#[path = value]` or `#[path(arguments)]`, with `cfg_attr` already applied; `arguments` is the text after it."""

    path: str
    arguments: str
    span: Span

    @property
    def value(self) -> str | None:
        """The string of `path = "string"`, without its quotes; escapes stay as they are written."""
        text = self.arguments.removeprefix("=").strip()
        return text[1:-1] if self.arguments.startswith("=") and text[:1] == '"' == text[-1:] else None


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is a number for the fields of tuples."""

    name: str
    type: Type
    span: Span
    visible: str
    attributes: tuple[Attribute, ...]


Shape = Literal["named", "tuple", "unit"]


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct or a union; fields in the order of declaration, which is that of dropping and of MIR's field numbers."""

    path: str
    environment: Environment
    generics: Generics
    shape: Shape
    fields: tuple[Field, ...]
    is_union: bool
    representation: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Variant:
    """`index` is MIR's variant number; `discriminant` is None where its expression is not evaluated here."""

    name: str
    index: int
    discriminant: int | None
    discriminant_text: str | None
    shape: Shape
    fields: tuple[Field, ...]
    attributes: tuple[Attribute, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Enum:
    path: str
    environment: Environment
    generics: Generics
    variants: tuple[Variant, ...]
    representation: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TypeAlias:
    path: str
    environment: Environment
    generics: Generics
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant or a static, free or associated; `initialiser` is its text."""

    path: str
    environment: Environment
    type: Type
    initialiser: str | None
    kind: Literal["const", "static", "static mut"]
    attributes: tuple[Attribute, ...]
    span: Span
    visible: str = ""


@dataclass(frozen=True, slots=True)
class FunctionParameter:
    """`pattern` is text; `self` has the type it stands for."""

    pattern: str
    type: Type


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method; `span` is its header up to the body or semicolon, `body` the block. `visible` is `pub` or
    the like, as written.
    """

    path: str
    environment: Environment
    generics: Generics
    parameters: tuple[FunctionParameter, ...]
    result: Type | None
    modifiers: frozenset[str]
    abi: str | None
    attributes: tuple[Attribute, ...]
    span: Span
    body: Span | None
    visible: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("::")[2]

    @property
    def is_async(self) -> bool:
        return "async" in self.modifiers


@dataclass(frozen=True, slots=True)
class AssociatedType:
    """In a trait `type` is the default."""

    name: str
    generics: Generics
    bounds: tuple[Bound, ...]
    type: Type | None
    span: Span


@dataclass(frozen=True, slots=True)
class Trait:
    path: str
    environment: Environment
    generics: Generics
    supertraits: tuple[Bound, ...]
    types: tuple[AssociatedType, ...]
    constants: tuple[Constant, ...]
    methods: tuple[Function, ...]
    unsafe: bool
    attributes: tuple[Attribute, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Implementation:
    """An impl; `span` is the header as MIR has it. One that `derive` makes has no methods here: no source has them."""

    module: str
    environment: Environment
    generics: Generics
    trait: Type | None
    self_type: Type
    types: tuple[AssociatedType, ...]
    constants: tuple[Constant, ...]
    methods: tuple[Function, ...]
    negative: bool
    unsafe: bool
    derived: bool
    attributes: tuple[Attribute, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ForeignFunction:
    """A function of an extern block: what the host must provide, by module and name."""

    function: Function
    import_module: str | None
    link_name: str


@dataclass(frozen=True, slots=True)
class Closure:
    """A closure, an `async` block, or the body of an `async fn`.

    `path` ends in `{closure#n}`, numbered in the order of the source within its parent; `header` is what MIR writes
    after `{closure@` or `{async block@`, and `body` what it writes after `{coroutine@` of an `async fn`.
    """

    kind: Literal["closure", "async closure", "async closure body", "async block", "async fn body"]
    path: str
    parent: str
    header: Span
    body: Span
    is_move: bool


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A field of a struct literal, and the path that stands there, through `Some(..)`.

    `path` is None for any other text, and for a name that may be a local variable.
    """

    field: str
    text: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class StructLiteral:
    """A struct literal, or a call that builds a table of functions, and what stands in its fields."""

    type: Path
    owner: str
    environment: Environment
    entries: tuple[TableEntry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a `use` declaration brings; `name` is None for a glob and `_` for an unnamed import."""

    scope: str
    path: Path
    name: str | None
    public: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Module:
    """A module, or the block of a function that holds items; blocks look further in `parent`."""

    path: str
    parent: str | None
    is_block: bool
    file: str
    span: Span


@dataclass(frozen=True, slots=True)
class ExternCrate:
    scope: str
    name: str
    crate: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What may hold facts and was not read: a macro that is not known, a form that is not modelled."""

    what: str
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class CrateFacts:
    """Everything read from one crate under one configuration.

    `attributes` are those of the crate itself; `private` are items without `pub`, by scope and name.
    """

    name: str
    attributes: tuple[Attribute, ...]
    files: tuple[str, ...]
    modules: tuple[Module, ...]
    imports: tuple[Import, ...]
    extern_crates: tuple[ExternCrate, ...]
    structs: tuple[Struct, ...]
    enums: tuple[Enum, ...]
    aliases: tuple[TypeAlias, ...]
    constants: tuple[Constant, ...]
    functions: tuple[Function, ...]
    traits: tuple[Trait, ...]
    implementations: tuple[Implementation, ...]
    foreign: tuple[ForeignFunction, ...]
    closures: tuple[Closure, ...]
    literals: tuple[StructLiteral, ...]
    unread: tuple[Unread, ...]
    private: frozenset[tuple[str, str]]

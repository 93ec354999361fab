"""What the readers of one crate share: the facts so far, the macros in scope, and where one stands."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from extract.rust.configuration import Configuration
from extract.rust.generics import Environment, Generics
from extract.rust.items import (
    Attribute,
    Closure,
    Constant,
    CrateFacts,
    Enum,
    ExternCrate,
    ForeignFunction,
    Function,
    Implementation,
    Import,
    Module,
    Struct,
    StructLiteral,
    Trait,
    TypeAlias,
    Unread,
)
from extract.rust.macro_expansion import Effort
from extract.rust.macro_rules import MacroDefinition
from extract.rust.syntax import Syntax
from extract.rust.types import Type


@dataclass(slots=True)
class Collector:
    """The facts of one crate while they are read."""

    configuration: Configuration
    read_items: Callable[[Collector, Context, Iterable[Node]], None]
    effort: Effort = field(default_factory=Effort)
    all_macros: dict[str, list[MacroDefinition]] = field(default_factory=dict)
    deferred: list[tuple[Context, Node]] = field(default_factory=list)
    private: set[tuple[str, str]] = field(default_factory=set)
    blocks: int = 0
    numbers: Counter[str] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    extern_crates: list[ExternCrate] = field(default_factory=list)
    structs: list[Struct] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    aliases: list[TypeAlias] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    implementations: list[Implementation] = field(default_factory=list)
    foreign: list[ForeignFunction] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    literals: list[StructLiteral] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def facts(self, name: str, attributes: tuple[Attribute, ...]) -> CrateFacts:
        return CrateFacts(
            name,
            attributes,
            tuple(self.files),
            tuple(self.modules),
            tuple(self.imports),
            tuple(self.extern_crates),
            tuple(self.structs),
            tuple(self.enums),
            tuple(self.aliases),
            tuple(self.constants),
            tuple(self.functions),
            tuple(self.traits),
            tuple(self.implementations),
            tuple(self.foreign),
            tuple(self.closures),
            tuple(self.literals),
            tuple(self.unread),
            frozenset(self.private),
        )

    def numbered(self, owner: str, kind: str) -> str:
        """The path of the next closure or constant of an owner: rustc numbers them from 0."""
        key = f"{owner}::{{{kind}"
        number = self.numbers[key]
        self.numbers[key] += 1
        return f"{key}#{number}}}"


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the files of child modules are: beside this file, or in a directory of its own."""

    of_file: str
    of_children: str
    inline: bool


@dataclass(frozen=True, slots=True)
class Context:
    """Where one stands: `scope` is for looking names up, `owner` is the path that items and closures get."""

    syntax: Syntax
    scope: str
    owner: str
    environment: Environment
    macros: ChainMap[str, MacroDefinition]
    directory: Directory
    in_macro: bool = False

    def depth_of(self, node: Node) -> int:
        """How deep a node lies, the expansions around its text included."""
        depth = self.syntax.around
        at: Node | None = node
        while at is not None:
            at = at.parent
            depth += 1
        return depth

    def within(self, generics: Generics, self_type: Type | None = None, trait: str | None = None) -> Context:
        """Inside of an item with these generics."""
        names = self.environment.generics | set(generics.names)
        inherits = self_type is None and trait is None
        environment = Environment(
            self.scope,
            names,
            self.environment.self_type if inherits else self_type,
            self.environment.trait if inherits else trait,
            self.environment.bounds + generics.traits,
        )
        return replace(self, environment=environment)

    def item(self) -> Context:
        """For an item: those inside functions do not see the generics around them (E0401)."""
        return replace(self, environment=Environment(self.scope))

    def owned_by(self, owner: str) -> Context:
        return replace(self, owner=owner)

    def in_block(self, block: str) -> Context:
        environment = replace(self.environment, scope=block)
        return replace(self, scope=block, environment=environment, macros=self.macros.new_child())

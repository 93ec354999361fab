"""All that is known from one crate's sources, in one place: the way in for the rooms that use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extract.rust.configuration import Configuration
from extract.rust.crate import read_crate
from extract.rust.drop_glue import DropGlue
from extract.rust.function_tables import FunctionTable, FunctionTables
from extract.rust.impl_index import ImplIndex
from extract.rust.implementors import Implementors
from extract.rust.items import CrateFacts
from extract.rust.names import Names
from extract.rust.type_names import TypeNames, unresolved
from extract.rust.types import Unresolved


@dataclass(frozen=True, slots=True)
class Sources:
    """`unresolved` are the names in fields and headers that stay open; `facts.unread` is what was not read at all."""

    facts: CrateFacts
    names: Names
    types: TypeNames
    implementors: Implementors
    glue: DropGlue
    tables: tuple[FunctionTable, ...]
    index: ImplIndex
    unresolved: tuple[Unresolved, ...]


def read_sources(
    directory: Path,
    configuration: Configuration,
    root: str = "src/lib.rs",
    dependencies: Sequence[str] = (),
    spelled: str = "",
) -> Sources:
    """Reads a crate and derives everything from it. `spelled` is the directory as places in its MIR name it.

    Raises InputError with file, line and column.
    """
    facts = read_crate(directory, configuration, root)
    names = Names(facts, dependencies)
    types = TypeNames(names)
    implementors = Implementors(facts, types)
    return Sources(
        facts,
        names,
        types,
        implementors,
        DropGlue(facts, types, implementors),
        FunctionTables(facts, names, types).all,
        ImplIndex(facts, spelled),
        unresolved(facts, types),
    )

"""Tables of functions: struct literals that put functions into fields of function-pointer type, and waker vtables."""

from __future__ import annotations

from dataclasses import dataclass

from extract.rust.items import CrateFacts, Enum, Function, Struct, StructLiteral, TableEntry
from extract.rust.library_types import standard_path
from extract.rust.names import Associated, Elsewhere, Names
from extract.rust.places import Span
from extract.rust.type_names import TypeNames
from extract.rust.types import External, FunctionPointer, Local, Path, Type

_LIBRARY_TABLES = {"task::RawWakerVTable": frozenset({"clone", "wake", "wake_by_ref", "drop"})}


@dataclass(frozen=True, slots=True)
class FunctionField:
    """`functions` are the paths that it can be, more than one if several have the name; none if `text` is no path."""

    field: str
    text: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionTable:
    """One table: its type, the item in whose initialiser or body it stands, and its functions in the order written."""

    type: str
    owner: str
    fields: tuple[FunctionField, ...]
    span: Span


class FunctionTables:
    """Finds the tables of one crate."""

    def __init__(self, facts: CrateFacts, names: Names, types: TypeNames) -> None:
        self._names = names
        self._types = types
        self._pointers: dict[str, frozenset[str]] = {
            struct.path: frozenset(one.name for one in struct.fields if self._is_pointer(one.type, struct))
            for struct in facts.structs
        }
        self._methods: dict[tuple[str, str], list[str]] = {}
        for made in facts.implementations:
            self_type = types.resolve(made.self_type, made.environment)
            if isinstance(self_type, Local):
                for method in made.methods:
                    self._methods.setdefault((self_type.path, method.name), []).append(method.path)
        self.all = tuple(table for literal in facts.literals for table in self._table(literal))

    def _is_pointer(self, written: Type, struct: Struct) -> bool:
        match self._types.resolve(written, struct.environment):
            case FunctionPointer():
                return True
            case External(path, (FunctionPointer(),)):
                return standard_path(path) == "option::Option"
            case _:
                return False

    def _table(self, literal: StructLiteral) -> tuple[FunctionTable, ...]:
        match self._types.resolve(literal.type, literal.environment):
            case Local(path):
                wanted = self._pointers.get(path, frozenset())
            case External(path):
                wanted = _LIBRARY_TABLES.get(standard_path(path), frozenset())
            case _:
                return ()
        fields = tuple(self._field(one, literal) for one in literal.entries if one.field in wanted)
        return (FunctionTable(path, literal.owner, fields, literal.span),) if fields else ()

    def _field(self, entry: TableEntry, literal: StructLiteral) -> FunctionField:
        functions = self._functions(entry.path, literal) if entry.path is not None else ()
        return FunctionField(entry.field, entry.text, functions)

    def _functions(self, path: Path, literal: StructLiteral) -> tuple[str, ...]:
        segments = [segment.name for segment in path.segments]
        if path.qualified is not None or segments[0] == "Self":
            base = path.qualified if path.qualified is not None else Path(path.segments[:1], path.span)
            target = self._types.resolve(base, literal.environment)
            return tuple(self._methods.get((target.path, segments[-1]), ())) if isinstance(target, Local) else ()
        match self._names.resolve(segments, literal.environment.scope, "value", path.is_global):
            case Function() as function:
                return (function.path,)
            case Associated(base=Struct() | Enum() as owner, members=(name,)):
                return tuple(self._methods.get((owner.path, name), ()))
            case Elsewhere(known) if known.rpartition("::")[2] != "None":
                return (known,)
            case _:
                return ()

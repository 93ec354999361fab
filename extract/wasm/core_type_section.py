"""The core types of a component, which no rule asks for: read in order to know where they end and that they are types.

They are interned apart from the types of the modules, so that no module's types depend on them.
"""

from __future__ import annotations

from extract.wasm import limits
from extract.wasm.component_parts import expect_zero
from extract.wasm.component_syntax import CoreTypeDefinition
from extract.wasm.module import ExternKind
from extract.wasm.reader import Reader
from extract.wasm.sections import read_extern_kind
from extract.wasm.types import (
    StructType,
    SubType,
    TypeScope,
    TypeStore,
    read_mutability,
    read_reference_type,
    read_value_type,
)

_MODULE_TYPE = 0x50
_CORE_TYPE_SORT = 0x10
_OUTER = 0x01


class CoreTypes:
    """The core type index spaces of the scopes around the place that is being read, innermost last."""

    def __init__(self) -> None:
        self._store = TypeStore()
        self._scopes = [TypeScope(self._store)]

    @property
    def scope(self) -> TypeScope:
        return self._scopes[-1]

    def enter(self, reader: Reader, at: int) -> None:
        """Begins a component, or a component, instance or module type."""
        if len(self._scopes) > limits.MAX_COMPONENT_NESTING:
            found = f"components and types nested {len(self._scopes)} deep"
            reader.fail(found, f"at most {limits.MAX_COMPONENT_NESTING}", at)
        self._scopes.append(TypeScope(self._store))

    def leave(self) -> None:
        self._scopes.pop()

    def alias(self, reader: Reader, count: int, index: int, at: int) -> None:
        """Adds the core type `index` of the scope `count` scopes outwards."""
        # The first scope is the file's surroundings.
        if count >= len(self._scopes) - 1:
            reader.fail(f"an alias {count} scopes outwards", f"at most {len(self._scopes) - 2}", at)
        known = self._scopes[-1 - count].numbers
        if index >= len(known):
            reader.fail(f"core type index {index}", f"an index below {len(known)}", at)
        self.scope.numbers.append(known[index])

    def read(self, reader: Reader) -> CoreTypeDefinition:
        """One `core:deftype`; 0x00 stands before a non-final subtype, whose opcode means a module type here."""
        at, known = reader.position, len(self.scope.numbers)
        self._define(reader)
        return CoreTypeDefinition(len(self.scope.numbers) - known, at)

    def _define(self, reader: Reader) -> None:
        at = reader.position
        form = reader.data[at] if not reader.at_end() else -1
        if form == _MODULE_TYPE:
            reader.byte()
            self._module_type(reader, at)
            return
        if form == 0:
            reader.byte()
            at = reader.position
            if reader.at_end() or reader.data[at] != _MODULE_TYPE:
                reader.fail("0x00 before something else", "0x00 0x50, a subtype that is not final", at)
        self.scope.read_group(reader)

    def _module_type(self, reader: Reader, at: int) -> None:
        self.enter(reader, at)
        for _ in range(reader.count(limits.MAX_COMPONENT_ITEMS, "declarations of a module type")):
            self._module_declaration(reader)
        self.leave()
        # Nothing may refer to a module type by a heap type; an empty structure holds its place.
        self.scope.numbers.append(self._store.intern((SubType(True, (), StructType(())),)))

    def _module_declaration(self, reader: Reader) -> None:
        at = reader.position
        form = reader.byte()
        match form:
            case 0x00:
                reader.name()
                reader.name()
                self._extern_type(reader)
            case 0x01:
                self.scope.read_group(reader)
            case 0x02:
                sort, target = reader.byte(), reader.byte()
                if (sort, target) != (_CORE_TYPE_SORT, _OUTER):
                    reader.fail(f"alias {sort:#04x} {target:#04x}", "0x10 0x01, an outer alias of a type", at + 1)
                self.alias(reader, reader.u32(), reader.u32(), at)
            case 0x03:
                reader.name()
                self._extern_type(reader)
            case _:
                reader.fail(f"declaration {form:#04x}", "0x00 (import) to 0x03 (export)", at)

    def _extern_type(self, reader: Reader) -> None:
        kind = read_extern_kind(reader)
        match kind:
            case ExternKind.FUNCTION:
                self._function_type(reader)
            case ExternKind.TABLE:
                read_reference_type(reader, self.scope)
                _limits(reader, 0b101)
            case ExternKind.MEMORY:
                if _limits(reader, 0b1111) & 0b1000:
                    reader.u32()
            case ExternKind.GLOBAL:
                read_value_type(reader, self.scope)
                read_mutability(reader)
            case ExternKind.TAG:
                expect_zero(reader, "a tag attribute")
                self._function_type(reader)

    def _function_type(self, reader: Reader) -> None:
        at = reader.position
        self.scope.function_type(reader, reader.u32(), at)


def _limits(reader: Reader, allowed: int) -> int:
    """Passes over limits; returns their flags: 1 has a maximum, 2 shared, 4 64-bit, 8 has a page size."""
    at = reader.position
    flags = reader.byte()
    if flags & ~allowed:
        reader.fail(f"limits flags {flags:#04x}", f"flags within {allowed:#04x}", at)
    bits = 64 if flags & 4 else 32
    reader.unsigned(bits)
    if flags & 1:
        reader.unsigned(bits)
    return flags

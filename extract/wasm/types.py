"""Types, made one and the same across the modules of a file (rule E7).

Recursion groups are canonicalised as the core specification 3.0 does ("Type / Rolling and unrolling"): a
reference to a type of the same group is by its place in the group, any other by its interned number. Two types are
equal if and only if their interned numbers are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from extract.wasm import limits
from extract.wasm.reader import Reader


class GroupPlace(NamedTuple):
    """A type of the recursion group that is being defined, by its place in it."""

    place: int


HeapType = str | int | GroupPlace
"""An abstract heap type by name, an interned type, or a place in the group."""


class Reference(NamedTuple):
    nullable: bool
    heap: HeapType


ValueType = str | Reference


class Field(NamedTuple):
    storage: ValueType
    mutable: bool


@dataclass(frozen=True, slots=True)
class FunctionType:
    parameters: tuple[ValueType, ...]
    results: tuple[ValueType, ...]


@dataclass(frozen=True, slots=True)
class StructType:
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ArrayType:
    element: Field


CompositeType = FunctionType | StructType | ArrayType


@dataclass(frozen=True, slots=True)
class SubType:
    final: bool
    supertypes: tuple[HeapType, ...]
    composite: CompositeType


class TypeStore:
    """Interned types of one file. A resource: it grows while modules are read."""

    def __init__(self) -> None:
        self._groups: dict[tuple[SubType, ...], int] = {}
        self._types: list[tuple[SubType, int]] = []
        self._depths: list[int] = []

    def intern(self, group: tuple[SubType, ...]) -> int:
        """The number of the group's first type; the others follow."""
        first = self._groups.get(group)
        if first is None:
            first = len(self._types)
            self._groups[group] = first
            self._types.extend((sub_type, first) for sub_type in group)
            for number in range(first, first + len(group)):
                above = self.supertype(number)
                self._depths.append(self._depths[above] + 1 if above is not None and above < number else 0)
        return first

    def depth(self, number: int) -> int:
        """How many supertypes a type has."""
        return self._depths[number]

    def __getitem__(self, number: int) -> SubType:
        return self._types[number][0]

    def supertype(self, number: int) -> int | None:
        sub_type, first = self._types[number]
        for heap in sub_type.supertypes:
            match heap:
                case GroupPlace(place):
                    return first + place
                case int():
                    return heap
                case str():
                    return None
        return None

    def with_supertypes(self, number: int) -> Iterator[int]:
        """The type and its declared supertypes, upwards: what it matches [core 3.0, "Matching / Defined types"]."""
        current: int | None = number
        # A supertype stands before its subtypes, so that the numbers go down and this ends.
        while current is not None:
            yield current
            above = self.supertype(current)
            current = above if above is not None and above < current else None


_NUMERIC = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128"}
ABSTRACT_HEAP = {
    0x74: "noexn",
    0x73: "nofunc",
    0x72: "noextern",
    0x71: "none",
    0x70: "func",
    0x6F: "extern",
    0x6E: "any",
    0x6D: "eq",
    0x6C: "i31",
    0x6B: "struct",
    0x6A: "array",
    0x69: "exn",
}
_PACKED = {0x78: "i8", 0x77: "i16"}


def read_heap_type(reader: Reader, scope: TypeScope) -> HeapType:
    """A heap type: an s33, negative for the abstract ones."""
    at = reader.position
    value = reader.signed(33)
    if value >= 0:
        return scope.resolve(reader, value, at)
    name = ABSTRACT_HEAP.get(value & 0x7F) if reader.position == at + 1 else None
    if name is None:
        reader.fail(f"heap type {value}", "an abstract heap type of one byte, or a type index", at)
    return name


def read_value_type(reader: Reader, scope: TypeScope) -> ValueType:
    at = reader.position
    code = reader.byte()
    if code in _NUMERIC:
        return _NUMERIC[code]
    if code in ABSTRACT_HEAP:
        return Reference(True, ABSTRACT_HEAP[code])
    if code in (0x63, 0x64):
        return Reference(code == 0x63, read_heap_type(reader, scope))
    reader.fail(f"byte {code:#04x}", "a value type", at)


def read_reference_type(reader: Reader, scope: TypeScope) -> Reference:
    at = reader.position
    value_type = read_value_type(reader, scope)
    if isinstance(value_type, str):
        reader.fail(value_type, "a reference type", at)
    return value_type


class TypeScope:
    """The type index space of one module, while it is being read."""

    def __init__(self, store: TypeStore) -> None:
        self.store = store
        self.numbers: list[int] = []
        self._group_size = 0

    def resolve(self, reader: Reader, index: int, at: int) -> HeapType:
        known = len(self.numbers)
        if index < known:
            return self.numbers[index]
        if index < known + self._group_size:
            return GroupPlace(index - known)
        reader.fail(f"type index {index}", f"an index below {known + self._group_size}", at)

    def function_type(self, reader: Reader, index: int, at: int) -> int:
        """The interned number of type `index`, which must be a function type."""
        if index >= len(self.numbers):
            reader.fail(f"type index {index}", f"an index below {len(self.numbers)}", at)
        number = self.numbers[index]
        if not isinstance(self.store[number].composite, FunctionType):
            reader.fail(f"type {index}, which is no function type", "a function type", at)
        return number

    def read_group(self, reader: Reader) -> None:
        """One entry of the type section: a recursion group, or a single type."""
        if reader.at_end():
            reader.fail("the end", "a type")
        size = 1
        if reader.data[reader.position] == 0x4E:
            reader.byte()
            size = reader.count(limits.MAX_TYPES, "types in a recursion group")
        if len(self.numbers) + size > limits.MAX_TYPES:
            reader.fail(f"{len(self.numbers) + size} types", f"at most {limits.MAX_TYPES}")
        self._group_size = size
        group = tuple([self._read_sub_type(reader) for _ in range(size)])
        self._group_size = 0
        if group:
            at = reader.position
            first = self.store.intern(group)
            self.numbers.extend(range(first, first + size))
            for number in range(first, first + size):
                above = self.store.supertype(number)
                if above is not None and above >= number:
                    reader.fail("a supertype that is defined later", "one defined before its subtypes", at)
                depth = self.store.depth(number)
                if depth > limits.MAX_SUBTYPE_DEPTH:
                    reader.fail(f"a type with {depth} supertypes or more", f"at most {limits.MAX_SUBTYPE_DEPTH}", at)

    def _read_sub_type(self, reader: Reader) -> SubType:
        at = reader.position
        form = reader.byte()
        if form not in (0x50, 0x4F):
            return SubType(True, (), self._read_composite(reader, form, at))
        supertypes = []
        for _ in range(reader.count(limits.MAX_SUPERTYPES, "supertypes")):
            where = reader.position
            supertypes.append(self.resolve(reader, reader.u32(), where))
        at = reader.position
        return SubType(form == 0x4F, tuple(supertypes), self._read_composite(reader, reader.byte(), at))

    def _read_composite(self, reader: Reader, form: int, at: int) -> CompositeType:
        match form:
            case 0x60:
                return FunctionType(
                    self._read_value_types(reader, limits.MAX_PARAMETERS, "parameters"),
                    self._read_value_types(reader, limits.MAX_RESULTS, "results"),
                )
            case 0x5F:
                fields = [self._read_field(reader) for _ in range(reader.count(limits.MAX_FIELDS, "fields"))]
                return StructType(tuple(fields))
            case 0x5E:
                return ArrayType(self._read_field(reader))
            case _:
                reader.fail(f"byte {form:#04x}", "a function, struct or array type", at)

    def _read_value_types(self, reader: Reader, limit: int, what: str) -> tuple[ValueType, ...]:
        return tuple([read_value_type(reader, self) for _ in range(reader.count(limit, what))])

    def _read_field(self, reader: Reader) -> Field:
        code = reader.data[reader.position] if not reader.at_end() else -1
        storage: ValueType
        if code in _PACKED:
            reader.byte()
            storage = _PACKED[code]
        else:
            storage = read_value_type(reader, self)
        return Field(storage, read_mutability(reader))


def read_mutability(reader: Reader) -> bool:
    at = reader.position
    flag = reader.byte()
    if flag > 1:
        reader.fail(f"mutability {flag:#04x}", "0 or 1", at)
    return flag == 1

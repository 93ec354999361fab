"""Core types: decoding, and rule E7: recursion groups made canonical across modules, subtypes as declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proofs.recheck.faults import Refused
from proofs.recheck.reader import Reader

NUMBER_TYPES = frozenset((0x7F, 0x7E, 0x7D, 0x7C, 0x7B))
ABSTRACT_HEAP_TYPES = frozenset((0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70, 0x71, 0x72, 0x73, 0x74))
EXTERN, NOEXTERN, FUNC, NOFUNC = 0x6F, 0x72, 0x70, 0x73
MAX_SUBTYPE_DEPTH = 64
I32, I64 = 0x7F, 0x7E
PACKED_TYPES = frozenset((0x78, 0x77))


@dataclass(frozen=True, slots=True)
class HeapType:
    """An abstract heap type by its byte, or a defined one by its index in the module."""

    shared: bool
    abstract: int | None
    index: int | None

    @property
    def is_extern(self) -> bool:
        return self.abstract in (EXTERN, NOEXTERN)


@dataclass(frozen=True, slots=True)
class RefType:
    nullable: bool
    heap: HeapType


@dataclass(frozen=True, slots=True)
class NumType:
    byte: int


ValType = NumType | RefType
_NUMBERS = {byte: NumType(byte) for byte in NUMBER_TYPES}


@dataclass(frozen=True, slots=True)
class FuncType:
    params: tuple[ValType, ...]
    results: tuple[ValType, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A struct or array: the rules need nothing of it but its identity."""

    byte: int
    fields: tuple[tuple[int | ValType, int], ...]


@dataclass(frozen=True, slots=True)
class SubType:
    final: bool
    supers: tuple[int, ...]
    shared: bool
    composite: FuncType | Aggregate


def read_heap_type(r: Reader) -> HeapType:
    byte = r.peek()
    if byte == 0x65:
        r.u8()
        inner = r.u8()
        if inner not in ABSTRACT_HEAP_TYPES:
            raise r.fault("unknown shared heap type")
        return HeapType(True, inner, None)
    if byte in ABSTRACT_HEAP_TYPES:
        r.u8()
        return HeapType(False, byte, None)
    index = r.signed(33)
    if index < 0:
        raise r.fault("unknown heap type")
    return HeapType(False, None, index)


def read_ref_type(r: Reader) -> RefType:
    match r.peek():
        case 0x63 | 0x64 as byte:
            r.u8()
            return RefType(byte == 0x63, read_heap_type(r))
        case 0x65:
            return RefType(True, read_heap_type(r))
        case byte if byte in ABSTRACT_HEAP_TYPES:
            return RefType(True, read_heap_type(r))
        case byte:
            raise r.fault(f"unknown reference type {byte:#04x}")


def read_val_type(r: Reader) -> ValType:
    number = _NUMBERS.get(r.peek())
    if number is None:
        return read_ref_type(r)
    r.position += 1
    return number


def _read_field(r: Reader) -> tuple[int | ValType, int]:
    storage: int | ValType = r.u8() if r.peek() in PACKED_TYPES else read_val_type(r)
    mutable = r.u8()
    if mutable > 1:
        raise r.fault("unknown mutability")
    return storage, mutable


def _read_composite(r: Reader) -> tuple[bool, FuncType | Aggregate]:
    shared = r.peek() == 0x65
    if shared:
        r.u8()
    match r.u8():
        case 0x60:
            params = r.vector(lambda: read_val_type(r))
            return shared, FuncType(params, r.vector(lambda: read_val_type(r)))
        case 0x5F:
            return shared, Aggregate(0x5F, r.vector(lambda: _read_field(r)))
        case 0x5E:
            return shared, Aggregate(0x5E, (_read_field(r),))
        case byte:
            raise r.fault(f"unknown type {byte:#04x}")


def _read_sub_type(r: Reader) -> SubType:
    if r.peek() in (0x4F, 0x50):
        final = r.u8() == 0x4F
        supers = r.vector(r.u32)
        return SubType(final, supers, *_read_composite(r))
    return SubType(True, (), *_read_composite(r))


def read_rec_group(r: Reader) -> tuple[SubType, ...]:
    if r.peek() == 0x4E:
        r.u8()
        return r.vector(lambda: _read_sub_type(r))
    return (_read_sub_type(r),)


class TypeStore:
    """Gives equal types of all modules the same number (E7)."""

    def __init__(self) -> None:
        self._groups: dict[object, int] = {}
        self._parents: list[int | None] = []
        self._depths: list[int] = []

    def canonical(self, groups: Sequence[tuple[SubType, ...]], r: Reader) -> tuple[int, ...]:
        """The canonical number of each type of a module, in the order of its type index space."""
        numbers: list[int] = []
        for group in groups:
            for position, member in enumerate(group):
                if len(member.supers) > 1 or any(parent >= len(numbers) + position for parent in member.supers):
                    raise r.fault("supertype is no single earlier type")
            key = tuple([_key(member, numbers, len(group), r) for member in group])
            first = self._groups.get(key)
            if first is None:
                first = self._add(key, group, numbers)
            numbers.extend(range(first, first + len(group)))
        return tuple(numbers)

    def _add(self, key: object, group: tuple[SubType, ...], numbers: Sequence[int]) -> int:
        first, start = len(self._parents), len(numbers)
        for member in group:
            parent = None
            for index in member.supers:
                parent = numbers[index] if index < start else first + index - start
            depth = 0 if parent is None else self._depths[parent] + 1
            if depth > MAX_SUBTYPE_DEPTH:
                raise Refused("subject: subtypes nested too deeply")
            self._parents.append(parent)
            self._depths.append(depth)
        self._groups[key] = first
        return first

    def supertypes(self, number: int) -> Iterator[int]:
        """The type itself and all its supertypes."""
        current: int | None = number
        while current is not None:
            yield current
            current = self._parents[current]


def _key(member: SubType, numbers: Sequence[int], size: int, r: Reader) -> object:
    start = len(numbers)

    def index(number: int) -> tuple[str, int]:
        if number < start:
            return ("outside", numbers[number])
        if number < start + size:
            return ("inside", number - start)
        raise r.fault(f"type {number} is used before its definition")

    def value(val_type: ValType | int) -> object:
        if isinstance(val_type, NumType):  # as most are
            return val_type.byte
        match val_type:
            case int() as packed:
                return packed
            case RefType(nullable, HeapType(shared, abstract, number)):
                return (nullable, shared, abstract, None if number is None else index(number))

    supers = tuple([index(parent) for parent in member.supers])
    match member.composite:
        case FuncType(params, results):
            body: object = (0x60, tuple(map(value, params)), tuple(map(value, results)))
        case Aggregate(byte, fields):
            body = (byte, tuple([(value(storage), mutable) for storage, mutable in fields]))
    return (member.final, member.shared, supers, body)

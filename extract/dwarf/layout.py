"""How large the types of DWARF are, and which arrays lie where in a variable of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

ARRAY = "DW_TAG_array_type"
POINTERS = ("DW_TAG_pointer_type", "DW_TAG_reference_type", "DW_TAG_rvalue_reference_type")
RECORDS = ("DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_union_type")
WRAPPERS = ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_atomic_type", "DW_TAG_restrict_type")
TYPES = frozenset((ARRAY, "DW_TAG_base_type", "DW_TAG_enumeration_type", *POINTERS, *RECORDS, *WRAPPERS))
POINTER_BYTES = 4
MOST_BYTES = 1 << 32
MOST_NESTED = 32
MOST_OBJECTS = 20_000


@dataclass(slots=True)
class Type:
    """`of`: the offset of the type that it is made of. `counts`: of an array, for each dimension; `members`: of each,
    name, place and type.
    """

    tag: str
    size: int | None
    of: int | None
    counts: list[int | None] = field(default_factory=list)
    members: list[tuple[str, int | None, int | None]] = field(default_factory=list)


class Layouts:
    """Types by their offset within .debug_info."""

    def __init__(self) -> None:
        self.types: dict[int, Type] = {}
        self._sizes: dict[int, int | None] = {}
        self._left = MOST_OBJECTS

    def objects(self, name: str, address: int, of: int | None, offset: int) -> Iterator[dict[str, Any]]:
        """A variable, and the arrays that it has as members; no more than MOST_OBJECTS over all."""
        arrays = list(self._arrays(name, address, of, 0))
        if all(one["name"] != name for one in arrays) and (size := self.size(of)):
            arrays.insert(0, {"name": name, "base": address, "size": size, "element": None, "compound": False})
        for one in arrays:
            if one["base"] + one["size"] <= MOST_BYTES:
                yield {**one, "offset": offset}

    def size(self, of: int | None, depth: int = 0) -> int | None:
        if of is None or of not in self.types or depth > MOST_NESTED:
            return None
        if of not in self._sizes:
            self._sizes[of] = self._size(self.types[of], depth)
        return self._sizes[of]

    def _size(self, type_: Type, depth: int) -> int | None:
        if type_.size is not None:
            return type_.size
        if type_.tag in POINTERS:
            return POINTER_BYTES
        one = self.size(type_.of, depth + 1)
        if type_.tag != ARRAY:
            return one
        counts = [count for count in type_.counts if count is not None]
        return None if one is None or not counts or len(counts) < len(type_.counts) else one * prod(counts)

    def _bare(self, of: int | None) -> Type | None:
        """Without names and qualifiers, and without records that hold one thing and nothing else."""
        for _ in range(MOST_NESTED):
            if of is None or (type_ := self.types.get(of)) is None:
                return None
            if type_.tag in WRAPPERS:
                of = type_.of
            elif type_.tag in RECORDS and (whole := self._whole(type_, self.size(of))) is not None:
                of = whole
            else:
                return type_
        return None

    def _whole(self, record: Type, size: int | None) -> int | None:
        """The type of the one member that is as large as the record."""
        found = [of for _, place, of in record.members if place == 0 and size is not None and self.size(of) == size]
        return found[0] if len(found) == 1 else None

    def _arrays(self, name: str, address: int, of: int | None, depth: int) -> Iterator[dict[str, Any]]:
        bare = self._bare(of)
        if bare is None or depth > MOST_NESTED or self._left <= 0:
            return
        if bare.tag == ARRAY:
            size, count = self._size(bare, 0), bare.counts[0] if bare.counts else None
            if size and count:
                self._left -= 1
                inner = self._bare(bare.of)
                compound = len(bare.counts) > 1 or (inner is not None and inner.tag in (ARRAY, *RECORDS))
                element = size // count
                yield {"name": name, "base": address, "size": size, "element": element, "compound": compound}
        elif bare.tag in RECORDS:
            for member, place, inner_type in bare.members:
                self._left -= 1
                if place is not None:
                    yield from self._arrays(f"{name}.{member}", address + place, inner_type, depth + 1)

"""Arrays: `select` and `store` of SMT-LIB 2.6, theory ArraysEx, as terms and on values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from smt_models.system.operators import Array, BitVec, SortError
from smt_models.system.terms import Apply, Term

SELECT, STORE = "select", "store"


def select(array: Term, index: Term) -> Apply:
    """SortError if it does not type."""
    return Apply(SELECT, (array, index), _checked(array, index).element)


def store(array: Term, index: Term, element: Term) -> Apply:
    sort = _checked(array, index)
    if element.sort != sort.element:
        raise SortError(f"{element.sort} stored in {sort}")
    return Apply(STORE, (array, index, element), sort)


def _checked(array: Term, index: Term) -> Array:
    if not isinstance(array.sort, Array) or index.sort != array.sort.index:
        raise SortError(f"element {index.sort} of {array.sort}")
    return array.sort


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """Numbers by index: of `changes`, else of `background`, else 0."""

    background: bytes = b""
    changes: Mapping[int, int] = field(default_factory=dict)

    def __getitem__(self, index: int) -> int:
        found = self.changes.get(index)
        if found is not None:
            return found
        return self.background[index] if index < len(self.background) else 0

    def with_element(self, index: int, element: int) -> ArrayValue:
        return ArrayValue(self.background, {**self.changes, index: element})


MEMORY = Array(BitVec(32), BitVec(8))
"""A linear memory: 32-bit addresses, bytes."""

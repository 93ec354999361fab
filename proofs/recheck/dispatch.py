"""Dispatch nodes: which functions an indirect call can reach (E2, E3, E5 to E7), and whether unseen ones (R7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from proofs.recheck.faults import Refused
from proofs.recheck.module import Kind
from proofs.recheck.references import References
from proofs.recheck.world import CoreInstance, Function, TableDefinition, World

MAX_TARGETS = 20_000_000


@dataclass(frozen=True, slots=True)
class _ByType:
    """`matching`: functions by each of their supertypes; `unseen`: those without a body, by their declared type."""

    matching: dict[int, list[Function]]
    unseen: dict[int, list[Function]]


class Dispatch:
    """Answers, for a table or the references and a type, which functions a call through it can reach, those `inside`
    left out.
    """

    def __init__(self, world: World, references: References, inside: frozenset[Function]) -> None:
        self._world = world
        self._inside = inside
        self._references = references
        self._declared: Mapping[Function, set[int]] = _declared_types(world)
        self._by_type: dict[int, _ByType] = {}
        self._left = MAX_TARGETS

    def targets(self, table: TableDefinition | None, number: int) -> Iterator[Function]:
        """E5 of a table, E6 of the references (None); `number` is the canonical type that is asked for.

        The type of a function with a body is known. A host or canonical function may have any subtype of the type with
        which it is imported, so that it can be reached when either type is a subtype of the other.
        """
        supertypes = tuple(self._world.store.supertypes(number))
        for pool in self._references.pools(table):
            known = self._grouped(pool)
            for functions in (known.matching.get(number, ()), *[known.unseen.get(sup, ()) for sup in supertypes]):
                self._spend(len(functions))
                yield from functions

    def _spend(self, steps: int) -> None:
        """Targets can grow with the square of the subject: functions, times types or tables."""
        self._left -= steps
        if self._left < 0:
            raise Refused("subject: more targets of indirect calls than this checker takes")

    def is_open(self, table: TableDefinition | None) -> bool:
        return self._references.open if table is None else table in self._references.open_tables

    def _grouped(self, pool: frozenset[Function]) -> _ByType:
        """The functions of a set by type; `References` keeps the set alive, so that its id stands for it."""
        found = self._by_type.get(id(pool))
        if found is None:
            found = self._by_type[id(pool)] = self._group(pool - self._inside)
        return found

    def _group(self, functions: Iterable[Function]) -> _ByType:
        grouped = _ByType(defaultdict(list), defaultdict(list))
        exactly: dict[int, list[Function]] = defaultdict(list)
        types = [instance.module.function_types for instance in self._world.instances]
        for function in functions:
            if isinstance(function, tuple):
                exactly[types[function[0]][function[1]]].append(function)
                continue
            for number in self._declared[function]:
                grouped.unseen[number].append(function)
                exactly[number].append(function)
        for number, alike in exactly.items():
            for sup in self._world.store.supertypes(number):
                self._spend(len(alike))
                grouped.matching[sup].extend(alike)
        return grouped


def function_type(instance: CoreInstance, index: int) -> int:
    """The canonical number of type `index` of an instance's module, which must be a function type."""
    module = instance.module
    if index >= len(module.types) or module.types[index] is None:
        raise Refused(f"subject: core instance {instance.number} has no function type {index}")
    return module.type_numbers[index]


def _declared_types(world: World) -> Mapping[Function, set[int]]:
    declared: dict[Function, set[int]] = defaultdict(set)
    for instance in world.instances:
        numbers = instance.module.type_numbers
        for function, imported in zip(instance.functions, instance.module.imported(Kind.FUNC), strict=True):
            if not isinstance(function, tuple):
                declared[function].add(numbers[imported.type_index])
    return declared

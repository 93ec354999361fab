"""Dispatch nodes: which functions an indirect call can reach (E2, E3, E5 to E7), and whether unseen ones (R7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from proofs.recheck.faults import Refused
from proofs.recheck.module import Kind
from proofs.recheck.references import References
from proofs.recheck.world import Body, CoreInstance, Function, TableDefinition, World


class Dispatch:
    """Answers, for a table or the references and a type, which functions a call through it can reach."""

    def __init__(self, world: World, references: References) -> None:
        self._world = world
        self._references = references
        self._declared: Mapping[Function, set[int]] = _declared_types(world)
        self._by_type: dict[TableDefinition | None, dict[int, list[Function]]] = {}
        self._targets: dict[tuple[TableDefinition | None, int], frozenset[Function]] = {}

    def targets(self, table: TableDefinition | None, number: int) -> frozenset[Function]:
        """E5 of a table, E6 of the references (None); `number` is the canonical type that is asked for.

        The type of a function with a body is known. A host or canonical function may have any subtype of the type with
        which it is imported, so that it can be reached when either type is a subtype of the other.
        """
        key = (table, number)
        found = self._targets.get(key)
        if found is None:
            store = self._world.store
            found = frozenset(
                function
                for actual, functions in self._grouped(table).items()
                for function in functions
                if store.is_subtype(actual, number)
                or (not isinstance(function, tuple) and store.is_subtype(number, actual))
            )
            self._targets[key] = found
        return found

    def is_open(self, table: TableDefinition | None) -> bool:
        return self._references.open if table is None else table in self._references.open_tables

    def _grouped(self, table: TableDefinition | None) -> dict[int, list[Function]]:
        if table not in self._by_type:
            functions = self._references.functions if table is None else self._references.contents[table]
            self._by_type[table] = self._group(functions)
        return self._by_type[table]

    def _group(self, functions: Iterable[Function]) -> dict[int, list[Function]]:
        grouped: dict[int, list[Function]] = defaultdict(list)
        for function in functions:
            if isinstance(function, tuple):
                grouped[type_of_body(self._world, function)].append(function)
            else:
                for number in self._declared[function]:
                    grouped[number].append(function)
        return grouped


def type_of_body(world: World, function: Body) -> int:
    instance, index = function
    module = world.instances[instance].module
    return module.type_numbers[module.functions[index]]


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

"""Every call that can change a pool's metadata, executed over the cells that they turn out to have.

The cells are found by executing: whatever is loaded from a known address, or by an index from one, before it is stored.
A global that no call changes, and a cell that none changes, is the constant that it begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from extract.wasm.body_immediates import MemoryArgument
from extract.wasm.initial import Initial
from extract.wasm.module import ExternKind
from smt_models.pools.pool import Pool
from smt_models.system.terms import Term, Variable
from smt_models.wasm.build import constant, number
from smt_models.wasm.execute import execute
from smt_models.wasm.outcomes import Returned
from smt_models.wasm.paths import Bounds, Execution
from smt_models.wasm.program import Program, global_fault, memory_fault, sort_of, symbolic_start
from smt_models.wasm.regions import Cell, Layout, Regions, Table, Wanted, cells_of, regions

ROUNDS = 12
MOST_TABLE_BYTES = 512
LOWEST_TABLE = 1024
"""Below it compilers put nothing, or the stack: a smaller constant in an address is a displacement from a pointer."""
_WRITES = ("store", "memory.fill", "memory.copy", "memory.init", "memory.grow", "global.set", "table.", "atomic")
_ELSEWHERE = frozenset(("call_indirect", "call_ref", "return_call_indirect", "return_call_ref"))


@dataclass(frozen=True, slots=True)
class Call:
    """`function` called by its export's name, from any state of the cells, with any arguments."""

    name: str
    function: int
    execution: Execution


@dataclass(frozen=True, slots=True)
class Calls:
    """`cells` and `globals`: those that calls change, with what they begin with. `fixed`: cells that none changes.
    `idle`: exports that can write nothing. `left_out`: exports that the manifest leaves out.
    """

    layout: Layout
    cells: tuple[tuple[Cell, int], ...]
    globals: tuple[tuple[int, int], ...]
    fixed: tuple[tuple[Cell, int], ...]
    calls: tuple[Call, ...]
    idle: tuple[str, ...]
    left_out: tuple[str, ...]


class NoModel(Exception):
    """Why nothing can be said of any call."""


def calls_of(program: Program, initial: Initial, pool: Pool) -> Calls:
    """Raises NoModel."""
    _check(program, pool)
    wanted, idle, left_out = _exports(program, pool)
    run = _Exploration(program, initial, pool, wanted)
    return run.result(idle, left_out)


def _check(program: Program, pool: Pool) -> None:
    module = program.module
    if not module.memories:
        raise NoModel("the module has no memory")
    if (fault := memory_fault(program, 0)) is not None:
        raise NoModel(f"memory 0: {fault}")
    if module.start_function is not None:
        raise NoModel(
            f"a start function (function {module.start_function}): the state that calls begin with is not known"
        )
    end = max(part.end for part in pool.parts)
    if end > module.memories[0].minimum << 16:
        raise NoModel(f"the pool ends at {end:#x}, beyond the {module.memories[0].minimum} pages of memory 0")
    if len({part.name for part in pool.parts}) <= len(pool.also):
        raise NoModel("two of the pools have one name")
    if not all(part.name.isprintable() for part in pool.parts):
        raise NoModel("the name of a pool has characters that cannot be printed")
    if pool.overlapping is not None:
        raise NoModel(f"the pools {' and '.join(pool.overlapping)} overlap")
    known = {item.name for item in module.exports if item.kind is ExternKind.FUNCTION}
    for name in (*pool.roles, *(pool.exports or ())):
        if name not in known:
            raise NoModel(f"no exported function {name!r}")


def _exports(program: Program, pool: Pool) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    module = program.module
    wanted: dict[str, int] = {}
    idle, left_out = [], []
    for item in module.exports:
        if item.kind is not ExternKind.FUNCTION:
            continue
        if program.import_name(item.index) is not None:
            if item.name in pool.roles:
                raise NoModel(f"{item.name} is an import")
            left_out.append(item.name)
        elif item.name in pool.roles:
            wanted[item.name] = item.index
        elif pool.exports is not None and item.name not in pool.exports:
            left_out.append(item.name)
        elif not may_write(program, item.index):
            idle.append(item.name)
        elif item.index not in wanted.values():
            wanted[item.name] = item.index
    return wanted, tuple(sorted(idle)), tuple(sorted(left_out))


def may_write(program: Program, function: int) -> bool:
    """Whether an instruction that it can reach changes memory, a global or a table, or leads where it is not known."""
    seen = {function}
    waiting = [function]
    while waiting:
        here = waiting.pop()
        if program.import_name(here) is not None:
            continue
        for name, callee in _instructions(program, here):
            if name in _ELSEWHERE or any(part in name for part in _WRITES):
                return True
            if callee is not None and callee not in seen:
                seen.add(callee)
                waiting.append(callee)
    return False


def _instructions(program: Program, function: int) -> Iterator[tuple[str, int | None]]:
    from extract.wasm.body_blocks import Leave

    for block in program.body(function).blocks:
        operations = [*block.operations, *([block.exit.operation] if isinstance(block.exit, Leave) else [])]
        for operation in operations:
            callee = operation.immediates[0] if operation.name in ("call", "return_call") else None
            yield operation.name, callee if isinstance(callee, int) else None


class _Exploration:
    def __init__(self, program: Program, initial: Initial, pool: Pool, wanted: Mapping[str, int]) -> None:
        self._program = program
        self._initial = initial
        self._pool = pool
        self._wanted = wanted
        self._asked: set[tuple[int, int]] = set()
        self._tables: set[tuple[int, int]] = set()
        self._free_globals = {
            place
            for place, of in enumerate(program.module.globals)
            if of.mutable and (self._host_can_set(place) or initial.globals[place] is None)
        }
        self._changing: set[int] = set()
        self._constants: dict[Cell, int] = {}
        self._borders = _borders(program, initial, pool)

    def _host_can_set(self, place: int) -> bool:
        module = self._program.module
        return module.import_place(ExternKind.GLOBAL, place) is not None or any(
            item.kind is ExternKind.GLOBAL and item.index == place for item in module.exports
        )

    def result(self, idle: tuple[str, ...], left_out: tuple[str, ...]) -> Calls:
        for _ in range(ROUNDS):
            layout = self._layout()
            wanted = Wanted()
            calls = [self._call(name, function, layout, wanted) for name, function in self._wanted.items()]
            if self._more(wanted) or self._other_globals(calls) or self._other_constants(layout, calls):
                continue
            cells = tuple((cell, self._first(cell)) for cell in layout.cells if cell not in layout.constants)
            globals_ = tuple(
                (place, value)
                for place in sorted(self._changing)
                if (value := self._initial.globals[place]) is not None
            )
            return Calls(layout, cells, globals_, tuple(layout.constants.items()), tuple(calls), idle, left_out)
        raise NoModel(f"the cells of the metadata were not found in {ROUNDS} rounds")

    def _layout(self) -> Layout:
        tables = tuple(sorted({one for place in self._tables if (one := self._table(*place)) is not None}))
        ranges = set(self._asked)
        for table in tables:
            ranges |= {(place, table.size) for place in table.places}
        cells = cells_of(ranges)
        constants = {cell: value for cell, value in self._constants.items() if cell in cells}
        pools = tuple((part.base, part.end) for part in self._pool.parts)
        return Layout(pools, cells, tables, self._borders, constants)

    def _table(self, start: int, size: int) -> Table | None:
        """What an index from `start` on reaches: a link in each element of the pool, a field of a table that was given,
        or else what may be a table.
        """
        for part in self._pool.parts:
            if part.base <= start < part.end:
                element = part.element
                fits = element is not None and start - part.base + size <= element
                return Table(start, part.end, size, element) if element is not None and fits else None
        given = sorted(self._pool.tables, key=lambda one: not one.base <= start < one.end)
        for array in given:
            place = (start - array.base) % array.element
            if array.is_meant(start) and place + size <= array.element:
                return Table(array.base + place, array.end, size, array.element)
        end = self._end_of(start)
        return None if end is None else Table(start, end, size, size)

    def _end_of(self, start: int) -> int | None:
        """The next border, if it is near: what lies between may all be one table."""
        after = [place for place in self._borders if place > start]
        if not LOWEST_TABLE <= start < self._program.module.memories[0].minimum << 16:
            return None
        return after[0] if after and after[0] - start <= MOST_TABLE_BYTES else None

    def _call(self, name: str, function: int, layout: Layout, wanted: Wanted) -> Call:
        known: dict[int, Term] = {}
        for place, of in enumerate(self._program.module.globals):
            value, sort = self._initial.globals[place], sort_of(of.content)
            if sort is None or value is None or global_fault(self._program, place) is not None:
                continue
            if place not in self._free_globals and place not in self._changing:
                known[place] = number(value, sort.width)
        start = symbolic_start(self._program, function, known)
        first = start.memories[0]
        assert first is not None
        memories = (regions(layout, first.pages, wanted), *start.memories[1:])
        execution = execute(self._program, function, replace(start, memories=memories), Bounds(closed_forms=True))
        return Call(name, function, execution)

    def _more(self, wanted: Wanted) -> bool:
        """Whether something was asked for that the layout has not yet."""
        before = len(self._asked), len(self._tables)
        self._asked |= {(start, size) for start, size in wanted.cells if start + size <= 1 << 32}
        self._tables |= {one for one in wanted.tables if self._table(*one) is not None}
        if before != (len(self._asked), len(self._tables)):
            self._constants = {}
            return True
        return False

    def _other_globals(self, calls: list[Call]) -> bool:
        """Whether a global that was taken for a constant is none."""
        found = set()
        for call in calls:
            for path in call.execution.paths:
                if not isinstance(path.outcome, Returned):
                    continue
                for place, (before, after) in enumerate(zip(call.execution.start.globals, path.globals, strict=True)):
                    if before != after and place not in self._free_globals | self._changing:
                        found.add(place)
        self._changing |= found
        return bool(found)

    def _other_constants(self, layout: Layout, calls: list[Call]) -> bool:
        """Whether the cells that nothing changes are others than was thought."""
        changed = {
            cell
            for call in calls
            for path in call.execution.paths
            if isinstance(path.outcome, Returned) and isinstance(memory := path.memories[0], Regions)
            for cell in layout.cells
            if memory.value(cell) != cell.variable
            and (cell not in layout.constants or constant(memory.value(cell)) != layout.constants[cell])
        }
        changed |= {cell for cell in layout.cells if layout.shares(cell)}  # by clients
        constants = {cell: self._first(cell) for cell in layout.cells if cell not in changed}
        if constants == self._constants:
            return False
        if self._constants and not set(constants) < set(self._constants):
            return False
        self._constants = constants
        return True

    def _first(self, cell: Cell) -> int:
        found = self._initial.bytes_at(0, cell.address, cell.size)
        if found is None:
            raise NoModel(
                f"what {cell.size} bytes at {cell.address:#x} begin with: a data segment's place is not known"
            )
        return int.from_bytes(found, "little")


def _borders(program: Program, initial: Initial, pool: Pool) -> tuple[int, ...]:
    """Addresses where something may begin or end: of the pool, of segments, in globals, constants of the code."""
    found = {place for part in pool.parts for place in (part.base, part.end)}
    for segment in initial.segments:
        if segment.address is not None:
            found |= {segment.address, segment.address + len(segment.data)}
    found |= {value for value in initial.globals if value is not None}
    for function in range(program.module.imported_functions, len(program.module.function_types)):
        for block in program.body(function).blocks:
            for operation in block.operations:
                first = operation.immediates[0] if operation.immediates else None
                if isinstance(first, MemoryArgument):
                    found.add(first.offset)
                elif operation.name == "i32.const" and isinstance(first, int):
                    found.add(first % (1 << 32))
    return tuple(sorted(found))


def state_variable(place: int, width: int) -> Variable:
    """The variable that execution has for a global."""
    from smt_models.system.operators import BitVec

    return Variable(f"global{place}", BitVec(width))

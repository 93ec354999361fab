"""Pools of which nobody said where they lie: found from what the module says of its data, or not at all.

What two sources say of one name, or a source and the user, must agree: else nothing is proved, and that is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract.errors import ByteOffset, InputError, WholeFile
from extract.subject import SubjectFile, read_subject
from extract.wasm.data_objects import Claim, DataObject, Found, data_objects
from extract.wasm.initial import Initial, initial_state
from extract.wasm.module import Module
from extract.wasm.read import read_world
from proofmark.pool_roles import with_roles
from smt_models.pools.calls import MOST_TABLE_BYTES
from smt_models.pools.handed_out import handed_out
from smt_models.pools.pool import Area, Array, Pool
from smt_models.wasm.program import program_of

MOST_NAMED = 8
AGREEMENT = "one place and one size from all that speak of it"


@dataclass(frozen=True, slots=True)
class Look:
    """A file with what it says of its data."""

    file: SubjectFile
    module: Module
    initial: Initial
    found: Found

    def placed(self, pool: Pool) -> Pool:
        """Each part of which only the name was given, where the module says. Raises InputError."""
        parts = [part if part.size else self.named(part) for part in pool.parts]
        return joined(parts)

    def named(self, pool: Pool) -> Pool:
        """The pool, of which only the name was given, where the module says. Raises InputError."""
        self.agreed(pool.name)
        there = [one for one in self.found.objects if one.name == pool.name]
        if not there:
            raise self._fault(f"no object named {pool.name}; found: {self._names()}", "one of these, or NAME=BASE:SIZE")
        if len(there) > 1:
            places = " and ".join(f"{one.base:#x}" for one in there)
            raise self._fault(f"{len(there)} objects named {pool.name}, at {places}", "NAME=BASE:SIZE")
        return self._placed(pool, there[0])

    def all_handed_out(self) -> tuple[Pool, ...]:
        """What the allocators are seen to hand out. Raises InputError."""
        for name, _ in self.found.disagreeing:
            self.agreed(name)
        whole = [one for one in self.found.objects if one.size and (one.element or not one.is_described)]
        pools = [with_roles(self.file.path, self._placed(Pool(one.name, 0, 1), one), self.module) for one in whole]
        program = program_of(self.file.data, self.module, self.file.path)
        given = handed_out(program, self.initial, pools)
        if not given:
            found = f"no pool that an allocator is seen to hand out; found: {self._names()}"
            raise self._fault(found, "--pool NAME of one of these, or NAME=BASE:SIZE")
        return given

    def agreed(self, name: str) -> None:
        """Raises InputError if sources do not agree."""
        for other, claims in self.found.disagreeing:
            if other == name:
                raise _disagreement(self.file.path, name, claims)

    def told(self, pool: Pool) -> str:
        """Where a pool was found, in a line."""
        claims = next(one.claims for one in self.found.objects if (one.name, one.base) == (pool.name, pool.base))
        sources = ", ".join(f"{one.source.value} at byte {one.offset:#x}" for one in claims)
        return f"{self.file.path}: found pool {pool.name} at {pool.base:#x}, {pool.size} bytes: {sources}"

    def _placed(self, pool: Pool, found: DataObject) -> Pool:
        if found.size is None:
            claim = found.claims[0]
            what = f"{found.name} at {found.base:#x} ({claim.source.value}), and nothing that says its size"
            raise InputError(
                self.file.path,
                ByteOffset(claim.offset),
                what,
                f"{found.name}_end, DWARF, or --pool {found.name}={found.base:#x}:SIZE",
            )
        element = pool.element or (found.element if found.compound and found.element != 1 else None)
        placed = replace(pool, base=found.base, size=found.size, element=element)
        return placed if pool.tables else replace(placed, tables=self._tables(placed))

    def _tables(self, pool: Pool) -> tuple[Array, ...]:
        """The small arrays beside the pool, of which the sizes are known."""
        return tuple(
            Array(one.name, one.base, one.size, one.element)
            for one in self.found.objects
            if one.size and one.element and one.size <= MOST_TABLE_BYTES
            if one.base + one.size <= pool.base or pool.end <= one.base
        )

    def _names(self) -> str:
        names = [one.name for one in self.found.objects]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        unread = "".join(f"; not read: {error}" for error in self.found.unread)
        return (", ".join(names[:MOST_NAMED]) or "none in exported globals, name section and DWARF") + more + unread

    def _fault(self, found: str, expected: str) -> InputError:
        return InputError(self.file.path, WholeFile(), found, expected)


def served_together(path: str, pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """Pools that the same exports are seen to hand out of become one. Raises InputError."""
    seen = look(path)
    with_them = [with_roles(path, pool, seen.module) for pool in pools]
    served = handed_out(program_of(seen.file.data, seen.module, path), seen.initial, with_them)
    if len(served) < 2:
        return tuple(pools)
    others = (pool for pool, one in zip(pools, with_them, strict=True) if one not in served)
    return (joined([pool for pool, one in zip(pools, with_them, strict=True) if one in served]), *others)


def joined(pools: Sequence[Pool]) -> Pool:
    """The first pool, whose exports hand out blocks of the others, too. None of them is a table."""
    first, *others = pools
    also = tuple(Area(one.name, one.base, one.size, one.element) for one in others)
    tables = tuple(one for one in first.tables if not any(place.base <= one.base < place.end for place in pools))
    return replace(first, tables=tables, also=also)


def _disagreement(path: str, name: str, claims: tuple[Claim, ...]) -> InputError:
    places = "; ".join(map(str, claims))
    return InputError(path, ByteOffset(claims[-1].offset), f"sources that disagree about {name}: {places}", AGREEMENT)


def look(path: str) -> Look:
    """Raises InputError."""
    file = read_subject(path)
    world = read_world(file)
    if world.is_component:
        raise InputError(path, WholeFile(), "a component", "a core module: pools are looked for in one module")
    module = world.instances[0].module
    initial = initial_state(file.data, module, path)
    return Look(file, module, initial, data_objects(file.data, module, initial, path))


def check_given(file: SubjectFile, module: Module, initial: Initial, pool: Pool) -> None:
    """What the module says of the name of a pool that was given is what was given. Raises InputError."""
    found = data_objects(file.data, module, initial, file.path)
    for part in pool.parts:
        Look(file, module, initial, found).agreed(part.name)
        _check_part(file, found, part)


def _check_part(file: SubjectFile, found: Found, pool: Pool) -> None:
    of = [one for one in found.objects if one.name == pool.name]
    if of and not any(one.base == pool.base and one.size in (None, pool.size) for one in of):
        claims = "; ".join(str(claim) for one in of for claim in one.claims)
        said = f"pool {pool.name} given at {pool.base:#x}, {pool.size} bytes, where the module says {claims}"
        raise InputError(file.path, ByteOffset(of[0].claims[0].offset), said, AGREEMENT)

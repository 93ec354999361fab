"""What numbers of a place are for where elements are counted: how long one is, how many there are, where a pointer
stands. A vector, the form of its elements and what goes through them say so by their types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from smt_models.buffers.handed import DRAINED, KEPT, MAKING, TOLD, USING
from smt_models.buffers.heap import BLOCK, HIGHEST, LAYOUT
from smt_models.buffers.vectors import ELEMENTS, FORM, ITERATOR, VECTOR
from smt_models.static_pools.places import WIDE, widened
from smt_models.static_pools.state import State
from smt_models.static_pools.values import WIDTH, Array, Contents, Element, Pointer, Scalar, Struct, Sum, Value
from smt_models.system.operators import BitVec
from smt_models.system.terms import Term, Variable, either, equal, negation
from smt_models.wasm.build import make, number

_RANGE = "core::ops::Range"
_NOTHING = number(0, WIDE)


@dataclass(frozen=True, slots=True)
class Roles:
    """`sizes`: of an element in its other form, in bytes; `natives`: whether that is the one in memory. `lengths` and
    `capacities`: of vectors, in elements. `blocks`: in bytes. `rounds`: how far something goes through elements, and
    how far it will go. `offsets`: in elements, or in bytes. `amounts`: what nothing else says more of. `told`: in a
    call that hands elements over, how many there are, how many were, the next one to be freed, and how far; `used`: in
    any other, the next one to be lifted in place of the last two; `drained`: as `used`, and how many were taken from
    the vector's start.
    """

    sizes: tuple[Variable, ...]
    natives: tuple[Variable, ...]
    lengths: tuple[Variable, ...]
    capacities: tuple[Variable, ...]
    blocks: tuple[Variable, ...]
    in_memory: tuple[Variable, ...]
    rounds: tuple[tuple[Variable, Variable], ...]
    offsets: tuple[Variable, ...]
    amounts: tuple[Variable, ...]
    told: tuple[tuple[Variable, ...], ...]
    used: tuple[tuple[Variable, ...], ...]
    drained: tuple[tuple[Variable, ...], ...]


NO_ROLES = Roles((), (), (), (), (), (), (), (), (), (), (), ())


def roles_of(state: State) -> Roles:
    """Of a state in which every number is a variable."""
    found = _Found()
    for value in state.objects.values():
        found.look(value)
    return Roles(
        _once(found.sizes), _once(found.natives), _once(found.lengths), _once(found.capacities), _once(found.blocks),
        _once(found.in_memory), tuple(dict.fromkeys(found.rounds)), _once(found.offsets), _once(found.amounts),
        tuple(found.told), tuple(found.used), tuple(found.drained),
    )  # fmt: skip


def _once(those: Iterable[Variable]) -> tuple[Variable, ...]:
    return tuple(dict.fromkeys(those))


def among(roles: Roles, chosen: Mapping[Variable, Variable]) -> Roles:
    """With those that are chosen in place of what they stand for, and nothing else."""

    def of(those: tuple[Variable, ...]) -> tuple[Variable, ...]:
        return _once(chosen[one] for one in those if one in chosen)

    def all_of(those: tuple[tuple[Variable, ...], ...]) -> tuple[tuple[Variable, ...], ...]:
        return tuple(tuple(chosen[one] for one in each) for each in those if all(one in chosen for one in each))

    rounds = ((chosen[a], chosen[b]) for a, b in roles.rounds if a in chosen and b in chosen)
    return Roles(
        of(roles.sizes), of(roles.natives), of(roles.lengths), of(roles.capacities), of(roles.blocks),
        of(roles.in_memory), tuple(dict.fromkeys(rounds)), of(roles.offsets), of(roles.amounts),
        all_of(roles.told), all_of(roles.used), all_of(roles.drained),
    )  # fmt: skip


class _Found:
    def __init__(self) -> None:
        self.sizes: list[Variable] = []
        self.natives: list[Variable] = []
        self.lengths: list[Variable] = []
        self.capacities: list[Variable] = []
        self.blocks: list[Variable] = []
        self.in_memory: list[Variable] = []
        self.rounds: list[tuple[Variable, Variable]] = []
        self.offsets: list[Variable] = []
        self.amounts: list[Variable] = []
        self.told: list[tuple[Variable, ...]] = []
        self.used: list[tuple[Variable, ...]] = []
        self.drained: list[tuple[Variable, ...]] = []

    def look(self, value: Value) -> None:
        match value:
            case Struct(of, (Pointer() as start, Scalar(Variable() as length), Scalar(Variable() as capacity))) if (
                of == VECTOR
            ):
                self.look(start)
                self.lengths.append(length)
                self.capacities.append(capacity)
            case Struct(of, (Struct(_, (Scalar(Variable() as size), _)), Scalar(Variable() as native), *_)) if (
                of == FORM
            ):
                self.sizes.append(size)
                self.natives.append(native)
            case Struct(of, (Pointer() as start, Scalar(Variable() as index), Scalar(Variable() as count))) if (
                of == ITERATOR
            ):
                self.look(start)
                self.rounds.append((index, count))
            case Struct(of, (Scalar(Variable() as index), Scalar(Variable() as count))) if of == _RANGE:
                self.rounds.append((index, count))
            case Struct(of, (Contents(Variable() as length), _)) if of == BLOCK:
                self.blocks.append(length)
            case Struct(of, (Contents(Variable() as capacity), Scalar(Variable() as size))) if of == ELEMENTS:
                self.capacities.append(capacity)
                self.in_memory.append(size)
            case Struct(of, _) if of == LAYOUT or of in (MAKING, KEPT):
                pass
            case Struct(of, parts) if of in (TOLD, USING, DRAINED):
                terms = [one.term for one in parts if isinstance(one, Scalar)]
                counts = tuple(one for one in terms if isinstance(one, Variable))
                {TOLD: self.told, USING: self.used, DRAINED: self.drained}[of].append(counts)
            case Pointer():
                self.offsets += [
                    one.index for one in value.path if isinstance(one, Element) and isinstance(one.index, Variable)
                ]
            case Scalar(Variable(_, BitVec(width)) as one) if width == WIDTH:
                self.amounts.append(one)
            case Struct(_, parts) | Array(parts):
                for part in parts:
                    self.look(part)
            case Sum(_, _, payloads):
                for _, held in payloads:
                    for part in held:
                        self.look(part)
            case _:
                pass


def by_role(of: Roles) -> Iterator[Term]:
    """How what has these roles goes together where all is well. Nothing, where no elements are counted."""
    for size in of.sizes:
        for memory in of.in_memory:
            yield equal(size, memory)
            yield from (either(negation(native), equal(size, memory)) for native in of.natives)
        for length in of.lengths:
            whole = _product(length, size)
            yield from (equal(whole, widened(block)) for block in of.blocks)
            yield equal(whole, _NOTHING)
            yield from (either(native, equal(whole, _NOTHING)) for native in of.natives)
        counts: list[Term] = [*of.amounts, *(index for index, _ in of.rounds)]
        counts += [make("bvadd", one, index) for one in of.amounts for index, _ in of.rounds]
        if of.told or of.used:  # which element comes next is counted: nothing else says where a pointer stands
            counts = [next_ for _, _, next_, *_ in (*of.told, *of.used)]
            counts += [index for index, _ in of.rounds if of.told]
        yield from (equal(make("bvmul", one, size), offset) for one in counts for offset in of.offsets)
    if of.sizes:
        yield from _ordered(of)
        yield from _counted(of)


def _ordered(of: Roles) -> Iterator[Term]:
    yield from (make("bvult", one, number(HIGHEST, WIDTH)) for one in of.blocks)
    for length in of.lengths:
        yield from (make("bvule", length, one) for one in of.capacities)
        yield from (make("bvule", one, length) for one in of.amounts)
    for capacity, memory in product(of.capacities, of.in_memory):
        yield make("bvult", _product(capacity, memory), number(HIGHEST, WIDE))
    for index, count in of.rounds:
        yield make("bvule", index, count)
        for length in of.lengths:
            yield equal(count, length)
            for one in (*of.amounts, *of.offsets):
                yield equal(_sum(one, count), widened(length))
                yield make("bvule", _sum(one, count), widened(length))
                yield make("bvule", _sum(one, count), _sum(length, index))
        for one, other in product(of.amounts, of.offsets):
            yield equal(_sum(other, index), widened(one))


def _counted(of: Roles) -> Iterator[Term]:
    """What is counted beside a buffer goes on as its loops do."""
    for (whole, handed, next_, *end), (index, count) in product((*of.told, *of.used), of.rounds):
        yield equal(_sum(handed, index), widened(next_))
        for one in end or (whole,):
            yield equal(_sum(handed, count), widened(one))
            yield make("bvule", one, whole)
    for (whole, handed, next_, _), length in product(of.drained, of.lengths):
        yield equal(next_, whole)
        yield from (either(native, equal(next_, whole)) for native in of.natives)
        yield equal(_sum(handed, length), widened(whole))
    for whole, handed, next_ in of.used:  # all are lifted, and no more than these are left in the vector
        yield equal(next_, whole)
        yield from (equal(_sum(handed, length), widened(whole)) for length in of.lengths)


def _product(count: Term, size: Term) -> Term:
    """So wide that it does not wrap."""
    return make("bvmul", widened(count), widened(size))


def _sum(one: Term, other: Term) -> Term:
    return make("bvadd", widened(one), widened(other))

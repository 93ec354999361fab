"""Linear memories [core 3.0, "Execution / Instructions / Memory Instructions"].

`Memory` is what execution asks of a memory; `OneArray`, the sound base, answers with one array of bytes. What lies
beyond the memory's size is arbitrary here and not zero: growing then shows any bytes, of which zeros are one case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

from smt_models.system.terms import FALSE, Apply, Literal, Term
from smt_models.wasm.arrays import STORE, select, store
from smt_models.wasm.build import if_, make, number, same, width_of
from smt_models.wasm.outcomes import NotModelled
from smt_models.wasm.regions import Regions

PAGE_BITS = 16
ADDRESS = 32
_WIDE = 34
"""Bits in which an address of 33 bits plus a size does not wrap."""


class Memory(Protocol):
    """Addresses have 32 bits and are in bounds: whoever asks has shown it, or guards what it does with the answer."""

    @property
    def pages(self) -> Term: ...

    def resized(self, pages: Term) -> Self: ...

    def byte(self, address: Term) -> Term: ...

    def with_byte(self, address: Term, value: Term) -> Self: ...

    def merged(self, condition: Term, otherwise: Self) -> Self:
        """This memory where the condition holds, else the other."""
        ...


AnyMemory = TypeVar("AnyMemory", bound=Memory)


@dataclass(frozen=True, slots=True)
class OneArray:
    """`contents`: an array of bytes by 32-bit address; `pages`: 32 bits, at most 65536."""

    contents: Term
    pages: Term

    def resized(self, pages: Term) -> OneArray:
        return replace(self, pages=pages)

    def byte(self, address: Term) -> Term:
        """Writes to other addresses are passed over, as far as it is plain that they are others."""
        contents = self.contents
        while isinstance(contents, Apply) and contents.operator == STORE:
            below, at, value = contents.arguments
            if same(at, address):
                return value
            if not _apart(at, address):
                break
            contents = below
        return select(contents, address)

    def with_byte(self, address: Term, value: Term) -> OneArray:
        return replace(self, contents=store(self.contents, address, value))

    def merged(self, condition: Term, otherwise: OneArray) -> OneArray:
        return OneArray(if_(condition, self.contents, otherwise.contents), if_(condition, self.pages, otherwise.pages))

    def load(self, base: Term, offset: int, size: int, _name: str) -> Term:
        return load(self, base, offset, size)

    def save(self, base: Term, offset: int, value: Term) -> tuple[OneArray, Term]:
        return save(self, base, offset, value), FALSE


LinearMemory = OneArray | Regions


def merged_memory(condition: Term, one: LinearMemory | None, other: LinearMemory | None) -> LinearMemory | None:
    """`one` where the condition holds, else `other`, of the same form."""
    match one, other:
        case OneArray(), OneArray():
            return one.merged(condition, other)
        case Regions(), Regions():
            return one.merged(condition, other)
        case _:
            return None


def _apart(left: Term, right: Term) -> bool:
    """Whether they differ for sure: the same term with different constants added, modulo 2^32."""
    one, first = _split(left)
    other, second = _split(right)
    if first == second:
        return False
    return one is other or (one is not None and other is not None and same(one, other))


def _split(address: Term) -> tuple[Term | None, int]:
    match address:
        case Literal(value):
            return None, int(value)
        case Apply("bvadd", (base, Literal(value))):
            return base, int(value)
        case _:
            return address, 0


def at(base: Term, offset: int) -> Term:
    """The address in 32 bits; the same as the effective address where that is in bounds."""
    return make("bvadd", base, number(offset, ADDRESS))


def beyond(memory: Memory | Regions, base: Term, offset: int, size: Term | int) -> Term:
    """Whether base + offset + size, without wrapping, is more than the memory's length in bytes."""
    if width_of(base) != ADDRESS or offset >= 1 << ADDRESS:
        raise NotModelled("an address of more than 32 bits")
    wide = number(size, _WIDE) if isinstance(size, int) else _widened(size)
    end = make("bvadd", make("bvadd", _widened(base), number(offset, _WIDE)), wide)
    length = make("bvshl", _widened(memory.pages), number(PAGE_BITS, _WIDE))
    return make("bvult", length, end)


def _widened(term: Term) -> Term:
    return make("zero_extend", term, indices=(_WIDE - width_of(term),))


def load(memory: Memory, base: Term, offset: int, size: int) -> Term:
    """`size` bytes, little end first."""
    value = memory.byte(at(base, offset))
    for place in range(1, size):
        value = make("concat", memory.byte(at(base, offset + place)), value)
    return value


def save(memory: AnyMemory, base: Term, offset: int, value: Term) -> AnyMemory:
    """All bytes of the value, little end first."""
    for place in range(width_of(value) // 8):
        part = make("extract", value, indices=(8 * place + 7, 8 * place))
        memory = memory.with_byte(at(base, offset + place), part)
    return memory


def fill(memory: AnyMemory, start: Term, value: Term, size: Term, most: int) -> AnyMemory:
    """The lowest byte of the value, `size` times; for sizes up to `most`."""
    byte = make("extract", value, indices=(7, 0))
    return _put(memory, start, [byte] * most, size)


def copy(memory: AnyMemory, source: Memory, start: Term, origin: Term, size: Term, most: int) -> AnyMemory:
    """As if all bytes were read before the first is written: the ranges may overlap. For sizes up to `most`."""
    return _put(memory, start, [source.byte(at(origin, place)) for place in range(most)], size)


def _put(memory: AnyMemory, start: Term, values: list[Term], size: Term) -> AnyMemory:
    """Those values whose place is below the size; elsewhere a byte is written over with itself."""
    for place, value in enumerate(values):
        where = at(start, place)
        within = make("bvult", number(place, ADDRESS), size)
        memory = memory.with_byte(where, if_(within, value, memory.byte(where)))
    return memory
